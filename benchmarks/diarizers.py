"""What tells speakers apart here: ours, the library with the same models, and two plain loops."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from scipy.cluster.hierarchy import fcluster, linkage

from benchmarks.diarization_errors import Turns
from benchmarks.engines import EngineUnavailable
from earshot.audio.waveform import PCM16_SCALE, SAMPLE_RATE, Pcm16, Samples, Waveform
from earshot.diarization.catalog import load_diarizer
from earshot.diarization.clustering import group_tracks
from earshot.diarization.diarizer import Stretch, Track
from earshot.diarization.fbank import HOP_SAMPLES, compute_fbank
from earshot.diarization.frames import WINDOW_FRAMES, WINDOW_SAMPLES
from earshot.models.store import ModelStore
from earshot.pipeline.chunks import Chunk, cut_chunks
from earshot.transcript.options import SpeakerOptions
from earshot.transcript.times import samples_to_ms
from earshot.wiring.models import load_detector

Hypothesis = dict[str, list[Stretch]]
AUTOMATIC = SpeakerOptions()
N_THREADS = 2
PLAIN_DISTANCE = 0.6
# A local speaker of less says too little for the embedding graph to take.
LEAST_FBANK_FRAMES = 16


class System(Protocol):
    """Mono audio in, who speaks when out; only ours takes options."""

    def diarize(self, pcm: Pcm16, options: SpeakerOptions = AUTOMATIC) -> Turns: ...


class Earshot:
    """Our stages as the pipeline runs them: voice activity, chunks, tracks, groups."""

    def __init__(self, store: ModelStore) -> None:
        self._detector = load_detector(store)
        self._diarizer = load_diarizer(store)

    def diarize(self, pcm: Pcm16, options: SpeakerOptions = AUTOMATIC) -> Turns:
        chunks = self._cut(pcm)
        return self._group([self._tracks(chunk) for chunk in chunks], pcm, options)

    def diarize_on_threads(self, pcm: Pcm16) -> Turns:
        with ThreadPoolExecutor(N_THREADS) as pool:
            return self._group(list(pool.map(self._tracks, self._cut(pcm))), pcm, AUTOMATIC)

    def _cut(self, pcm: Pcm16) -> list[Chunk]:
        return list(cut_chunks([pcm[None]], 0, self._detector, is_split=False))

    def _tracks(self, chunk: Chunk) -> list[Track]:
        offset_ms = samples_to_ms(chunk.start_samples, SAMPLE_RATE)
        found = self._diarizer.find_tracks(Waveform(chunk.samples), chunk.speech)
        return [
            Track(
                tuple(Stretch(s.start_ms + offset_ms, s.end_ms + offset_ms) for s in t.stretches),
                t.embedding,
                t.clean_ms,
            )
            for t in found
        ]

    def _group(
        self, tracks: Sequence[Sequence[Track]], pcm: Pcm16, options: SpeakerOptions
    ) -> Turns:
        duration_ms = samples_to_ms(len(pcm), SAMPLE_RATE)
        speakers = group_tracks([t for part in tracks for t in part], options, duration_ms)
        return {str(index): list(one.stretches) for index, one in enumerate(speakers)}


class MoonshineLibrary:
    """`moonshine_voice` with `identify_speakers`, otherwise at its defaults; it transcribes too."""

    def __init__(self) -> None:
        try:
            from moonshine_voice.moonshine_api import ModelArch
            from moonshine_voice.transcriber import Transcriber
            from moonshine_voice.utils import get_assets_path
        except (ImportError, OSError) as error:
            raise EngineUnavailable(f"moonshine_voice cannot be imported ({error})") from error
        folder = Path(get_assets_path()) / "tiny-en"
        options = {"identify_speakers": "true"}
        self._transcriber = Transcriber(str(folder), ModelArch.TINY, options=options)

    def diarize(self, pcm: Pcm16, options: SpeakerOptions = AUTOMATIC) -> Turns:
        del options
        samples = (pcm / PCM16_SCALE).tolist()
        transcript = self._transcriber.transcribe_without_streaming(samples, SAMPLE_RATE)
        turns: Hypothesis = {}
        for line in transcript.lines:
            for span in line.speaker_spans or ():
                end_s = span.start_time + span.duration
                stretch = Stretch(round(1000 * span.start_time), round(1000 * end_s))
                turns.setdefault(str(span.speaker_id), []).append(stretch)
        return turns


class PlainLoop:
    """The published graphs in a loop: windows, each local speaker's frames cut out, one linkage."""

    def __init__(self, store: ModelStore, hop_s: float) -> None:
        files = store.files("pyannote")
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._segmentation = ort.InferenceSession(files["segmentation.ort"], options)
        self._embedding = ort.InferenceSession(files["embedding.ort"], options)
        self._hop = round(hop_s * SAMPLE_RATE)

    def diarize(self, pcm: Pcm16, options: SpeakerOptions = AUTOMATIC) -> Turns:
        del options
        samples = (pcm / PCM16_SCALE).astype(np.float32)
        places: list[tuple[int, npt.NDArray[np.bool_]]] = []
        embeddings = []
        n_heard = np.zeros(self._frames(len(samples)) + WINDOW_FRAMES)
        counts = np.zeros(len(n_heard))
        for start in range(0, max(1, len(samples) - WINDOW_SAMPLES + self._hop), self._hop):
            window, active = self._segment(samples, start)
            first = self._frames(start)
            n_heard[first : first + WINDOW_FRAMES] += 1
            counts[first : first + WINDOW_FRAMES] += active.sum(axis=1)
            for mine in active.T:
                embedding = self._embed(window, mine)
                if embedding is not None:
                    places.append((first, mine))
                    embeddings.append(embedding)
        if not places:
            return {}
        return self._join(places, np.array(embeddings), counts / np.maximum(n_heard, 1))

    def _segment(self, samples: Samples, start: int) -> tuple[Samples, npt.NDArray[np.bool_]]:
        window = np.zeros(WINDOW_SAMPLES, dtype=np.float32)
        part = samples[start : start + WINDOW_SAMPLES]
        window[: len(part)] = part
        (active,) = self._segmentation.run(None, {"waveforms": window[None, None]})
        return window, active[0] > 0.5

    def _embed(self, window: Samples, active: npt.NDArray[np.bool_]) -> Samples | None:
        fbank = compute_fbank(window)
        moments = np.arange(len(fbank)) * HOP_SAMPLES * WINDOW_FRAMES // WINDOW_SAMPLES
        chosen = fbank[active[moments]]
        if len(chosen) < LEAST_FBANK_FRAMES:
            return None
        weights = np.ones((1, len(chosen)), dtype=np.float32)
        feeds = {"fbank": (chosen - chosen.mean(axis=0))[None], "weights": weights}
        embedding: Samples = self._embedding.run(None, feeds)[0][0]
        return embedding

    def _join(
        self,
        places: Sequence[tuple[int, npt.NDArray[np.bool_]]],
        embeddings: npt.NDArray[np.float32],
        n_speaking: npt.NDArray[np.float64],
    ) -> Turns:
        labels = np.zeros(len(places), dtype=int)
        if len(places) > 1:
            merges = linkage(embeddings, "average", "cosine")
            labels = fcluster(merges, PLAIN_DISTANCE, "distance") - 1
        votes = np.zeros((len(n_speaking), labels.max() + 1))
        for (first, active), label in zip(places, labels, strict=True):
            votes[first : first + WINDOW_FRAMES, label] += active
        ranks = np.argsort(np.argsort(-votes, axis=1, kind="stable"), axis=1)
        speaks = (ranks < np.rint(n_speaking)[:, None]) & (votes > 0)
        return {str(label): self._stretches(row) for label, row in enumerate(speaks.T) if row.any()}

    def _frames(self, n_samples: int) -> int:
        return n_samples * WINDOW_FRAMES // WINDOW_SAMPLES

    def _stretches(self, speaks: npt.NDArray[np.bool_]) -> list[Stretch]:
        padded = np.concatenate([[False], speaks, [False]]).astype(np.int8)
        edges = np.flatnonzero(np.diff(padded)) * 10_000 // WINDOW_FRAMES
        return [Stretch(first, end) for first, end in edges.reshape(-1, 2).tolist()]
