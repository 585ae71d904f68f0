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


@pytest.mark.slow
@pytest.mark.parametrize("answer", ["n\n", ""], ids=["no", "the end of the input"])
def test_a_question_that_is_not_answered_with_yes_ends_as_an_interrupt_does(
    earshot: Installation, answer: str
) -> None:
    assert earshot.run("admin", "projects", "create", "law").returncode == 0
    asked = earshot.run("admin", "projects", "delete", "law", input=answer)
    assert (asked.returncode, asked.stderr.strip()) == (130, "Aborted.")
    assert "  law  " in earshot.run("admin", "projects", "list").stdout
