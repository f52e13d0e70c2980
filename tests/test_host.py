"""A host is looked at by programs that read: what they say, and what is said when it is not there."""

from types import SimpleNamespace

import pytest

from fixtures.errors import Malformed, NotPermitted, Unreachable
from fixtures.host import Host
from fixtures.values import Machine


def test_a_program_says_what_it_says(tmp_path):
    """A word with a space in it stays one word, and the ending is told."""
    file = tmp_path / "two words"
    file.write_text("so it is")
    host = Host(Machine("local://"))

    assert host.run("cat", str(file)).text == "so it is"
    assert host.run("cat", str(tmp_path / "none")).status == 1


@pytest.mark.parametrize(
    ("backend", "error"),
    [(SimpleNamespace(run=lambda command: (_ for _ in ()).throw(RuntimeError("ssh: no route"))), Unreachable),
     (SimpleNamespace(run=lambda command: SimpleNamespace(rc=127, stdout="", stderr="")), Malformed)],
    ids=["ssh-fails", "no-such-program"],
)  # fmt: skip
def test_what_cannot_be_run_could_not_be_told(backend, error):
    """A host that cannot be reached, or has no such program, is no answer."""
    host = Host(Machine("ssh://gate@blue-1.ms5.example"))
    host._backend = backend

    with pytest.raises(error, match=r"ssh://gate@blue-1\.ms5\.example"):
        host.run("uname")


def test_what_acts_is_not_run():
    """The guard is asked before there is a connection."""
    with pytest.raises(NotPermitted):
        Host(Machine("ssh://nowhere.invalid")).run("rm", "x")


@pytest.mark.parametrize("text", ["blue-1", "http://x", "ssh://", "ssh://user:password@x", "ssh://-oProxyCommand=id", "ssh://x:port"])
def test_what_is_no_address_of_a_machine(text):
    """Only this machine and SSH, without a password and without an option in its place."""
    with pytest.raises(ValueError, match=r"is not|Port"):
        Machine(text)
