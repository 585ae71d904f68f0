import pytest

from earshot.api.faults import LEGACY_CLOSES, FaultKind, close_code, close_reason


@pytest.mark.parametrize("kind", list(FaultKind))
def test_every_fault_has_a_code_in_every_protocol(kind: FaultKind) -> None:
    for compat in ("2025", "2026", "lenient"):
        assert close_code(kind, compat) in {1008, 3005, 3006, 3007, 3008, 3009}
    code, text = LEGACY_CLOSES[kind]
    assert code == 1013 or 4000 <= code < 5000
    assert len(text.encode()) <= 123


def test_generations_differ_where_the_contract_says() -> None:
    assert close_code(FaultKind.EXPIRED, "2026") == 3008
    assert close_code(FaultKind.EXPIRED, "2025") == 3005
    assert close_code(FaultKind.TOO_MANY_SESSIONS, "2025") == 1008


def test_a_reason_is_the_text_unless_a_close_frame_cannot_hold_it() -> None:
    assert close_reason("é" * 61) == "é" * 61
    assert close_reason("é" * 62) == "See Error message for details"
