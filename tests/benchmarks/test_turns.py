import pytest

from benchmarks.turns import Utterance, kind_in_conversation

UTTERANCES = [
    Utterance("A", 1_000, 3_000),
    Utterance("A", 4_000, 9_000),
    Utterance("B", 5_000, 5_500),  # while A speaks
    Utterance("B", 10_000, 12_000),
]


@pytest.mark.parametrize(
    ("start_ms", "kind"),
    [
        (500, None),
        (3_100, "sentence"),
        (2_700, "sentence"),  # a little early
        (5_600, "inside"),
        (8_900, "end"),
        (12_000, None),
    ],
)
def test_what_a_silence_is_in_a_conversation(start_ms: int, kind: str | None) -> None:
    assert kind_in_conversation(start_ms, UTTERANCES) == kind
