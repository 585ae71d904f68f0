"""Moonshine tiny (English) on onnxruntime: batched greedy decoding with word times.

Model: arXiv:2410.15608. Word times come from the decoder's cross-attention by dynamic time warping,
as in Whisper (arXiv:2212.04356 and openai/whisper, timing.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime as ort

from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.models.store import ModelStore
from earshot.recognition.alignment import FloatMatrix, token_boundaries
from earshot.recognition.engines.moonshine_graphs import (
    ATTENTION_OUTPUTS,
    GRAPH_VERSION,
    N_HEADS,
    N_LAYERS,
    save_decoder_with_attention,
)
from earshot.recognition.engines.moonshine_tokens import TokenTable
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition
from earshot.recognition.repetition import REPETITION_WINDOW_TOKENS, find_repetition
from earshot.transcript.times import samples_to_ms
from earshot.transcript.words import Word

MODEL = "moonshine"
START_TOKEN = 1
END_TOKEN = 2
HEAD_SIZE = 36
# The cap of the model's own library; short segments may have some more, so that they can end.
MAX_TOKENS_PER_S = 6.5
MIN_TOKEN_CAP = 8
# 895: the shortest input whose three strided convolutions leave one frame; shorter ones are padded.
MIN_SAMPLES = 1024

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]


@dataclass(slots=True)
class _Hypothesis:
    """The tokens of one segment so far, their log-probabilities and their attention rows."""

    max_tokens: int
    tokens: list[int] = field(default_factory=list)
    logprobs: list[float] = field(default_factory=list)
    attention: list[Floats] = field(default_factory=list)  # each (n_layers, n_heads, n_frames)
    is_repetitive: bool = False

    def has_ended(self) -> bool:
        """Whether the last token ends it; cuts a loop down to its first round."""
        if self.tokens[-1] == END_TOKEN or len(self.tokens) >= self.max_tokens:
            return True
        keep = find_repetition(self.tokens[-REPETITION_WINDOW_TOKENS:])
        if keep is None:
            return False
        n_dropped = min(len(self.tokens), REPETITION_WINDOW_TOKENS) - keep
        del self.tokens[-n_dropped:], self.logprobs[-n_dropped:], self.attention[-n_dropped:]
        self.is_repetitive = True
        return True


class MoonshineRecognizer:
    """The embedded English engine."""

    name = "moonshine-tiny-en"
    languages = frozenset({"en"})

    def __init__(self, store: ModelStore) -> None:
        files = store.files(MODEL)
        decoder = files["decoder_model_merged.ort"]
        with_attention = store.derived(
            MODEL,
            f"decoder-attention-{GRAPH_VERSION}-ort{ort.__version__}.onnx",
            lambda path: save_decoder_with_attention(decoder, path),
        )
        self._encoder = _session(files["encoder_model.ort"])
        self._decoder = _session(with_attention)
        self._tokens = TokenTable.from_bytes(files["tokenizer.bin"].read_bytes())

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        """One recognition per segment; all segments are decoded as one batch."""
        del hints
        if not segments:
            return []
        # One by one, each at its own length: padding a batch of the encoder costs more on a CPU.
        encoded = [self._encode(segment) for segment in segments]
        hypotheses = self._decode(*_pad(encoded, segments))
        return [
            self._recognition(hypothesis, segment, n_frames=len(states))
            for hypothesis, segment, states in zip(hypotheses, segments, encoded, strict=True)
        ]

    def _encode(self, segment: Waveform) -> Floats:
        """The encoder's states, (n_frames, n_features)."""
        samples = np.zeros((1, _padded_length(segment)), dtype=np.float32)
        samples[0, : len(segment.samples)] = segment.samples
        mask = np.ones(samples.shape, dtype=np.int64)
        (states,) = self._encoder.run(None, {"input_values": samples, "attention_mask": mask})
        encoded: Floats = states[0]
        return encoded

    def _decode(self, states: Floats, mask: Ints) -> list[_Hypothesis]:
        """Greedy decoding of the whole batch; segments that have ended leave it.

        `states` are (n_segments, n_frames, n_features), `mask` (n_segments, n_samples).
        """
        lengths = mask.sum(axis=1)
        hypotheses = [
            _Hypothesis(max(MIN_TOKEN_CAP, int(n / SAMPLE_RATE * MAX_TOKENS_PER_S)))
            for n in lengths
        ]
        running = list(hypotheses)
        feeds = _first_feeds(states, mask)
        while running:
            outputs = dict(zip(self._outputs(feeds), self._run(feeds), strict=True))
            tokens, logprobs = _pick(outputs["logits"][:, -1])
            attention = np.stack([outputs[name][:, :, -1] for name in ATTENTION_OUTPUTS], axis=1)
            kept_rows = []
            for row, hypothesis in enumerate(running):
                hypothesis.tokens.append(int(tokens[row]))
                hypothesis.logprobs.append(float(logprobs[row]))
                hypothesis.attention.append(attention[row])
                if not hypothesis.has_ended():
                    kept_rows.append(row)
            running = [running[row] for row in kept_rows]
            feeds = _next_feeds(feeds, outputs, tokens, np.asarray(kept_rows, dtype=np.intp))
        return hypotheses

    def _outputs(self, feeds: dict[str, npt.NDArray[np.generic]]) -> list[str]:
        is_first = not feeds["use_cache_branch"][0]
        return _FIRST_OUTPUTS if is_first else _LATER_OUTPUTS

    def _run(self, feeds: dict[str, npt.NDArray[np.generic]]) -> list[Floats]:
        outputs: list[Floats] = self._decoder.run(self._outputs(feeds), feeds)
        return outputs

    def _recognition(
        self, hypothesis: _Hypothesis, segment: Waveform, *, n_frames: int
    ) -> Recognition:
        logprobs = hypothesis.logprobs
        mean_logprob = sum(logprobs) / len(logprobs) if logprobs else float("-inf")
        if hypothesis.tokens and hypothesis.tokens[-1] == END_TOKEN:
            hypothesis.tokens.pop()
        words: tuple[Word, ...] = ()
        if hypothesis.tokens:
            attention = np.stack(hypothesis.attention, axis=2)[..., :n_frames]
            times_ms = _token_times_ms(attention, segment)
            words = self._tokens.words(hypothesis.tokens, times_ms, logprobs)
        return Recognition(words, mean_logprob, hypothesis.is_repetitive)


def _session(path: Path) -> ort.InferenceSession:
    options = ort.SessionOptions()
    # One intra-op thread: parallelism is over batches, which scales better on small graphs.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the arena keeps the largest batch's memory for ever
    options.log_severity_level = 3  # errors only: the graph's own shape warnings say nothing
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _padded_length(segment: Waveform) -> int:
    return max(MIN_SAMPLES, len(segment.samples))


def _pad(encoded: Sequence[Floats], segments: Sequence[Waveform]) -> tuple[Floats, Ints]:
    """States (n_segments, n_frames, n_features), and which samples, not frames, they stand for."""
    lengths = [_padded_length(segment) for segment in segments]
    n_frames = max(len(states) for states in encoded)
    padded = np.zeros((len(encoded), n_frames, encoded[0].shape[1]), dtype=np.float32)
    mask = np.zeros((len(encoded), max(lengths)), dtype=np.int64)
    for row, (states, length) in enumerate(zip(encoded, lengths, strict=True)):
        padded[row, : len(states)] = states
        mask[row, :length] = 1
    return padded, mask


def _past(kind: str, part: str, layer: int) -> str:
    return f"past_key_values.{layer}.{kind}.{part}"


_CACHE = [(layer, part) for layer in range(N_LAYERS) for part in ("key", "value")]
_DECODER_CACHE = {f"present.{i}.decoder.{part}": _past("decoder", part, i) for i, part in _CACHE}
_ENCODER_CACHE = {f"present.{i}.encoder.{part}": _past("encoder", part, i) for i, part in _CACHE}
_LATER_OUTPUTS = ["logits", *ATTENTION_OUTPUTS, *_DECODER_CACHE]
_FIRST_OUTPUTS = [*_LATER_OUTPUTS, *_ENCODER_CACHE]


def _first_feeds(states: Floats, mask: Ints) -> dict[str, npt.NDArray[np.generic]]:
    n_segments = len(states)
    empty = np.zeros((n_segments, N_HEADS, 0, HEAD_SIZE), dtype=np.float32)
    feeds: dict[str, npt.NDArray[np.generic]] = {
        "input_ids": np.full((n_segments, 1), START_TOKEN, dtype=np.int64),
        "encoder_hidden_states": states,
        "encoder_attention_mask": mask,
        "use_cache_branch": np.array([False]),
    }
    for name in (*_DECODER_CACHE.values(), *_ENCODER_CACHE.values()):
        feeds[name] = empty
    return feeds


def _next_feeds(
    feeds: dict[str, npt.NDArray[np.generic]],
    outputs: dict[str, Floats],
    tokens: Ints,
    kept_rows: npt.NDArray[np.intp],
) -> dict[str, npt.NDArray[np.generic]]:
    """The feeds of the next step for the rows that go on."""
    following = dict(feeds)
    following["use_cache_branch"] = np.array([True])
    following["input_ids"] = tokens[:, None]
    for present, past in (*_DECODER_CACHE.items(), *_ENCODER_CACHE.items()):
        if present in outputs:
            following[past] = outputs[present]
    if len(kept_rows) == len(tokens):
        return following
    return {
        name: value if name == "use_cache_branch" else value[kept_rows]
        for name, value in following.items()
    }


def _pick(logits: Floats) -> tuple[Ints, Floats]:
    """The likeliest token of each row and its log-probability, both (n_rows,)."""
    tokens = logits.argmax(axis=1)
    best = logits.max(axis=1)
    logprobs: Floats = -np.log(np.exp(logits - best[:, None]).sum(axis=1))
    return tokens, logprobs


def _token_times_ms(attention: Floats, segment: Waveform) -> list[tuple[int, int]]:
    """Start and end of each token in ms, from attention (n_layers, n_heads, n_tokens, n_frames)."""
    boundaries: FloatMatrix = token_boundaries(attention)  # (n_tokens, 2), in frames
    n_samples = len(segment.samples)
    samples = np.clip(boundaries * n_samples / attention.shape[-1], 0, n_samples).astype(int)
    return [
        (samples_to_ms(int(a), SAMPLE_RATE), samples_to_ms(int(b), SAMPLE_RATE)) for a, b in samples
    ]
