"""The rules of the house, kept by tests: who may import whom, what may stand where, how long things are."""

import ast
import importlib
import re
import statistics
import tomllib
from pathlib import Path

import pytest

from fixtures.guard import require_question, require_question_name
from tests.conftest import ROOT

ROOMS = ("fixtures", "reports", "environments", "suites")
MAY_IMPORT = {
    "fixtures": {"fixtures"},
    "suites": {"fixtures"},
    "reports": {"reports", "fixtures"},
    "environments": {"environments"},
}
SUITES_MAY_IMPORT = {"fixtures.check", "fixtures.errors", "fixtures.auth", "fixtures.api"}
TOP_LEVEL = {"suites", "fixtures", "environments", "reports", "sql", "tests", "docs"}
TOP_FILES = {"pyproject.toml", "conftest.py", "README.md", "CHANGELOG.md", "Makefile", "requirements.lock"}


def files_in(*rooms):
    return sorted(file for room in rooms for file in (ROOT / room).rglob("*.py"))


def imports_of(file):
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def functions_in(file):
    return [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_rooms_import_only_what_they_may(room):
    """No room reaches into another that the design keeps from it."""
    for file in files_in(room):
        for name in imports_of(file):
            head = name.partition(".")[0]
            assert head not in {*ROOMS, "tests"} or head in MAY_IMPORT[room], f"{file.relative_to(ROOT)} imports {name}"


def test_suites_import_checks_and_client_types_only():
    """A suite claims; it reaches for nothing of the harness."""
    for file in files_in("suites"):
        ours = {name for name in imports_of(file) if name.startswith("fixtures")}
        assert ours <= SUITES_MAY_IMPORT, f"{file.relative_to(ROOT)} imports {ours - SUITES_MAY_IMPORT}"


def test_the_top_level_is_the_users():
    """Beside the folders that the user fixed stand docs, build files and dot-folders, and nothing else."""
    import subprocess

    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    tops = {path.split("/")[0] for path in listed if path}
    assert {top for top in tops if not top.startswith(".")} <= TOP_LEVEL | TOP_FILES


def test_no_host_stands_in_a_check():
    """Hosts, ports and addresses come from the environment."""
    for file in files_in("suites", "fixtures"):
        texts = [node.value for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        for text in texts:
            assert not re.search(r"https?://(?!app\.example|api\.example|…)[a-z0-9.-]+\.[a-z]{2,}", text), f"{file}: {text}"
            assert not re.search(r"\b\d{1,3}(\.\d{1,3}){3}\b", text), f"{file}: {text}"


def test_no_check_prints():
    """What a look prints goes past every report and is scrubbed by none: a probe returns what it saw."""
    printing = [file.name for file in sorted((ROOT / "suites").rglob("*.py")) if re.search(r"\bprint\(|sys\.std(out|err)", file.read_text("utf-8"))]

    assert printing == []


@pytest.mark.parametrize("name", ["fixtures", "reports", "environments", "tests"])
def test_our_rooms_are_not_shadowed(name):
    """No installed distribution of the same name stands before ours."""
    assert Path(next(iter(importlib.import_module(name).__path__))).is_relative_to(ROOT)


def test_functions_are_short():
    """The median function is under ten lines, and files stay with one idea."""
    lengths = [node.end_lineno - node.lineno + 1 for file in files_in(*ROOMS) for node in functions_in(file)]
    assert statistics.median(lengths) < 10
    assert max(len(file.read_text("utf-8").splitlines()) for file in files_in("fixtures", "reports", "suites")) <= 300


def test_public_things_say_what_they_are():
    """Everything public in the harness has a docstring."""
    for file in files_in("fixtures", "reports"):
        tree = ast.parse(file.read_text("utf-8"))
        assert ast.get_docstring(tree), file
        for node in tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                assert ast.get_docstring(node), f"{file}: {node.name}"


def test_every_test_states_a_fact():
    """Every test of the harness says in its docstring what it proves."""
    for file in files_in("tests"):
        for node in functions_in(file):
            if node.name.startswith("test_"):
                assert ast.get_docstring(node), f"{file}: {node.name}"


def test_every_claim_is_known_and_counted():
    """Each claim of the first wave that the smoke suite names is in the ledger, and ids are unique there."""
    ids = [entry["id"] for entry in tomllib.loads((ROOT / "environments" / "claims.toml").read_text("utf-8"))["claim"]]
    assert len(ids) == len(set(ids))


def test_the_lock_names_no_address():
    """requirements.lock has hashes and no addresses."""
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "--hash=sha256:" in lock
    assert "://" not in lock


def test_no_machine_stands_in_the_repository():
    """No path of anybody's machine stands in a file."""
    for file in [*files_in(*ROOMS, "tests"), ROOT / "Makefile", *ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        assert "/work/" + "main" not in file.read_text("utf-8"), file


@pytest.mark.parametrize("file", sorted((ROOT / "sql" / "questions").rglob("*.sql")), ids=lambda file: file.stem)
def test_every_question_only_asks(file):
    """Each file of sql/questions is one SELECT that calls nothing that acts, under a name that can be asked."""
    name = str(file.relative_to(ROOT / "sql" / "questions").with_suffix(""))
    require_question_name(name)
    require_question(name, file.read_text("utf-8"))

    assert file.read_text("utf-8").startswith("-- "), "its first line says what is asked"
