"""Terms that a caller expects: where a hypothesis may have missed one, and how they are written.

An engine decodes as ever. `VocabularyIndex.find_replacements` then names the places where the words
sound like a term and the model itself thought of the term's first token; the engine scores the
hypothesis with the term in it and keeps it if the loss of log-probability is less than the term's
bonus. A bonus on tokens while decoding would be simpler, and was tried (decision 0015): greedy
decoding cannot take back a term that was begun by mistake.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
import numpy.typing as npt

from earshot.recognition.phonetics import Indices, KeyTable, encode_key, fold_to_ascii, sound_key
from earshot.transcript.options import Vocabulary, VocabularyStrength

Floats = npt.NDArray[np.float32]

# A stretch of words may stand for a term of this many words fewer: "the taller" for "Detallar".
MAX_MORE_WORDS = 2
# A term of a longer list is less likely to be said: its bonus falls by the list's logarithm.
FEW_TERMS = 30
# What differs in more of its sounds than this is another word.
MAX_EDITED = 0.4
# As many sounds more than the term has are looked at; further ones would be as many edits.
MAX_MORE_SOUNDS = 4
_WORD_PARTS = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)
_POSSESSIVE = re.compile(r"['\u2019]s$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class BiasPolicy:
    """How much log-probability (nats) a hypothesis may lose and still be taken for its terms.

    The bonus of a term grows with its length in sounds, falls with every sound by which the words
    heard differ, and is never more than `max_bonus`. Chosen on even rows by benchmarks/vocabulary.
    """

    bonus_per_sound: float
    loss_per_edit: float
    max_bonus: float


POLICIES: dict[VocabularyStrength, BiasPolicy] = {
    "low": BiasPolicy(bonus_per_sound=1.0, loss_per_edit=2.0, max_bonus=7.0),
    "default": BiasPolicy(bonus_per_sound=1.7, loss_per_edit=2.0, max_bonus=14.0),
    "high": BiasPolicy(bonus_per_sound=2.4, loss_per_edit=3.0, max_bonus=14.0),
}


@dataclass(frozen=True, slots=True)
class Spelling:
    """A way in which a model may write a term.

    `is_capital_of` marks the capitalised form of a term in lower case and the term itself: the
    first replaces only capitalised words, the other only words that are not. None replaces both.
    """

    text: str
    is_capital_of: bool | None


@dataclass(frozen=True, slots=True)
class Replacement:
    """Words `first` up to `end` (excluded) may have been `text`, marks around it included.

    `bonus` is what the vocabulary adds, `bound` the most that the whole may win by.
    """

    first: int
    end: int
    text: str
    bonus: float
    bound: float


class VocabularyIndex:
    """The terms of one vocabulary, ready to be looked for; the same for every segment."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._policy = POLICIES[vocabulary.strength]
        self._crowding = log(max(1.0, len(vocabulary.terms) / FEW_TERMS))
        spellings = {
            spelling: phrase_key(spelling.text)
            for term in dict.fromkeys(map(_squeeze, vocabulary.terms))
            for spelling in _spellings(term)
        }
        audible = {spelling: key for spelling, key in spellings.items() if key}
        self.spellings = tuple(audible)
        self._keys = KeyTable(tuple(audible.values()))
        self._n_words = np.array([len(s.text.split()) for s in self.spellings], dtype=np.int64)
        self._heard = {tuple(_plain(w) for w in s.text.split()) for s in self.spellings}
        self._written = {
            tuple(_plain(w) for w in term.split()): term
            for term in map(_squeeze, vocabulary.terms)
            if _is_distinctive(term)
        }
        kinds = [s.is_capital_of for s in self.spellings]
        # Whether a spelling may replace words that begin small, and such as begin with a capital.
        self._fits = np.array([[k is not True for k in kinds], [k is not False for k in kinds]])

    def find_replacements(
        self, words: Sequence[str], losses: Sequence[float], start_logprobs: Floats
    ) -> list[Replacement]:
        """Where a term may have been said instead, the most promising first.

        `losses` are the negative log-probabilities of the words; `start_logprobs`
        (n_words, n_spellings) is what the model gave each spelling's first token in the place of
        each word's first token, 0 where they are the same.
        """
        heard = _Heard(words)
        if not heard.n_sounds or not self.spellings:
            return []
        reach = self._n_words + MAX_MORE_WORDS
        longest = int(reach.max())
        total = np.concatenate([[0.0], np.cumsum(losses), np.full(longest, np.sum(losses))])
        within = np.minimum(np.arange(len(words))[:, None] + reach, len(words))
        room = total[within] - total[: len(words), None]
        bonus = np.minimum(self._policy.max_bonus, self._full_bonus())
        possible = start_logprobs + room + bonus > 0
        possible &= self._fits[heard.is_capital.astype(np.intp)]
        possible &= ~heard.belongs_to(self._heard)[:, None]
        firsts, columns = np.nonzero(possible)
        if not len(firsts):
            return []
        found = self._compare(heard, firsts, columns, total, start_logprobs)
        return sorted(found, key=lambda replacement: -replacement.bound)

    def respell(self, words: Sequence[str]) -> list[str]:
        """The words, with those that are a term but for case and accents written as the term is.

        Only terms that are more than capitalised: "may" does not become "May" for a name.
        """
        if not self._written:
            return list(words)
        respelled = list(words)
        plain = [_plain(word) for word in words]
        longest = max(map(len, self._written))
        at = 0
        while at < len(words):
            for n_words in range(min(longest, len(words) - at), 0, -1):
                term = self._written.get(tuple(plain[at : at + n_words]))
                if term is not None:
                    respelled[at : at + n_words] = _rewritten(words[at : at + n_words], term)
                    at += n_words - 1
                    break
            at += 1
        return respelled

    def _full_bonus(self) -> npt.NDArray[np.float64]:
        lengths = self._keys.lengths.astype(np.float64)
        return self._policy.bonus_per_sound * lengths - self._crowding

    def _compare(
        self,
        heard: "_Heard",
        firsts: Indices,
        columns: Indices,
        total: npt.NDArray[np.float64],
        start_logprobs: Floats,
    ) -> Iterator[Replacement]:
        """The pairs of word and spelling that also sound alike, for each word they may end with."""
        n_steps = int(self._keys.lengths[columns].max()) + MAX_MORE_SOUNDS
        starts = heard.edges[firsts]
        distances = self._keys.distances(heard.sounds, starts, columns, n_steps)
        full_bonus = self._full_bonus()[columns]
        for more in range(int(self._n_words[columns].max()) + MAX_MORE_WORDS):
            lasts = firsts + more
            inside = (lasts < len(heard.words)) & (more < self._n_words[columns] + MAX_MORE_WORDS)
            lasts = np.minimum(lasts, len(heard.words) - 1)
            for is_possessive in (False, True):
                ends = heard.stems[lasts] if is_possessive else heard.edges[lasts + 1]
                n_sounds = ends - starts
                usable = inside & (n_sounds > 0) & (n_sounds <= n_steps)
                if is_possessive:
                    usable &= heard.is_possessive[lasts]
                edits = distances[np.clip(n_sounds - 1, 0, n_steps - 1), np.arange(len(firsts))]
                bonus = full_bonus - self._policy.loss_per_edit * edits
                bonus = np.minimum(self._policy.max_bonus, bonus)
                room = total[lasts + 1] - total[firsts]
                bound = start_logprobs[firsts, columns] + room + bonus
                usable &= edits <= MAX_EDITED * self._keys.lengths[columns]
                for pair in np.flatnonzero(usable & (bonus > 0) & (bound > 0)):
                    first, end = int(firsts[pair]), int(lasts[pair]) + 1
                    text = self.spellings[columns[pair]].text
                    if heard.holds(self._heard, first, end):
                        continue
                    text = heard.put_in(text, first, end, is_possessive=is_possessive)
                    yield Replacement(first, end, text, float(bonus[pair]), float(bound[pair]))


class _Heard:
    """A hypothesis's words as sounds, in one string."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        parts = [split_marks(word) for word in words]
        cores = [core for _, core, _ in parts]
        keys = [sound_key(core) for core in cores]
        stems = [sound_key(_POSSESSIVE.sub("", core)) for core in cores]
        self.plain = [_plain(word) for word in words]
        self.sounds = encode_key("".join(keys))
        self.n_sounds = len(self.sounds)
        self.edges = np.cumsum([0, *map(len, keys)])
        # Where the words end without their "'s".
        self.stems = self.edges[:-1] + np.array([len(stem) for stem in stems], dtype=np.int64)
        self.is_possessive = np.array(
            [bool(_POSSESSIVE.search(core)) for core in cores], dtype=bool
        )
        self.is_capital = np.array([core[:1].isupper() for core in cores], dtype=bool)

    def belongs_to(self, terms: set[tuple[str, ...]]) -> npt.NDArray[np.bool_]:
        """For each word whether a term begins there, just as it is."""
        longest = max(map(len, terms), default=0)
        return np.array(
            [
                any(tuple(self.plain[at : at + n]) in terms for n in range(1, longest + 1))
                for at in range(len(self.words))
            ],
            dtype=bool,
        )

    def holds(self, terms: set[tuple[str, ...]], first: int, end: int) -> bool:
        """Whether there is a term among those words already."""
        return any(
            tuple(self.plain[a:b]) in terms
            for a in range(first, end)
            for b in range(a + 1, end + 1)
        )

    def put_in(self, text: str, first: int, end: int, *, is_possessive: bool) -> str:
        """The text between the marks that were around the words."""
        before = split_marks(self.words[first])[0]
        _, core, after = split_marks(self.words[end - 1])
        ending = _POSSESSIVE.search(core) if is_possessive else None
        return f"{before}{text}{ending[0] if ending else ''}{after}"


def choose_replacements(
    gains: Sequence[tuple[Replacement, float]],
) -> list[Replacement]:
    """Those that gain, the best of any that overlap, in the order of the words.

    A gain is the change of log-probability that the replacement brings, without its bonus.
    """
    chosen: list[Replacement] = []
    for replacement, gain in sorted(gains, key=lambda pair: -(pair[1] + pair[0].bonus)):
        if gain + replacement.bonus <= 0:
            break
        if all(replacement.end <= o.first or o.end <= replacement.first for o in chosen):
            chosen.append(replacement)
    return sorted(chosen, key=lambda replacement: replacement.first)


def phrase_key(phrase: str) -> str:
    return "".join(sound_key(word) for word in phrase.split())


def split_marks(word: str) -> tuple[str, str, str]:
    """The marks before a word, the word, the marks after it."""
    match = _WORD_PARTS.match(word)
    assert match is not None  # the pattern matches everything
    return match[1], match[2], match[3]


def _squeeze(term: str) -> str:
    return " ".join(term.split())


def _plain(word: str) -> str:
    """The word as it is compared: no marks, no "'s", no case, no accents."""
    core = _POSSESSIVE.sub("", split_marks(word)[1])
    return (fold_to_ascii(core) or core).casefold()


def _is_distinctive(term: str) -> bool:
    """Whether the term is written in a way that a model would not come upon: "PyTorch", "José"."""
    return not term.isascii() or any(_has_inner_capital(word) for word in term.split())


def _has_inner_capital(word: str) -> bool:
    return any(letter.isupper() for letter in word[1:])


def _spellings(term: str) -> list[Spelling]:
    folded = fold_to_ascii(term) or term
    if folded == folded.lower():
        capitalised = folded[:1].upper() + folded[1:]
        return [Spelling(folded, is_capital_of=False), Spelling(capitalised, is_capital_of=True)]
    tame = " ".join(w.capitalize() if _has_inner_capital(w) else w for w in folded.split())
    return [Spelling(text, is_capital_of=None) for text in dict.fromkeys((folded, tame))]


def _rewritten(words: Sequence[str], term: str) -> list[str]:
    """The words of the term, each between the marks of the word that stood there."""
    rewritten = []
    for word, written in zip(words, term.split(), strict=True):
        before, core, after = split_marks(word)
        ending = _POSSESSIVE.search(core)
        rewritten.append(f"{before}{written}{ending[0] if ending else ''}{after}")
    return rewritten
