"""Every command explains itself."""

import pytest

from tests.processes import Installation

COMMANDS = [
    ["transcribe"],
    ["serve"],
    ["work"],
    ["doctor"],
    ["keys", "create"],
    ["keys", "list"],
    ["keys", "revoke"],
    ["keys", "webhook-secret"],
    ["speakers", "enroll"],
    ["speakers", "list"],
    ["speakers", "delete"],
    ["models", "list"],
    ["models", "pull"],
    ["models", "path"],
    ["models", "rm"],
]


@pytest.mark.slow
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_an_example(earshot: Installation, command: list[str]) -> None:
    done = earshot.run(*command, "--help")
    assert done.returncode == 0
    assert "Example:" in done.stdout


@pytest.mark.slow
def test_help_names_every_command(earshot: Installation) -> None:
    shown = earshot.run("--help").stdout
    for command, *_ in COMMANDS:
        assert command in shown
