"""What was done to a part of a body."""

import pytest

from earshot.understanding.entities.injuries import suspect_injuries
from tests.understanding.saying import found_by


@pytest.mark.parametrize(
    ("text", "injury"),
    [
        ("She came in with bruised ribs today", "bruised ribs"),
        ("he broke his left wrist at work", "broke his left wrist"),
        ("I think my jaw is broken ok", "jaw is broken"),
        ("I've hurt my lower back again", "hurt my lower back"),
        ("it was a ruptured ear drum", "ruptured ear drum"),
        ("he pulled a hamstring", "pulled a hamstring"),
        ("a slipped disc from lifting", "slipped disc"),
        ("two fingers were crushed in the door", "fingers were crushed"),
    ],
)
def test_harm_to_a_part_of_the_body_is_suspected(text: str, injury: str) -> None:
    assert ("injury", injury) in found_by(suspect_injuries, text)


@pytest.mark.parametrize(
    "text",
    [
        "they cut back on costs",
        "he pulled back from the deal",
        "my arm is fine",
        "a broken promise",
        "the disc slipped under the door",
        "hand me the broken cup",
    ],
)
def test_other_harm_and_whole_parts_are_not(text: str) -> None:
    assert found_by(suspect_injuries, text) == []
