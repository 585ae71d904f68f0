"""Moonshine tiny (English) on onnxruntime: batched greedy decoding with word times.

Model: arXiv:2410.15608. Word times come from the decoder's cross-attention by dynamic time warping,
as in Whisper (arXiv:2212.04356 and openai/whisper, timing.py).
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise

import numpy as np

from earshot.audio.crew import Crew
from earshot.audio.segments import SegmentPolicy
from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.models.store import ModelStore
from earshot.recognition.alignment import FloatMatrix, token_boundaries
from earshot.recognition.confidence import MOONSHINE_TINY_EN, Calibration
from earshot.recognition.engines.moonshine_bias import Forced, TokenBias, bias_tokens
from earshot.recognition.engines.moonshine_decoder import DecoderBatch, EncodedSegment
from earshot.recognition.engines.moonshine_encoder import NOTHING, Convolved, SpeechEncoder
from earshot.recognition.engines.moonshine_hypothesis import (
    END_TOKEN,
    Floats,
    Hypothesis,
    Ints,
    logprobs_of_columns,
    logprobs_of_tokens,
    pick,
)
from earshot.recognition.engines.moonshine_second_hearing import (
    DEFAULT_SECOND_HEARING_POLICY,
    Hearing,
    SecondHearingPolicy,
    at_speed,
    likeliest_tokens,
)
from earshot.recognition.engines.moonshine_sessions import open_decoder, open_encoder
from earshot.recognition.engines.moonshine_tokens import TokenTable
from earshot.recognition.language import Features
from earshot.recognition.loading import SecondHearings
from earshot.recognition.recognizer import NO_HINTS, Closing, Draft, Effort, Hints, Recognition
from earshot.transcript.punctuation import PHRASE_MARKS, SENTENCE_MARKS
from earshot.transcript.times import samples_to_ms
from earshot.transcript.words import Word

MODEL = "moonshine"
START_TOKEN = 1
# The cap of the model's own library; short segments may have some more, so that they can end.
MAX_TOKENS_PER_S = 6.5
MIN_TOKEN_CAP = 8
# A batch that has shrunk to this part of itself goes on without the segments that have ended.
MAX_KEPT = 0.5
# Rows side by side share the reading of the weights: fewer are not worth a core of their own.
MIN_ROWS_APART = 3

# A draft is found again behind at most so many tokens that the decoder left out.
MAX_LEFT_OUT = 4
# What is read of it at once from there on: each token costs an eighth of a step, right or wrong.
MAX_READ_ON = 6

SMALLEST_SPREAD = 1e-4  # of a segment of one frame there is none


class MoonshineRecognizer:
    """The embedded English engine."""

    name = "moonshine-tiny-en"
    languages = frozenset({"en"})
    # Attention costs the square of a segment's length; more context than this hears no better.
    segment_policy = SegmentPolicy(min_s=6.0, max_s=15.0)

    def __init__(
        self,
        store: ModelStore,
        calibration: Calibration = MOONSHINE_TINY_EN,
        n_cores: int = os.cpu_count() or 1,
        second_hearings: SecondHearings = "short",
        again: SecondHearingPolicy = DEFAULT_SECOND_HEARING_POLICY,
    ) -> None:
        """`second_hearings` says in which recordings doubtful speech is heard again."""
        self._calibration = calibration
        self._second_hearings = second_hearings
        self._again = again
        self._crew = Crew(n_cores)
        self._encoder = SpeechEncoder(open_encoder(store, MODEL))
        self._decoder = open_decoder(store, MODEL)
        table = store.files(MODEL)["tokenizer.bin"]
        self._tokens = TokenTable.from_bytes(table.read_bytes())
        sentence_marks = self._tokens.numbers(SENTENCE_MARKS)
        self._n_sentence_marks = len(sentence_marks)
        self._marks: Ints = np.array([*sentence_marks, *self._tokens.numbers(PHRASE_MARKS)])

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        """One recognition per segment; all are decoded as one batch, or one for each idle core.

        What is doubtful is heard again at other speeds, where hints and settings allow it.
        """
        if not segments:
            return []
        bias = bias_tokens(hints.vocabulary, self._tokens) if hints.vocabulary.terms else None
        with self._crew.core():
            # One by one, each at its own length: padding a batch costs more on a CPU. The longest,
            # which come last, first: so that no core waits long for another's.
            encoded = self._crew.map(self._encoder.encode, segments[::-1])[::-1]
            parts = [
                (encoded[part], segments[part])
                for part in _parts(len(segments), self._crew.n_idle + 1)
            ]
            if bias is None and hints.effort is Effort.USUAL:
                encoded.clear()  # hardly anybody comes back to them, and a batch makes copies
            halves = self._crew.map(lambda part: self._decode(*part, bias), parts)
            hypotheses = [hypothesis for half in halves for hypothesis in half]
            for row, segment in enumerate(segments):  # one by one: hearings are large
                known = encoded[row] if encoded else None
                hypotheses[row] = self._hear_again(hypotheses[row], segment, known, hints, bias)
            closings = [self._closing(hypothesis) for hypothesis in hypotheses]
            if bias is not None:
                bias.revise(hypotheses, lambda rows: self._force(encoded, rows))
        return [
            replace(self._recognition(hypothesis, segment, bias), closing=closing)
            for hypothesis, segment, closing in zip(hypotheses, segments, closings, strict=True)
        ]

    def recognize_drafted(
        self,
        segments: Sequence[Waveform],
        drafts: Sequence[Draft],
        hints: Hints = NO_HINTS,
    ) -> list[Recognition]:
        """As `recognize`, segment by segment: what is right of the draft is read in one step.

        What was convolved before is not again. It waits for no core: live sessions go before
        recordings. Idle ones help with other speeds.
        """
        pairs = zip(segments, drafts, strict=True)
        return [self._recognize_drafted(segment, draft, hints) for segment, draft in pairs]

    def _recognize_drafted(self, segment: Waveform, draft: Draft, hints: Hints) -> Recognition:
        bias = bias_tokens(hints.vocabulary, self._tokens) if hints.vocabulary.terms else None
        known = draft.memory if isinstance(draft.memory, Convolved) else NOTHING
        encoded, convolved = self._encoder.encode_on(segment, known)
        tokens = self._tokens.encode(" ".join(draft.words)) if draft.words else []
        hypothesis = self._decode_drafted(tokens, encoded, segment, bias)
        if hints.effort is not Effort.USUAL:
            with self._crew.core(waits=False):
                hypothesis = self._hear_again(hypothesis, segment, encoded, hints, bias)
        closing = self._closing(hypothesis)
        if bias is not None:
            bias.revise([hypothesis], lambda rows: self._force([encoded], rows))
        recognition = self._recognition(hypothesis, segment, bias)
        return replace(recognition, closing=closing, memory=convolved)

    def _closing(self, hypothesis: Hypothesis) -> Closing | None:
        """What the decoder made of the place after the last word, whichever mark it chose there."""
        after = len(hypothesis.tokens)
        while after and hypothesis.tokens[after - 1] in {END_TOKEN, *self._marks.tolist()}:
            after -= 1
        if not after or after == len(hypothesis.tokens):
            return None  # no word, or one that was cut off
        probabilities = np.exp(hypothesis.marks[after])
        return Closing(
            ends_sentence=float(probabilities[: self._n_sentence_marks].sum()),
            ends_phrase=float(probabilities[self._n_sentence_marks :].sum()),
        )

    def describe(self, segments: Sequence[Waveform]) -> list[Features]:
        """The mean and the logarithm of the spread of what the decoder's first layer attends to."""
        described = []
        for segment in segments:
            encoded = self._encoder.encode(segment)
            values = encoded.cross_attention[0, 1]  # (n_heads, n_frames, head_size)
            mean, spread = values.mean(axis=1).ravel(), values.std(axis=1).ravel()
            described.append(np.concatenate([mean, np.log(spread + SMALLEST_SPREAD)]))
        return described

    def _decode(
        self,
        encoded: list[EncodedSegment],
        segments: Sequence[Waveform],
        bias: TokenBias | None = None,
    ) -> list[Hypothesis]:
        """Greedy decoding of the whole batch; the first segments leave it when they have ended.

        When half have ended, all of these leave. Empties `encoded`, which takes as much memory as
        the batch that is made of it.
        """
        hypotheses = [
            Hypothesis(_max_tokens(segment), one.n_frames)
            for segment, one in zip(segments, encoded, strict=True)
        ]
        capacity = max(hypothesis.max_tokens for hypothesis in hypotheses)
        batch = DecoderBatch(self._decoder, encoded, capacity)
        encoded.clear()
        rows = list(hypotheses)
        tokens: Ints = np.full(len(rows), START_TOKEN)
        while True:
            logits = batch.step(tokens)
            tokens, logprobs = pick(logits)
            watched = _watched_logprobs(logits, tokens, logprobs, bias)
            marks = logprobs_of_columns(self._marks, logits, tokens, logprobs)
            attention = batch.attention()[:, :, :, 0]
            for row, hypothesis in enumerate(rows):
                if not hypothesis.is_done:
                    hypothesis.add(
                        tokens[row], logprobs[row], attention[row], watched[row], marks[row]
                    )
            kept = np.array([row for row, one in enumerate(rows) if not one.is_done], dtype=np.intp)
            if len(kept) == 0:
                return hypotheses
            if len(kept) > len(rows) * MAX_KEPT:
                kept = np.arange(kept[0], len(rows))  # only the first, which leave without a copy
            if len(kept) < len(rows):
                batch.keep(kept)
                rows, tokens = [rows[row] for row in kept], tokens[kept]

    def _decode_drafted(
        self,
        draft: Sequence[int],
        encoded: EncodedSegment,
        segment: Waveform,
        bias: TokenBias | None,
    ) -> Hypothesis:
        """Greedy decoding of one segment that starts with a draft of its tokens.

        As in speculative decoding (arXiv:2211.17192): a token of the draft is taken where it is the
        decoder's own choice. Where it is not, the draft goes on behind what was chosen.
        """
        hypothesis = Hypothesis(_max_tokens(segment), encoded.n_frames)
        draft = list(draft[: hypothesis.max_tokens - 1])
        batch = DecoderBatch(self._decoder, [encoded], hypothesis.max_tokens)
        given: list[int] = [START_TOKEN, *draft]
        rest: list[int] = []  # of the draft, behind what is given
        n_given = 0
        while True:
            logits = batch.give(np.array([given]))[0]
            tokens, logprobs = pick(logits)
            watched = _watched_logprobs(logits, tokens, logprobs, bias)
            marks = logprobs_of_columns(self._marks, logits, tokens, logprobs)
            attention = batch.attention()[0]
            rest = [*given[1:], *rest]
            for place, token in enumerate(tokens):
                hypothesis.add(
                    token, logprobs[place], attention[:, :, place], watched[place], marks[place]
                )
                n_given += 1
                if hypothesis.is_done:
                    return hypothesis
                if place + 1 == len(given) or token != given[place + 1]:
                    break
            batch.rewind(n_given)
            rest = draft_after(rest[place:], int(token))
            n_next = min(MAX_READ_ON, hypothesis.max_tokens - n_given - 1)
            given, rest = [int(token), *rest[:n_next]], rest[n_next:]

    def _hear_again(
        self,
        first: Hypothesis,
        segment: Waveform,
        encoded: EncodedSegment | None,
        hints: Hints,
        bias: TokenBias | None,
    ) -> Hypothesis:
        """The hypothesis or, where it is in doubt, what several hearings find likeliest.

        The segment is encoded once more where it was let go of.
        """
        speeds = self._again.speeds_for(first, segment, self._second_hearings, hints.effort)
        if not speeds:
            return first
        others = self._crew.map(partial(self._hear_at, first=first, segment=segment), speeds)
        own = Hearing(encoded or self._encoder.encode(segment), first)
        return self._likeliest([own, *others], bias)

    def _hear_at(self, speed: float, first: Hypothesis, segment: Waveform) -> Hearing:
        """The segment at another speed, where most is heard as at first."""
        encoded = self._encoder.encode(at_speed(segment, speed))
        # As many tokens as at its own speed: what is said does not change.
        return Hearing(encoded, self._decode_drafted(first.tokens, encoded, segment, None))

    def _likeliest(self, hearings: Sequence[Hearing], bias: TokenBias | None) -> Hypothesis:
        """What all hearings together find likeliest, as the first one has it."""
        first = hearings[0]
        tokens = likeliest_tokens(hearings, self._read, each=self._crew.map)
        if list(tokens) == first.hypothesis.tokens:
            return first.hypothesis
        chosen = self._read(tokens, first.encoded, bias)
        # Whether anybody speaks is not asked again: all words would go where the answer is no.
        chosen.least_logprob = first.hypothesis.mean_logprob
        return chosen

    def _force(
        self, encoded: Sequence[EncodedSegment], rows: Sequence[tuple[int, list[int]]]
    ) -> list[Forced]:
        """What the decoder makes of whole token lists, each of one segment.

        One by one: their logits are 128 KB a token, and several side by side leave the caches.
        """
        read = (self._read(tokens, encoded[segment]) for segment, tokens in rows)
        return [Forced(one.logprobs, one.attention) for one in read]

    def _read(
        self, tokens: Sequence[int], encoded: EncodedSegment, bias: TokenBias | None = None
    ) -> Hypothesis:
        """What the decoder makes of tokens that it is given, as if it had chosen them itself."""
        batch = DecoderBatch(self._decoder, [encoded], len(tokens))
        logits = batch.give(np.array([[START_TOKEN, *tokens[:-1]]]))[0]
        given: Ints = np.array(tokens)
        logprobs = logprobs_of_tokens(logits, given)
        attention = batch.attention()[0]
        return Hypothesis(
            len(tokens),
            encoded.n_frames,
            tokens=list(tokens),
            logprobs=logprobs.tolist(),
            attention=[attention[:, :, place] for place in range(len(tokens))],
            watched=[*_watched_logprobs(logits, given, logprobs, bias)],
            marks=[*logprobs_of_columns(self._marks, logits, given, logprobs)],
            is_done=True,
        )

    def _recognition(
        self, hypothesis: Hypothesis, segment: Waveform, bias: TokenBias | None
    ) -> Recognition:
        logprobs, mean_logprob = hypothesis.logprobs, hypothesis.mean_logprob
        if hypothesis.tokens and hypothesis.tokens[-1] == END_TOKEN:
            hypothesis.tokens.pop()
        words: tuple[Word, ...] = ()
        if hypothesis.tokens:
            attention = np.stack(hypothesis.attention, axis=2)
            times_ms = _token_times_ms(attention, segment)
            words = tuple(
                self._calibration.calibrated(word, mean_logprob)
                for word in self._tokens.words(hypothesis.tokens, times_ms, logprobs)
            )
        if bias is not None:
            words = bias.respell(words)
        return Recognition(words, mean_logprob, hypothesis.is_repetitive)


def _parts(n_rows: int, n_cores: int) -> list[slice]:
    """The rows of a batch in runs of nearly as many, one for each core that can be filled."""
    n_parts = max(1, min(n_cores, n_rows // MIN_ROWS_APART))
    edges = [n_rows * part // n_parts for part in range(n_parts + 1)]
    return [slice(start, end) for start, end in pairwise(edges)]


def draft_after(rest: Sequence[int], token: int) -> list[int]:
    """What is left of a draft when the decoder chose a token that is not its next one.

    If the token comes soon in the rest, what was before it was left out; else it took the place of
    the next one.
    """
    soon = list(rest[:MAX_LEFT_OUT])
    return list(rest[soon.index(token) + 1 if token in soon else 1 :])


def _max_tokens(segment: Waveform) -> int:
    return max(MIN_TOKEN_CAP, int(len(segment.samples) / SAMPLE_RATE * MAX_TOKENS_PER_S))


def _watched_logprobs(
    logits: Floats, tokens: Ints, logprobs: Floats, bias: TokenBias | None
) -> Floats:
    """The log-probabilities of the tokens that a bias watches, (n_rows, n_watched).

    `tokens` are those picked, of which `logprobs` are known.
    """
    if bias is None:
        return np.zeros((len(logits), 0), dtype=np.float32)
    return logprobs_of_columns(bias.watched, logits, tokens, logprobs)


def _token_times_ms(attention: Floats, segment: Waveform) -> list[tuple[int, int]]:
    """Start and end of each token in ms, from attention (n_layers, n_heads, n_tokens, n_frames)."""
    boundaries: FloatMatrix = token_boundaries(attention)  # (n_tokens, 2), in frames
    n_samples = len(segment.samples)
    samples = np.clip(boundaries * n_samples / attention.shape[-1], 0, n_samples).astype(int)
    return [
        (samples_to_ms(int(a), SAMPLE_RATE), samples_to_ms(int(b), SAMPLE_RATE)) for a, b in samples
    ]
