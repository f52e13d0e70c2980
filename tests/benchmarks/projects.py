"""What the contenders are given: a repository with one generated suite, a folder of plain tests, a list, a script."""

from __future__ import annotations

import json
from pathlib import Path

from tests import stub
from tests.benchmarks.load import CONCURRENCY, Load
from tests.conftest import ROOT, prove

BUDGET_SECONDS = 300
NO_BUDGET_PER_SECOND = 1_000_000  # the others keep to none

SUITE = '''
import pytest
from fixtures.check import Severity, check

PATHS = {paths!r}

def ask(api, number):
    return api.get(PATHS[number])

@pytest.mark.parametrize("number", range(len(PATHS)))
@check("trial.fact", severity=Severity.CRITICAL, claims=["api.health"], probe=ask)
def test_answers(seen, number):
    """It answers.

    If red: look.
    """
    assert seen.status == 200
'''

# One look serves every judgement, so what is left is the harness.
TRIVIAL_SUITE = SUITE.replace("def ask(api, number)", "def ask(api)").replace("PATHS[number]", "PATHS[0]")

PLAIN = '''
import httpx
import pytest

PATHS = {paths!r}

@pytest.fixture(scope="session")
def client():
    with httpx.Client(base_url={url!r}, timeout={patience_seconds}) as client:
        yield client

@pytest.mark.parametrize("number", range(len(PATHS)))
def test_answers(client, number):
    assert client.get(PATHS[number]).status_code == 200
'''

TRIVIAL_PLAIN = '''
import pytest

@pytest.mark.parametrize("number", range({number}))
def test_is_so(number):
    assert number >= 0
'''

K6 = """
import http from 'k6/http';
import {{ check }} from 'k6';
import exec from 'k6/execution';
const paths = {paths};
export const options = {{ vus: {concurrency}, iterations: {number}, thresholds: {{ checks: ['rate==1.0'] }} }};
export default function () {{
  const answer = http.get('{url}' + paths[exec.scenario.iterationInTest], {{ timeout: '{patience_seconds}s' }});
  check(answer, {{ 'is 200': (answer) => answer.status === 200 }});
}}
"""


def write_gate(folder: Path, url: str, load: Load, suite: str = SUITE) -> Path:
    """A repository like this one, with one suite and an environment that is the stub."""
    (folder / "suites" / "trial").mkdir(parents=True)
    (folder / "environments").mkdir()
    for name in ("conftest.py", "pyproject.toml", "fixtures", "reports", "sql"):
        (folder / name).symlink_to(ROOT / name)
    for name in ("__init__.py", "claims.toml", "standin", "local"):
        (folder / "environments" / name).symlink_to(ROOT / "environments" / name)
    (folder / "suites" / "trial" / "test_trial.py").write_text(suite.format(paths=load.paths), "utf-8")
    (folder / "suites" / "catalogue.lock").write_text('trial = ["trial.fact"]\n', "utf-8")
    prove(folder, {"trial.fact": "test_answers"})
    stub.environment(
        folder / "environments" / "stub", url,
        budget_seconds=BUDGET_SECONDS, look_seconds=load.patience_seconds, requests_per_second=NO_BUDGET_PER_SECOND,
    )  # fmt: skip
    return folder


def write_plain(folder: Path, text: str) -> Path:
    """A folder of plain tests under the same settings and plugins as the gate's, and without the gate."""
    folder.mkdir(parents=True)
    (folder / "pyproject.toml").symlink_to(ROOT / "pyproject.toml")
    (folder / "test_plain.py").write_text(text, "utf-8")
    return folder


def plain(url: str, load: Load) -> str:
    """The load as plain tests with one client."""
    return PLAIN.format(paths=load.paths, url=url, patience_seconds=load.patience_seconds)


def write_list(folder: Path, url: str, load: Load) -> Path:
    """The load as a configuration of curl."""
    file = folder / "curl.conf"
    file.write_text("".join(f'url = "{url}{path}"\noutput = "/dev/null"\n' for path in load.paths), "utf-8")
    return file


def write_script(folder: Path, url: str, load: Load) -> Path:
    """The load as a script of k6."""
    file = folder / "load.js"
    text = K6.format(
        paths=json.dumps(load.paths), url=url, number=load.requests, concurrency=min(CONCURRENCY, load.requests), patience_seconds=load.patience_seconds
    )
    file.write_text(text, "utf-8")
    return file
