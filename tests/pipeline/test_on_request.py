import os
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import numpy as np
import pytest
from typing_extensions import override

from earshot.audio.media import ChannelMode
from earshot.audio.waveform import Samples, Waveform
from earshot.errors import AudioUnreadable, ClipTooLong, LanguageNotInstalled, SpeakersNotInstalled
from earshot.pipeline.on_request import (
    RUNS_PER_THREAD,
    SHORT_BYTES,
    Attention,
    OnRequest,
)
from earshot.pipeline.stages import OpenMedia, Stages
from earshot.pipeline.turns import Abandoned
from earshot.recognition.pool import RecognizerPool
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition
from earshot.testing import (
    LoudnessDetector,
    ScriptedDecoder,
    ScriptedDiarizer,
    ScriptedRecognizer,
    silence,
    tone,
)
from earshot.transcript.options import LanguageDetection, SpeakerOptions, TranscriptOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.words import Word

PATIENT = Attention(max_ms=3_600_000)
LONG = np.concatenate([part for _ in range(50) for part in (tone(2000), silence(3000))])


def stages_for(samples: Samples, claimed_ms: int | None = None) -> Stages:
    decoder = ScriptedDecoder(np.stack([samples]), claimed_ms=claimed_ms)
    return Stages(decoder, LoudnessDetector(), RecognizerPool(ScriptedRecognizer()))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    path = tmp_path / "recording"
    path.touch()
    return path


def transcribe(
    recording: Path,
    stages: Stages,
    options: TranscriptOptions | None = None,
    attention: Attention = PATIENT,
) -> TranscriptResult:
    with closing(OnRequest(stages, n_threads=2)) as on_request:
        return on_request.transcribe(recording, options or TranscriptOptions(), attention)


def test_a_file_becomes_a_transcript(recording: Path) -> None:
    samples = np.concatenate([silence(1000), tone(2000), silence(500)])
    result = transcribe(recording, stages_for(samples))
    assert result.text == "well said"
    assert result.duration_ms == 3500
    assert result.words[0].start_ms == pytest.approx(1000, abs=2)


def test_the_words_of_a_long_recording_are_in_order_and_told_as_they_come(recording: Path) -> None:
    told: list[Sequence[Word]] = []
    attention = replace(PATIENT, take_words=told.append)
    result = transcribe(recording, stages_for(LONG), attention=attention)
    assert len(told) > 5  # of 250 s
    assert [word for words in told for word in words] == list(result.words)
    assert result.text == " ".join(["well said"] * 50)


@pytest.mark.parametrize("codes", [(), ("de", "en")])
def test_silence_has_no_words_in_whatever_language(recording: Path, codes: tuple[str, ...]) -> None:
    options = TranscriptOptions(language_detection=LanguageDetection(expected_languages=codes))
    result = transcribe(recording, stages_for(silence(3000)), options)
    assert (result.words, result.duration_ms) == ((), 3000)


def test_speakers_are_told_apart_where_that_is_asked_for(recording: Path) -> None:
    samples = np.concatenate([tone(2000, 200), silence(1000), tone(2000, 500)])
    stages = replace(stages_for(samples), diarizer=ScriptedDiarizer())
    result = transcribe(recording, stages, TranscriptOptions(speakers=SpeakerOptions()))
    assert result.utterances is not None
    assert {utterance.speaker for utterance in result.utterances} == {"A", "B"}


@pytest.mark.parametrize("claimed_ms", [None, 5000])
def test_a_recording_over_the_limit_is_refused_whatever_its_header_says(
    recording: Path, claimed_ms: int | None
) -> None:
    attention = Attention(max_ms=4999)
    with pytest.raises(ClipTooLong, match="5000 ms exceeds limit 4999 ms"):
        transcribe(recording, stages_for(tone(5000), claimed_ms), attention=attention)


def test_nothing_more_is_recognised_once_nobody_waits(recording: Path) -> None:
    asked: Iterator[int] = count()
    attention = replace(PATIENT, is_wanted=lambda: next(asked) < 2)
    with pytest.raises(Abandoned):
        transcribe(recording, stages_for(LONG), attention=attention)
    assert next(asked) < 8


def test_what_cannot_be_done_is_told(recording: Path) -> None:
    stages = stages_for(tone(1000))
    with pytest.raises(LanguageNotInstalled):
        transcribe(recording, stages, TranscriptOptions(language_code="de"))
    with pytest.raises(SpeakersNotInstalled):
        transcribe(recording, stages, TranscriptOptions(speakers=SpeakerOptions()))
    broken = replace(
        stages, decoder=ScriptedDecoder(np.stack([tone(1000)]), failure=AudioUnreadable("a/b"))
    )
    with pytest.raises(AudioUnreadable):
        transcribe(recording, broken)


def test_one_that_fails_leaves_room_for_the_next(recording: Path) -> None:
    failing = ScriptedRecognizer(failure=ZeroDivisionError())
    stages = stages_for(LONG)
    with closing(
        OnRequest(replace(stages, recognizers=RecognizerPool(failing)), n_threads=1)
    ) as on_request:
        for _ in range(3):
            with pytest.raises(ZeroDivisionError):
                on_request.transcribe(recording, TranscriptOptions(), PATIENT)


class HeldDecoder:
    """Decodes nothing until it may go on; says how many recordings were open at once."""

    def __init__(self, samples: Samples) -> None:
        self._decoder = ScriptedDecoder(np.stack([samples]))
        self.opened = threading.Semaphore(0)
        self.may_go_on = threading.Event()
        self.n_most = 0
        self._n_open = 0
        self._lock = threading.Lock()

    @contextmanager
    def open(
        self, path: Path, *, channels: ChannelMode, start_ms: int, end_ms: int | None
    ) -> Iterator[OpenMedia]:
        with self._lock:
            self._n_open += 1
            self.n_most = max(self.n_most, self._n_open)
        self.opened.release()
        assert self.may_go_on.wait(9)
        with self._decoder.open(path, channels=channels, start_ms=start_ms, end_ms=end_ms) as media:
            yield media
        with self._lock:
            self._n_open -= 1

    def close(self) -> None:
        """Nothing stands ready that would have to be ended."""


def test_few_recordings_are_decoded_at_once_and_short_ones_wait_for_no_long_ones(
    tmp_path: Path, recording: Path
) -> None:
    long = tmp_path / "long"
    with long.open("wb") as file:
        file.truncate(SHORT_BYTES + 1)
    decoder = HeldDecoder(tone(1000))
    stages = replace(stages_for(tone(1000)), decoder=decoder)
    n_long = RUNS_PER_THREAD + 3
    with closing(OnRequest(stages, n_threads=1)) as made, ThreadPoolExecutor(9) as callers:
        jobs = [
            callers.submit(made.transcribe, path, TranscriptOptions(), PATIENT)
            for path in [*[long] * n_long, recording]
        ]
        for _ in range(RUNS_PER_THREAD + 1):
            assert decoder.opened.acquire(timeout=9)
        assert not decoder.opened.acquire(timeout=0.05)
        with pytest.raises(Abandoned):
            made.transcribe(long, TranscriptOptions(), replace(PATIENT, is_wanted=lambda: False))
        decoder.may_go_on.set()
        assert [job.result(9).text for job in jobs] == ["well said"] * (n_long + 1)
    assert decoder.n_most == RUNS_PER_THREAD + 1


def test_languages_are_told_apart_in_turn_with_what_is_recognised(recording: Path) -> None:
    heard_on: list[str] = []

    class Watching(ScriptedRecognizer):
        @override
        def recognize(
            self, segments: Sequence[Waveform], hints: Hints = NO_HINTS
        ) -> list[Recognition]:
            heard_on.append(threading.current_thread().name)
            return ScriptedRecognizer.recognize(self, segments, hints)

    stages = replace(stages_for(tone(1000)), recognizers=RecognizerPool(Watching()))
    transcribe(recording, stages, TranscriptOptions(language_detection=LanguageDetection()))
    assert len(heard_on) == 2  # for the language, and for the words
    assert {name.rpartition("_")[0] for name in heard_on} == {"on-request"}


@pytest.mark.skipif(sys.platform != "linux", reason="threads cannot be nice each by itself")
def test_who_waits_for_a_recording_gives_way_to_others(recording: Path) -> None:
    seen: list[int] = []

    class Watching(ScriptedRecognizer):
        @override
        def recognize(
            self, segments: Sequence[Waveform], hints: Hints = NO_HINTS
        ) -> list[Recognition]:
            seen.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
            return ScriptedRecognizer.recognize(self, segments, hints)

    stages = replace(stages_for(tone(1000)), recognizers=RecognizerPool(Watching()))
    with closing(OnRequest(stages, n_threads=1, niceness=2)) as on_request:
        on_request.transcribe(recording, TranscriptOptions(), PATIENT)
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert seen == [min(19, ours + 2)]
