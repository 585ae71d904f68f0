"""OpenAI's own SDK against a real server: code that people have for other speech servers."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.compat.conftest import ClientProcess, client_python
from tests.compat.test_python_sdk import OPENING
from tests.processes import Api, Server

ENVIRONMENT = "openai-3.54.0"
PROGRAM = Path(__file__).with_name("openai_program.py")

Do = Callable[..., dict[str, Any]]


def plain(text: str) -> str:
    return " ".join("".join(c for c in text.lower() if c.isalpha() or c.isspace()).split())


@pytest.fixture(scope="session")
def client() -> Iterator[ClientProcess]:
    # It calls translations deprecated.
    command: list[str | Path] = [
        client_python(ENVIRONMENT),
        "-W",
        "ignore::DeprecationWarning",
        PROGRAM,
    ]
    with closing(ClientProcess(command)) as client:
        yield client


@pytest.fixture
def do(client: ClientProcess, server: Server, api: Api, speech: Path) -> Do:
    """Has the SDK do something with a recording, and returns what came of it."""

    def run(action: str, **options: object) -> dict[str, Any]:
        task = {"key": api.key, "path": str(speech), "model": "whisper-1", **options}
        return client.ask({"base_url": f"{server.url}/v1", "action": action, **task})

    return run


def test_a_recording_becomes_text(do: Do) -> None:
    done = do("transcribe")
    assert done["type"] == "Transcription"
    assert plain(done["answer"]["text"]).startswith(OPENING)
    assert done["answer"]["usage"]["seconds"] == 9


@pytest.mark.parametrize(
    ("response_format", "beginning"), [("text", ""), ("srt", "1 "), ("vtt", "WEBVTT ")]
)
def test_text_and_captions_are_strings(do: Do, response_format: str, beginning: str) -> None:
    done = do("transcribe", response_format=response_format)
    assert done["type"] == "str"
    assert " ".join(done["answer"].split()).startswith(beginning)
    assert OPENING in plain(done["answer"])


def test_verbose_json_has_words_and_sentences_in_seconds(do: Do) -> None:
    done = do(
        "transcribe",
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
        language="en",
        prompt="A tale of two cities",
        temperature=0,
    )
    answer = done["answer"]
    assert done["type"] == "TranscriptionVerbose"
    assert (answer["language"], answer["duration"]) == ("english", 9.0)
    assert all(0 <= word["start"] < word["end"] <= 9 for word in answer["words"])
    assert "".join(segment["text"] for segment in answer["segments"]).strip() == answer["text"]
    assert all(segment["avg_logprob"] <= 0 for segment in answer["segments"])


def test_diarized_json_says_who_speaks(do: Do, recordings: Path) -> None:
    done = do(
        "transcribe",
        path=str(recordings / "meeting.wav"),
        model="gpt-4o-transcribe-diarize",
        response_format="diarized_json",
        chunking_strategy="auto",
    )
    assert done["type"] == "TranscriptionDiarized"
    assert {segment["speaker"] for segment in done["answer"]["segments"]} == {"A", "B"}


def test_what_has_no_effect_is_said_of_objects_too(do: Do) -> None:
    answer = do("transcribe", chunking_strategy={"type": "server_vad", "threshold": 0.5})["answer"]
    [warning] = answer["warnings"]
    assert warning.startswith("chunking_strategy has no effect")


def test_a_stream_tells_the_text_piece_by_piece(do: Do) -> None:
    *deltas, last = do("stream", model="gpt-4o-transcribe", include=["logprobs"])["events"]
    assert {event["type"] for event in deltas} == {"transcript.text.delta"}
    assert last["type"] == "transcript.text.done"
    assert "".join(event["delta"] for event in deltas) == last["text"]
    assert plain(last["text"]).startswith(OPENING)
    assert all(one["logprob"] <= 0 for one in last["logprobs"])


@pytest.mark.parametrize(
    ("task", "raised", "code"),
    [
        ({"model": "whisper-9"}, "NotFoundError", "model_not_found"),
        ({"key": "nope"}, "AuthenticationError", "invalid_api_key"),
        ({"response_format": "srt", "timestamp_granularities": ["word"]}, "BadRequestError", None),
        ({"language": "de"}, "BadRequestError", "language_not_installed"),
        (
            {
                "response_format": "diarized_json",
                "known_speaker_names": ["agent"],
                "known_speaker_references": ["data:audio/wav;base64," + "A" * 90_000],
            },
            "BadRequestError",
            None,
        ),
    ],
)
def test_refusals_are_the_exceptions_that_programs_catch(
    do: Do, task: dict[str, Any], raised: str, code: str | None
) -> None:
    done = do("transcribe", **task)
    assert (done["raised"], done["code"]) == (raised, code)
    assert done["request_id"]


def test_a_file_without_audio_is_a_bad_request_streamed_or_not(do: Do, recordings: Path) -> None:
    for action in ("transcribe", "stream"):
        done = do(action, path=str(recordings / "page.html"))
        assert (done["raised"], done["code"]) == ("BadRequestError", "audio_unreadable")


def test_translations_are_refused_where_no_model_translates(do: Do) -> None:
    done = do("translate")
    assert done["raised"] == "BadRequestError"
    assert "no model of it translates" in done["message"]
