"""Key phrases: runs of words that carry meaning, ranked by how often and where they are said."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from earshot.transcript.findings import KeyPhrase, Span
from earshot.transcript.punctuation import PHRASE_MARKS
from earshot.transcript.sentences import Sentence
from earshot.transcript.words import Word
from earshot.understanding.stems import bare, plain, says_something, stem
from earshot.understanding.stop_words import LOOSE_WORDS

MAX_WORDS = 5
# Settings of the ranking, fitted on the even rows of `benchmarks.understanding`.
LENGTH_EXPONENT = 0.5
COUNT_EXPONENT = 0.25
POSITION_WEIGHT = 1.0


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a phrase is said; `position` is 0 to 1 through the transcript."""

    words: tuple[Word, ...]
    position: float

    @property
    def text(self) -> str:
        return " ".join(bare(word.text) for word in self.words)

    @property
    def span(self) -> Span:
        return Span(self.words[0].start_ms, self.words[-1].end_ms)


def find_key_phrases(sentences: Sequence[Sentence], max_phrases: int) -> tuple[KeyPhrase, ...]:
    """The phrases that say most about the transcript, by rank; the ranks add up to 1."""
    mentions = _mentions_by_key(sentences)
    weights = _word_weights(mentions)
    merits = {key: _merit(key, mentions[key], weights) for key in mentions}
    best = _without_parts(sorted(merits, key=lambda key: -merits[key]), max_phrases)
    total = sum(merits[key] for key in best)
    return tuple(
        KeyPhrase(
            text=Counter(mention.text for mention in mentions[key]).most_common(1)[0][0],
            rank=merits[key] / total,
            times=tuple(sorted((m.span for m in mentions[key]), key=lambda span: span.start_ms)),
        )
        for key in best
    )


Key = tuple[str, ...]  # the stems of a phrase: what its mentions share


def _mentions_by_key(sentences: Sequence[Sentence]) -> dict[Key, list[Mention]]:
    """Every phrase that may be one with its places, those inside of longer ones too."""
    n_words = sum(len(sentence.words) for sentence in sentences)
    mentions: dict[Key, list[Mention]] = defaultdict(list)
    whole: set[Key] = set()
    n_before = 0
    for sentence in sentences:
        for run in _runs(sentence.words):
            whole.add(_key(run))
            for part in _parts(run):
                mentions[_key(part)].append(Mention(tuple(part), n_before / n_words))
        n_before += len(sentence.words)
    return {key: places for key, places in mentions.items() if key in whole}


def _parts(run: list[Word]) -> list[list[Word]]:
    """The run and every phrase inside of it, each once."""
    lengths = range(len(run), 0, -1)
    return [run[i : i + length] for length in lengths for i in range(len(run) - length + 1)]


def _key(words: Iterable[Word]) -> Key:
    return tuple(stem(plain(bare(word.text))) for word in words)


def _runs(words: Sequence[Word]) -> Iterator[list[Word]]:
    """Consecutive words that carry meaning, with no other word and no mark between them."""
    stretch = 0
    numbered: list[tuple[int, Word]] = []
    for word in words:
        if not says_something(word.text):
            stretch += 1
            continue
        numbered.append((stretch, word))
        if word.text.endswith(PHRASE_MARKS):
            stretch += 1
    for _, group in groupby(numbered, key=lambda item: item[0]):
        run = _trimmed([word for _, word in group])
        if run and len(run) <= MAX_WORDS:
            yield run


def _trimmed(run: list[Word]) -> list[Word]:
    """Without the loose words and adverbs at either end."""
    while run and _is_loose(run[0]):
        run = run[1:]
    while run and _is_loose(run[-1]):
        run = run[:-1]
    return run


def _is_loose(word: Word) -> bool:
    text = plain(word.text)
    return text in LOOSE_WORDS or (text.endswith("ly") and len(text) > 4)


def _word_weights(mentions: dict[Key, list[Mention]]) -> dict[str, float]:
    """How much each stem says: how often it is said, and beside how many others."""
    counts: Counter[str] = Counter()
    degrees: Counter[str] = Counter()
    for key, places in mentions.items():
        for part in key:
            counts[part] += len(places)
            degrees[part] += len(places) * (len(key) - 1)
    return {part: math.log1p(n) * (1 + degrees[part] / n) for part, n in counts.items()}


def _merit(key: Key, places: Sequence[Mention], weights: dict[str, float]) -> float:
    weight = sum(weights[part] for part in key) / len(key) ** LENGTH_EXPONENT
    earliness = 1 + POSITION_WEIGHT * (1 - places[0].position)
    return float(weight * len(places) ** COUNT_EXPONENT * earliness)


def _without_parts(ranked: Sequence[Key], max_phrases: int) -> list[Key]:
    """The first phrases, without those that share their words with a better one."""
    chosen: list[Key] = []
    for key in ranked:
        if len(chosen) == max_phrases:
            break
        if not any(_contains(better, key) or _contains(key, better) for better in chosen):
            chosen.append(key)
    return chosen


def _contains(longer: Key, shorter: Key) -> bool:
    starts = range(len(longer) - len(shorter) + 1)
    return any(longer[start : start + len(shorter)] == shorter for start in starts)
