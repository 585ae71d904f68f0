from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from earshot.diarization.diarizer import Embedding, Stretch, Track
from earshot.diarization.known_voices import KnownVoice
from earshot.pipeline.assembly import (
    UTTERANCE_PAUSE_MS,
    Recording,
    assemble_transcript,
    gather_utterances,
)
from earshot.pipeline.known_voices import KnownVoices
from earshot.pipeline.plan import Plan
from earshot.pipeline.voices import Voices
from earshot.transcript.options import (
    LanguageDetection,
    SpeakerOptions,
    SpellingRule,
    TranscriptOptions,
)
from earshot.transcript.words import Word


def said(text: str, start_ms: int, *, channel: int | None = None) -> list[Word]:
    """Words of 200 ms that follow one another."""
    return [
        Word(word, start_ms + 200 * i, start_ms + 200 * i + 200, 0.9, channel=channel)
        for i, word in enumerate(text.split())
    ]


PLAN = Plan("en_uk", "scripted")
MIXED = Recording(duration_ms=5000, n_channels=None, warnings=())


class TestAssembleTranscript:
    def test_a_mixed_recording_has_words_and_no_utterances(self) -> None:
        result = assemble_transcript(said("Well said.", 0), MIXED, TranscriptOptions(), PLAN)
        assert result.text == "Well said."
        assert result.utterances is None
        assert result.n_channels is None
        assert result.engine == "scripted"

    def test_what_is_known_of_the_recording_is_in_the_result(self) -> None:
        recording = Recording(duration_ms=1234, n_channels=2, warnings=("It breaks off.",))
        options = TranscriptOptions(language_code="en_uk")
        deaf = replace(PLAN, ignores_vocabulary=True)
        result = assemble_transcript([], recording, options, deaf)
        assert (result.duration_ms, result.n_channels) == (1234, 2)
        assert result.warnings == ("It breaks off.", *deaf.warnings)
        assert result.language_code == "en_uk"
        assert result.utterances == ()
        assert result.confidence == 0.0

    def test_words_are_formatted_as_the_options_say(self) -> None:
        options = TranscriptOptions(
            punctuate=False,
            format_text=False,
            custom_spelling=(SpellingRule(("said",), "SAID"),),
        )
        words = said("Well, um, said.", 0)
        result = assemble_transcript(words, MIXED, options, PLAN)
        assert result.text == "well SAID"

    def test_words_are_formatted_by_the_language_that_was_found_out(self) -> None:
        # "um" is a word in German, and a filler in English.
        options = TranscriptOptions(language_detection=LanguageDetection())
        words = said("Es geht um uns.", 0)
        german = assemble_transcript(words, MIXED, options, Plan("de", "scripted"))
        assert german.text == "Es geht um uns."
        english = assemble_transcript(words, MIXED, options, Plan("en", "scripted"))
        assert english.text == "Es geht uns."

    def test_a_translation_is_formatted_by_the_language_that_it_is_in(self) -> None:
        options = TranscriptOptions(language_code="de", translate_to="en")
        words = said("It is, um, about us.", 0)
        plan = Plan("de", "scripted")
        translated = assemble_transcript(words, MIXED, options, plan)
        assert (translated.text, translated.language_code) == ("It is about us.", "de")
        untranslated = replace(plan, ignores_translation=True)
        kept = assemble_transcript(words, MIXED, options, untranslated)
        assert kept.text == "It is, um, about us."

    def test_words_of_all_channels_are_by_start_time(self) -> None:
        words = [*said("one two", 1000, channel=1), *said("uno due", 900, channel=2)]
        recording = Recording(duration_ms=5000, n_channels=2, warnings=())
        result = assemble_transcript(words, recording, TranscriptOptions(), PLAN)
        starts_ms = [word.start_ms for word in result.words]
        assert starts_ms == sorted(starts_ms)
        assert result.utterances is not None
        assert [utterance.channel for utterance in result.utterances] == [2, 1]


class TestSpeakers:
    asking = TranscriptOptions(speakers=SpeakerOptions())

    def test_labels_are_by_the_first_word_that_is_left(self) -> None:
        words = [*said("Um,", 0), *said("well said.", 1000), *said("Indeed.", 3000)]
        voices = [
            Voices(
                None,
                tuple(voice(pitch, start_ms) for pitch, start_ms in enumerate((0, 1000, 3000))),
            )
        ]
        result = assemble_transcript(words, MIXED, self.asking, PLAN, voices)
        assert [(w.text, w.speaker) for w in result.words] == [
            ("Well", "A"),
            ("said.", "A"),
            ("Indeed.", "B"),
        ]

    def test_no_number_is_made_of_what_two_people_said(self) -> None:
        words = [*said("Twenty", 0), *said("five", 2000)]
        voices = [Voices(None, (voice(0, 0), voice(1, 2000)))]
        result = assemble_transcript(words, MIXED, self.asking, PLAN, voices)
        assert [w.speaker for w in result.words] == ["A", "B"]

    def test_without_punctuation_and_format_words_have_the_same_speakers(self) -> None:
        words = [*said("I will go.", 0), *said("You will stay.", 600)]
        voices = [Voices(None, (voice(0, 0, 800), voice(1, 800, 1200)))]
        bare = replace(self.asking, punctuate=False, format_text=False)
        result = assemble_transcript(words, MIXED, bare, PLAN, voices)
        assert result.utterances is not None
        assert [u.text for u in result.utterances] == ["i will go", "you will stay"]

    def test_a_long_monologue_is_one_utterance(self) -> None:
        words = [
            word for start_ms in range(0, 600_000, 2000) for word in said("On and on.", start_ms)
        ]
        voices = [Voices(None, (voice(0, 0, 600_000),))]
        result = assemble_transcript(words, MIXED, self.asking, PLAN, voices)
        assert result.utterances is not None
        (utterance,) = result.utterances
        assert len(utterance.words) == len(words)

    def test_known_voices_are_named_beside_the_labels(self) -> None:
        words = [*said("Um,", 0), *said("well said.", 1000), *said("Indeed.", 3000)]
        voices = [Voices(None, (voice(0, 0), voice(1, 1000), voice(2, 3000)))]
        maria = KnownVoice("Maria", embedding_of(2))
        known = KnownVoices((maria,), n_unusable=1)
        result = assemble_transcript(words, MIXED, self.asking, PLAN, voices, known)
        assert result.known_speakers is not None
        assert [(one.speaker, one.name) for one in result.known_speakers] == [("B", "Maria")]
        assert [word.speaker for word in result.words] == ["A", "A", "B"]
        assert result.warnings == known.warnings

    def test_without_known_voices_asked_for_there_is_no_list_of_them(self) -> None:
        voices = [Voices(None, (voice(0, 0),))]
        result = assemble_transcript(said("So.", 0), MIXED, self.asking, PLAN, voices)
        assert result.known_speakers is None


def voice(pitch: int, start_ms: int, end_ms: int | None = None) -> Track:
    stretch = Stretch(start_ms, start_ms + 600 if end_ms is None else end_ms)
    return Track((stretch,), embedding_of(pitch), 2000)


def embedding_of(pitch: int) -> Embedding:
    embedding = np.zeros(256, dtype=np.float32)
    embedding[pitch] = 1.0
    return embedding


class TestGatherUtterances:
    def test_a_speaker_who_talks_on_has_one_utterance_despite_pauses(self) -> None:
        words = [
            replace(word, speaker=speaker)
            for start_ms, speaker in ((0, "A"), (5000, "A"), (9000, "B"), (12_000, "A"))
            for word in said("a b", start_ms)
        ]
        assert [(u.speaker, u.text) for u in gather_utterances(words)] == [
            ("A", "a b a b"),
            ("B", "a b"),
            ("A", "a b"),
        ]

    def test_speakers_of_one_channel_have_utterances_apart_without_a_pause(self) -> None:
        words = [
            replace(word, speaker=speaker)
            for start_ms, speaker in ((0, "1A"), (400, "1B"))
            for word in said("a b", start_ms, channel=1)
        ]
        assert [(u.speaker, u.channel) for u in gather_utterances(words)] == [("1A", 1), ("1B", 1)]

    def test_a_channel_that_speaks_alone_has_one_utterance_despite_its_pauses(self) -> None:
        words = [*said("a b", 0, channel=1), *said("c d", 5000, channel=1)]
        (utterance,) = gather_utterances(words)
        assert utterance.text == "a b c d"
        assert (utterance.speaker, utterance.channel) == ("1", 1)

    def test_channels_that_take_turns_have_an_utterance_for_each_turn(self) -> None:
        words = [
            *said("how are you", 0, channel=1),
            *said("fine", 1000, channel=2),
            *said("good", 2000, channel=1),
        ]
        assert [(u.speaker, u.text) for u in gather_utterances(words)] == [
            ("1", "how are you"),
            ("2", "fine"),
            ("1", "good"),
        ]

    def test_a_word_thrown_in_does_not_part_an_utterance_without_a_pause(self) -> None:
        words = [*said("a b c d e f", 0, channel=1), *said("yes", 500, channel=2)]
        assert [(u.speaker, u.text) for u in gather_utterances(words)] == [
            ("1", "a b c d e f"),
            ("2", "yes"),
        ]

    def test_no_words_are_no_utterances(self) -> None:
        assert gather_utterances([]) == ()

    @given(
        st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2 * UTTERANCE_PAUSE_MS)), max_size=20)
    )
    def test_every_word_is_in_one_utterance_of_its_own_channel_and_they_are_by_start(
        self, places: list[tuple[int, int]]
    ) -> None:
        words, at_ms = [], 0
        for number, (channel, gap_ms) in enumerate(places):
            at_ms += gap_ms
            words += [Word(str(number), at_ms, at_ms + 100, 0.5, channel=channel)]
            at_ms += 100
        utterances = gather_utterances(words)
        held = [word for utterance in utterances for word in utterance.words]
        assert sorted(held, key=lambda word: int(word.text)) == words
        for utterance in utterances:
            assert {word.channel for word in utterance.words} == {utterance.channel}
            assert list(utterance.words) == sorted(utterance.words, key=lambda w: w.start_ms)
        starts_ms = [utterance.start_ms for utterance in utterances]
        assert starts_ms == sorted(starts_ms)
