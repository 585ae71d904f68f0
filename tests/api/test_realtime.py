import base64
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from earshot.audio.waveform import pcm16_from_samples
from earshot.testing import silence, spoken_tones
from tests.api.conftest import World
from tests.api.live import Ended, LiveWorld, open_live_world

PATH = "/v2/realtime/ws"


@pytest.fixture
def live(world: World) -> Iterator[LiveWorld]:
    with open_live_world(world) as live:
        yield live


def of(ended: Ended, message_type: str) -> list[dict[str, object]]:
    return [one for one in ended.messages if one.get("message_type") == message_type]


def test_a_session_tells_partial_and_final_transcripts(live: LiveWorld) -> None:
    with live.session(PATH, sample_rate=16000) as spoken:
        spoken.say("one two three _ four five _")
        spoken.tell({"terminate_session": True})
        ended = spoken.end()
    begins, *_, terminated = ended.messages
    assert list(begins) == ["message_type", "session_id", "expires_at"]
    assert begins["session_id"][14] == "4"
    assert datetime.fromisoformat(begins["expires_at"]).tzinfo is None
    finals = of(ended, "FinalTranscript")
    assert [final["text"] for final in finals] == ["One two three.", "Four five."]
    assert {(final["punctuated"], final["text_formatted"]) for final in finals} == {(True, True)}
    assert all("punctuated" not in partial for partial in of(ended, "PartialTranscript"))
    assert of(ended, "PartialTranscript")
    assert terminated == {"message_type": "SessionTerminated"}
    assert ended.code == 1000


def test_partials_can_be_left_out_and_the_session_described(live: LiveWorld) -> None:
    query = {"disable_partial_transcripts": "True", "enable_extra_session_information": "True"}
    with live.session(PATH, sample_rate=16000, **query) as spoken:
        spoken.say("one two _")
        spoken.tell({"terminate_session": True})
        ended = spoken.end()
    assert of(ended, "PartialTranscript") == []
    assert ended.messages[-2]["message_type"] == "SessionInformation"
    assert ended.messages[-2]["audio_duration_seconds"] == 1.68


def test_audio_may_come_as_base64_in_a_text(live: LiveWorld) -> None:
    samples = spoken_tones("one two three _")
    with live.session(PATH, sample_rate=16000) as spoken:
        for start in range(0, len(samples), 1600):
            chunk = pcm16_from_samples(samples[start : start + 1600])
            spoken.tell({"audio_data": base64.b64encode(chunk).decode()})
        spoken.tell({"terminate_session": True})
        (final,) = of(spoken.end(), "FinalTranscript")
    assert final["text"] == "One two three."


def test_an_utterance_ends_when_forced_and_after_the_silence_asked_for(live: LiveWorld) -> None:
    with live.session(PATH, sample_rate=16000) as spoken:
        spoken.say("one two")
        spoken.tell({"force_end_utterance": True})
        spoken.tell({"end_utterance_silence_threshold": 2000})
        spoken.say("three _ four _ _ _")
        spoken.tell({"terminate_session": True})
        finals = of(spoken.end(), "FinalTranscript")
    assert [str(final["text"]).lower() for final in finals] == ["one two.", "three four."]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({}, 4000),
        ({"sample_rate": 0}, 4000),
        ({"sample_rate": "fast"}, 4000),
        ({"sample_rate": "9" * 5000}, 4000),
        ({"sample_rate": 16000, "word_boost": "x"}, 4104),
        ({"sample_rate": 16000, "word_boost": json.dumps(["x" * 2500])}, 4104),
        ({"sample_rate": 16000, "encoding": "flac"}, 4101),
    ],
)
def test_parameters_of_no_use_have_their_codes(
    live: LiveWorld, query: dict[str, Any], code: int
) -> None:
    ended = live.refused(PATH, **query)
    assert ended.code == code
    assert ended.messages == [{"error": ended.reason}]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sing", 4100),
        ('{"sing":1}', 4101),
        ('{"end_utterance_silence_threshold":20001}', 4101),
        ('{"end_utterance_silence_threshold":true}', 4101),
        ('{"audio_data":"?"}', 4101),
        ('{"audio_data":12345678}', 4101),
        ('{"terminate_session":1}', 4101),
        ('{"force_end_utterance":"yes"}', 4101),
    ],
)
def test_messages_of_no_use_have_their_codes(live: LiveWorld, text: str, code: int) -> None:
    with live.session(PATH, sample_rate=16000) as spoken:
        spoken.tell(text)
        assert spoken.end().code == code


def test_a_wrong_key_and_a_session_too_many_have_their_codes(world: World) -> None:
    with open_live_world(world, max_sessions=1) as live:
        assert live.refused(PATH, key="wrong", sample_rate=16000).reason == "Not Authorized"
        with live.session(PATH, sample_rate=16000) as spoken:
            spoken.read()
            assert live.refused(PATH, sample_rate=16000).code == 4102


def test_a_token_is_good_for_one_session(live: LiveWorld) -> None:
    made = live.client.post(
        "/v2/realtime/token", json={"expires_in": 60}, headers={"Authorization": live.world.key}
    )
    token = made.json()["token"]
    with live.session(PATH, key="", token=token, sample_rate=16000) as spoken:
        assert spoken.read()["message_type"] == "SessionBegins"
    assert live.refused(PATH, key="", token=token, sample_rate=16000).code == 4001


def test_chunks_are_100_to_2000_ms_long(live: LiveWorld) -> None:
    with live.session(PATH, sample_rate=16000) as spoken:
        spoken.play(silence(2000))
        spoken.send(bytes(2 * 33_000))
        assert spoken.end().reason == "Audio duration is too long"
