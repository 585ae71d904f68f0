from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from earshot.recognition.engines.moonshine_bias import Forced, TokenBias, bias_tokens
from earshot.recognition.engines.moonshine_tokens import TokenTable
from earshot.recognition.vocabulary import VocabularyIndex
from earshot.transcript.options import Vocabulary
from earshot.transcript.words import Word

SPACE = "▁".encode()
LETTERS = [bytes([byte]) for byte in range(256)]
# Tokens are joined two by two, so that the longer ones need all the shorter ones.
JOINED = [SPACE + word[:n] for word in (b"lady", b"liddy") for n in range(1, len(word) + 1)]
TABLE = TokenTable((b"", b"", b"", *LETTERS, SPACE, *dict.fromkeys(JOINED)))
LADY, LIDDY = TABLE.encode("lady")[0], TABLE.encode("liddy")[0]
END = 2
NOTHING = np.zeros(0, dtype=np.float32)


@dataclass
class Hypothesis:
    tokens: list[int]
    logprobs: list[float]
    attention: list[npt.NDArray[np.float32]] = field(default_factory=list)
    watched: list[npt.NDArray[np.float32]] = field(default_factory=list)


class Decoder:
    """Gives every forced token the same log-probability, and remembers what it was asked."""

    def __init__(self, logprob: float) -> None:
        self.logprob = logprob
        self.rows: list[tuple[int, list[int]]] = []

    def __call__(self, rows: Sequence[tuple[int, list[int]]]) -> list[Forced]:
        self.rows += rows
        return [Forced([self.logprob] * len(t), [NOTHING] * len(t)) for _, t in rows]


def bias_of(*terms: str) -> TokenBias:
    return TokenBias(VocabularyIndex(Vocabulary(terms)), TABLE)


def heard(bias: TokenBias, *, rival: float = -1.0, loss: float = 1.0) -> Hypothesis:
    """The hypothesis "lady", in whose place the model gave every watched token `rival`."""
    tokens = [LADY, END]
    watched = [np.full(len(bias.watched), rival, dtype=np.float32) for _ in tokens]
    return Hypothesis(tokens, [-loss, -0.1], [NOTHING] * 2, watched)


def test_a_term_takes_the_place_of_a_word_where_little_is_lost_by_it() -> None:
    bias = bias_of("liddy")
    hypothesis = heard(bias)
    bias.revise([hypothesis], Decoder(-1.5))
    assert hypothesis.tokens == [LIDDY, END]
    assert hypothesis.logprobs == [-1.5, -1.5]
    assert len(hypothesis.attention) == 2


def test_a_term_that_loses_more_than_its_bonus_is_not_taken() -> None:
    bias = bias_of("liddy")
    hypothesis = heard(bias)
    decoder = Decoder(-9.0)
    bias.revise([hypothesis], decoder)
    assert decoder.rows == [(0, [LIDDY, END])]
    assert hypothesis.tokens == [LADY, END]
    assert hypothesis.logprobs == [-1.0, -0.1]


def test_a_term_that_the_model_did_not_think_of_costs_no_pass() -> None:
    bias = bias_of("liddy")
    decoder = Decoder(0.0)
    bias.revise([heard(bias, rival=-12.0)], decoder)
    assert not decoder.rows


def test_each_hypothesis_is_revised_by_itself() -> None:
    bias = bias_of("liddy")
    hypotheses = [heard(bias, rival=-12.0), heard(bias)]
    decoder = Decoder(-0.5)
    bias.revise(hypotheses, decoder)
    assert [hypothesis.tokens[0] for hypothesis in hypotheses] == [LADY, LIDDY]
    assert {segment for segment, _ in decoder.rows} == {1}


def test_a_hypothesis_without_words_is_left_alone() -> None:
    bias = bias_of("liddy")
    hypothesis = Hypothesis([END], [-0.1], [NOTHING], [np.zeros(len(bias.watched), np.float32)])
    bias.revise([hypothesis], Decoder(0.0))
    assert hypothesis.tokens == [END]


def test_every_token_of_every_spelling_is_watched() -> None:
    bias = bias_of("liddy", "xy")
    wanted = {t for term in ("liddy", "Liddy", "xy", "Xy") for t in TABLE.encode(term)}
    assert set(bias.watched.tolist()) == wanted


def test_terms_that_cannot_be_heard_watch_next_to_nothing() -> None:
    bias = bias_of("日本")
    hypothesis = heard(bias)
    bias.revise([hypothesis], Decoder(0.0))
    assert hypothesis.tokens == [LADY, END]


def test_words_are_written_as_the_caller_writes_them() -> None:
    words = (Word("Pytorch.", 10, 20, 0.9),)
    assert bias_of("PyTorch").respell(words) == (Word("PyTorch.", 10, 20, 0.9),)


def test_a_vocabulary_is_prepared_once() -> None:
    assert bias_tokens(Vocabulary(("a",)), TABLE) is bias_tokens(Vocabulary(("a",)), TABLE)
    assert bias_tokens(Vocabulary(("a",)), TABLE) is not bias_tokens(Vocabulary(("b",)), TABLE)
