"""NVIDIA's NeMo models as ONNX graphs, by way of onnx-asr: Parakeet (TDT, CTC) and Canary.

Models: arXiv:2304.06795 (TDT), arXiv:2406.19674 (Canary). Word times are those at which the tokens
were emitted; Canary emits none, so its words are spread over the segment by their letters.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from math import exp
from pathlib import Path
from typing import Any

import numpy as np
import onnx_asr
import onnxruntime as ort
from onnx_asr.utils import ModelLoadingError

from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.errors import DeviceUnusable, ModelCorrupt
from earshot.recognition.loading import ComputeOptions, EngineModel
from earshot.recognition.recognizer import NO_HINTS, NO_WORDS, Hints, Recognition
from earshot.recognition.repetition import find_repetition
from earshot.transcript.times import samples_to_ms
from earshot.transcript.words import Word

TIMED_TYPES = frozenset({"nemo-conformer-tdt", "nemo-conformer-rnnt", "nemo-conformer-ctc"})
CANARY_TYPE = "nemo-conformer-aed"
# The longest duration that a TDT model gives a token: 4 frames of 80 ms.
MAX_TOKEN_MS = 320
# Shorter input leaves the encoder no frame; it is padded with silence.
MIN_SAMPLES = SAMPLE_RATE // 5
CUDA_PROVIDER = "CUDAExecutionProvider"
CPU_PROVIDER = "CPUExecutionProvider"


@dataclass(frozen=True, slots=True)
class _Token:
    """A piece of a word; one that starts a word begins with a space."""

    text: str
    start_ms: int
    end_ms: int
    logprob: float


class ParakeetRecognizer:
    """One NeMo model; safe to call from several threads."""

    def __init__(self, model: EngineModel, compute: ComputeOptions) -> None:
        """Load the model, never anything that is not in its folder.

        Raises ModelCorrupt and DeviceUnusable.
        """
        self.name = model.name
        self.languages = model.languages
        self._type = _type_of(model.folder)
        providers = _providers(compute)
        options = ort.SessionOptions()
        # As for every engine here: parallelism is over segments, one thread each.
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        with _failures_as_ours(model):
            loaded = onnx_asr.load_model(
                self._type,
                model.folder,
                quantization="int8" if any(model.folder.glob("*model.int8.onnx")) else None,
                sess_options=options,
                providers=providers,
            )
        self._model: Any = loaded.with_timestamps()

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        """One recognition per segment, one after the other: padding a batch costs more on a CPU."""
        options = self._options(hints)
        with _gpu_failures_as_ours():
            return [self._recognize_one(segment, options) for segment in segments]

    def _options(self, hints: Hints) -> dict[str, str]:
        """What Canary is told; the others hear which language it is, and know one task."""
        if self._type != CANARY_TYPE:
            return {}
        language = hints.language or "en"
        return {"language": language, "target_language": hints.translate_to or language}

    def _recognize_one(self, segment: Waveform, options: dict[str, str]) -> Recognition:
        samples = np.zeros(max(MIN_SAMPLES, len(segment.samples)), dtype=np.float32)
        samples[: len(segment.samples)] = segment.samples
        result = self._model.recognize(samples, sample_rate=SAMPLE_RATE, **options)
        tokens = list(_tokens(result, segment))
        if not tokens:
            return NO_WORDS
        mean_logprob = sum(token.logprob for token in tokens) / len(tokens)
        numbers = {text: number for number, text in enumerate({token.text for token in tokens})}
        n_kept = find_repetition([numbers[token.text] for token in tokens])
        words = tuple(_words(tokens[:n_kept]))
        return Recognition(words, mean_logprob, is_repetitive=n_kept is not None)


def _type_of(folder: Path) -> str:
    """The kind of model, which its `config.json` names."""
    try:
        found = json.loads((folder / "config.json").read_text(encoding="utf-8"))["model_type"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelCorrupt(f"{folder}: config.json does not say which model it is") from error
    if found not in TIMED_TYPES | {CANARY_TYPE}:
        known = ", ".join(sorted(TIMED_TYPES | {CANARY_TYPE}))
        raise ModelCorrupt(f"{folder}: config.json says {found!r}; known: {known}")
    return str(found)


def _providers(compute: ComputeOptions) -> list[str]:
    has_cuda = CUDA_PROVIDER in ort.get_available_providers()
    if compute.device == "cuda" and not has_cuda:
        raise DeviceUnusable("the installed onnxruntime is not onnxruntime-gpu")
    return [CUDA_PROVIDER, CPU_PROVIDER] if has_cuda and compute.device != "cpu" else [CPU_PROVIDER]


def describe_device(compute: ComputeOptions) -> str:
    """Where a model would run, for those who look after the machine."""
    try:
        return "cuda" if CUDA_PROVIDER in _providers(compute) else "cpu"
    except DeviceUnusable as refusal:
        return f"cpu: {refusal}"


@contextmanager
def _failures_as_ours(model: EngineModel) -> Iterator[None]:
    try:
        with _gpu_failures_as_ours():
            yield
    except DeviceUnusable:
        raise
    # onnxruntime's own errors have no common class of theirs.
    except (ModelLoadingError, OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelCorrupt(f"{model.folder} cannot be loaded: {error}") from error
    except Exception as error:
        if type(error).__module__.startswith("onnxruntime"):
            raise ModelCorrupt(f"{model.folder} cannot be loaded: {error}") from error
        raise


@contextmanager
def _gpu_failures_as_ours() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        said = str(error).lower()
        if "cuda" in said or "failed to allocate memory" in said:
            raise DeviceUnusable(f"the GPU cannot be used: {error}") from error
        raise


def _tokens(result: Any, segment: Waveform) -> Iterator[_Token]:  # noqa: ANN401 - see below
    """The tokens of an `onnx_asr` result, each up to the next one, or as long as one may be."""
    texts = result.tokens or []
    if result.timestamps is None:
        yield from _spread(texts, result.logprobs, segment)
        return
    starts_ms = [
        min(samples_to_ms(round(start_s * SAMPLE_RATE), SAMPLE_RATE), segment.duration_ms)
        for start_s in result.timestamps
    ]
    following_ms = [*starts_ms[1:], segment.duration_ms]
    entries = zip(texts, starts_ms, following_ms, result.logprobs, strict=True)
    for text, start_ms, next_ms, logprob in entries:
        yield _Token(text, start_ms, min(start_ms + MAX_TOKEN_MS, next_ms), min(0.0, logprob))


def _spread(texts: Sequence[str], logprobs: Sequence[float], segment: Waveform) -> Iterator[_Token]:
    """Tokens without times, each over as much of the segment as it has of the letters."""
    n_letters = np.cumsum([0, *(len(text) for text in texts)])
    edges_ms = (n_letters * segment.duration_ms // max(1, n_letters[-1])).tolist()
    for text, start_ms, end_ms, logprob in zip(
        texts, edges_ms, edges_ms[1:], logprobs, strict=False
    ):
        yield _Token(text, start_ms, end_ms, min(0.0, logprob))


def _words(tokens: Sequence[_Token]) -> Iterator[Word]:
    pieces: list[_Token] = []
    for token in tokens:
        if token.text.startswith(" ") and pieces:
            yield from _word(pieces)
            pieces = []
        pieces.append(token)
    yield from _word(pieces)


def _word(pieces: Sequence[_Token]) -> Iterator[Word]:
    text = "".join(piece.text for piece in pieces).strip()
    if text:
        confidence = exp(sum(piece.logprob for piece in pieces) / len(pieces))
        yield Word(text, pieces[0].start_ms, pieces[-1].end_ms, confidence)
