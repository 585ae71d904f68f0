from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.audio.speech import FRAME_SAMPLES
from earshot.audio.waveform import SAMPLE_RATE, Samples, pcm16_from_samples
from earshot.diarization.diarizer import Stretch, Track
from earshot.diarization.speakers import Speaker
from earshot.errors import DiarizerFailed, ModelCorrupt
from earshot.pipeline.chunks import Chunk
from earshot.pipeline.voices import Voices, find_tracks, hear_voices, label_speakers, tell_speakers
from earshot.testing import LoudnessDetector, ScriptedDiarizer, silence, tone
from earshot.transcript.options import SpeakerOptions
from earshot.transcript.words import Word

ANY_NUMBER = SpeakerOptions()


def chunk_of(samples: Samples, *, channel: int | None = None, start_s: int = 0) -> Chunk:
    pcm = np.frombuffer(pcm16_from_samples(samples), dtype=np.int16)
    probabilities = LoudnessDetector().speech_probabilities(samples)
    assert len(probabilities) == -(-len(samples) // FRAME_SAMPLES)
    return Chunk(channel, start_s * SAMPLE_RATE, pcm, probabilities)


def word(
    text: str, start_ms: int, *, speaker: str | None = None, channel: int | None = None
) -> Word:
    return Word(text, start_ms, start_ms + 400, 0.9, speaker, channel)


def track(pitch: int, *stretches: tuple[int, int]) -> Track:
    embedding = np.zeros(256, dtype=np.float32)
    embedding[pitch] = 1.0
    return Track(tuple(Stretch(*stretch) for stretch in stretches), embedding, 2000)


class TestVoices:
    voices = Voices(2, (track(1, (0, 500), (900, 1000)), track(2, (400, 600))))

    def test_they_come_back_from_a_file_as_they_were(self) -> None:
        for voices in (self.voices, Voices(None, ()), Voices(1, (track(3, (5, 6)),))):
            again = Voices.from_bytes(voices.to_bytes())
            assert again.channel == voices.channel
            assert [t.stretches for t in again.tracks] == [t.stretches for t in voices.tracks]
            for one, other in zip(again.tracks, voices.tracks, strict=True):
                assert one.embedding is not None
                assert other.embedding is not None
                assert np.array_equal(one.embedding, other.embedding)
                assert one.clean_ms == other.clean_ms

    def test_a_track_without_an_embedding_comes_back_without_one(self) -> None:
        silent = replace(track(1, (0, 5)), embedding=None, clean_ms=0)
        voices = Voices(None, (silent, track(2, (3, 9)), silent))
        again = Voices.from_bytes(voices.to_bytes())
        assert [t.embedding is None for t in again.tracks] == [True, False, True]
        assert again.tracks[0] == silent

    def test_nothing_in_the_file_is_unpickled(self) -> None:
        assert b"pickle" not in self.voices.to_bytes()


class TestHearVoices:
    def test_they_are_in_ms_from_the_start_of_the_recording(self) -> None:
        chunk = chunk_of(np.concatenate([tone(1000, 200), tone(1000, 400)]), channel=3, start_s=60)
        voices = hear_voices(chunk, [word("well", 60_000)], ScriptedDiarizer())
        assert voices.channel == 3
        spans = [(s.start_ms, s.end_ms) for t in voices.tracks for s in t.stretches]
        assert spans == [(60_000, 61_000), (61_000, 62_000)]

    def test_nobody_is_looked_for_where_nothing_was_said(self) -> None:
        failing = ScriptedDiarizer(failure=AssertionError("asked"))
        assert hear_voices(chunk_of(tone(1000), channel=1), [], failing) == Voices(1, ())

    def test_nobody_is_looked_for_where_nobody_speaks(self) -> None:
        failing = ScriptedDiarizer(failure=AssertionError("asked"))
        assert find_tracks(chunk_of(silence(1000)), failing) == ()

    def test_whatever_goes_wrong_is_one_error_that_tells_no_internals(self) -> None:
        failing = ScriptedDiarizer(failure=RuntimeError("at 0x7f /home/someone"))
        with pytest.raises(DiarizerFailed, match="stopped with an error") as failed:
            hear_voices(chunk_of(tone(1000)), [word("well", 0)], failing)
        assert "someone" not in str(failed.value)

    def test_a_damaged_model_is_told_without_where_it_lies(self) -> None:
        failing = ScriptedDiarizer(failure=ModelCorrupt("/home/someone/pyannote is damaged"))
        with pytest.raises(DiarizerFailed, match="is missing or damaged on this server") as failed:
            hear_voices(chunk_of(tone(1000)), [word("well", 0)], failing)
        assert "someone" not in str(failed.value)
        assert "someone" in str(failed.value.__cause__)  # which the operator is shown


class TestTellSpeakers:
    def test_one_voice_in_two_chunks_is_one_speaker(self) -> None:
        words = [word("one", 0), word("two", 1000), word("three", 60_000)]
        voices = [
            Voices(None, (track(1, (0, 500)), track(2, (1000, 1500)))),
            Voices(None, (track(1, (60_000, 60_500)),)),
        ]
        told = tell_speakers(words, voices, ANY_NUMBER, 61_000)
        first, second, third = (w.speaker for w in told.words)
        assert first == third
        assert first != second
        assert set(told.speakers) == {first, second}

    def test_the_channels_have_speakers_of_their_own(self) -> None:
        words = [word("one", 0, channel=1), word("uno", 0, channel=2)]
        voices = [Voices(1, (track(1, (0, 500)),)), Voices(2, (track(1, (0, 500)),))]
        told = tell_speakers(words, voices, ANY_NUMBER, 1000)
        assert len({w.speaker for w in told.words}) == 2

    def test_words_have_a_speaker_where_no_voice_was_heard(self) -> None:
        told = tell_speakers([word("one", 0), word("two", 500)], [], ANY_NUMBER, 1000)
        assert len({w.speaker for w in told.words}) == 1
        assert told.speakers == {}

    def test_nothing_said_is_nobody(self) -> None:
        assert tell_speakers([], [], ANY_NUMBER, 1000).words == ()


class TestLabelSpeakers:
    def test_letters_are_by_first_word(self) -> None:
        words = [
            word("a", 0, speaker="#1"),
            word("b", 500, speaker="#0"),
            word("c", 1000, speaker="#1"),
        ]
        quiet = Speaker((), None)
        labelled = label_speakers(words, {"#0": quiet, "#1": Speaker((Stretch(0, 1),), None)})
        assert [w.speaker for w in labelled.words] == ["A", "B", "A"]
        assert labelled.speakers["B"] is quiet

    def test_who_says_nothing_has_no_label(self) -> None:
        labelled = label_speakers([word("a", 0, speaker="#1")], {"#0": Speaker((), None)})
        assert [w.speaker for w in labelled.words] == ["A"]
        assert labelled.speakers == {}

    def test_on_channels_they_start_anew_after_the_channels_number(self) -> None:
        words = [
            word("a", 0, speaker="2#0", channel=2),
            word("b", 1, speaker="1#0", channel=1),
            word("c", 2, speaker="2#1", channel=2),
        ]
        assert [w.speaker for w in label_speakers(words, {}).words] == ["2A", "1A", "2B"]

    @given(st.integers(1, 900))
    def test_after_z_comes_aa_and_no_label_is_given_twice(self, n_speakers: int) -> None:
        words = [word("a", i, speaker=f"#{i}") for i in range(n_speakers)]
        labels = [w.speaker for w in label_speakers(words, {}).words]
        known = {0: "A", 25: "Z", 26: "AA", 27: "AB", 51: "AZ", 52: "BA", 701: "ZZ", 702: "AAA"}
        assert all(labels[index] == label for index, label in known.items() if index < n_speakers)
        assert len(set(labels)) == n_speakers
