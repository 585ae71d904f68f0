from dataclasses import replace

from typing_extensions import override

from earshot.audio.waveform import SAMPLE_RATE
from earshot.streaming.events import SecretsWanted, SpeakersRevised, SpeechStarted
from earshot.streaming.labelled_session import LabelledSession
from earshot.streaming.options import LiveOptions, TurnPolicy
from earshot.streaming.redacted_session import (
    CONTEXT_MS,
    CONTEXT_WORDS,
    MAX_KNOWN,
    RedactedSession,
)
from earshot.streaming.redaction import TurnSecrets, find_turn_secrets
from earshot.streaming.session import LiveSession
from earshot.testing import LoudnessDetector, silence, spoken_tones
from earshot.transcript.options import OwnTerms, RedactionOptions
from tests.listener import Listener, NumbersAreNames

BY_SILENCE = TurnPolicy(confidence_threshold=1.0, min_silence_ms=400, max_silence_ms=800)
NUMBER = "one two three four five six seven eight one two three four"
NAMES = RedactionOptions(("person_name",))
SEQUENCES = RedactionOptions(("number_sequence",))


def new_session(redaction: RedactionOptions, *, formats: bool = False) -> RedactedSession:
    options = LiveOptions(turns=BY_SILENCE, formats_turns=formats, redaction=redaction)
    return RedactedSession(LiveSession(options, LoudnessDetector()), redaction)


class SlowListener(Listener):
    """Keeps what is wanted of secrets until it is asked to answer."""

    def __init__(self, session: RedactedSession) -> None:
        super().__init__(session)
        self.secrets: list[SecretsWanted] = []

    @override
    def answer_secrets(self, wanted: SecretsWanted) -> None:
        self.secrets.append(wanted)

    def answer_one(self) -> None:
        assert isinstance(self.session, RedactedSession)
        wanted = self.secrets.pop()
        found = find_turn_secrets(wanted, NumbersAreNames())
        self.take(self.session.secrets_found(wanted.request_id, found))


class KeepingListener(Listener):
    """Answers at once, and keeps what it was asked."""

    def __init__(self, session: RedactedSession) -> None:
        super().__init__(session)
        self.answered: list[SecretsWanted] = []

    @override
    def answer_secrets(self, wanted: SecretsWanted) -> None:
        self.answered.append(wanted)
        super().answer_secrets(wanted)


def test_ends_are_told_in_both_forms_without_the_secret() -> None:
    listener = Listener(new_session(SEQUENCES, formats=True))
    listener.send_all(spoken_tones(f"_ {NUMBER} _ _ one two _"))
    assert [end.is_formatted for end in listener.updates] == [False, True] * 2
    for end in listener.ends[:2]:
        assert end.transcript.strip("#. ") == ""
    assert listener.ends[0].utterance == listener.ends[0].transcript
    assert listener.ends[1].utterance == ""
    assert {end.written for end in listener.ends} == {None}


def test_what_a_tagger_finds_is_hidden() -> None:
    listener = Listener(new_session(NAMES))
    listener.send_all(spoken_tones("_ one two three _ _"))
    assert [end.transcript for end in listener.ends] == ["one ### three"]


def test_nothing_of_a_turn_is_told_before_its_secrets_are_found_and_nothing_after_it() -> None:
    listener = SlowListener(new_session(NAMES, formats=True))
    listener.send_all(spoken_tones("_ one two _ _ five _ _"))
    assert [type(told) for told in listener.told] == [SpeechStarted]
    assert len(listener.secrets) == 1
    listener.answer_one()
    assert [end.transcript for end in listener.ends] == ["one ###", "One ###."]
    assert not listener.session.is_finished
    listener.answer_one()
    assert [end.transcript for end in listener.ends] == ["one ###", "One ###.", "five", "Five."]
    kinds = [type(told) for told in listener.told]
    assert kinds.index(SpeechStarted, 1) == 3
    assert listener.session.is_finished


def test_hearing_does_not_wait_for_secrets() -> None:
    listener = SlowListener(new_session(NAMES))
    listener.send_all(spoken_tones("_ one two _ _ five _ _"))
    assert len(listener.secrets) == 1
    assert listener.wanted[-1].wanted_at_samples > 3 * SAMPLE_RATE


def test_a_turn_is_looked_at_with_what_was_said_before_it() -> None:
    listener = KeepingListener(new_session(NAMES))
    listener.send(spoken_tones("_ one two _ _ five _ _"))
    said = [word.text.lower().strip(".") for word in listener.answered[1].spoken.before]
    assert said == ["one", "two"]
    assert [word.text for word in listener.answered[1].written.before] == ["One", "two."]
    listener.send(silence(CONTEXT_MS))
    listener.send_all(spoken_tones("three _ _"))
    assert listener.answered[2].spoken.before == ()


def test_so_much_context_is_enough() -> None:
    listener = KeepingListener(new_session(NAMES))
    listener.send_all(spoken_tones(" _ _ ".join(["one two three one two three"] * 20), word_ms=80))
    assert 0 < max(len(wanted.spoken.before) for wanted in listener.answered) <= CONTEXT_WORDS


def test_a_secret_is_hidden_wherever_it_is_said_again_in_the_session() -> None:
    listener = Listener(new_session(RedactionOptions(("us_social_security_number",))))
    listener.send(spoken_tones("_ one two three four five six seven eight one _ _"))
    listener.send(silence(CONTEXT_MS))
    listener.send_all(spoken_tones("five three six seven eight one _ _"))
    assert [end.transcript for end in listener.ends][1] == "five three ### ##### ##### ###"


def test_so_many_secrets_are_remembered_and_no_more() -> None:
    session = new_session(NAMES)
    listener = SlowListener(session)
    listener.send(spoken_tones("_ one _ _ two _ _"))
    many = tuple((str(number), "password") for number in range(MAX_KNOWN + 5))
    listener.take(session.secrets_found(1, TurnSecrets((), many)))
    assert listener.secrets[-1].known == many[5:]


def test_a_number_that_goes_on_in_the_next_turn_is_hidden_there() -> None:
    listener = Listener(new_session(SEQUENCES))
    listener.send_all(spoken_tones("_ one two three four five six seven _ _ eight one two _ _"))
    assert listener.ends[1].transcript.strip("# ") == ""


def test_other_options_do_not_end_redaction() -> None:
    listener = Listener(new_session(NAMES))
    listener.take(listener.session.update(LiveOptions(turns=BY_SILENCE)))
    listener.send_all(spoken_tones("_ one two _ _"))
    assert [end.transcript for end in listener.ends] == ["one ###"]


def test_neither_turns_nor_revisions_show_what_is_hidden() -> None:
    redaction = replace(NAMES, own_terms=(OwnTerms("digit", ("one",)),))
    options = LiveOptions(turns=BY_SILENCE, speaker_labels=True, redaction=redaction)
    labelled = LabelledSession(LiveSession(options, LoudnessDetector()))
    listener = Listener(RedactedSession(labelled, redaction), labelled=labelled)
    listener.send_all(spoken_tones("two _ _ one two three one two three _"))
    (revised,) = (one for one in listener.told if isinstance(one, SpeakersRevised))
    assert [word.text for one in revised.revisions for word in one.words] == ["###"]
    texts = {word.text for update in listener.updates for word in update.words}
    assert texts == {"###", "three"}
    assert listener.ends[-1].speaker_label == "A"
    assert listener.session.is_finished
