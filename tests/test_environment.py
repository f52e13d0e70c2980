"""A target.toml is closed and loud: every mistake ends the run with one sentence naming file, key and remedy."""

import tomllib
from pathlib import Path
from types import SimpleNamespace

import pytest

from environments.standin.client import references_placeholder
from fixtures.environment import folder_of
from fixtures.environment import load as load_written
from fixtures.environment import written as read
from fixtures.errors import Absent
from tests.conftest import ROOT

MISFITS = sorted((ROOT / "tests" / "golden" / "misfits").glob("*.toml"))
LOCAL = (ROOT / "environments" / "local" / "target.toml").read_text("utf-8")


def configured(**options):
    """As much of pytest's configuration as reading a file takes."""
    given = {"set": [], "slot": None, **options}
    return SimpleNamespace(rootpath=ROOT, getoption=given.__getitem__)


def load(config, references, folder):
    """Read and check a folder's file, as the gate does."""
    return load_written(config, references, read(config, folder))


def written(folder: Path, text: str) -> Path:
    folder.mkdir()
    (folder / "target.toml").write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("file", MISFITS, ids=lambda file: file.stem)
def test_each_mistake_has_its_sentence(file, tmp_path):
    """One edit of a good file gets exactly the sentence that is kept for it."""
    golden = tomllib.loads(file.read_text("utf-8"))
    assert golden["written"] in LOCAL
    folder = written(tmp_path / "trial", LOCAL.replace(golden["written"], golden["instead"], 1))

    with pytest.raises(pytest.UsageError) as told:
        load(configured(), references_placeholder(), folder)

    sentence = golden["sentence"].replace("FOLDER", str(folder))
    assert str(told.value) == f"{folder}/target.toml: {sentence}"


def test_the_same_keys_stand_in_every_environment(monkeypatch):
    """Each environment of the repository is read without a word, secrets set."""
    for name in ("MS5_RELEASE", *(f"MS5_{e}_{s}_PASSWORD" for e in ("STAGING", "PRODUCTION") for s in ("PROBE", "DB", "REDIS"))):
        monkeypatch.setenv(name, f"value-of-{name}")

    for name in ("local", "staging", "production"):
        aim = load(configured(), references_placeholder(), ROOT / "environments" / name)
        assert aim.target.environment.name == name


def test_a_folder_outside_the_repository_is_an_environment(tmp_path):
    """Teams keep their environments privately and name the folder."""
    folder = written(tmp_path / "plant-7", LOCAL)

    assert folder_of(ROOT, str(folder)) == folder
    assert load(configured(), references_placeholder(), folder).name == "plant-7"


@pytest.mark.parametrize("name", ["nowhere", "/tmp/nowhere"])
def test_an_unknown_environment_lists_the_known(name):
    """A typo is answered with what there is."""
    with pytest.raises(pytest.UsageError, match=rf"--env={name}: no such environment: .*local, production, staging"):
        folder_of(ROOT, name)


def test_a_value_is_overridden_and_shown():
    """--set replaces one value, reads it in the type of its key, and stands in every report."""
    overrides = ["api.response_samples=33", "release.version=6.0", 'slots.green.replicas=["http://127.0.0.1:1"]']
    aim = load(configured(set=overrides), references_placeholder(), ROOT / "environments" / "local")

    assert (aim.target.api.response_samples, aim.target.release.version) == (33, "6.0")
    assert aim.target.slots.green.replicas == ("http://127.0.0.1:1",)
    assert aim.overrides["release.version"] == "6.0"


def test_an_overridden_secret_is_not_shown():
    """A password that is given by --set stands in no report."""
    aim = load(configured(set=["cache.password=swordfish"]), references_placeholder(), ROOT / "environments" / "local")

    assert aim.target.cache.password.reveal() == "swordfish"
    assert aim.overrides == {"cache.password": "***"}


@pytest.mark.parametrize("text", ["base_url", "api=x", "api.base_uri=x", "gate.drills=perhaps", "slots.green.replicas=[x"])
def test_an_override_that_fits_nothing_is_refused(text):
    """--set is as closed as the file is."""
    with pytest.raises(pytest.UsageError):
        load(configured(set=[text]), references_placeholder(), ROOT / "environments" / "local")


def test_an_absent_table_says_why(tmp_path):
    """Whoever reads a table that is absent gets the reason, not an empty value."""
    text = LOCAL[: LOCAL.index("[slots]")] + '[slots]\nabsent = "one replica"\n\n' + LOCAL[LOCAL.index("[api]") :]
    target = load(configured(), references_placeholder(), written(tmp_path / "small", text)).target

    with pytest.raises(Absent, match="one replica"):
        _ = target.slots


@pytest.mark.parametrize("reason", ["", "no Debian here"])
def test_a_reference_may_say_that_a_table_is_absent(reason):
    """The stand-in says why it has no Prometheus; an empty reason means that it has one."""
    references = {**references_placeholder(), "monitoring_absent": reason}
    references["prometheus_url"] = "" if reason else "http://127.0.0.1:9090"
    target = load(configured(), references, ROOT / "environments" / "local").target

    if reason:
        with pytest.raises(Absent, match=reason):
            _ = target.monitoring
    else:
        assert target.monitoring.prometheus == "http://127.0.0.1:9090"


def test_a_slot_needs_its_addresses(tmp_path):
    """--slot is refused where the environment lists no replicas."""
    text = LOCAL[: LOCAL.index("[slots]")] + '[slots]\nabsent = "one replica"\n\n' + LOCAL[LOCAL.index("[api]") :]

    with pytest.raises(pytest.UsageError, match="so there is no --slot=green"):
        load(configured(slot="green"), references_placeholder(), written(tmp_path / "small", text))


def test_secrets_do_not_show():
    """A secret shows in no representation."""
    target = load(configured(), references_placeholder(), ROOT / "environments" / "local").target

    assert repr(target.cache.password) == str(target.cache.password) == f"{target.cache.password}" == "***"
