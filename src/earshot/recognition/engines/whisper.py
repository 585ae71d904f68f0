"""Whisper on CTranslate2, by way of faster-whisper: up to a hundred languages, on CPU or GPU.

Model: arXiv:2212.04356. Segments are those of our own speech detector, each within the window of
30 s that the model knows; word times come from its cross-attention.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import ctranslate2
import numpy as np
import numpy.typing as npt
from faster_whisper import WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import (
    get_compression_ratio,
    get_suppressed_tokens,
    merge_punctuations,
)

from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.errors import DeviceUnusable, ModelCorrupt, SettingsInvalid
from earshot.recognition.loading import ComputeOptions, EngineModel
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition
from earshot.recognition.repetition import find_repetition
from earshot.transcript.options import Vocabulary
from earshot.transcript.times import samples_to_ms
from earshot.transcript.words import Word

WINDOW_S = 30.0
HOP_SAMPLES = 160
# Thresholds of the reference implementation (openai/whisper, transcribe.py).
MAX_COMPRESSION_RATIO = 2.4
NO_SPEECH_PROBABILITY = 0.6
NO_SPEECH_MEAN_LOGPROB = -1.0
BEAM_SIZE = 5
# What the model was taught to read of the text before, in tokens: half of its context but the token
# that begins it (openai/whisper, decoding.py). faster-whisper would cut there, inside a term.
MAX_TERM_TOKENS = 448 // 2 - 1
_TERM_SEPARATOR = ", "
# Quotes, brackets and stops that belong to the word after, or before them.
_OPENING = "\"'“¿([{-"
_CLOSING = "\"'.。,，!！?？:：”)]}、"  # noqa: RUF001 - the marks that are meant
# More speech does not make the language surer, and each window costs a run of the encoder.
MAX_DETECTION_SEGMENTS = 4
# What the driver's and the libraries' own words have in common when a GPU cannot go on.
_GPU_FAILURES = ("cuda", "cublas", "cudnn", "out of memory")

Features = npt.NDArray[np.float32]


class WhisperRecognizer:
    """One Whisper model; safe to call from several threads."""

    def __init__(self, model: EngineModel, compute: ComputeOptions) -> None:
        """Load the model, never anything that is not in its folder.

        Raises ModelCorrupt, SettingsInvalid for a compute type that the device does not have, and
        DeviceUnusable.
        """
        self.name = model.name
        self.languages = model.languages
        if not (model.folder / "tokenizer.json").is_file():
            # Without one, the library would look for another on the network.
            raise ModelCorrupt(f"{model.folder} has no tokenizer.json")
        self._device = _device(compute)
        with _failures_as_ours(model, compute):
            self._model: Any = WhisperModel(
                str(model.folder),
                device=self._device,
                compute_type=_compute_type(compute, self._device),
                cpu_threads=1,
                num_workers=compute.n_threads if self._device == "cpu" else 1,
                local_files_only=True,
            )

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        """One recognition per segment; all segments are decoded as one batch."""
        if not segments:
            return []
        with _gpu_failures_as_ours():
            encoded = self._encode(segments)
            language = hints.language or _likeliest(self._languages(encoded, segments))
            tokenizer = self._tokenizer(language, hints)
            results = self._decode(encoded, len(segments), tokenizer, hints)
            kept = [_without_loop(result.sequences_ids[0], tokenizer.eot) for result in results]
            alignments = self._model.find_alignment(
                tokenizer,
                [tokens for tokens, _ in kept],
                encoded,
                [_n_frames(segment) for segment in segments],
            )
        return [
            _recognition(result, tokenizer.decode(tokens), alignment, segment, has_looped=looped)
            for result, (tokens, looped), alignment, segment in zip(
                results, kept, alignments, segments, strict=True
            )
        ]

    def detect(self, segments: Sequence[Waveform]) -> Mapping[str, float]:
        """The probability of each language, over the first few of the segments."""
        heard = segments[:MAX_DETECTION_SEGMENTS]
        if not heard:
            return {}
        with _gpu_failures_as_ours():
            return self._languages(self._encode(heard), heard)

    def terms_that_fit(self, vocabulary: Vocabulary) -> list[str]:
        """The terms that the model has room to read: the first, and then what still fits."""
        fitting: list[str] = []
        n_free = MAX_TERM_TOKENS - 1  # the list is cut where it fills its room to the last token
        for term in vocabulary.terms:
            # As it is read: with a blank before it, and a comma after.
            text = f" {term}{_TERM_SEPARATOR.rstrip()}"
            n_tokens = len(self._model.hf_tokenizer.encode(text, add_special_tokens=False).ids)
            if n_tokens <= n_free:
                fitting.append(term)
                n_free -= n_tokens
        return fitting

    def _encode(self, segments: Sequence[Waveform]) -> Any:  # noqa: ANN401 - of a library without types
        assert all(segment.duration_ms <= WINDOW_S * 1000 for segment in segments)
        features: list[Features] = [
            pad_or_trim(self._model.feature_extractor(segment.samples)[..., :-1])
            for segment in segments
        ]
        return self._model.encode(np.stack(features))

    def _languages(self, encoded: Any, segments: Sequence[Waveform]) -> dict[str, float]:  # noqa: ANN401
        """The mean over the segments, by their length."""
        if not self._model.model.is_multilingual:
            return dict.fromkeys(self.languages, 1.0)
        total = sum(len(segment.samples) for segment in segments)
        probabilities = dict.fromkeys(self.languages, 0.0)
        found = self._model.model.detect_language(encoded)
        for ranking, segment in zip(found, segments, strict=True):
            for token, probability in ranking:
                language = token.strip("<|>")
                if language in probabilities:
                    probabilities[language] += probability * len(segment.samples) / total
        return probabilities

    def _tokenizer(self, language: str, hints: Hints) -> Tokenizer:
        return Tokenizer(
            self._model.hf_tokenizer,
            self._model.model.is_multilingual,
            # The model was taught to translate into English, and into nothing else.
            task="translate" if hints.translate_to == "en" else "transcribe",
            language=language,
        )

    def _decode(self, encoded: Any, n_segments: int, tokenizer: Tokenizer, hints: Hints) -> Any:  # noqa: ANN401
        """The best hypothesis of each segment."""
        # The model has no strengths of a vocabulary: it reads the terms as what was said before.
        terms = _TERM_SEPARATOR.join(self.terms_that_fit(hints.vocabulary)) or None
        prompt = self._model.get_prompt(tokenizer, [], without_timestamps=True, hotwords=terms)
        return self._model.model.generate(
            encoded,
            [prompt] * n_segments,
            beam_size=BEAM_SIZE,
            max_length=self._model.max_length,
            suppress_tokens=get_suppressed_tokens(tokenizer, [-1]),
            return_scores=True,
            return_no_speech_prob=True,
        )


def _device(compute: ComputeOptions) -> str:
    if compute.device == "auto":
        return "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
    return compute.device


def _compute_type(compute: ComputeOptions, device: str) -> str:
    if compute.compute_type != "auto":
        return compute.compute_type
    return "int8" if device == "cpu" else "float16"


def describe_device(compute: ComputeOptions) -> str:
    """Where a model would run, and with which numbers, for those who look after the machine."""
    device = _device(compute)
    if device == "cuda" and not ctranslate2.get_cuda_device_count():
        # As `recognition.fallback` has it, which does not ask for the GPU's numbers either.
        return "cpu, int8: CTranslate2 finds no GPU"
    return f"{device}, {_compute_type(compute, device)}"


@contextmanager
def _failures_as_ours(model: EngineModel, compute: ComputeOptions) -> Iterator[None]:
    try:
        with _gpu_failures_as_ours():
            yield
    except ValueError as error:
        if "compute type" in str(error):
            raise SettingsInvalid(
                f"EARSHOT_COMPUTE_TYPE is {compute.compute_type!r}: {error}"
            ) from error
        raise ModelCorrupt(f"{model.folder} cannot be loaded: {error}") from error
    except RuntimeError as error:
        raise ModelCorrupt(f"{model.folder} cannot be loaded: {error}") from error


@contextmanager
def _gpu_failures_as_ours() -> Iterator[None]:
    try:
        yield
    except RuntimeError as error:
        if any(sign in str(error).lower() for sign in _GPU_FAILURES):
            raise DeviceUnusable(f"the GPU cannot be used: {error}") from error
        raise


def _likeliest(probabilities: Mapping[str, float]) -> str:
    return max(probabilities, key=lambda language: probabilities[language])


def _n_frames(segment: Waveform) -> int:
    """Frames of the spectrogram that the segment fills; the aligner pairs them, so two at least."""
    return max(2, len(segment.samples) // HOP_SAMPLES)


def _without_loop(tokens: Sequence[int], end_token: int) -> tuple[list[int], bool]:
    """The tokens of text, cut down to the first round where they end in a loop; whether they did.

    What comes after `end_token` in the vocabulary is not text.
    """
    text = [token for token in tokens if token < end_token]
    n_kept = find_repetition(text)
    return text[:n_kept], n_kept is not None


def _recognition(
    result: Any,  # noqa: ANN401 - of a library without types
    text: str,
    alignment: list[dict[str, Any]],
    segment: Waveform,
    *,
    has_looped: bool,
) -> Recognition:
    n_tokens = len(result.sequences_ids[0])
    mean_logprob = result.scores[0] * n_tokens / (n_tokens + 1)  # the end token is one more
    is_silent = (
        result.no_speech_prob > NO_SPEECH_PROBABILITY and mean_logprob < NO_SPEECH_MEAN_LOGPROB
    )
    if is_silent or not alignment:
        return Recognition((), mean_logprob if n_tokens else float("-inf"), is_repetitive=False)
    merge_punctuations(alignment, _OPENING, _CLOSING)
    words = tuple(_word(entry, segment) for entry in alignment if entry["word"].strip())
    is_repetitive = has_looped or get_compression_ratio(text) > MAX_COMPRESSION_RATIO
    return Recognition(words, mean_logprob, is_repetitive)


def _word(entry: Mapping[str, Any], segment: Waveform) -> Word:
    start_ms, end_ms = (
        min(samples_to_ms(round(entry[edge] * SAMPLE_RATE), SAMPLE_RATE), segment.duration_ms)
        for edge in ("start", "end")
    )
    return Word(entry["word"].strip(), start_ms, end_ms, confidence=float(entry["probability"]))
