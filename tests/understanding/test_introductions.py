import pytest

from earshot.transcript.sentences import Sentence
from earshot.understanding.introductions import find_introductions, match_name
from tests.understanding.saying import say

KNOWN = ("Michel Martin", "Peter DeCarlo")


def introduced(*lines: tuple[str, str], known: tuple[str, ...] = ()) -> dict[str, str]:
    return find_introductions([(label, Sentence(say(text))) for label, text in lines], known)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hello, my name is Anna.", "Anna"),
        ("My name's Anna Maria Lopez and I live here.", "Anna Maria Lopez"),
        ("This is Anna from accounting.", "Anna"),
        ("Hi, I'm Jean-Luc O'Brien, calling about my bill.", "Jean-Luc O'Brien"),
        ("I am Anna with the bank.", "Anna"),
    ],
)
def test_whoever_says_their_name_is_called_so(text: str, name: str) -> None:
    assert introduced(("A", text)) == {"A": name}


@pytest.mark.parametrize(
    "text",
    [
        "This is Baltimore.",
        "I'm German.",
        "I'm Not sure what you mean.",
        "my name is anna",
        "My name is ####.",
        "My name is [PERSON_NAME].",
        "I am Calling from home.",
        "This is Monday from nine to five.",
        "Is this Anna speaking?",
        "Thanks, Anna.",
    ],
)
def test_what_may_be_anything_else_names_nobody(text: str) -> None:
    assert introduced(("A", text)) == {}


def test_two_names_of_one_and_one_name_of_two_are_not_sure() -> None:
    assert introduced(("A", "My name is Anna."), ("A", "My name is Berta.")) == {}
    assert introduced(("A", "My name is Anna."), ("B", "My name is Anna.")) == {}
    both = introduced(("A", "My name is Anna."), ("B", "My name is Berta."))
    assert both == {"A": "Anna", "B": "Berta"}


def test_where_names_are_known_nobody_has_another() -> None:
    assert introduced(("A", "I'm Michel Martin."), known=KNOWN) == {"A": "Michel Martin"}
    assert introduced(("A", "This is Peter."), known=KNOWN) == {"A": "Peter DeCarlo"}
    assert introduced(("A", "My name is Anna."), known=KNOWN) == {}
    assert introduced(("A", "This is Peter Next time."), known=KNOWN) == {"A": "Peter DeCarlo"}


def test_a_name_that_fits_two_of_the_known_fits_none() -> None:
    assert match_name("anna", ["Anna Lopez", "Anna Berg"]) is None
    assert match_name("ANNA berg", ["Anna Lopez", "Anna Berg"]) == "Anna Berg"
    assert match_name("", KNOWN) is None
