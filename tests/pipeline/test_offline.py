from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from earshot.audio.decode import Decoder
from earshot.audio.engines.silero import SileroDetector
from earshot.audio.waveform import Samples, pcm16_from_samples
from earshot.errors import AudioUnreadable, DeviceUnusable, LanguageNotInstalled
from earshot.pipeline.offline import Progress, transcribe_file
from earshot.pipeline.stages import Stages
from earshot.recognition.fallback import FallbackRecognizer
from earshot.recognition.loading import ComputeOptions
from earshot.recognition.pool import RecognizerPool
from earshot.recognition.recognizer import Recognizer
from earshot.testing import (
    LoudnessDetector,
    ScriptedDecoder,
    ScriptedRecognizer,
    silence,
    tone,
)
from earshot.transcript.options import TranscriptOptions


def stages_for(*channels: Samples, claimed_ms: int | None = None) -> Stages:
    return Stages(
        ScriptedDecoder(np.stack(channels), claimed_ms=claimed_ms),
        LoudnessDetector(),
        RecognizerPool(ScriptedRecognizer()),
    )


def test_a_file_becomes_a_transcript(recording: Path) -> None:
    samples = np.concatenate([silence(1000), tone(2000), silence(500)])
    result = transcribe_file(recording, TranscriptOptions(), stages_for(samples))
    assert result.text == "well said"
    assert result.duration_ms == 3500
    assert result.engine == "scripted"
    assert result.words[0].start_ms == pytest.approx(1000, abs=2)
    assert result.words[1].end_ms == pytest.approx(3000, abs=2)


def test_words_of_long_recordings_are_in_order_however_many_threads_there_are(
    recording: Path,
) -> None:
    turns = [part for _ in range(50) for part in (tone(2000), silence(3000))]
    result = transcribe_file(recording, TranscriptOptions(), stages_for(np.concatenate(turns)))
    assert result.text == " ".join(["well said"] * 50)
    starts_ms = [word.start_ms for word in result.words]
    assert starts_ms == sorted(starts_ms)
    assert starts_ms[::2] == [pytest.approx(5000 * turn, abs=2) for turn in range(50)]


def test_split_channels_are_transcribed_apart(recording: Path) -> None:
    first = np.concatenate([tone(1000), silence(3000)])
    second = np.concatenate([silence(2000), tone(1000), silence(1000)])
    options = TranscriptOptions(split_channels=True)
    result = transcribe_file(recording, options, stages_for(first, second))
    assert result.utterances is not None
    assert [(u.speaker, u.text) for u in result.utterances] == [
        ("1", "well said"),
        ("2", "well said"),
    ]


def test_an_engine_that_fell_back_to_the_cpu_is_a_warning(recording: Path) -> None:
    def load(compute: ComputeOptions) -> Recognizer:
        is_gpu = compute.device != "cpu"
        return ScriptedRecognizer(failure=DeviceUnusable("full") if is_gpu else None)

    pool = RecognizerPool(FallbackRecognizer(load, ComputeOptions()))
    stages = replace(stages_for(tone(1000)), recognizers=pool)
    result = transcribe_file(recording, TranscriptOptions(), stages)
    assert result.warnings == ("the GPU could not be used; scripted ran on the CPU",)
    assert result.text == "well said"


def test_silence_has_no_words(recording: Path) -> None:
    result = transcribe_file(recording, TranscriptOptions(), stages_for(silence(5000)))
    assert result.words == ()
    assert result.duration_ms == 5000


def test_progress_says_what_is_done_of_how_much_and_counts_a_stretch_once(
    recording: Path,
) -> None:
    told: list[Progress] = []
    stages = stages_for(tone(130_000), tone(130_000), claimed_ms=130_000)
    transcribe_file(recording, TranscriptOptions(split_channels=True), stages, told.append)
    assert told[0] == Progress("decoding", 0, None)
    assert told[1] == Progress("recognising", 0, 130_000)
    assert told[-1] == Progress("formatting", 130_000, 130_000)
    done_ms = [progress.done_ms for progress in told]
    assert done_ms == sorted(done_ms)


def test_an_engine_that_fails_fails_the_transcript(recording: Path) -> None:
    broken = ScriptedRecognizer(failure=RuntimeError("out of memory"))
    # Enough chunks to fill the queue before the engine: nobody may wait for room for ever.
    stages = replace(stages_for(tone(600_000)), recognizers=RecognizerPool(broken))
    with pytest.raises(RuntimeError, match="out of memory"):
        transcribe_file(recording, TranscriptOptions(), stages)


def test_a_file_without_audio_is_refused(recording: Path) -> None:
    decoder = ScriptedDecoder(tone(100)[None], failure=AudioUnreadable("text/plain, ASCII text"))
    with pytest.raises(AudioUnreadable):
        transcribe_file(
            recording, TranscriptOptions(), replace(stages_for(tone(100)), decoder=decoder)
        )


def test_a_language_without_an_engine_is_refused_before_anything_is_decoded(
    tmp_path: Path,
) -> None:
    with pytest.raises(LanguageNotInstalled):
        transcribe_file(
            tmp_path / "not there", TranscriptOptions(language_code="de"), stages_for(tone(100))
        )


@pytest.mark.slow
def test_a_real_recording_goes_all_the_way_through_the_real_stages(
    tmp_path: Path,
    beckett: Samples,
    embedded_detector: SileroDetector,
    embedded_recognizer: Recognizer,
) -> None:
    path = tmp_path / "beckett.wav"
    pcm = pcm16_from_samples(beckett)
    header = b"RIFF" + (36 + len(pcm)).to_bytes(4, "little") + b"WAVEfmt "
    header += bytes.fromhex("10000000 0100 0100 803e0000 007d0000 0200 1000")
    path.write_bytes(header + b"data" + len(pcm).to_bytes(4, "little") + pcm)
    with Decoder() as decoder:
        stages = Stages(decoder, embedded_detector, RecognizerPool(embedded_recognizer))
        result = transcribe_file(path, TranscriptOptions(), stages)
    assert "fail better" in result.text.lower()
    assert result.duration_ms == pytest.approx(len(beckett) / 16, abs=1)
    assert result.engine == embedded_recognizer.name
