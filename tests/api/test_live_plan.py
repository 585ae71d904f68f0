import pytest

from earshot.api.faults import FaultKind, SessionFault
from earshot.api.live_plan import ChunkRule


def test_a_long_chunk_breaks_the_rule_at_once() -> None:
    rule = ChunkRule(50, 1000)
    rule.check(1000.0)
    with pytest.raises(SessionFault) as found:
        rule.check(1000.1)
    assert found.value.kind is FaultKind.CHUNK_TOO_LONG


def test_short_chunks_break_it_after_a_second_of_them_when_another_comes() -> None:
    rule = ChunkRule(50, 1000)
    for _ in range(51):
        rule.check(20.0)
    with pytest.raises(SessionFault) as found:
        rule.check(100.0)
    assert found.value.kind is FaultKind.CHUNK_TOO_SHORT
    assert found.value.text.startswith("Input duration violation: 20.0 ms.")


def test_a_chunk_of_fair_length_makes_up_for_short_ones() -> None:
    rule = ChunkRule(50, 1000)
    for _ in range(10):
        for _ in range(50):
            rule.check(20.0)
        rule.check(50.0)


def test_chunks_of_nothing_are_not_endless() -> None:
    rule = ChunkRule(50, 1000)
    for _ in range(1001):
        rule.check(0.0)
    with pytest.raises(SessionFault):
        rule.check(0.0)
