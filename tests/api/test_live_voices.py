import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from earshot.api.live_driver import LiveDriver
from earshot.api.live_services import LiveParts
from earshot.api.live_voices import SPEAKERS_PATIENCE_S, VOICES_PATIENCE_S
from earshot.audio.waveform import SAMPLE_RATE
from earshot.diarization.diarizer import Track
from earshot.recognition.recognizer import Recognition
from earshot.streaming.events import (
    HearingWanted,
    SpeakersRevised,
    SpeakersWanted,
    Told,
    TurnUpdated,
    VoicesWanted,
)
from earshot.streaming.labels import UNKNOWN
from earshot.streaming.options import LiveOptions
from earshot.streaming.shared_voices import attribute_words
from earshot.testing import LoudnessDetector, ToneRecognizer, spoken_tones
from tests.listener import TWO_VOICES
from tests.turned_time import run_turned

TALK = spoken_tones("one two three one two three _ _ five six seven five six seven _ _")


class PromptHearing:
    """Recognises at once."""

    def submit(self, wanted: HearingWanted, *, is_ahead: bool) -> "Future[Recognition | None]":
        del is_ahead
        answer: Future[Recognition | None] = Future()
        answer.set_result(ToneRecognizer().recognize([wanted.waveform])[0])
        return answer


@dataclass
class HandVoices:
    """Answers at once, with a failure, or not before it is told to."""

    is_prompt: bool = True
    failure: Exception | None = None
    waiting: list[Callable[[], None]] = field(default_factory=list)
    futures: "list[Future[Any]]" = field(default_factory=list)

    def find_voices(self, wanted: VoicesWanted) -> "Future[list[Track]]":
        return self._answer(TWO_VOICES.find_tracks(wanted.waveform, wanted.speech))

    def find_speakers(self, wanted: SpeakersWanted) -> "Future[list[int]]":
        return self._answer(attribute_words(wanted))

    def _answer(self, result: object) -> "Future[Any]":
        future: Future[Any] = Future()
        self.futures.append(future)
        if self.failure is not None:
            future.set_exception(self.failure)
        elif self.is_prompt:
            future.set_result(result)
        else:
            self.waiting.append(lambda: future.set_result(result))
        return future


@dataclass
class Driven:
    """A driver with voices, and what it told and when."""

    voices: HandVoices
    told: list[tuple[float, Told]] = field(default_factory=list)
    failures: list[BaseException] = field(default_factory=list)

    def open(self) -> LiveDriver:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        driver = LiveDriver(
            LiveOptions(speaker_labels=True),
            lambda told: self.told.append((loop.time() - began_s, told)),
            self.failures.append,
        )
        driver.begin(LiveParts(LoudnessDetector(), PromptHearing()), self.voices)
        return driver

    def hold(self) -> "Driven":
        async def hold() -> None:
            driver = self.open()
            driver.add_audio(TALK)
            await driver.finish()

        run_turned(hold())
        return self

    @property
    def labels(self) -> list[str | None]:
        return [t.speaker_label for _, t in self.told if isinstance(t, TurnUpdated) and t.is_end]


def test_turns_are_told_with_their_speakers() -> None:
    driven = Driven(HandVoices()).hold()
    assert driven.labels == ["A", "B"]
    assert not any(isinstance(told, SpeakersRevised) for _, told in driven.told)


def test_turns_wait_for_voices_no_longer_than_a_moment_and_the_session_ends() -> None:
    driven = Driven(HandVoices(is_prompt=False)).hold()
    assert driven.labels == [UNKNOWN, UNKNOWN]
    audio_s = len(TALK) / SAMPLE_RATE
    assert driven.told[-1][0] < 2 * VOICES_PATIENCE_S + audio_s + SPEAKERS_PATIENCE_S
    assert driven.failures == []


def test_a_session_that_has_to_catch_up_waits_longer() -> None:
    driven = Driven(HandVoices(is_prompt=False))

    async def hold() -> None:
        driver = driven.open()
        driver.add_audio(TALK)
        await asyncio.sleep(VOICES_PATIENCE_S)
        assert driven.labels == []
        for answer in driven.voices.waiting:
            answer()
        await asyncio.sleep(0.1)
        driver.close()

    run_turned(hold())
    assert driven.labels == ["A", "B"]


def test_voices_that_fail_end_the_session_once() -> None:
    failure = OSError("no memory")
    driven = Driven(HandVoices(failure=failure)).hold()
    assert driven.failures == [failure]
    assert driven.labels == []


def test_a_session_that_is_closed_gives_up_what_it_asked() -> None:
    voices = HandVoices(is_prompt=False)

    async def hold() -> None:
        driver = Driven(voices).open()
        driver.add_audio(TALK)
        await asyncio.sleep(VOICES_PATIENCE_S / 2)
        assert voices.futures
        driver.close()
        await asyncio.sleep(2 * VOICES_PATIENCE_S)

    run_turned(hold())
    assert all(future.cancelled() for future in voices.futures)
