import pytest

from earshot.exports.voices import name_voice


@pytest.mark.parametrize(
    ("speaker", "channel", "name"),
    [
        (None, None, None),
        ("A", None, "Speaker A"),
        (None, 1, "Channel 1"),
        ("1", 1, "Channel 1"),
        ("2B", 2, "Speaker 2B"),
    ],
)
def test_a_voice_is_called_by_what_is_known_of_it(
    speaker: str | None, channel: int | None, name: str | None
) -> None:
    assert name_voice(speaker, channel) == name


def test_a_known_voice_has_its_name_after_the_label() -> None:
    assert name_voice("2B", 2, {"2B": "Maria"}) == "Speaker 2B (Maria)"
    assert name_voice("A", None, {"B": "Maria"}) == "Speaker A"
