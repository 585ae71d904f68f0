"""Secrets right behind the word that names them."""

import pytest

from earshot.understanding.entities.bare import suspect_bare
from tests.understanding.saying import found_by


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("set it up with password hunter two, can you", ("password", "hunter 2")),
        ("password: tulip horse 79 i think", ("password", "tulip horse 79")),
        ("okay, password Rosewood.", ("password", "Rosewood")),
        ("the pass phrase blue moon 4 4 thanks", ("password", "blue moon 4 4")),
        ("username jane forty two for the portal", ("username", "jane 42")),
        ("user name kumar underscore nine please", ("username", "kumar_9")),
    ],
)
def test_it_is_suspected_with_its_numbers_and_without_what_follows(
    text: str, secret: tuple[str, str]
) -> None:
    assert found_by(suspect_bare, text) == [secret]


def test_each_of_two_is_suspected() -> None:
    found = found_by(suspect_bare, "username jane password tulip that should do")
    assert found == [("password", "tulip"), ("username", "jane")]


@pytest.mark.parametrize(
    "text",
    [
        "i forgot my password and cannot log in",
        "the password reset link expired",
        "a password manager, they say",
        "enter your user name here",
        "user name or password",
        "what is your password?",
        "my password",
    ],
)
def test_what_is_said_about_them_is_not(text: str) -> None:
    assert found_by(suspect_bare, text) == []


def test_four_words_in_a_row_are_a_sentence() -> None:
    text = "password hygiene matters enormously everywhere"
    assert found_by(suspect_bare, text) == [("password", "hygiene matters enormously")]
