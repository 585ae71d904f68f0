"""Passwords, PINs, answers."""

import pytest

from earshot.understanding.entities.passwords import find_passwords, suspect_passwords
from tests.understanding.saying import found_by


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("my password is 27%alfalfa ok", "27%alfalfa"),
        ("the password is temp one two three four", "temp 1 2 3 4"),
        ("my pin is four two four two. 10 more", "4 2 4 2"),
        ("What's your password? It's temp1234 ok", "temp1234"),
        ("My mother's maiden name is Smith ok", "Smith"),
        ("my first pet was called Rex ok", "Rex"),
    ],
)
def test_what_is_told_is_found(text: str, secret: str) -> None:
    assert ("password", secret) in found_by(find_passwords, text)


@pytest.mark.parametrize(
    "text", ["the password is wrong", "my password expired", "pin the note to the wall"]
)
def test_what_is_told_about_it_is_not(text: str) -> None:
    assert found_by(find_passwords, text) == []


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("my password is correct horse battery staple.", "correct horse battery staple"),
        ("the passphrase is salt or pepper okay so", "salt or pepper"),
        ("my password is sunshine but do not tell", "sunshine"),
    ],
)
def test_a_phrase_is_suspected_up_to_another_thought(text: str, secret: str) -> None:
    assert ("password", secret) in found_by(suspect_passwords, text)


@pytest.mark.parametrize("text", ["the password is correct", "my pin is not what you think it is"])
def test_what_is_told_about_it_is_not_suspected(text: str) -> None:
    assert found_by(suspect_passwords, text) == []
