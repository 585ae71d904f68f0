from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import replace
from threading import Event

import pytest

from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.recognition.recognizer import NO_HINTS, Draft, Effort, Hints, Recognition
from earshot.streaming.events import HearingWanted
from earshot.streaming.hearing import SharedHearing, SharingPolicy
from earshot.testing import ScriptedRecognizer, tone
from earshot.transcript.options import Vocabulary

NOTHING = Recognition((), float("-inf"), is_repetitive=False)
WAIT_S = 5
ONE_BY_ONE = SharingPolicy(n_threads=1)


class GatedRecognizer:
    """Notes what it is given, by length in samples, and answers when the gate is open."""

    name = "gated"
    languages = frozenset({"en"})

    def __init__(self) -> None:
        self.gate = Event()
        self.is_busy = Event()
        self.batches: list[list[int]] = []
        self.efforts: list[Effort] = []

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        self.efforts.append(hints.effort)
        self.batches.append([len(segment.samples) for segment in segments])
        self.is_busy.set()
        assert self.gate.wait(WAIT_S)
        return [NOTHING for _ in segments]


class DraftedRecognizer(ScriptedRecognizer):
    """Notes the drafts that it is given."""

    drafts: list[Draft] = []  # noqa: RUF012 - one instance per test

    def recognize_drafted(
        self,
        segments: Sequence[Waveform],
        drafts: Sequence[Draft],
        hints: Hints = NO_HINTS,
    ) -> list[Recognition]:
        self.drafts.extend(drafts)
        return self.recognize(segments, hints)


class Clock:
    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def wanted(
    n_samples: int, *, is_urgent: bool = False, lag_ms: int = 0, hints: Hints = NO_HINTS
) -> HearingWanted:
    waveform = Waveform(tone(1000)[:n_samples])
    lag_samples = lag_ms * SAMPLE_RATE // 1000
    return HearingWanted(n_samples, waveform, hints, is_urgent, n_samples, lag_samples)


@pytest.fixture
def recognizer() -> Iterator[GatedRecognizer]:
    gated = GatedRecognizer()
    yield gated
    gated.gate.set()


def test_the_answer_is_the_recognizers() -> None:
    hearing = SharedHearing(ScriptedRecognizer(("well", "said")))
    answer = hearing.submit(wanted(8000)).result(WAIT_S)
    hearing.close()
    assert answer is not None
    assert [word.text for word in answer.words] == ["well", "said"]


def test_what_the_recognizer_raises_the_answer_raises() -> None:
    hearing = SharedHearing(ScriptedRecognizer(failure=OSError("no memory")))
    answer = hearing.submit(wanted(8000))
    with pytest.raises(OSError, match="no memory"):
        answer.result(WAIT_S)
    after = hearing.submit(wanted(8000))
    with pytest.raises(OSError, match="no memory"):
        after.result(WAIT_S)  # the thread lives on
    hearing.close()


def test_a_recognizer_that_takes_drafts_is_given_what_is_expected() -> None:
    recognizer = DraftedRecognizer()
    hearing = SharedHearing(recognizer)
    one = HearingWanted(1, Waveform(tone(500)), NO_HINTS, False, 8000, draft=Draft(("Well,",)))
    assert hearing.submit(one).result(WAIT_S) is not None
    hearing.close()
    assert recognizer.drafts == [Draft(("Well,",))]


def test_urgent_hearings_come_first_and_the_others_by_when_their_audio_came(
    recognizer: GatedRecognizer,
) -> None:
    clock = Clock()
    hearing = SharedHearing(recognizer, SharingPolicy(n_threads=1, max_age_ms=10_000), clock)
    answers = [hearing.submit(wanted(1))]
    assert recognizer.is_busy.wait(WAIT_S)
    answers += [hearing.submit(wanted(2)), hearing.submit(wanted(3, lag_ms=1000))]
    answers += [hearing.submit(wanted(4, is_urgent=True))]
    recognizer.gate.set()
    assert all(answer.result(WAIT_S) for answer in answers)
    hearing.close()
    assert recognizer.batches == [[1], [4], [3], [2]]


def test_what_was_sent_ahead_of_time_waits_for_all_who_speak(
    recognizer: GatedRecognizer,
) -> None:
    hearing = SharedHearing(recognizer, ONE_BY_ONE)
    answers = [hearing.submit(wanted(1))]
    assert recognizer.is_busy.wait(WAIT_S)
    ahead = wanted(2, is_urgent=True, lag_ms=20_000)
    answers += [hearing.submit(ahead, is_ahead=True), hearing.submit(wanted(3))]
    recognizer.gate.set()
    assert all(answer.result(WAIT_S) for answer in answers)
    hearing.close()
    assert recognizer.batches == [[1], [3], [2]]


def test_a_late_partial_is_left_out_while_others_wait_but_an_urgent_one_never(
    recognizer: GatedRecognizer,
) -> None:
    clock = Clock()
    hearing = SharedHearing(recognizer, ONE_BY_ONE, clock)
    hearing.submit(wanted(1))
    assert recognizer.is_busy.wait(WAIT_S)
    late, urgent = hearing.submit(wanted(2)), hearing.submit(wanted(3, is_urgent=True))
    clock.now_s += 2
    fresh = hearing.submit(wanted(4))
    recognizer.gate.set()
    assert fresh.result(WAIT_S) == NOTHING
    assert late.result(WAIT_S) is None
    assert urgent.result(WAIT_S) == NOTHING
    hearing.close()


def test_nobody_has_patience_while_others_wait(recognizer: GatedRecognizer) -> None:
    patient = Hints(effort=Effort.MOST)
    hearing = SharedHearing(recognizer, ONE_BY_ONE)
    answers = [hearing.submit(wanted(1, hints=patient))]
    assert recognizer.is_busy.wait(WAIT_S)
    answers += [hearing.submit(wanted(n, hints=patient)) for n in (2, 3)]
    recognizer.gate.set()
    assert all(answer.result(WAIT_S) for answer in answers)
    hearing.close()
    assert recognizer.efforts == [Effort.MOST, Effort.USUAL, Effort.MOST]


def test_a_session_that_is_alone_is_always_heard_however_far_it_lags(
    recognizer: GatedRecognizer,
) -> None:
    recognizer.gate.set()
    hearing = SharedHearing(recognizer, ONE_BY_ONE)
    assert hearing.submit(wanted(2, lag_ms=60_000)).result(WAIT_S) == NOTHING
    hearing.close()


def test_a_session_that_is_alone_is_not_heard_too_late_where_the_recognizer_is_slow(
    recognizer: GatedRecognizer,
) -> None:
    clock = Clock()
    hearing = SharedHearing(recognizer, ONE_BY_ONE, clock)
    slow = hearing.submit(wanted(1))
    assert recognizer.is_busy.wait(WAIT_S)
    clock.now_s += 1
    recognizer.gate.set()
    assert slow.result(WAIT_S) == NOTHING
    assert hearing.submit(wanted(2, lag_ms=1000)).result(WAIT_S) is None
    assert hearing.submit(wanted(3)).result(WAIT_S) == NOTHING
    assert hearing.submit(wanted(4, lag_ms=1000)).result(WAIT_S) == NOTHING
    hearing.close()


def test_a_patient_hearing_that_takes_long_is_no_load(recognizer: GatedRecognizer) -> None:
    clock = Clock()
    patient = Hints(effort=Effort.MORE)
    hearing = SharedHearing(recognizer, ONE_BY_ONE, clock)
    slow = hearing.submit(wanted(1, hints=patient))
    assert recognizer.is_busy.wait(WAIT_S)
    clock.now_s += 1
    recognizer.gate.set()
    assert slow.result(WAIT_S) == NOTHING
    assert hearing.submit(wanted(2, lag_ms=1000, hints=patient)).result(WAIT_S) == NOTHING
    hearing.close()
    assert recognizer.efforts == [Effort.MORE, Effort.MORE]


def test_what_waits_together_with_the_same_hints_is_recognised_together(
    recognizer: GatedRecognizer,
) -> None:
    hearing = SharedHearing(recognizer, SharingPolicy(n_threads=1, batch_segments=3))
    others = Hints(vocabulary=Vocabulary(("Sonny",)))
    answers: list[Future[Recognition | None]] = [hearing.submit(wanted(1))]
    assert recognizer.is_busy.wait(WAIT_S)
    answers += [hearing.submit(wanted(n)) for n in (2, 3)]
    answers += [hearing.submit(wanted(n, hints=others)) for n in (4, 5)]
    recognizer.gate.set()
    assert all(answer.result(WAIT_S) for answer in answers)
    hearing.close()
    assert recognizer.batches == [[1], [2, 3], [4, 5]]


def test_a_cancelled_hearing_is_not_recognised(recognizer: GatedRecognizer) -> None:
    hearing = SharedHearing(recognizer, ONE_BY_ONE)
    hearing.submit(wanted(1))
    assert recognizer.is_busy.wait(WAIT_S)
    assert hearing.submit(wanted(2)).cancel()
    last = hearing.submit(wanted(3))
    recognizer.gate.set()
    assert last.result(WAIT_S) == NOTHING
    hearing.close()
    assert recognizer.batches == [[1], [3]]


def test_closing_answers_what_waits(recognizer: GatedRecognizer) -> None:
    hearing = SharedHearing(recognizer, ONE_BY_ONE)
    busy = hearing.submit(wanted(1))
    assert recognizer.is_busy.wait(WAIT_S)
    waiting = hearing.submit(wanted(2, is_urgent=True))
    recognizer.gate.set()
    hearing.close()
    assert busy.result(WAIT_S) == NOTHING
    assert waiting.done()


def test_languages_are_told_to_who_asks() -> None:
    hearing = SharedHearing(ScriptedRecognizer(mean_logprob=-1.2), ONE_BY_ONE)
    asking = replace(wanted(1), waveform=Waveform(tone(8000)), asks_language=True)
    plain = replace(asking, asks_language=False)
    answers = [hearing.submit(one).result(WAIT_S) for one in (asking, plain)]
    hearing.close()
    told, untold = [answer.languages for answer in answers if answer is not None]
    assert told is not None
    assert told["und"] > 0.9
    assert untold is None


def test_a_language_that_cannot_be_told_is_no_hearing() -> None:
    class Broken(ScriptedRecognizer):
        def detect(self, segments: Sequence[Waveform]) -> dict[str, float]:
            raise ZeroDivisionError(len(segments))

    hearing = SharedHearing(Broken(), ONE_BY_ONE)
    asking = replace(wanted(1), waveform=Waveform(tone(1000)), asks_language=True)
    with pytest.raises(ZeroDivisionError):
        hearing.submit(asking).result(WAIT_S)
    hearing.close()
