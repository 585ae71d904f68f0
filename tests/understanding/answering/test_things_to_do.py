import pytest

from earshot.understanding.answering.things_to_do import find_things_to_do, is_to_be_done
from tests.understanding.answering.asked import heard


@pytest.mark.parametrize(
    "text",
    [
        "Can you send me the report?",
        "I'll call them tomorrow.",
        "I\u2019ll call them tomorrow.",
        "We need to close one lane.",
        "Please review the draft.",
        "Don't forget the keys.",
        "Anna will write it by Friday.",
        "You should ask the bank.",
        "Let's follow up on that.",
        "Could you please send us your slides?",
        "I'm going to talk to the engineers.",
        "We'll also set up a call.",
    ],
)
def test_it_is_to_be_done(text: str) -> None:
    assert is_to_be_done(text)


@pytest.mark.parametrize(
    "text",
    [
        "The weather was lovely.",
        "Traffic has doubled since March.",
        "Can you hear me?",
        "We'll see.",
        "It will be cold by Friday.",
        "I called them yesterday.",
        "I'll go next.",
        "We'll leave that one for now.",
        "You have to wind it up?",
    ],
)
def test_nothing_is_to_be_done(text: str) -> None:
    assert not is_to_be_done(text)


def test_they_are_found_in_their_order() -> None:
    found = [one.text for one in find_things_to_do(heard().sentences)]
    assert found == [
        "Anna, can you send the report by Friday?",
        "I will call the engineers tomorrow.",
        "We need to close one lane in March.",
    ]
