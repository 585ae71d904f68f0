import pytest

from benchmarks.live_trials import (
    CHUNK_MS,
    Answer,
    LiveTrial,
    Told,
    count_retracted,
    end_delays_ms,
    run_session,
    word_latencies,
)
from earshot.audio.waveform import Samples
from earshot.streaming.events import HearingWanted, LiveWord, TurnUpdated
from earshot.streaming.options import LiveOptions, TurnPolicy
from earshot.streaming.session import LiveSession
from earshot.testing import LoudnessDetector, ToneRecognizer, spoken_tones
from earshot.transcript.words import Word

ANSWER_S = 0.03


def hear(wanted: HearingWanted) -> Answer:
    (recognition,) = ToneRecognizer().recognize([wanted.waveform])
    return Answer(recognition, took_s=ANSWER_S, computing_s=2 * ANSWER_S)


def trial_of(samples: Samples) -> LiveTrial:
    options = LiveOptions(TurnPolicy(confidence_threshold=0.0), formats_turns=True)
    return run_session(LiveSession(options, LoudnessDetector()), samples, hear)


def told(at_ms: float, *words: tuple[str, bool], is_end: bool = False) -> Told:
    live = tuple(
        LiveWord(text, 100 * place, 100 * place + 100, 0.9, is_final)
        for place, (text, is_final) in enumerate(words)
    )
    return Told(at_ms, TurnUpdated(0, live, is_end, is_formatted=False, end_confidence=0.1))


def test_a_session_tells_nothing_before_its_audio_and_its_answer_came() -> None:
    trial = trial_of(spoken_tones("_ one two three four _ _"))
    assert trial.text(is_formatted=False) == "one two three four"
    assert all(one.at_ms % CHUNK_MS == pytest.approx(1000 * ANSWER_S) for one in trial.told[:3])
    assert trial.computing_s == pytest.approx(trial.n_hearings * 2 * ANSWER_S)


def test_a_word_counts_from_when_it_was_first_told_and_when_it_was_final() -> None:
    trial = LiveTrial(
        [
            told(300, ("on", False)),
            told(400, ("one", False)),
            told(700, ("one", True), ("two", False)),
            told(900, ("one", True), ("two", True), is_end=True),
        ]
    )
    spoken = [Word("One", 0, 250, 1.0), Word("two.", 300, 600, 1.0)]
    first, second = word_latencies(trial, spoken)
    assert (first.partial_ms, first.final_ms) == (150, 450)
    assert (second.partial_ms, second.final_ms) == (100, 300)


def test_words_that_were_told_otherwise_do_not_count() -> None:
    trial = LiveTrial([told(900, ("won", True), is_end=True)])
    assert word_latencies(trial, [Word("one", 0, 250, 1.0)]) == []


def test_a_final_word_that_changes_or_goes_is_retracted() -> None:
    changed = LiveTrial([told(1, ("one", True)), told(2, ("won", True))])
    gone = LiveTrial([told(1, ("one", True), ("two", True)), told(2, ("one", True))])
    kept = LiveTrial([told(1, ("one", True), ("to", False)), told(2, ("one", True), ("two", True))])
    assert [count_retracted(one) for one in (changed, gone, kept)] == [1, 1, 0]


def test_the_end_of_a_turn_counts_from_its_last_word_and_the_silence() -> None:
    trial = LiveTrial([told(1450, ("one", True), ("two", True), is_end=True)])
    spoken = [Word("one", 0, 250, 1.0), Word("two", 300, 1000, 1.0)]
    assert end_delays_ms(trial, spoken, 400) == [50]
