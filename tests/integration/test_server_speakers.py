"""Who said what, asked of a real server with the real models, of odd recordings too."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.models.store import ModelStore
from tests.processes import Api, Installation, Server, write_wav

pytestmark = pytest.mark.slow
Send = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def installation(
    tmp_path_factory: pytest.TempPathFactory, models: ModelStore
) -> Iterator[Installation]:
    with closing(Installation(tmp_path_factory.mktemp("server"), models.folder)) as installation:
        yield installation


@pytest.fixture(scope="module")
def server(installation: Installation) -> Server:
    server = installation.serve()
    server.await_ready()
    return server


@pytest.fixture
def api(installation: Installation, server: Server) -> Api:
    return installation.api(server)


@pytest.fixture
def send(api: Api, tmp_path: Path) -> Send:
    """Has these channels transcribed, with speakers."""

    def transcribe(*channels: Samples, **parameters: object) -> dict[str, Any]:
        recording = write_wav(tmp_path / "recording.wav", *channels).read_bytes()
        return api.transcribe(recording, **{"speaker_labels": True, **parameters})

    return transcribe


@pytest.fixture(scope="module")
def meeting(two_cities: Samples, another_reader: Samples) -> Samples:
    """One reader, a second of silence, another reader."""
    pause = np.zeros(SAMPLE_RATE, dtype=np.float32)
    return np.concatenate([two_cities[: 12 * SAMPLE_RATE], pause, another_reader])


def speakers(transcript: dict[str, Any]) -> list[str]:
    """The speakers of the utterances, in their order; the words must agree with them."""
    assert transcript["status"] == "completed", transcript["error"]
    words = [word for utterance in transcript["utterances"] for word in utterance["words"]]
    assert sorted(words, key=lambda word: word["start"]) == transcript["words"]
    for utterance in transcript["utterances"]:
        assert {word["speaker"] for word in utterance["words"]} == {utterance["speaker"]}
    return [utterance["speaker"] for utterance in transcript["utterances"]]


def test_two_speakers_have_an_utterance_each(send: Send, meeting: Samples) -> None:
    transcript = send(meeting)
    assert speakers(transcript) == ["A", "B"]
    first, second = transcript["utterances"]
    assert first["text"].lower().startswith("it was the best of times")
    assert "america" in second["text"].lower()
    assert transcript["speaker_labels"] is True


@pytest.mark.parametrize("parameters", [{"punctuate": False}, {"format_text": False}])
def test_bare_text_has_the_same_speakers(
    send: Send, meeting: Samples, parameters: dict[str, object]
) -> None:
    assert speakers(send(meeting, **parameters)) == ["A", "B"]


def test_one_speaker_has_one_utterance(send: Send, two_cities: Samples) -> None:
    assert speakers(send(two_cities)) == ["A"]


def test_one_is_found_where_one_is_expected(send: Send, meeting: Samples) -> None:
    assert set(speakers(send(meeting, speakers_expected=1))) == {"A"}


@pytest.mark.parametrize("number", [3, 29, 40, 2**31 - 1])
def test_more_than_can_be_told_apart_may_be_expected(
    send: Send, meeting: Samples, number: int
) -> None:
    found = speakers(send(meeting, speakers_expected=number))
    assert {"A", "B"} <= set(found)


def test_nobody_is_found_where_nobody_speaks(send: Send) -> None:
    noise = np.random.default_rng(1).normal(0, 0.02, 5 * SAMPLE_RATE).astype(np.float32)
    chord = np.sum([np.sin(2 * np.pi * f * np.arange(80_000) / 16_000) for f in (220, 277, 330)], 0)
    for samples in (np.zeros_like(noise), noise, (0.1 * chord).astype(np.float32)):
        transcript = send(samples)
        assert transcript["status"] == "completed"
        assert (transcript["words"], transcript["utterances"]) == ([], [])


def test_half_a_second_of_speech_has_a_speaker_or_no_words(send: Send, two_cities: Samples) -> None:
    onset = int(np.argmax(np.abs(two_cities) > 0.1))
    transcript = send(two_cities[onset : onset + SAMPLE_RATE // 2])
    assert set(speakers(transcript)) <= {"A"}


def test_speakers_of_channels_are_called_after_them(
    send: Send, beckett: Samples, meeting: Samples
) -> None:
    reader = np.pad(beckett, (0, len(meeting) - len(beckett)))
    silence = np.zeros_like(meeting)
    transcript = send(silence, meeting, reader, meeting, multichannel=True)
    assert set(speakers(transcript)) == {"2A", "2B", "3A"}
    assert transcript["audio_channels"] == 4
    assert {(u["channel"], u["speaker"][0]) for u in transcript["utterances"]} == {
        ("2", "2"),
        ("3", "3"),
    }
    assert transcript["metadata"]["warnings"] == [
        {
            "message": "Channel 4 carries the same audio as channel 2: "
            "it was transcribed once, as channel 2"
        }
    ]


def test_channels_that_are_opposites_are_heard(send: Send, meeting: Samples) -> None:
    transcript = send(meeting, -meeting)
    assert speakers(transcript) == ["A", "B"]
    (warning,) = transcript["metadata"]["warnings"]
    assert "cancel each other out" in warning["message"]


def test_nobody_is_told_apart_unless_that_is_asked_for(send: Send, meeting: Samples) -> None:
    transcript = send(meeting, speaker_labels=False)
    assert transcript["utterances"] is None
    assert {word["speaker"] for word in transcript["words"]} == {None}


def test_sentences_paragraphs_and_captions_are_of_one_speaker_each(
    api: Api, send: Send, meeting: Samples
) -> None:
    transcript = send(meeting)
    path = f"/v2/transcript/{transcript['id']}"
    for part in ("sentences", "paragraphs"):
        for item in api.json("GET", f"{path}/{part}")[part]:
            assert {word["speaker"] for word in item["words"]} == {item["speaker"]}
    captions = api.call("GET", f"{path}/srt").text.split("\n\n")
    first_of_b = transcript["utterances"][1]["words"][0]["text"]
    assert any(caption.split("\n")[2].startswith(first_of_b) for caption in captions)
