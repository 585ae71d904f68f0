from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from earshot.audio.waveform import SAMPLE_RATE, Samples
from earshot.streaming.events import (
    Event,
    SpeakersRevised,
    SpeakersWanted,
    VoicesWanted,
)
from earshot.streaming.hearing_policy import HearingPolicy
from earshot.streaming.labelled_session import LabelledSession
from earshot.streaming.labels import UNKNOWN
from earshot.streaming.options import LiveOptions, TurnPolicy
from earshot.streaming.session import LiveSession
from earshot.streaming.shared_voices import attribute_words
from earshot.testing import LoudnessDetector, silence, spoken_tones
from tests.listener import Listener

BY_SILENCE = TurnPolicy(confidence_threshold=1.0, min_silence_ms=400, max_silence_ms=800)
LOW = "one two three one two three"
HIGH = "five six five six five six"


def new_session(max_speakers: int | None = None, *, formats: bool = False) -> LabelledSession:
    options = LiveOptions(turns=BY_SILENCE, formats_turns=formats, speaker_labels=True)
    return LabelledSession(LiveSession(options, LoudnessDetector()), max_speakers)


class SlowListener(Listener):
    """Keeps what is wanted of voices until it is asked to answer."""

    def __init__(self, session: LabelledSession) -> None:
        super().__init__(session)
        self.voices: list[VoicesWanted] = []
        self.speakers: list[SpeakersWanted] = []

    @override
    def answer_voices(self, wanted: VoicesWanted) -> None:
        self.voices.append(wanted)

    @override
    def answer_speakers(self, wanted: SpeakersWanted) -> None:
        self.speakers.append(wanted)


def labels(listener: Listener) -> list[str | None]:
    return [end.speaker_label for end in listener.ends]


def revisions(listener: Listener) -> list[SpeakersRevised]:
    return [one for one in listener.told if isinstance(one, SpeakersRevised)]


def test_turns_carry_speakers_who_are_called_the_same_throughout() -> None:
    listener = Listener(new_session())
    listener.send_all(spoken_tones(f"{LOW} _ {HIGH} _ {LOW} _"))
    assert labels(listener) == ["A", "B", "A"]
    assert {word.speaker for word in listener.ends[1].words} == {"B"}
    assert revisions(listener) == []
    assert listener.session.is_finished


def test_a_turn_of_two_speakers_is_split_by_words() -> None:
    listener = Listener(new_session())
    listener.send_all(spoken_tones(f"{LOW} {HIGH} five _"))
    (end,) = listener.ends
    assert end.speaker_label == "B"
    assert [word.speaker for word in end.words] == ["A"] * 6 + ["B"] * 7


def test_turns_that_are_cut_in_the_middle_of_speech_have_their_speakers() -> None:
    options = LiveOptions(turns=BY_SILENCE, speaker_labels=True)
    policy = HearingPolicy(long_turn_words=12, max_turn_words=16)
    session = LabelledSession(LiveSession(options, LoudnessDetector(), policy))
    listener = Listener(session)
    text = " ".join([LOW] * 4 + [HIGH] * 4)
    listener.send_all(spoken_tones(text))
    assert " ".join(end.transcript for end in listener.ends) == text
    assert labels(listener)[0] == "A"
    assert labels(listener)[-1] == "B"
    words = [word for end in listener.ends for word in end.words]
    assert [word.speaker for word in words] == ["A"] * 24 + ["B"] * 24


@pytest.mark.parametrize(("n_words", "max_turn_words"), [(9, 6), (11, 4), (11, 8)])
def test_words_that_a_cut_leaves_to_the_next_turn_keep_their_voice(
    n_words: int, max_turn_words: int
) -> None:
    policy = HearingPolicy(long_turn_words=1000, max_turn_words=max_turn_words)
    session = LiveSession(LiveOptions(speaker_labels=True), LoudnessDetector(), policy)
    listener = Listener(LabelledSession(session))
    listener.send_all(spoken_tones(" ".join(["one"] * n_words)))
    assert len(listener.ends[-1].words) == 2
    assert set(labels(listener)) == {"A"}


def test_the_formatted_turn_has_the_speakers_of_the_plain_one() -> None:
    listener = Listener(new_session(formats=True))
    listener.send_all(spoken_tones(f"{LOW} _ {HIGH} _"))
    assert labels(listener) == ["A", "A", "B", "B"]
    assert [word.speaker for word in listener.ends[3].words] == ["B"] * len(listener.ends[3].words)


def test_a_word_of_a_voice_not_heard_before_is_unknown_until_the_end() -> None:
    listener = Listener(new_session())
    listener.send_all(spoken_tones(f"one _ _ {LOW} _"))
    assert labels(listener) == [UNKNOWN, "A"]
    ((revision,),) = (one.revisions for one in revisions(listener))
    assert (revision.turn_order, revision.speaker_label) == (0, "A")
    assert [word.speaker for word in revision.words] == ["A"]
    assert isinstance(listener.told[-1], SpeakersRevised)


def test_words_that_are_open_have_no_speaker_yet() -> None:
    listener = Listener(new_session())
    listener.send_all(spoken_tones(f"{LOW} _"))
    partials = [update for update in listener.updates if not update.is_end]
    assert partials
    assert all(word.speaker is None for update in partials for word in update.words)


def test_no_more_speakers_are_told_than_there_may_be() -> None:
    listener = Listener(new_session(max_speakers=1))
    listener.send_all(spoken_tones(f"{LOW} _ {HIGH} _"))
    assert labels(listener) == ["A", "A"]
    assert revisions(listener) == []


def test_silence_wants_no_voices_and_revises_nothing() -> None:
    listener = SlowListener(new_session())
    listener.send_all(silence(5000))
    assert (listener.voices, listener.speakers, listener.told) == ([], [], [])
    assert listener.session.is_finished


def test_words_are_wanted_and_told_while_voices_are_awaited() -> None:
    listener = SlowListener(new_session())
    listener.send(spoken_tones(f"{LOW} _ {HIGH}"))
    assert listener.ends == []
    assert any(not update.is_end for update in listener.updates)
    n_held = len(listener.told)
    assert listener.wanted[-1].wanted_at_samples > 3.5 * SAMPLE_RATE
    Listener.answer_voices(listener, listener.voices[0])
    assert labels(listener) == ["A"]
    assert len(listener.told) > n_held + 1  # what was held behind the end, in its order


def test_a_turn_goes_on_without_voices_that_do_not_come_and_they_count_at_the_end() -> None:
    listener = SlowListener(new_session())
    session = listener.session
    assert isinstance(session, LabelledSession)
    listener.send(spoken_tones(f"{LOW} _"))
    listener.take(session.leave(listener.voices[0].request_id))
    assert labels(listener) == [UNKNOWN]
    Listener.answer_voices(listener, listener.voices[0])
    listener.take(session.finish())
    (wanted,) = listener.speakers
    assert not session.is_finished
    listener.take(session.speakers_found(wanted.request_id, attribute_words(wanted)))
    assert listener.session.is_finished
    assert revisions(listener)[0].revisions[0].speaker_label == "A"


def test_a_revision_that_does_not_come_is_gone_on_without() -> None:
    listener = SlowListener(new_session())
    session = listener.session
    assert isinstance(session, LabelledSession)
    listener.send(spoken_tones(f"{LOW} _"))
    Listener.answer_voices(listener, listener.voices[0])
    listener.take(session.finish())
    (wanted,) = listener.speakers
    listener.take(session.leave(wanted.request_id))
    assert session.is_finished
    assert session.speakers_found(wanted.request_id, [0] * 6) == []


def test_answers_in_any_order_give_the_same_labels() -> None:
    listener = SlowListener(new_session())
    listener.send(spoken_tones(f"{LOW} _ {HIGH} _"))
    for wanted in reversed(listener.voices):
        Listener.answer_voices(listener, wanted)
    assert labels(listener) == ["A", "B"]


@st.composite
def conversations(draw: st.DrawFn) -> Samples:
    pauses_ms = st.sampled_from([200, 500, 900, 1500])
    pieces = [silence(draw(st.integers(0, 400)))]
    for _ in range(draw(st.integers(1, 3))):
        words = draw(st.sampled_from([["one", "two", "three"], ["five", "six", "seven"]]))
        text = draw(st.lists(st.sampled_from(words), min_size=1, max_size=6))
        pieces += [spoken_tones(" ".join(text)), silence(draw(pauses_ms))]
    return np.concatenate(pieces)


def told_of(samples: Samples, sizes: Sequence[int]) -> list[Event]:
    listener = Listener(new_session(formats=True))
    at = 0
    while at < len(samples):
        size = sizes[at % len(sizes)]
        listener.take(listener.session.add_audio(samples[at : at + size]))
        at += size
    listener.take(listener.session.finish())
    return listener.told


@settings(max_examples=12, deadline=None)
@given(samples=conversations(), sizes=st.lists(st.integers(200, 20_000), min_size=1, max_size=6))
def test_chunks_of_any_size_give_the_same_labels(samples: Samples, sizes: list[int]) -> None:
    assert told_of(samples, sizes) == told_of(samples, [800])


@pytest.mark.slow
def test_memory_stays_small_through_minutes_of_talk() -> None:
    listener = Listener(new_session())
    talk = spoken_tones(f"{LOW} _ {HIGH} _")
    for _ in range(300 * SAMPLE_RATE // len(talk)):
        listener.send(talk, chunk_samples=8000)
        listener.wanted.clear()
    assert listener.session.held_samples < 60 * SAMPLE_RATE
    assert set(labels(listener)) == {"A", "B"}
