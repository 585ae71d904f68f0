import numpy as np

from earshot.audio.speech import Span
from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.diarization.diarizer import Stretch, Track
from earshot.recognition.recognizer import NO_HINTS
from earshot.streaming.events import HearingWanted
from earshot.streaming.voices import VoiceListener
from earshot.testing import tone

SECOND = SAMPLE_RATE


def wanted(end_s: float, *speech_s: tuple[float, float], is_urgent: bool = False) -> HearingWanted:
    """A hearing at that place, with speech so far."""
    return HearingWanted(
        request_id=1,
        waveform=Waveform(np.zeros(1, dtype=np.float32)),
        hints=NO_HINTS,
        is_urgent=is_urgent,
        wanted_at_samples=round(end_s * SECOND),
        speech=tuple(Span(round(a * SECOND), round(b * SECOND)) for a, b in speech_s),
    )


def listening(seconds: float) -> VoiceListener:
    listener = VoiceListener()
    listener.add_audio(tone(round(1000 * seconds)), 0)
    return listener


def track(start_ms: int, end_ms: int) -> Track:
    return Track((Stretch(start_ms, end_ms),), None, end_ms - start_ms)


def test_voices_are_asked_for_in_a_pause_and_not_before() -> None:
    listener = listening(3)
    assert listener.listen(wanted(1.6, (0.5, 1.65))) is None
    voices = listener.listen(wanted(2.2, (0.5, 2.0)))
    assert voices is not None
    assert voices.speech == (Span(SECOND // 2, 2 * SECOND),)
    assert voices.waveform.duration_ms == 2200
    assert listener.listen(wanted(2.5, (0.5, 2.0))) is None


def test_the_end_of_a_turn_amid_speech_is_a_pause_too() -> None:
    assert listening(3).listen(wanted(1.6, (0.5, 1.65), is_urgent=True)) is not None


def test_long_speech_without_a_pause_is_listened_to_in_parts() -> None:
    listener = listening(12)
    assert listener.listen(wanted(5.0, (0.5, 5.05))) is None
    first = listener.listen(wanted(5.6, (0.5, 5.65)))
    second = listener.listen(wanted(10.8, (0.5, 10.85)))
    assert first is not None
    assert second is not None
    assert (first.request_id, second.request_id) == (1, 2)
    window_start = round(0.8 * SECOND)
    assert second.speech == (Span(round(5.6 * SECOND) - window_start, 10 * SECOND),)


def test_what_is_too_short_waits_for_more() -> None:
    listener = listening(5)
    assert listener.listen(wanted(1.0, (0.5, 0.7))) is None
    voices = listener.listen(wanted(3.0, (0.5, 0.7), (2.0, 2.5)))
    assert voices is not None
    assert len(voices.speech) == 2


def test_a_short_word_brings_along_what_was_said_before() -> None:
    listener = listening(8)
    assert listener.listen(wanted(4.0, (0.0, 3.8))) is not None
    voices = listener.listen(wanted(5.0, (0.0, 3.8), (4.2, 4.8)))
    assert voices is not None
    before, fresh = voices.speech
    assert before.end_samples == round(3.8 * SECOND)
    n_together = sum(span.end_samples - span.start_samples for span in (before, fresh))
    assert n_together == 2 * SECOND
    listener.take(2, [track(2500, 4800)])
    assert listener.take_heard(2)[0].stretches == (Stretch(4000, 4800),)


def test_only_what_is_new_counts_as_clean_speech() -> None:
    listener = listening(8)
    listener.listen(wanted(4.0, (0.0, 3.8)))
    listener.listen(wanted(5.0, (0.0, 3.8), (4.2, 4.8)))
    listener.take(2, [track(0, 4800)])
    assert listener.take_heard(2)[0].clean_ms == 800


def test_tracks_come_back_in_order_of_the_requests_and_once() -> None:
    listener = listening(8)
    listener.listen(wanted(2.0, (0.5, 1.8)))
    listener.listen(wanted(4.0, (0.5, 1.8), (2.5, 3.8)))
    listener.take(2, [track(2500, 3800), track(0, 1500)])
    assert listener.awaits(0, 2)
    assert not listener.awaits(1, 2)
    listener.take(1, [track(500, 1800)])
    assert [t.stretches[0].start_ms for t in listener.take_heard(2)] == [500, 2500]
    assert listener.take_heard(2) == []


def test_memory_stays_the_same_through_hours() -> None:
    listener = VoiceListener()
    for minute in range(30):
        listener.add_audio(np.zeros(60 * SECOND, dtype=np.float32), minute * 60 * SECOND)
    assert listener.held_samples < 5 * 60 * SECOND
