"""pyannote's community-1 on onnxruntime: who speaks in windows of 10 s, and what voices sound like.

Models: huggingface.co/pyannote/speaker-diarization-community-1 (arXiv:2310.13025 for the classes,
arXiv:2210.17016 for the voices).
"""

import os
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from earshot.audio.crew import Crew
from earshot.audio.speech import Span
from earshot.audio.waveform import Samples, Waveform
from earshot.diarization.catalog import EMBEDDED_NAME
from earshot.diarization.diarizer import Track
from earshot.diarization.engines.pyannote_graphs import load_head, open_features, open_segmentation
from earshot.diarization.fbank import HOP_SAMPLES, N_MELS, compute_fbank
from earshot.diarization.frames import (
    FEATURE_SAMPLES,
    FRAME_SAMPLES,
    WINDOW_SAMPLES,
    window_starts,
)
from earshot.diarization.tracks import join_tracks
from earshot.diarization.voiceprints import VoiceFeatures
from earshot.diarization.windows import LocalVoices
from earshot.models.store import ModelStore

HOP_FRAMES = 296  # 5 s: closer ones cost more and find no more
RUN_WINDOWS = 2  # more take more memory and are no faster
# Which of the three speak in each of the seven classes.  # (7, 3)
CLASSES = np.array(
    [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0], [1, 0, 1], [0, 1, 1]], np.float32
)
# What a feature sees beyond itself, as far as it matters, in features.
MARGIN_FEATURES = 8
# The longest run of features: memory grows with it.
RUN_FEATURES = 125  # 10 s
FBANK_PER_FEATURE = FEATURE_SAMPLES // HOP_SAMPLES


class PyannoteDiarizer:
    """The embedded model of voices; safe to call from several threads at once."""

    def __init__(self, store: ModelStore, n_cores: int = os.cpu_count() or 1) -> None:
        """Raises ModelMissing or ModelCorrupt; builds its graphs the first time."""
        self._crew = Crew(n_cores)
        self._segmentation = open_segmentation(store)
        self._features = open_features(store)
        self._head = load_head(store)

    @property
    def name(self) -> str:
        return EMBEDDED_NAME

    def find_tracks(self, waveform: Waveform, speech: Sequence[Span]) -> list[Track]:
        """The voices in about a minute of audio, in ms from its start; none where none speaks."""
        if not speech:
            return []
        with self._crew.core():
            voices = self._local_voices(waveform.samples)
            if not (voices.scores > 0.5).any():
                return []
            features = self._voice_features(waveform.samples, speech)
        return join_tracks(voices, features, waveform.duration_ms)

    def _local_voices(self, samples: Samples) -> LocalVoices:
        starts = window_starts(len(samples), HOP_FRAMES)
        padded = np.zeros(starts[-1] * FRAME_SAMPLES + WINDOW_SAMPLES, dtype=np.float32)
        padded[: len(samples)] = samples
        windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW_SAMPLES)[
            :: HOP_FRAMES * FRAME_SAMPLES
        ]
        logarithms = [
            self._segmentation.run(None, {"waveforms": windows[at : at + RUN_WINDOWS, None]})[0]
            for at in range(0, len(windows), RUN_WINDOWS)
        ]
        scores = np.exp(np.concatenate(logarithms)) @ CLASSES
        return LocalVoices(np.array(starts), scores, len(samples))

    def _voice_features(self, samples: Samples, speech: Sequence[Span]) -> VoiceFeatures:
        """The features of all speech, in runs that are short enough for memory."""
        fbank = compute_fbank(samples)
        n_features = -(-len(fbank) // FBANK_PER_FEATURE)
        is_present = np.zeros(n_features, dtype=bool)
        for span in speech:
            first, last = (at // FEATURE_SAMPLES for at in (span.start_samples, span.end_samples))
            is_present[first : last + 1] = True
        frames = np.repeat(is_present, FBANK_PER_FEATURE)[: len(fbank)]
        if frames.any():
            fbank -= fbank[frames].mean(axis=0)
        values = np.zeros((n_features, self._head.weights.shape[1] // 2), dtype=np.float32)
        runs = _feature_runs(is_present)
        described = self._crew.map(lambda run: self._run_features(fbank, *run), runs)
        for (first, end), part in zip(runs, described, strict=True):
            values[first:end] = part
        return VoiceFeatures(values, is_present, self._head)

    def _run_features(
        self, fbank: npt.NDArray[np.float32], first: int, end: int
    ) -> npt.NDArray[np.float32]:
        """The features from `first` to `end`, computed with what is around them."""
        before = max(0, first - MARGIN_FEATURES)
        part = fbank[before * FBANK_PER_FEATURE : (end + MARGIN_FEATURES) * FBANK_PER_FEATURE]
        (maps,) = self._features.run(None, {"fbank": part.reshape(1, -1, N_MELS)})
        by_time: npt.NDArray[np.float32] = maps.reshape(-1, maps.shape[-1]).T
        return by_time[first - before : end - before]


def _feature_runs(is_present: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open ranges that hold all that is present, each of RUN_FEATURES at most.

    A gap that is shorter than the margins around it is no reason to stop.
    """
    runs: list[tuple[int, int]] = []
    for at in np.flatnonzero(is_present).tolist():
        if runs and at - runs[-1][1] <= 2 * MARGIN_FEATURES and at - runs[-1][0] < RUN_FEATURES:
            runs[-1] = runs[-1][0], at + 1
        else:
            runs.append((at, at + 1))
    return runs
