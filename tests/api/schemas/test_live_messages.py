from datetime import UTC, datetime

import pytest

from earshot.api.faults import FaultKind, SessionFault
from earshot.api.schemas.live_messages import (
    ForceEndpoint,
    KeepAlive,
    Terminate,
    Update,
    begin_message,
    heartbeat_message,
    read_command,
    speaker_revision_message,
    termination_message,
    turn_message,
)
from earshot.streaming.events import (
    LanguageHeard,
    LiveWord,
    SpeakerRevision,
    SpeakersRevised,
    TurnUpdated,
)

WORD = LiveWord("smoke", 4880, 5040, 0.76054, is_final=True, speaker="A")


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ('{"type":"Terminate"}', Terminate()),
        ('{"terminate_session":true}', Terminate()),
        ('{"type":"ForceEndpoint"}', ForceEndpoint()),
        ('{"type":"KeepAlive"}', KeepAlive()),
        ('{"type":"UpdateConfiguration","a":1}', Update({"a": 1})),
    ],
)
def test_every_message_of_the_contract_is_understood(text: str, command: object) -> None:
    assert read_command(text) == command


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", FaultKind.INVALID_JSON),
        ("[" * 100_000, FaultKind.INVALID_JSON),
        ("1", FaultKind.INVALID_MESSAGE),
        ('{"type":["Terminate"]}', FaultKind.INVALID_MESSAGE),
        ('{"terminate_session":false}', FaultKind.INVALID_MESSAGE),
    ],
)
def test_anything_else_is_a_fault(text: str, kind: FaultKind) -> None:
    with pytest.raises(SessionFault) as found:
        read_command(text)
    assert found.value.kind is kind
    assert len(found.value.text) < 100


def test_a_turn_has_the_names_of_the_contract() -> None:
    turn = TurnUpdated(2, (WORD,), True, False, 0.5005, "smoke", speaker_label="A")
    assert turn_message(turn) == {
        "turn_order": 2,
        "turn_is_formatted": False,
        "end_of_turn": True,
        "transcript": "smoke",
        "end_of_turn_confidence": 0.5005,
        "words": [
            {
                "start": 4880,
                "end": 5040,
                "text": "smoke",
                "confidence": 0.76054,
                "word_is_final": True,
                "speaker": "A",
            }
        ],
        "utterance": "smoke",
        "speaker_label": "A",
        "type": "Turn",
    }


def test_times_of_a_session_are_whole_numbers() -> None:
    begin = begin_message("id", datetime(2026, 1, 1, 0, 0, 0, 999_999, UTC), {})
    assert begin["expires_at"] == 1767225600
    ended = termination_message(audio_ms=1280, session_ms=2000)
    assert ended["audio_duration_seconds"] == 2
    assert ended["session_duration_seconds"] == 2


def test_heartbeats_and_revisions_have_their_names() -> None:
    beat = heartbeat_message(
        audio_ms=1, session_ms=2, realtime_factor=0.51234, speech_probability=0.9
    )
    assert beat["total_audio_received_ms"] == 1
    assert beat["realtime_factor"] == 0.5123
    revised = SpeakersRevised((SpeakerRevision(1, "B", (WORD,)),))
    (revision,) = speaker_revision_message(revised)["revisions"]
    assert (revision["turn_order"], revision["speaker_label"]) == (1, "B")


def test_a_turn_whose_language_was_told_says_it() -> None:
    turn = TurnUpdated(2, (WORD,), True, False, 0.5, language=LanguageHeard("de", 0.8123))
    message = turn_message(turn)
    assert (message["language_code"], message["language_confidence"]) == ("de", 0.8123)
    assert list(message)[-1] == "type"
    assert "language_code" not in turn_message(TurnUpdated(2, (WORD,), True, False, 0.5))
