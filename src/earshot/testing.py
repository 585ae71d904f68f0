"""Doubles for our tests, and for those who write an engine: recognizer, diarizer, detector, clock.

All are deterministic and need no model. An in-memory media store is
`storage.media.open_media_store("memory://")`.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

import numpy as np
import numpy.typing as npt

from earshot.audio.media import ChannelBlock, ChannelMode, MediaInfo
from earshot.audio.speech import FRAME_SAMPLES, Probabilities, Span, SpeechStream
from earshot.audio.waveform import PCM16_SCALE, SAMPLE_RATE, Samples, Waveform
from earshot.diarization.diarizer import Embedding, Stretch, Track
from earshot.recognition.recognizer import NO_HINTS, NO_WORDS, Hints, Recognition
from earshot.transcript.times import ms_to_samples, samples_to_ms
from earshot.transcript.words import Word

SILENT_BELOW = 1e-3  # -60 dB of full scale
SURE_LOGPROB = -0.1
PITCH_STEP_HZ = 20
PITCH_WINDOW_SAMPLES = SAMPLE_RATE // 10  # 100 ms
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def silence(duration_ms: int) -> Samples:
    """Nothing at all, (n_samples,)."""
    return np.zeros(ms_to_samples(duration_ms, SAMPLE_RATE), dtype=np.float32)


def tone(duration_ms: int, frequency_hz: float = 220.0, level: float = 0.3) -> Samples:
    """A sine, (n_samples,): what the doubles below take for speech."""
    moments_s = np.arange(ms_to_samples(duration_ms, SAMPLE_RATE)) / SAMPLE_RATE
    wave: Samples = (level * np.cos(2 * np.pi * frequency_hz * moments_s)).astype(np.float32)
    return wave


class HandClock:
    """A clock that stands still until it is turned by hand."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now

    def __call__(self) -> datetime:
        return self._now

    def turn(self, **elapsed: float) -> None:
        """Move on by that many `hours`, `seconds` or whatever else a `timedelta` takes."""
        self._now += timedelta(**elapsed)


@dataclass(frozen=True, slots=True)
class ScriptedRecognizer:
    """Hears the words of `script` in every segment that is not silent, spread evenly over it.

    A segment of `loops_from_s` or more comes back as a loop. Tokens have a mean log-probability of
    `mean_logprob`. With a `failure`, that is raised instead.
    """

    script: tuple[str, ...] = ("well", "said")
    name: str = "scripted"
    languages: frozenset[str] = frozenset({"en"})
    loops_from_s: float = float("inf")
    mean_logprob: float = SURE_LOGPROB
    failure: Exception | None = None

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        del hints  # the script is all it knows
        if self.failure is not None:
            raise self.failure
        return [self._recognize_one(segment) for segment in segments]

    def _recognize_one(self, segment: Waveform) -> Recognition:
        loud = np.flatnonzero(np.abs(segment.samples) >= SILENT_BELOW)
        if not len(loud) or not self.script:
            return NO_WORDS
        edges = np.linspace(loud[0], loud[-1] + 1, len(self.script) + 1).astype(int).tolist()
        times_ms = [samples_to_ms(edge, segment.sample_rate) for edge in edges]
        words = tuple(
            Word(text, start_ms, end_ms, confidence=0.9)
            for text, start_ms, end_ms in zip(self.script, times_ms, times_ms[1:], strict=False)
        )
        is_repetitive = len(segment.samples) >= self.loops_from_s * segment.sample_rate
        return Recognition(words, self.mean_logprob, is_repetitive)


@dataclass(frozen=True, slots=True)
class ScriptedDiarizer:
    """Takes every pitch for a voice: tones that are `step_hz` apart are two speakers.

    With a `failure`, that is raised instead.
    """

    name: str = "scripted"
    step_hz: int = PITCH_STEP_HZ
    failure: Exception | None = None

    def find_tracks(self, waveform: Waveform, speech: Sequence[Span]) -> list[Track]:
        if self.failure is not None:
            raise self.failure
        stretches: dict[int, list[Stretch]] = {}
        for span in speech:
            for start in range(span.start_samples, span.end_samples, PITCH_WINDOW_SAMPLES):
                end = min(start + PITCH_WINDOW_SAMPLES, span.end_samples)
                pitch = _pitch(waveform.samples[start:end], self.step_hz)
                if pitch is not None:
                    _extend(stretches.setdefault(pitch, []), start, end)
        return [
            Track(tuple(heard), _embedding(pitch), sum(s.duration_ms for s in heard))
            for pitch, heard in sorted(stretches.items())
        ]


def _pitch(samples: Samples, step_hz: int) -> int | None:
    """The strongest frequency as a number of steps; None in silence."""
    if np.abs(samples).max(initial=0.0) < SILENT_BELOW:
        return None
    strongest = np.abs(np.fft.rfft(samples, SAMPLE_RATE)).argmax()  # one bin per Hz
    return round(float(strongest) / step_hz)


def _extend(stretches: list[Stretch], start_samples: int, end_samples: int) -> None:
    start_ms = samples_to_ms(start_samples, SAMPLE_RATE)
    end_ms = samples_to_ms(end_samples, SAMPLE_RATE)
    if stretches and stretches[-1].end_ms == start_ms:
        start_ms = stretches.pop().start_ms
    stretches.append(Stretch(start_ms, end_ms))


def _embedding(pitch: int) -> Embedding:
    embedding: Embedding = np.zeros(256, dtype=np.float32)
    embedding[pitch % len(embedding)] = 1.0
    return embedding


@dataclass(frozen=True, slots=True)
class LoudnessDetector:
    """Takes every frame for speech whose loudest sample is over `threshold`."""

    threshold: float = 0.01

    def speech_probabilities(self, samples: Samples) -> Probabilities:
        n_frames = -(-len(samples) // FRAME_SAMPLES)
        padded = np.zeros(n_frames * FRAME_SAMPLES, dtype=np.float32)
        padded[: len(samples)] = np.abs(samples)
        peaks = padded.reshape(n_frames, FRAME_SAMPLES).max(axis=1, initial=0.0)
        probabilities: Probabilities = (peaks > self.threshold).astype(np.float32)
        return probabilities

    def open_stream(self) -> SpeechStream:
        return _LoudnessStream(self)


@dataclass(frozen=True, slots=True)
class _LoudnessStream:
    detector: LoudnessDetector

    def hear(self, frames: Samples) -> Probabilities:
        return self.detector.speech_probabilities(frames)


WORD_TONES_HZ = {
    "one": 300.0,
    "two": 500.0,
    "three": 700.0,
    "four": 900.0,
    "five": 1100.0,
    "six": 1300.0,
    "seven": 1500.0,
    "eight": 1700.0,
}
TONE_WINDOW_SAMPLES = 320  # 20 ms: tones may lie 50 Hz apart
MIN_TONE_WINDOWS = 3


@dataclass(frozen=True, slots=True)
class ToneRecognizer:
    """Hears words in tones, each at its time: a tone of `WORD_TONES_HZ` is that word.

    What it hears of a word does not depend on what else is in the segment. A tone that is longer
    than 60 ms is a word; the last one of a segment gets a full stop, the first one a capital.
    """

    name: str = "tones"
    languages: frozenset[str] = frozenset({"en"})

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        del hints  # tones are unambiguous
        return [self._recognize_one(segment) for segment in segments]

    def _recognize_one(self, segment: Waveform) -> Recognition:
        words: list[Word] = []
        heard = _heard_tones(segment.samples)
        for name, first, last in heard:
            start_ms, end_ms = first * 20, last * 20
            text = name.capitalize() if not words else name
            words.append(Word(text, start_ms, end_ms, confidence=0.9))
        if words:
            words[-1] = replace(words[-1], text=words[-1].text + ".")
        mean_logprob = SURE_LOGPROB if words else float("-inf")
        return Recognition(tuple(words), mean_logprob, is_repetitive=False)


def _heard_tones(samples: Samples) -> list[tuple[str, int, int]]:
    """Each word with its first and one past its last window."""
    n_windows = len(samples) // TONE_WINDOW_SAMPLES
    windows = samples[: n_windows * TONE_WINDOW_SAMPLES].reshape(n_windows, -1)
    by_bin = {
        round(hz * TONE_WINDOW_SAMPLES / SAMPLE_RATE): name for name, hz in WORD_TONES_HZ.items()
    }
    spectra = np.abs(np.fft.rfft(windows, axis=1)) if n_windows else np.zeros((0, 1))
    loud = np.abs(windows).max(axis=1, initial=0.0) >= SILENT_BELOW
    names = [
        by_bin.get(int(peak), "") if is_loud else ""
        for peak, is_loud in zip(spectra.argmax(axis=1), loud, strict=True)
    ]
    runs = [(name, len(list(run))) for name, run in groupby(names)]
    heard, at = [], 0
    for name, length in runs:
        if name and length >= MIN_TONE_WINDOWS:
            heard.append((name, at, at + length))
        at += length
    return heard


def spoken_tones(text: str, word_ms: int = 300, gap_ms: int = 40) -> Samples:
    """Speech as `ToneRecognizer` understands it; `_` in the text is a second of silence."""
    pieces: list[Samples] = []
    for name in text.split():
        if name == "_":
            pieces.append(silence(1000))
        else:
            pieces += [tone(word_ms, WORD_TONES_HZ[name]), silence(gap_ms)]
    return np.concatenate([np.zeros(0, dtype=np.float32), *pieces])


@dataclass(frozen=True, slots=True)
class ScriptedMedia:
    """What `ScriptedDecoder` opens."""

    info: MediaInfo
    warnings: tuple[str, ...]
    blocks: tuple[ChannelBlock, ...]

    def __iter__(self) -> Iterator[ChannelBlock]:
        return iter(self.blocks)


@dataclass(frozen=True, slots=True)
class ScriptedDecoder:
    """Finds the same `channels`, (n_channels, n_samples) at 16 kHz, in every file that exists.

    `claimed_ms` is the length in the media's header; None where it has none. With a `failure`, that
    is raised instead, before the first block.
    """

    channels: npt.NDArray[np.float32]
    claimed_ms: int | None = None
    warnings: tuple[str, ...] = ()
    failure: Exception | None = None
    block_samples: int = SAMPLE_RATE

    @contextmanager
    def open(
        self,
        path: Path,
        *,
        channels: ChannelMode = ChannelMode.MIX,
        start_ms: int = 0,
        end_ms: int | None = None,
    ) -> Iterator[ScriptedMedia]:
        with path.open("rb"):
            if self.failure is not None:
                raise self.failure
            info = MediaInfo(len(self.channels), SAMPLE_RATE, self.claimed_ms, "wav", "pcm_s16le")
            first = ms_to_samples(start_ms, SAMPLE_RATE)
            last = None if end_ms is None else ms_to_samples(end_ms, SAMPLE_RATE)
            pcm = self._pcm(channels)[:, first:last]
            starts = range(0, pcm.shape[1], self.block_samples)
            blocks = tuple(pcm[:, start : start + self.block_samples] for start in starts)
            yield ScriptedMedia(info, self.warnings, blocks)

    def close(self) -> None:
        """Nothing stands ready that would have to be ended."""

    def _pcm(self, mode: ChannelMode) -> ChannelBlock:
        is_mixed = mode is ChannelMode.MIX
        kept = self.channels.mean(axis=0, keepdims=True) if is_mixed else self.channels
        pcm: ChannelBlock = np.clip(np.rint(kept * PCM16_SCALE), -PCM16_SCALE, PCM16_SCALE - 1)
        return pcm.astype(np.int16)
