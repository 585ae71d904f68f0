from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.waveform import Samples
from earshot.errors import AudioTooShort, SpeechBelowThreshold
from earshot.pipeline.assembly import Recording
from earshot.pipeline.chunks import Chunk
from earshot.pipeline.decoding import decode_to_chunks
from earshot.pipeline.stages import Stages
from earshot.recognition.pool import RecognizerPool
from earshot.testing import LoudnessDetector, ScriptedDecoder, silence, tone
from earshot.transcript.options import TranscriptOptions


def decode(
    path: Path, decoder: ScriptedDecoder, options: TranscriptOptions | None = None
) -> tuple[Recording, list[Chunk], list[int | None]]:
    """What is known of the recording, its chunks, and the lengths that were announced."""
    chunks: list[Chunk] = []
    lengths_ms: list[int | None] = []
    stages = Stages(decoder, LoudnessDetector(), RecognizerPool())
    recording = decode_to_chunks(
        path, options or TranscriptOptions(), stages, chunks.append, lengths_ms.append
    )
    return recording, chunks, lengths_ms


def decoder_of(*channels: Samples, claimed_ms: int | None = None) -> ScriptedDecoder:
    return ScriptedDecoder(np.stack(channels), claimed_ms=claimed_ms)


def test_a_recording_is_as_long_as_what_was_decoded_whatever_its_header_claims(
    recording: Path,
) -> None:
    found, _, lengths_ms = decode(recording, decoder_of(tone(2500), claimed_ms=36_000_000))
    assert found.duration_ms == 2500
    assert lengths_ms == [36_000_000]


def test_channels_are_mixed_unless_they_are_to_be_split(recording: Path) -> None:
    decoder = decoder_of(tone(1000), silence(1000))
    mixed, mixed_chunks, _ = decode(recording, decoder)
    split, split_chunks, _ = decode(recording, decoder, TranscriptOptions(split_channels=True))
    assert mixed.n_channels is None
    assert [chunk.channel for chunk in mixed_chunks] == [None]
    assert split.n_channels == 2
    assert [chunk.channel for chunk in split_chunks] == [1, 2]


def test_warnings_of_the_decoder_are_kept(recording: Path) -> None:
    decoder = replace(decoder_of(tone(1000)), warnings=("It breaks off.",))
    found, _, _ = decode(recording, decoder)
    assert found.warnings == ("It breaks off.",)


def test_a_channel_that_is_a_copy_is_cut_into_no_chunks_and_still_counts(recording: Path) -> None:
    decoder = decoder_of(tone(3000, 200), tone(3000, 200), tone(3000, 300))
    found, chunks, _ = decode(recording, decoder, TranscriptOptions(split_channels=True))
    assert found.n_channels == 3
    assert [chunk.channel for chunk in chunks] == [1, 3]
    assert found.warnings == (
        "Channel 2 carries the same audio as channel 1: it was transcribed once, as channel 1",
    )


class TestWindow:
    decoder = decoder_of(tone(10_000), claimed_ms=10_000)

    def test_chunks_start_where_the_window_does(self, recording: Path) -> None:
        options = TranscriptOptions(audio_start_ms=3000, audio_end_ms=7000)
        _, (chunk,), _ = decode(recording, self.decoder, options)
        assert chunk.start_samples == 3000 * 16
        assert chunk.duration_ms == 4000

    def test_the_length_stays_that_of_the_whole_recording(self, recording: Path) -> None:
        for options in (
            TranscriptOptions(audio_start_ms=3000),
            TranscriptOptions(audio_start_ms=3000, audio_end_ms=7000),
            TranscriptOptions(audio_end_ms=7000),
        ):
            found, _, _ = decode(recording, self.decoder, options)
            assert found.duration_ms == 10_000

    def test_a_window_past_the_end_is_no_reason_to_be_longer(self, recording: Path) -> None:
        options = TranscriptOptions(audio_end_ms=60_000)
        found, _, _ = decode(recording, self.decoder, options)
        assert found.duration_ms == 10_000


class TestSpeechThreshold:
    decoder = decoder_of(np.concatenate([tone(10_000), silence(30_000)]))

    def test_too_little_speech_is_refused_with_the_text_of_the_compatible_api(
        self, recording: Path
    ) -> None:
        with pytest.raises(SpeechBelowThreshold) as refusal:
            decode(recording, self.decoder, TranscriptOptions(speech_threshold=0.5))
        found = str(refusal.value)
        assert found.startswith("Audio speech threshold 0.25")
        assert found.endswith(" is below the requested speech threshold value 0.5")

    def test_enough_speech_passes(self, recording: Path) -> None:
        decode(recording, self.decoder, TranscriptOptions(speech_threshold=0.2))

    def test_silence_passes_where_no_speech_is_asked_for(self, recording: Path) -> None:
        found, _, _ = decode(recording, decoder_of(silence(1000)))
        assert found.duration_ms == 1000

    def test_all_chunks_have_been_taken_before_it_is_refused(self, recording: Path) -> None:
        chunks: list[Chunk] = []
        options = TranscriptOptions(speech_threshold=1.0)
        with pytest.raises(SpeechBelowThreshold):
            decode_to_chunks(
                recording,
                options,
                Stages(self.decoder, LoudnessDetector(), RecognizerPool()),
                chunks.append,
            )
        assert sum(chunk.duration_ms for chunk in chunks) == 40_000


def test_what_the_decoder_refuses_is_refused(recording: Path) -> None:
    decoder = replace(decoder_of(tone(1000)), failure=AudioTooShort())
    with pytest.raises(AudioTooShort):
        decode(recording, decoder)
