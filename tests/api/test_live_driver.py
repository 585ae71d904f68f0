import asyncio
from concurrent.futures import Future

import numpy as np
import pytest
from typing_extensions import override

from earshot.api.live_driver import (
    MAX_BEHIND_SAMPLES,
    MAX_WAITING_ACTS,
    LiveDriver,
    Session,
    SpeechMeter,
)
from earshot.api.live_services import LiveParts, Secrets, Voices
from earshot.errors import SecretsNotHidden
from earshot.recognition.recognizer import Recognition
from earshot.streaming.events import HearingWanted, SecretsWanted, Told, TurnUpdated
from earshot.streaming.options import LiveOptions
from earshot.streaming.redaction import TurnSecrets, find_turn_secrets
from earshot.streaming.session import LiveSession
from earshot.testing import LoudnessDetector, ToneRecognizer, silence, spoken_tones, tone
from earshot.transcript.options import RedactionOptions
from tests.listener import NumbersAreNames


class HandHearing:
    """A recognizer that answers when it is told to."""

    def __init__(self) -> None:
        self.wanted: list[tuple[HearingWanted, Future[Recognition | None]]] = []
        self.arrived = asyncio.Event()
        self.n_ahead = 0

    def submit(self, wanted: HearingWanted, *, is_ahead: bool) -> "Future[Recognition | None]":
        answer: Future[Recognition | None] = Future()
        self.wanted.append((wanted, answer))
        self.n_ahead += is_ahead
        self.arrived.set()
        return answer

    def answer(self) -> None:
        wanted, answer = self.wanted.pop(0)
        answer.set_result(ToneRecognizer().recognize([wanted.waveform])[0])


class Driven:
    """A driver, and what it told."""

    def __init__(self, options: LiveOptions | None = None) -> None:
        self.hearing = HandHearing()
        self.told: list[Told] = []
        self.failures: list[BaseException] = []
        options = LiveOptions() if options is None else options
        self.driver = LiveDriver(options, self.told.append, self.failures.append)

    def begin(self, secrets: Secrets | None = None) -> None:
        self.driver.begin(LiveParts(LoudnessDetector(), self.hearing), secrets=secrets)

    async def answer_all(self) -> None:
        """Answer whatever is wanted until the session is finished."""
        finishing = asyncio.ensure_future(self.driver.finish())
        while not finishing.done():
            while self.hearing.wanted:
                self.hearing.answer()
            await asyncio.sleep(0)
        await finishing

    async def answer_until_secrets(self, secrets: "HandSecrets") -> None:
        """Answer what is to be heard until secrets are to be found."""
        while not secrets.waiting:
            while self.hearing.wanted:
                self.hearing.answer()
            await asyncio.sleep(0)

    @property
    def said(self) -> list[str]:
        return [one.transcript for one in self.told if isinstance(one, TurnUpdated) and one.is_end]


async def test_what_comes_before_the_models_waits_for_them_in_its_order() -> None:
    driven = Driven()
    driven.driver.add_audio(spoken_tones("one two"))
    driven.driver.force_endpoint()
    driven.driver.add_audio(spoken_tones("three four _"))
    assert driven.driver.behind_ms == 2360
    driven.begin()
    await driven.answer_all()
    assert driven.said == ["one two", "three four"]


async def test_audio_that_nobody_hears_is_not_taken_without_end() -> None:
    driven = Driven()
    driven.begin()
    driven.driver.add_audio(tone(400))
    driven.driver.add_audio(silence(1000 * (MAX_BEHIND_SAMPLES // 16_000)))
    assert driven.driver.behind_samples > MAX_BEHIND_SAMPLES
    waiting = asyncio.ensure_future(driven.driver.room())
    while not waiting.done():
        driven.hearing.answer()
        driven.hearing.arrived.clear()
        done, _ = await asyncio.wait(
            {waiting, asyncio.ensure_future(driven.hearing.arrived.wait())},
            return_when=asyncio.FIRST_COMPLETED,
        )
        assert done
    assert driven.driver.behind_samples <= MAX_BEHIND_SAMPLES


async def test_a_recognizer_that_fails_ends_the_session_once() -> None:
    driven = Driven()
    driven.begin()
    driven.driver.add_audio(tone(1000))
    failure = OSError("no memory")
    driven.hearing.wanted[0][1].set_exception(failure)
    await driven.driver.finish()
    assert driven.failures == [failure]
    driven.driver.add_audio(tone(1000))


async def test_a_partial_that_was_left_out_is_gone_on_without() -> None:
    driven = Driven()
    driven.begin()
    driven.driver.add_audio(spoken_tones("one two three _"))
    wanted, answer = driven.hearing.wanted.pop(0)
    assert not wanted.is_urgent
    answer.set_result(None)
    await driven.answer_all()
    assert driven.said == ["one two three"]


async def test_nothing_is_told_after_the_end() -> None:
    driven = Driven()
    driven.begin()
    driven.driver.add_audio(spoken_tones("one two"))
    driven.driver.close()
    before = list(driven.told)
    driven.driver.add_audio(spoken_tones("three"))
    driven.driver.begin(LiveParts(LoudnessDetector(), driven.hearing))
    assert driven.told == before
    assert driven.hearing.wanted[0][1].cancelled()


def test_a_meter_tells_how_sure_it_was_of_speech_since_it_was_asked() -> None:
    meter = SpeechMeter(LoudnessDetector())
    meter.open_stream().hear(tone(32)[:512])
    assert (meter.take(), meter.take()) == (1.0, 0.0)
    assert np.array_equal(meter.speech_probabilities(silence(32)), [0.0])


async def test_what_a_client_sends_faster_than_people_speak_is_wanted_as_ahead() -> None:
    driven = Driven()
    driven.begin()
    driven.driver.add_audio(silence(9_000))  # as a microphone may have it that was on before
    found = [driven.driver.is_ahead]
    driven.driver.add_audio(spoken_tones("one two three _"))
    found.append(driven.driver.is_ahead)
    assert found == [False, True]
    await driven.answer_all()
    assert driven.hearing.n_ahead > 0


async def test_what_is_asked_of_a_busy_session_does_not_pile_up() -> None:
    driven = Driven()
    driven.begin()
    driven.driver.add_audio(tone(1000))
    for _ in range(MAX_WAITING_ACTS):
        driven.driver.force_endpoint()
    found = [driven.driver.has_room]
    driven.driver.update(LiveOptions())
    found.append(driven.driver.has_room)
    await driven.answer_all()
    assert [*found, driven.driver.has_room] == [True, False, True]


async def test_a_session_that_is_still_being_heard_at_its_end_is_not_given_up() -> None:
    driven = Driven()
    driven.begin()
    driven.driver.add_audio(spoken_tones("one two three four five six seven eight _"))
    finishing = asyncio.ensure_future(driven.driver.finish(patience_s=0.8))
    while not finishing.done():
        if driven.hearing.wanted:
            driven.hearing.answer()
        await asyncio.wait([finishing], timeout=0.15)
    await finishing
    assert driven.said == ["one two three four five six seven eight"]


async def test_a_session_that_nobody_hears_is_given_up_at_its_end() -> None:
    driven = Driven()
    driven.driver.add_audio(spoken_tones("one two"))
    with pytest.raises(TimeoutError):
        await driven.driver.finish(patience_s=0.01)


REDACTED = LiveOptions(redaction=RedactionOptions(("person_name",)))


class HandSecrets:
    """Finds secrets when it is told to, or fails."""

    def __init__(self) -> None:
        self.waiting: list[tuple[SecretsWanted, Future[TurnSecrets]]] = []

    def find_secrets(self, wanted: SecretsWanted) -> "Future[TurnSecrets]":
        answer: Future[TurnSecrets] = Future()
        self.waiting.append((wanted, answer))
        return answer

    def answer(self) -> None:
        wanted, answer = self.waiting.pop(0)
        answer.set_result(find_turn_secrets(wanted, NumbersAreNames()))


async def test_with_redaction_a_turn_is_told_when_its_secrets_are_found() -> None:
    driven, secrets = Driven(REDACTED), HandSecrets()
    driven.begin(secrets)
    driven.driver.add_audio(spoken_tones("one two three _ _"))
    finishing = asyncio.ensure_future(driven.driver.finish())
    await driven.answer_until_secrets(secrets)
    assert not any(isinstance(one, TurnUpdated) for one in driven.told)
    assert not finishing.done()
    secrets.answer()
    await finishing
    assert driven.said == ["one ### three"]


async def test_secrets_that_cannot_be_found_end_the_session_and_nothing_is_told() -> None:
    driven, secrets = Driven(REDACTED), HandSecrets()
    driven.begin(secrets)
    driven.driver.add_audio(spoken_tones("one two three _ _"))
    await driven.answer_until_secrets(secrets)
    failure = OSError("no memory")
    secrets.waiting[0][1].set_exception(failure)
    await driven.driver.finish()
    assert driven.failures == [failure]
    assert driven.said == []


async def test_a_session_that_is_closed_gives_up_looking_for_secrets() -> None:
    driven, secrets = Driven(REDACTED), HandSecrets()
    driven.begin(secrets)
    driven.driver.add_audio(spoken_tones("one two three _ _"))
    await driven.answer_until_secrets(secrets)
    driven.driver.close()
    assert secrets.waiting[0][1].cancelled()


class WithoutItsLayer(LiveDriver):
    """A driver that has forgotten to hide anything."""

    @override
    def _open(
        self, session: LiveSession, voices: Voices | None, secrets: Secrets | None
    ) -> Session:
        return session


async def test_a_turn_in_which_nothing_was_looked_for_ends_the_session_and_is_not_told() -> None:
    told: list[Told] = []
    failures: list[BaseException] = []
    driver, hearing = WithoutItsLayer(REDACTED, told.append, failures.append), HandHearing()
    driver.begin(LiveParts(LoudnessDetector(), hearing))
    driver.add_audio(spoken_tones("one two three _ _"))
    finishing = asyncio.ensure_future(driver.finish())
    while not finishing.done():
        while hearing.wanted:
            hearing.answer()
        await asyncio.sleep(0)
    assert [type(failure) for failure in failures] == [SecretsNotHidden]
    assert not any(isinstance(one, TurnUpdated) for one in told)
