from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.recognition.recognizer import NO_HINTS, Effort, Hints, Recognition
from earshot.streaming.events import HearingWanted, LanguageHeard, SpeechStarted
from earshot.streaming.hearing_policy import HearingPolicy
from earshot.streaming.options import LiveOptions, TurnPolicy
from earshot.streaming.session import LiveSession
from earshot.streaming.turns import TurnModel
from earshot.testing import (
    WORD_TONES_HZ,
    LoudnessDetector,
    ScriptedRecognizer,
    ToneRecognizer,
    silence,
    spoken_tones,
)
from earshot.transcript.options import RedactionOptions, Vocabulary
from earshot.transcript.times import samples_to_ms
from tests.listener import Listener

BY_SILENCE = TurnPolicy(confidence_threshold=1.0, min_silence_ms=400, max_silence_ms=800)
OPTIONS = LiveOptions(turns=BY_SILENCE)
TWO_TURNS = spoken_tones("_ one two three four _ five six _")


def new_session(options: LiveOptions = OPTIONS, policy: HearingPolicy | None = None) -> LiveSession:
    return LiveSession(options, LoudnessDetector(), HearingPolicy() if policy is None else policy)


def transcripts(listener: Listener) -> list[str]:
    return [end.transcript for end in listener.ends]


def test_what_is_said_comes_back_in_turns() -> None:
    listener = Listener(new_session())
    listener.send_all(TWO_TURNS)
    assert transcripts(listener) == ["one two three four", "five six"]
    assert [end.turn_order for end in listener.ends] == [0, 1]
    assert listener.session.is_finished


def test_words_have_their_times_in_the_session() -> None:
    listener = Listener(new_session())
    listener.send_all(TWO_TURNS)
    first = listener.ends[0].words[0]
    assert first.start_ms == pytest.approx(1000, abs=25)
    assert first.end_ms == pytest.approx(1300, abs=25)


def test_words_are_told_while_they_are_spoken() -> None:
    listener = Listener(new_session())
    listener.send(spoken_tones("_ one two three four five six"))
    assert listener.ends == []
    assert listener.updates[-1].transcript.startswith("one two three")


def test_speech_is_announced_before_its_first_word() -> None:
    listener = Listener(new_session())
    listener.send_all(TWO_TURNS)
    assert isinstance(listener.told[0], SpeechStarted)
    assert listener.told[0].at_ms == pytest.approx(1000, abs=150)


def test_only_the_last_word_is_open_and_final_ones_never_change() -> None:
    listener = Listener(new_session())
    listener.send_all(spoken_tones("one two three four five six seven eight _ one two _"))
    for update in listener.updates:
        assert all(word.is_final for word in update.words[:-1])
    for before, after in pairwise(listener.updates):
        if before.turn_order == after.turn_order:
            finals = [word for word in before.words if word.is_final]
            assert list(after.words[: len(finals)]) == finals


def test_nothing_is_told_twice() -> None:
    listener = Listener(new_session())
    listener.send_all(TWO_TURNS)
    partials = [u.words for u in listener.updates if not u.is_end and not u.utterance]
    assert all(before != after for before, after in pairwise(partials))


@pytest.mark.parametrize("samples", [silence(5000), 0.0001 * np.ones(80_000, dtype=np.float32)])
def test_silence_gives_no_turn_and_wants_no_hearing(samples: Samples) -> None:
    listener = Listener(new_session())
    listener.send_all(samples)
    assert listener.told == []
    assert listener.wanted == []


def test_sound_without_words_gives_no_turn() -> None:
    listener = Listener(new_session(), ScriptedRecognizer(script=()))
    listener.send_all(TWO_TURNS)
    assert listener.updates == []


def test_a_formatted_turn_follows_the_plain_one_with_the_same_times() -> None:
    listener = Listener(new_session(replace(OPTIONS, formats_turns=True)))
    listener.send_all(spoken_tones("one two _"))
    plain, formatted = listener.ends
    assert (plain.is_formatted, plain.transcript) == (False, "one two")
    assert (formatted.is_formatted, formatted.transcript) == (True, "One two.")
    assert formatted.turn_order == plain.turn_order
    assert [(w.start_ms, w.end_ms) for w in formatted.words] == [
        (w.start_ms, w.end_ms) for w in plain.words
    ]


def test_the_longest_silence_ends_a_turn_of_which_nobody_is_sure() -> None:
    listener = Listener(new_session())
    listener.send(spoken_tones("one two"))
    listener.send(silence(BY_SILENCE.max_silence_ms - 60))
    assert listener.ends == []
    listener.send(silence(120))
    assert transcripts(listener) == ["one two"]


def test_the_shortest_silence_ends_a_turn_of_which_everybody_is_sure() -> None:
    sure = replace(OPTIONS, turns=replace(BY_SILENCE, confidence_threshold=0.0))
    listener = Listener(new_session(sure))
    listener.send(spoken_tones("one two"))
    listener.send(silence(340))
    assert listener.ends == []
    listener.send(silence(120))
    assert transcripts(listener) == ["one two"]


@pytest.mark.parametrize(("threshold", "n_ends"), [(0.0, 1), (1.0, 0)])
def test_the_extreme_thresholds_leave_it_to_the_shortest_and_to_the_longest_silence(
    threshold: float, n_ends: int
) -> None:
    """However little, or however much, the pause looks like an end."""
    policy = HearingPolicy(turn_model=TurnModel(bias=-30.0 if n_ends else 60.0))
    turns = replace(BY_SILENCE, confidence_threshold=threshold)
    listener = Listener(new_session(replace(OPTIONS, turns=turns), policy))
    listener.send(np.concatenate([spoken_tones("one two"), silence(500)]))
    assert len(listener.ends) == n_ends


def test_no_field_of_a_turn_has_profanity_where_it_is_filtered() -> None:
    recognizer = ScriptedRecognizer(script=("oh", "shit"))
    options = replace(OPTIONS, filters_profanity=True, formats_turns=True)
    listener = Listener(new_session(options), recognizer)
    listener.send_all(spoken_tones("one two _ _"))
    texts = {text for turn in listener.updates for text in (turn.transcript, turn.utterance)}
    assert "oh s***" in {turn.utterance for turn in listener.updates}
    assert not any("shit" in text for text in texts)


def test_a_pause_gives_the_utterance_once() -> None:
    listener = Listener(new_session())
    samples = [spoken_tones("one two"), silence(550), spoken_tones("three four _")]
    listener.send_all(np.concatenate(samples))
    assert [u.utterance for u in listener.updates if u.utterance] == ["one two", "three four"]
    assert transcripts(listener) == ["one two three four"]


def test_a_forced_endpoint_ends_the_turn_there_and_then() -> None:
    listener = Listener(new_session())
    listener.send(spoken_tones("one two three"))
    listener.take(listener.session.force_endpoint())
    assert transcripts(listener) == ["one two three"]
    listener.send_all(spoken_tones("four five _"))
    assert transcripts(listener) == ["one two three", "four five"]


def test_a_forced_endpoint_without_words_does_nothing() -> None:
    listener = Listener(new_session())
    listener.send(silence(1000))
    listener.take(listener.session.force_endpoint())
    assert listener.told == []


def test_the_end_of_the_audio_ends_the_turn() -> None:
    listener = Listener(new_session())
    listener.send_all(spoken_tones("one two three"))
    assert transcripts(listener) == ["one two three"]
    assert listener.session.is_finished


def test_a_session_waits_for_its_last_answer_before_it_is_finished() -> None:
    session = new_session()
    listener = Listener(session)
    listener.send(spoken_tones("one two"))
    (wanted,) = session.finish()
    assert isinstance(wanted, HearingWanted)
    assert wanted.is_urgent
    assert not session.is_finished
    (answer,) = ToneRecognizer().recognize([wanted.waveform])
    session.heard(wanted.request_id, answer)
    assert session.is_finished


def test_new_options_hold_from_where_they_are_given() -> None:
    listener = Listener(new_session())
    listener.send(spoken_tones("one two _"))
    vocabulary = Vocabulary(("Sonny",))
    changed = replace(OPTIONS, formats_turns=True, vocabulary=vocabulary)
    listener.take(listener.session.update(changed))
    listener.send_all(spoken_tones("three four _"))
    assert [end.is_formatted for end in listener.ends] == [False, False, True]
    assert {wanted.hints.vocabulary for wanted in listener.wanted} == {
        Vocabulary(),
        vocabulary,
    }


@pytest.mark.parametrize("filters", [True, False])
def test_profanity_is_filtered_anew_from_the_next_turn_on(filters: bool) -> None:
    before, after = (replace(OPTIONS, filters_profanity=one) for one in (not filters, filters))
    listener = Listener(new_session(before), ScriptedRecognizer(script=("shit", "happens")))
    listener.send(spoken_tones("one two three four"))
    assert listener.updates[-1].transcript
    listener.take(listener.session.update(after))
    listener.send_all(spoken_tones("_ _ _ one two _"))
    shown = ["shit", "s***"]
    for update in listener.updates:
        is_filtered = filters if update.turn_order else not filters
        assert update.transcript.startswith(shown[is_filtered]) or not update.transcript
    assert [end.transcript.split()[0] for end in listener.ends] == [
        shown[not filters],
        shown[filters],
    ]


def test_without_words_of_a_turn_profanity_is_filtered_at_once() -> None:
    listener = Listener(new_session(), ScriptedRecognizer(script=("shit", "happens")))
    listener.take(listener.session.update(replace(OPTIONS, filters_profanity=True)))
    listener.send_all(spoken_tones("one two _"))
    assert transcripts(listener) == ["s*** happens"]


def test_a_session_goes_on_without_an_answer_that_was_dropped() -> None:
    session, recognizer = new_session(), ToneRecognizer()
    pending = session.add_audio(TWO_TURNS) + session.finish()
    ends, n_dropped = [], 0
    while pending:
        event = pending.pop(0)
        if not isinstance(event, HearingWanted):
            ends += [event.transcript] if getattr(event, "is_end", False) else []  # type: ignore[union-attr]
        elif event.is_urgent:
            pending += session.heard(event.request_id, *recognizer.recognize([event.waveform]))
        else:
            n_dropped += 1
            pending += session.drop(event.request_id)
    assert n_dropped > 5
    assert ends == ["one two three four", "five six"]


def test_audio_that_comes_while_an_answer_is_awaited_is_not_lost() -> None:
    session, recognizer = new_session(), ToneRecognizer()
    waiting: HearingWanted | None = None
    ends: list[str] = []
    for start in range(0, len(TWO_TURNS), 800):
        events = session.add_audio(TWO_TURNS[start : start + 800])
        if waiting and start % 8000 == 0:
            events += session.heard(waiting.request_id, *recognizer.recognize([waiting.waveform]))
            waiting = None
        for event in events:
            if isinstance(event, HearingWanted):
                waiting = event
            elif getattr(event, "is_end", False):
                ends.append(event.transcript)  # type: ignore[union-attr]
    assert ends[:1] == ["one two three four"]


SHORT_TURNS = HearingPolicy(long_turn_words=12, max_turn_words=16)
ENDLESS = " ".join(["one two three four five six seven eight"] * 8)


@pytest.mark.parametrize("gap_ms", [0, 40, 100])
def test_a_turn_without_an_end_ends_by_itself_and_no_word_is_lost_or_doubled(gap_ms: int) -> None:
    listener = Listener(new_session(replace(OPTIONS, formats_turns=True), SHORT_TURNS))
    listener.send_all(spoken_tones(ENDLESS, gap_ms=gap_ms))
    plain = [end for end in listener.ends if not end.is_formatted]
    assert " ".join(end.transcript for end in plain) == ENDLESS
    assert [end.turn_order for end in listener.ends] == [n // 2 for n in range(2 * len(plain))]
    words = [word for end in plain for word in end.words]
    assert all(before.end_ms <= after.start_ms for before, after in pairwise(words))
    told_at_once = 8  # words that become final together
    most = SHORT_TURNS.max_turn_words + told_at_once
    assert max(len(update.words) for update in listener.updates) <= most
    assert min(len(end.words) for end in plain[:-1]) >= SHORT_TURNS.long_turn_words


def test_of_a_turn_that_ends_by_itself_no_final_word_changes() -> None:
    listener = Listener(new_session(policy=SHORT_TURNS))
    listener.send_all(spoken_tones(ENDLESS))
    for before, after in pairwise(listener.updates):
        finals = [word for word in before.words if word.is_final]
        assert before.is_end or list(after.words[: len(finals)]) == finals
        assert after.turn_order == before.turn_order + before.is_end
        assert all(word.is_final for word in (before if before.is_end else after).words[:-1])


def test_a_long_turn_ends_in_its_next_pause_however_short() -> None:
    listener = Listener(new_session(policy=replace(SHORT_TURNS, max_turn_words=100)))
    long, short = ("one two three four five six seven eight " * 2).strip(), "one two"
    pause = silence(BY_SILENCE.min_silence_ms - 50)
    listener.send_all(np.concatenate([spoken_tones(long), pause, spoken_tones(short)]))
    assert transcripts(listener) == [long, short]


@pytest.mark.slow
def test_a_long_turn_is_heard_in_short_windows_and_in_little_memory() -> None:
    text = " ".join(["one two three four five six seven eight"] * 60)  # 163 s without a pause
    policy = HearingPolicy()
    listener = Listener(new_session(policy=policy))
    listener.send_all(spoken_tones(text), chunk_samples=16_000)
    assert len(transcripts(listener)) > 1
    assert " ".join(transcripts(listener)) == text
    longest_ms = max(wanted.waveform.duration_ms for wanted in listener.wanted)
    step_ms = policy.step_frames * 32
    assert longest_ms <= policy.max_window_ms + step_ms
    assert listener.session.held_samples <= 4 * policy.max_window_ms * SAMPLE_RATE // 1000


def test_memory_stays_small_through_turns_with_short_pauses_between() -> None:
    listener = Listener(new_session())
    for _ in range(60):
        listener.send(spoken_tones("one two three _"), chunk_samples=8000)
    assert listener.session.held_samples < 30 * SAMPLE_RATE


def test_memory_stays_the_same_through_hours_of_silence() -> None:
    listener = Listener(new_session())
    for _ in range(600):
        listener.send(silence(1000), chunk_samples=16_000)
    assert listener.session.held_samples <= 10 * SAMPLE_RATE


def test_faint_speech_is_raised_before_it_is_heard() -> None:
    listener = Listener(LiveSession(OPTIONS, LoudnessDetector(threshold=0.001)))
    listener.send_all(0.01 * TWO_TURNS)
    assert all(np.abs(wanted.waveform.samples).max() > 0.02 for wanted in listener.wanted)


def test_what_is_expected_is_what_was_heard_before() -> None:
    listener = Listener(new_session())
    listener.send_all(spoken_tones("one two three four _"))
    assert listener.wanted[0].draft.words == ()
    assert listener.wanted[-1].draft.words[:2] == ("One", "two")


class ChangesItsMind(ToneRecognizer):
    """Hears "won" for the first word once a lot has been said after it."""

    @override
    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        (answer,) = super().recognize(segments, hints)
        if len(answer.words) < 5:
            return [answer]
        first, *rest = answer.words
        return [replace(answer, words=(replace(first, text="Won"), *rest))]


def test_what_is_expected_is_what_the_recognizer_said_where_final_words_say_otherwise() -> None:
    listener = Listener(new_session(), ChangesItsMind())
    listener.send_all(spoken_tones("one two three four five six seven eight _"))
    assert transcripts(listener)[0].startswith("one two")
    assert listener.wanted[-1].draft.words[:2] == ("Won", "two")


def test_after_a_short_pause_the_turn_before_is_heard_again_but_not_told_again() -> None:
    sure = replace(OPTIONS, turns=replace(BY_SILENCE, confidence_threshold=0.0))
    listener = Listener(new_session(sure))
    samples = [spoken_tones("one two"), silence(600), spoken_tones("two two three"), silence(900)]
    listener.send_all(np.concatenate(samples))
    assert transcripts(listener) == ["one two", "two two three"]
    assert listener.wanted[-1].draft.words[:3] == ("One", "two", "two")


def test_after_a_long_pause_only_the_new_turn_is_heard() -> None:
    listener = Listener(new_session())
    listener.send_all(spoken_tones("one two _ _ _ three four _"))
    assert transcripts(listener) == ["one two", "three four"]
    assert listener.wanted[-1].waveform.duration_ms < 2000


def test_speech_that_goes_on_after_a_forced_endpoint_is_announced_from_there() -> None:
    listener = Listener(new_session())
    listener.send(spoken_tones("one two three", gap_ms=0))
    forced_ms = samples_to_ms(listener.session.received_samples, SAMPLE_RATE)
    listener.take(listener.session.force_endpoint())
    listener.send_all(spoken_tones("four five _", gap_ms=0))
    starts = [one.at_ms for one in listener.told if isinstance(one, SpeechStarted)]
    assert starts[1] >= forced_ms
    assert transcripts(listener) == ["one two three", "four five"]


class DoubtfulRecognizer(ToneRecognizer):
    """Sure of nothing."""

    @override
    def _recognize_one(self, segment: Waveform) -> Recognition:
        sure = ToneRecognizer._recognize_one(self, segment)
        return replace(sure, words=tuple(replace(word, confidence=0.2) for word in sure.words))


def test_words_of_little_confidence_are_final_at_the_end_of_the_turn_at_last() -> None:
    listener = Listener(new_session(), DoubtfulRecognizer())
    listener.send_all(TWO_TURNS)
    assert transcripts(listener) == ["one two three four", "five six"]


@dataclass(frozen=True, slots=True)
class NotingRecognizer(DoubtfulRecognizer):
    """Notes how much effort it was asked for."""

    efforts: list[Effort] = field(default_factory=list)

    @override
    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        self.efforts.extend([hints.effort] * len(segments))
        return DoubtfulRecognizer.recognize(self, segments, hints)


def test_more_time_is_taken_where_doubted_words_may_become_final() -> None:
    speech = spoken_tones("one two three four five six one two three four five six _")
    doubtful = NotingRecognizer()
    Listener(new_session(), doubtful).send_all(speech)
    # 2 s after the first word it may become final, and at the end all of them.
    assert doubtful.efforts[:4] == [Effort.USUAL] * 4
    assert doubtful.efforts[-1] is Effort.MOST
    assert doubtful.efforts.count(Effort.MORE) > 2


def test_while_all_words_are_sure_only_the_end_of_a_turn_takes_more_time() -> None:
    wanted: list[HearingWanted] = []
    session = new_session()
    sure = ToneRecognizer()
    events = session.add_audio(spoken_tones("one two three four five six _"))
    while events:
        asked = [event for event in events if isinstance(event, HearingWanted)]
        wanted += asked
        events = [
            event
            for one in asked
            for event in session.heard(one.request_id, sure.recognize([one.waveform])[0])
        ]
    assert len(wanted) > 4
    efforts = [Effort.MOST if one.is_urgent else Effort.USUAL for one in wanted]
    assert [one.hints.effort for one in wanted] == efforts


class HastyRecognizer(ToneRecognizer):
    """Places what follows a pause right behind the word before it."""

    @override
    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        return [self._hasten(one) for one in super().recognize(segments, hints)]

    def _hasten(self, recognition: Recognition) -> Recognition:
        words = list(recognition.words)
        for place, (before, word) in enumerate(pairwise(words), start=1):
            if word.start_ms - before.end_ms > 500:
                end_ms = before.end_ms + word.end_ms - word.start_ms
                words[place] = replace(word, start_ms=before.end_ms, end_ms=end_ms)
        return replace(recognition, words=tuple(words))


def test_no_word_begins_before_its_turn() -> None:
    listener = Listener(new_session(), HastyRecognizer())
    listener.send_all(TWO_TURNS)
    assert transcripts(listener) == ["one two three four", "five six"]
    first, second = listener.ends
    begins = [told.at_ms for told in listener.told if isinstance(told, SpeechStarted)]
    assert second.words[0].start_ms >= begins[1] - HearingPolicy().lead_ms > first.words[-1].end_ms


@st.composite
def conversations(draw: st.DrawFn) -> Samples:
    words = st.sampled_from(list(WORD_TONES_HZ))
    pauses_ms = st.sampled_from([200, 500, 900, 1500])
    pieces = [silence(draw(st.integers(0, 400)))]
    for _ in range(draw(st.integers(1, 3))):
        text = " ".join(draw(st.lists(words, min_size=1, max_size=8)))
        pieces += [spoken_tones(text), silence(draw(pauses_ms))]
    return np.concatenate(pieces)


@settings(max_examples=25, deadline=None)
@given(
    samples=conversations(),
    sizes=st.lists(st.integers(1, 20_000), min_size=1, max_size=8),
    forced_at=st.none() | st.integers(0, 40_000),
)
def test_chunks_of_any_size_give_the_same_turns(
    samples: Samples, sizes: list[int], forced_at: int | None
) -> None:
    options = LiveOptions(formats_turns=True)

    def hear(sizes: list[int]) -> Listener:
        listener = Listener(new_session(options))
        at, turn = 0, 0
        while at < len(samples):
            end = min(len(samples), at + sizes[turn % len(sizes)])
            if forced_at is not None and at < forced_at < end:
                end = forced_at
            listener.take(listener.session.add_audio(samples[at:end]))
            if end == forced_at:
                listener.take(listener.session.force_endpoint())
            at, turn = end, turn + 1
        listener.take(listener.session.finish())
        return listener

    in_chunks, at_once = hear(sizes), hear([max(1, len(samples))])
    assert in_chunks.told == at_once.told
    assert [end.turn_order for end in in_chunks.ends if not end.is_formatted] == list(
        range(len(in_chunks.ends) // 2)
    )


class GermanToneRecognizer(ToneRecognizer):
    """Hears tones, and German in all of them."""

    @override
    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        languages = {"en": 0.2, "de": 0.8}
        heard = super().recognize(segments, hints)
        return [replace(one, languages=languages) if one.words else one for one in heard]


def test_a_language_is_told_at_utterances_and_ends_where_it_was_asked_for() -> None:
    options = replace(OPTIONS, detects_language=True, formats_turns=True)
    listener = Listener(new_session(options), GermanToneRecognizer())
    listener.send_all(spoken_tones("_ one two three four _ five six _"))
    told = [update for update in listener.updates if update.language is not None]
    assert told == [update for update in listener.updates if update.is_end or update.utterance]
    assert {update.language for update in told} == {LanguageHeard("de", 0.8)}
    assert len(told) >= 4
    asked = [wanted for wanted in listener.wanted if wanted.asks_language]
    assert 0 < len(asked) < len(listener.wanted)
    assert all(wanted.asks_language for wanted in listener.wanted if wanted.is_urgent)


def test_a_language_is_not_asked_for_by_default() -> None:
    listener = Listener(new_session(), GermanToneRecognizer())
    listener.send_all(TWO_TURNS)
    assert not any(wanted.asks_language for wanted in listener.wanted)
    assert {update.language for update in listener.updates} == {None}


REDACTED = replace(OPTIONS, redaction=RedactionOptions(("number_sequence",)))


def test_with_redaction_a_turn_may_be_longer_as_only_its_end_is_told() -> None:
    policy = replace(SHORT_TURNS, max_redacted_words=40)
    listener = Listener(new_session(REDACTED, policy))
    pause = silence(BY_SILENCE.min_silence_ms - 50)
    listener.send_all(np.concatenate([spoken_tones(ENDLESS), pause, spoken_tones("one")]))
    assert " ".join(transcripts(listener)) == f"{ENDLESS} one"
    assert [len(end.words) // 40 for end in listener.ends] == [1, 0]


def test_with_redaction_nothing_is_told_of_a_turn_before_its_end_and_that_is_marked() -> None:
    listener = Listener(new_session(replace(REDACTED, formats_turns=True)))
    listener.send_all(spoken_tones("_ one two three _ _ one two _"))
    assert listener.updates == listener.ends
    assert [end.is_formatted for end in listener.ends] == [False, True] * 2
    for end in listener.ends:
        assert end.written is not None
    assert [word.text for word in listener.ends[0].written or ()] == ["One", "two", "three."]
    assert isinstance(listener.told[0], SpeechStarted)


def test_without_redaction_there_are_no_words_to_be_looked_at_before_a_turn_is_told() -> None:
    listener = Listener(new_session(replace(OPTIONS, formats_turns=True)))
    listener.send_all(TWO_TURNS)
    assert {end.written for end in listener.ends} == {None}


def test_an_utterance_that_a_pause_has_ended_is_not_told_with_redaction() -> None:
    patient = TurnPolicy(confidence_threshold=1.0, min_silence_ms=200, max_silence_ms=3_000)
    listener = Listener(new_session(replace(REDACTED, turns=patient)))
    listener.send_all(spoken_tones("_ one two three _ one two _ _ _ _"))
    (end,) = listener.updates
    assert end.is_end
    assert end.utterance == end.transcript


def test_other_options_do_not_end_redaction() -> None:
    listener = Listener(new_session(REDACTED))
    listener.take(listener.session.update(OPTIONS))
    listener.send_all(spoken_tones("_ one two three _ _"))
    (end,) = listener.updates
    assert end.written is not None
