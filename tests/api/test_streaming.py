import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from earshot.api.schemas.live_parameters import MULTILINGUAL_MODEL
from earshot.audio.live import samples_from_mu_law
from earshot.audio.waveform import pcm16_from_samples
from earshot.testing import silence, spoken_tones
from tests.api.conftest import World
from tests.api.live import Ended, LiveWorld, open_live_world

REDACTED = {"redact_pii": "true", "redact_pii_policies": '["number_sequence"]'}
NUMBER = "one two three four five six seven eight one two three four"


@pytest.fixture
def live(world: World) -> Iterator[LiveWorld]:
    with open_live_world(world) as live:
        yield live


def said(ended: Ended) -> list[tuple[bool, str]]:
    return [
        (turn["turn_is_formatted"], turn["transcript"])
        for turn in ended.of("Turn")
        if turn["end_of_turn"]
    ]


def test_a_session_begins_tells_turns_and_terminates(live: LiveWorld) -> None:
    with live.session(format_turns="True") as spoken:
        spoken.say("one two three _ _ four five")
        ended = spoken.terminate()
    assert [message["type"] for message in ended.messages[:1]] == ["Begin"]
    assert said(ended) == [
        (False, "one two three"),
        (True, "One two three."),
        (False, "four five"),
        (True, "Four five."),
    ]
    assert ended.messages[-1] == {
        "type": "Termination",
        "audio_duration_seconds": 4,
        "session_duration_seconds": ended.messages[-1]["session_duration_seconds"],
    }
    assert (ended.code, ended.reason) == (1000, "Session Ended")


def test_with_redaction_only_ends_are_told_and_none_has_the_secret(live: LiveWorld) -> None:
    with live.session(**REDACTED, format_turns="true", redact_pii_sub="entity_name") as spoken:
        spoken.say(f"two _ _ {NUMBER} _ _")
        ended = spoken.terminate()
    assert ended.messages[0]["configuration"]["redact_pii"] is True
    assert all(turn["end_of_turn"] for turn in ended.of("Turn"))
    told = said(ended)
    assert told[:2] == [(False, "two"), (True, "Two.")]
    assert set(told[2][1].split()) == {"[NUMBER_SEQUENCE]"}
    assert set(told[3][1].rstrip(".").split()) == {"[NUMBER_SEQUENCE]"}
    assert "three" not in json.dumps(ended.messages)


def test_names_are_hidden_where_the_model_that_finds_them_is_there(world: World) -> None:
    query = {"redact_pii": "true", "redact_pii_policies": '["person_name"]', "format_turns": "true"}
    with open_live_world(world, finds_names=True) as live, live.session(**query) as spoken:
        spoken.say("one two three _ _ five six _ _")
        ended = spoken.terminate()
    assert said(ended) == [
        (False, "one ### three"),
        (True, "One ### three."),
        (False, "five ###"),
        (True, "Five ###."),
    ]
    told = json.dumps(ended.messages)
    assert "two" not in told
    assert "six" not in told


def test_without_that_model_the_refusal_says_how_to_get_it(live: LiveWorld) -> None:
    policies = '["phone_number", "person_name", "event"]'
    ended = live.refused(redact_pii="true", redact_pii_policies=policies)
    assert ended.code == 3006
    assert "Invalid 'redact_pii_policies'" in ended.error
    assert "person_name, event:" in ended.error
    assert "earshot models pull minilm" in ended.error


def test_names_are_hidden_in_what_says_who_spoke(world: World) -> None:
    query = {"redact_pii": "true", "redact_pii_policies": '["person_name"]'}
    with (
        open_live_world(world, finds_names=True, tells_speakers=True) as live,
        live.session(**query, speaker_labels="True") as spoken,
    ):
        spoken.say("two _ _ one two three one two three _ _ five six seven five six seven _ _")
        ended = spoken.terminate()
    labels = [turn["speaker_label"] for turn in ended.of("Turn") if turn["end_of_turn"]]
    assert labels == ["UNKNOWN", "A", "B"]
    (revised,) = ended.of("SpeakerRevision")
    assert [word["text"] for word in revised["revisions"][0]["words"]] == ["###"]
    told = json.dumps(ended.messages)
    assert "two" not in told
    assert "six" not in told


def test_the_multilingual_model_tells_no_secret_either(live: LiveWorld) -> None:
    with live.session(**REDACTED, speech_model=MULTILINGUAL_MODEL) as spoken:
        spoken.say(f"{NUMBER} _ _")
        ended = spoken.terminate()
    (turn,) = ended.of("Turn")
    assert turn["transcript"].strip("#. ") == ""
    assert turn["utterance"] == turn["transcript"]


def test_begin_tells_what_really_runs_and_until_when(live: LiveWorld) -> None:
    with live.session(speech_model="universal-3-5-pro") as spoken:
        begin = spoken.read()
    assert begin["configuration"]["model"] == "tones"
    expires_at = live.world.clock.now + timedelta(seconds=10_800)
    assert begin["expires_at"] == int(expires_at.timestamp())
    assert len(begin["id"]) == 36


def test_the_type_of_a_turn_is_its_last_key_on_the_wire(live: LiveWorld) -> None:
    with live.session() as spoken:
        spoken.say("one two _")
        turn = spoken.read_until(lambda message: message["type"] == "Turn")
    assert list(turn)[-1] == "type"
    word = turn["words"][0]
    assert list(word) == ["start", "end", "text", "confidence", "word_is_final"]


def test_only_the_last_word_is_open_and_final_words_never_change(live: LiveWorld) -> None:
    with live.session() as spoken:
        spoken.say("one two three four five six seven eight _")
        turns = spoken.terminate().of("Turn")
    final: list[str] = []
    for turn in turns:
        flags = [word["word_is_final"] for word in turn["words"]]
        assert all(flags[:-1])
        words = [word["text"] for word in turn["words"] if word["word_is_final"]]
        assert words[: len(final)] == final
        assert turn["transcript"] == " ".join(words)
        final = words


@pytest.mark.parametrize("place", ["header", "bearer", "query"])
def test_a_key_opens_a_session_wherever_it_is(live: LiveWorld, place: str) -> None:
    key = live.world.key
    headers = {"header": key, "bearer": f"Bearer {key}", "query": ""}
    query = {"token": key} if place == "query" else {}
    with live.session(key=headers[place], **query) as spoken:
        assert spoken.read()["type"] == "Begin"


@pytest.mark.parametrize("place", ["header", "query"])
def test_a_token_opens_sessions_until_it_expires(live: LiveWorld, place: str) -> None:
    made = live.client.get(
        "/v3/token",
        params={"expires_in_seconds": 60, "max_session_duration_seconds": 120},
        headers={"Authorization": live.world.key},
    ).json()
    assert made["expires_in_seconds"] == 60
    token = made["token"]
    arguments = {"key": token} if place == "header" else {"key": "", "token": token}
    for _ in range(2):
        with live.session(**arguments) as spoken:
            began_at = live.world.clock.now
            begin = spoken.read()
            assert 0 <= begin["expires_at"] - 120 - int(began_at.timestamp()) <= 1
    live.world.clock.turn(seconds=60)
    ended = live.refused(**arguments)
    assert ended.error == "Unauthorized Connection: Signature has expired"
    assert ended.code == 1008


def test_a_token_for_one_use_opens_one_session(world: World) -> None:
    with open_live_world(world, has_single_use_tokens=True) as live:
        made = live.client.get(
            "/v3/token", params={"expires_in_seconds": 60}, headers={"Authorization": world.key}
        )
        token = made.json()["token"]
        with live.session(key=token) as spoken:
            assert spoken.read()["type"] == "Begin"
        assert "already been used" in live.refused(key=token).error


def test_a_session_that_is_refused_uses_up_no_token(world: World) -> None:
    with open_live_world(world, has_single_use_tokens=True, max_sessions=1) as live:
        made = live.client.get(
            "/v3/token", params={"expires_in_seconds": 60}, headers={"Authorization": world.key}
        )
        token = made.json()["token"]
        assert "sample_rate" in live.refused(key=token, sample_rate=4000).error
        assert "llm_gateway" in live.refused(key=token, llm_gateway="{}").error
        with live.session() as other:
            assert other.read()["type"] == "Begin"
            assert "Too many concurrent sessions" in live.refused(key=token).error
        with live.session(key=token) as spoken:
            assert spoken.read()["type"] == "Begin"


def test_no_key_and_a_wrong_one_are_told_apart_after_the_handshake(live: LiveWorld) -> None:
    missing = live.refused(key="")
    assert missing.error == "Unauthorized Connection: Missing Authorization header"
    wrong = live.refused(key="wrong")
    assert wrong.error == "Unauthorized Connection: Invalid API key"
    assert (missing.code, wrong.code) == (1008, 1008)
    assert wrong.reason == wrong.error


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"sample_rate": 4000}, "Invalid 'sample_rate': Value error, sample_rate must be at least"),
        ({"encoding": "flac"}, "'flac' is not a valid Encoding"),
        ({"speech_model": "guess"}, "Invalid 'speech_model'"),
        ({"speech_model": "whisper-rt"}, "no Whisper model is installed"),
        ({"speech_model": "whisper-rt", "language": "en"}, "Invalid 'language'"),
        ({"keyterms_prompt": json.dumps(["x"] * 101)}, "Max 100 items"),
        ({"keyterms_prompt": [json.dumps(["x"] * 60), json.dumps(["y"] * 60)]}, "Max 100 items"),
        ({"redact_pii": "true"}, "Invalid 'redact_pii': it needs redact_pii_policies"),
        ({**REDACTED, "redact_pii_policies": "names"}, "Invalid 'redact_pii_policies': 'names' is"),
        ({**REDACTED, "redact_pii_policies": "trend"}, "not available in live sessions yet: trend"),
        ({**REDACTED, "redact_pii_sub": "stars"}, "Invalid 'redact_pii_sub'"),
        ({"llm_gateway": "{}"}, "Invalid 'llm_gateway'"),
        ({"language_code": "es"}, "'es' is not available"),
        ({"speaker_labels": "true"}, "Invalid 'speaker_labels'"),
        ({"prompt": "x" * 1751}, "Invalid 'prompt'"),
    ],
)
def test_what_cannot_be_done_is_refused_by_its_name_before_begin(
    live: LiveWorld, query: dict[str, Any], text: str
) -> None:
    ended = live.refused(**query)
    assert ended.code == 3006
    assert ended.error.startswith("User Input Validation Error: ")
    assert text in ended.error
    assert ended.of("Begin") == []


def test_a_reason_that_is_too_long_says_where_to_look(live: LiveWorld) -> None:
    ended = live.refused(speech_model="x")
    assert len(ended.error.encode()) > 123
    assert ended.reason == "See Error message for details"


def test_turns_carry_their_speakers_where_that_is_asked_for(world: World) -> None:
    with (
        open_live_world(world, tells_speakers=True) as live,
        live.session(speaker_labels="True", max_speakers=4) as spoken,
    ):
        assert spoken.read()["configuration"]["speaker_labels"] is True
        spoken.say("one _ _ one two three one two three _ _ five six seven five six seven _ _")
        ended = spoken.terminate()
    ends = [turn for turn in ended.of("Turn") if turn["end_of_turn"]]
    assert [turn["speaker_label"] for turn in ends] == ["UNKNOWN", "A", "B"]
    assert [word["speaker"] for word in ends[2]["words"]] == ["B"] * 6
    assert [message["type"] for message in ended.messages[-2:]] == [
        "SpeakerRevision",
        "Termination",
    ]
    (revision,) = ended.messages[-2]["revisions"]
    assert (revision["turn_order"], revision["speaker_label"]) == (0, "A")
    assert [word["speaker"] for word in revision["words"]] == ["A"]


def test_without_the_model_of_voices_the_refusal_says_how_to_get_it(live: LiveWorld) -> None:
    ended = live.refused(speaker_labels="true")
    assert "earshot models pull pyannote" in ended.error


def test_without_speaker_labels_there_are_none(live: LiveWorld) -> None:
    with live.session() as spoken:
        spoken.say("one two _ _")
        ended = spoken.terminate()
    assert all("speaker_label" not in turn for turn in ended.of("Turn"))


def test_unknown_parameters_are_ignored(live: LiveWorld) -> None:
    with live.session(formatted_finals="x", unheard_of="1") as spoken:
        assert spoken.read()["type"] == "Begin"


def test_a_documented_parameter_without_effect_is_warned_of(live: LiveWorld) -> None:
    with live.session(mode="balanced", domain="medical-v1", language="multi") as spoken:
        ended = spoken.terminate()
    warnings = [message["warning"] for message in ended.of("Warning")]
    assert warnings == [
        "domain has no effect on this server",
        "mode has no effect on this server",
        "Only English is transcribed: the model here is tones",
    ]


@pytest.mark.parametrize(
    ("query", "warnings"),
    [
        ({"interruption_delay": 0}, ["interruption_delay has no effect on this server"]),
        ({"customer_support_audio_capture": "false", "continuous_partials": "true"}, []),
        (
            {"continuous_partials": "false"},
            ["continuous_partials has no effect: words are always told while they are spoken"],
        ),
        (
            {"webhook_auth_header_name": "X-Hook", "webhook_url": "https://example.com"},
            ["webhook_auth_header_name has no effect without webhook_auth_header_value"],
        ),
        (
            {"keyterms": json.dumps(["x" * 51])},
            ["keyterms_prompt: terms over 50 characters are ignored"],
        ),
    ],
)
def test_what_was_given_and_changes_nothing_is_warned_of_and_nothing_else(
    live: LiveWorld, query: dict[str, Any], warnings: list[str]
) -> None:
    with live.session(**query) as spoken:
        ended = spoken.terminate()
    assert [message["warning"] for message in ended.of("Warning")] == warnings


def test_what_an_update_cannot_change_is_warned_of(live: LiveWorld) -> None:
    changes = {
        "prompt": "An order of pizza",
        "language_codes": ["es"],
        "speaker_labels": True,
        "max_turn_silence": 900,
        "agent_context": None,
        "unheard_of": 1,
    }
    with live.session() as spoken:
        spoken.tell({"type": "UpdateConfiguration", **changes})
        ended = spoken.terminate()
    assert [message["warning"] for message in ended.of("Warning")] == [
        "prompt has no effect on this server",
        "language_codes stays as the session began",
        "speaker_labels stays as the session began",
    ]


def test_speech_is_told_to_clients_of_the_models_that_tell_it(live: LiveWorld) -> None:
    found = {}
    for model in ("u3-rt-pro", "universal-streaming-english"):
        with live.session(speech_model=model) as spoken:
            spoken.say("one two _")
            found[model] = len(spoken.terminate().of("SpeechStarted"))
    assert found == {"u3-rt-pro": 1, "universal-streaming-english": 0}


def test_force_endpoint_ends_the_turn_and_says_nothing_without_words(live: LiveWorld) -> None:
    with live.session() as spoken:
        spoken.tell({"type": "ForceEndpoint"})
        spoken.say("one two three")
        spoken.tell({"type": "ForceEndpoint"})
        turn = spoken.read_until(lambda message: message.get("end_of_turn") is True)
        ended = spoken.terminate()
    assert turn["transcript"] == "one two three"
    assert said(ended) == []


def test_an_update_holds_from_then_on(live: LiveWorld) -> None:
    with live.session() as spoken:
        spoken.say("one two _ _")
        spoken.tell({"type": "UpdateConfiguration", "format_turns": True, "vad_threshold": None})
        spoken.say("three four _ _")
        ended = spoken.terminate()
    assert said(ended) == [(False, "one two"), (False, "three four"), (True, "Three four.")]


def test_the_multilingual_model_tells_each_turn_once_and_formatted(live: LiveWorld) -> None:
    with live.session(speech_model="universal-streaming-multilingual") as spoken:
        spoken.say("one two three _ _ four five")
        turns = spoken.terminate().of("Turn")
    assert all(turn["turn_is_formatted"] for turn in turns)
    assert [turn["transcript"] for turn in turns if turn["end_of_turn"]] == [
        "One two three.",
        "Four five.",
    ]
    assert [turn["utterance"].lower() for turn in turns if turn["utterance"]] == [
        "one two three.",
        "four five.",
    ]


def test_the_multilingual_model_writes_what_is_being_said_and_keeps_to_it(live: LiveWorld) -> None:
    with live.session(speech_model=MULTILINGUAL_MODEL) as spoken:
        spoken.say("one two three four five six _ _")
        turns = spoken.terminate().of("Turn")
    before: list[str] = []
    for turn in turns:
        told = [word["text"] for word in turn["words"] if word["word_is_final"]]
        assert told[: len(before)] == before
        assert turn["transcript"] == " ".join(told)
        assert turn["turn_is_formatted"]
        before = told
    assert before == ["One", "two", "three", "four", "five", "six."]
    assert [turn["end_of_turn"] for turn in turns][-2:] == [False, True]


@pytest.mark.parametrize("query", [{"language": "multi"}, {"speech_model": MULTILINGUAL_MODEL}])
@pytest.mark.parametrize(("has_whisper", "model"), [(True, "whisper-tiny"), (False, "tones")])
def test_many_languages_are_heard_where_a_model_for_them_is_installed(
    world: World, query: dict[str, Any], has_whisper: bool, model: str
) -> None:
    with open_live_world(world, has_whisper=has_whisper) as live, live.session(**query) as spoken:
        ended = spoken.terminate()
    assert ended.messages[0]["configuration"]["model"] == model
    assert len(ended.of("Warning")) == (0 if has_whisper else 1)


def test_partial_turns_can_be_left_out(live: LiveWorld) -> None:
    with live.session(include_partial_turns="false") as spoken:
        spoken.say("one two three _ _")
        ended = spoken.terminate()
    assert [turn["end_of_turn"] for turn in ended.of("Turn")] == [True]


def test_mu_law_at_8_khz_is_heard(live: LiveWorld) -> None:
    table = samples_from_mu_law(bytes(range(256)))
    slow = spoken_tones("one two three _ _")[::2]
    codes = abs(slow[:, None] - table[None, :]).argmin(axis=1).astype("uint8").tobytes()
    with live.session(encoding="pcm_mulaw", sample_rate=8000) as spoken:
        for start in range(0, len(codes), 800):
            spoken.send(codes[start : start + 800])
        ended = spoken.terminate()
    assert said(ended) == [(False, "one two three")]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ('{"type":"Sing"}', 'Invalid Message Type: {"type":"Sing"}'),
        ("sing", "Invalid JSON: sing"),
        ("[]", "Invalid Message: []"),
        ("{}", "Invalid Message Type: {}"),
    ],
)
def test_garbage_ends_the_session_and_is_named(live: LiveWorld, text: str, error: str) -> None:
    with live.session() as spoken:
        spoken.tell(text)
        ended = spoken.end()
    assert (ended.error, ended.code) == (error, 3006)
    assert ended.of("Termination") == []


def test_an_update_that_breaks_a_rule_ends_the_session(live: LiveWorld) -> None:
    with live.session() as spoken:
        spoken.tell({"type": "UpdateConfiguration", "max_turn_silence": "long"})
        assert "Invalid 'max_turn_silence'" in spoken.end().error


def test_a_chunk_that_is_too_long_ends_the_session_at_once(live: LiveWorld) -> None:
    with live.session() as spoken:
        spoken.send(bytes(2 * 16_000 + 32))
        ended = spoken.end()
    assert ended.code == 3007
    assert ended.error == ("Input duration violation: 1001.0 ms. Expected between 50 and 1000 ms")


def test_short_chunks_are_borne_with_for_a_second(live: LiveWorld) -> None:
    chunk = bytes(2 * 400)  # 25 ms
    with live.session() as spoken:
        for _ in range(41):
            spoken.send(chunk)
        assert spoken.terminate().code == 1000
    with live.session() as spoken:
        for _ in range(42):
            spoken.send(chunk)
        ended = spoken.end()
    assert ended.error == "Input duration violation: 25.0 ms. Expected between 50 and 1000 ms"


def test_half_a_sample_ends_the_session(live: LiveWorld) -> None:
    with live.session() as spoken:
        spoken.send(bytes(3201))
        ended = spoken.end()
    assert ended.code == 3006
    assert "3201 bytes are no whole number of 16-bit samples" in ended.error


def test_the_codes_of_2025_are_served_where_asked_for(world: World) -> None:
    with open_live_world(world, compat="2025") as live, live.session() as spoken:
        spoken.tell("sing")
        assert spoken.end().code == 3005


def test_a_session_too_many_is_refused_until_one_ends(world: World) -> None:
    with open_live_world(world, max_sessions=1) as live:
        with live.session() as first:
            first.read()
            ended = live.refused()
            assert ended.error == "Unauthorized Connection: Too many concurrent sessions"
            assert ended.code == 3009
            first.terminate()
        with live.session() as second:
            assert second.read()["type"] == "Begin"


def test_a_session_expires(world: World) -> None:
    with open_live_world(world, max_session_s=1) as live, live.session() as spoken:
        ended = spoken.end()
    assert ended.error == "Session Expired: Maximum session duration exceeded"
    assert ended.code == 3008


def test_audio_far_ahead_of_time_is_refused_where_the_operator_wants_it(world: World) -> None:
    with open_live_world(world, max_ahead_s=2.0) as live, live.session() as spoken:
        spoken.play(silence(4000))
        ended = spoken.end()
    assert ended.code == 3007
    assert ended.error.startswith("Audio Transmission Rate Exceeded: Received ")


def test_a_session_that_opens_before_the_models_are_loaded_loses_nothing(world: World) -> None:
    with open_live_world(world, is_loaded=False) as live, live.session() as spoken:
        assert spoken.read()["type"] == "Begin"
        spoken.say("one two three _ _")
        live.engines.load()
        assert said(spoken.terminate()) == [(False, "one two three")]


def test_models_that_cannot_be_loaded_end_the_session_without_their_reason(world: World) -> None:
    with open_live_world(world, is_loaded=False) as live, live.session() as spoken:
        live.engines.future.set_exception(OSError("/secret/path"))
        ended = spoken.end()
    assert (ended.error, ended.code) == ("Session Cancelled: An error occurred", 3005)


def test_a_process_without_live_sessions_says_so(world: World) -> None:
    with world.client.websocket_connect("/v3/ws") as socket:
        message = socket.receive_json()
    assert message["error"] == "Session Cancelled: This server takes no live sessions"


def test_usage_is_counted_and_nothing_that_was_said_is_kept(live: LiveWorld) -> None:
    with live.session() as spoken:
        spoken.say("one two _")
        spoken.terminate()
        row = live.await_row()
    assert (row.audio_ms, row.close_code) == (1680, 1000)
    assert row.webhook_body is None
    assert live.world.jobs.announced == []


def test_a_client_that_vanishes_is_counted_and_its_last_turn_told(live: LiveWorld) -> None:
    hook = {
        "webhook_url": "https://example.com/?a=1",
        "webhook_auth_header_name": "X-Hook",
        "webhook_auth_header_value": "abc",
    }
    with live.session(format_turns="true", **hook) as spoken:
        session_id = spoken.read()["id"]
        spoken.say("one two three")
        spoken.vanish()
        row = live.await_row()
    assert (row.id, row.audio_ms, row.close_code) == (session_id, 1020, 1006)
    assert row.webhook_url == "https://example.com/?a=1"
    assert (row.webhook_auth_header_name, row.webhook_auth_header_value) == ("X-Hook", "abc")
    body = json.loads(row.webhook_body or "")
    assert body["session_id"] == session_id
    (turn,) = body["messages"]
    assert (turn["transcript"], turn["turn_is_formatted"]) == ("One two three.", True)
    assert live.world.jobs.announced == [session_id]


def test_text_is_not_echoed_at_length(live: LiveWorld) -> None:
    with live.session() as spoken:
        spoken.tell("x" * 5000)
        assert len(spoken.end().error) < 100


def test_the_older_form_of_terminate_ends_the_session_too(live: LiveWorld) -> None:
    with live.session() as spoken:
        spoken.send(pcm16_from_samples(silence(100)))
        spoken.tell({"terminate_session": True})
        assert spoken.end().code == 1000


def test_turns_tell_their_language_where_it_was_asked_for(live: LiveWorld) -> None:
    with live.session(language_detection="True") as spoken:
        spoken.say("one two three _ _")
        ended = spoken.terminate()
    assert ended.of("Warning") == []
    turns = ended.of("Turn")
    for turn in turns:
        is_told = turn["end_of_turn"] or turn["utterance"] != ""
        assert ("language_code" in turn) == ("language_confidence" in turn) == is_told
    assert turns[-1]["language_code"] == "en"
    assert turns[-1]["language_confidence"] > 0.9
