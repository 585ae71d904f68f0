"""The types that there are."""

from earshot.transcript.entity_types import (
    ENTITY_TYPES,
    FOUND_BY_PATTERN,
    NEEDING_A_TAGGER,
)


def test_there_are_forty_four_and_each_is_found_or_owned_up_to() -> None:
    assert len(ENTITY_TYPES) == len(set(ENTITY_TYPES)) == 44
    assert set(ENTITY_TYPES) >= NEEDING_A_TAGGER
    assert len(FOUND_BY_PATTERN) + len(NEEDING_A_TAGGER) == 44
