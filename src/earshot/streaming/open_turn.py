"""The turn that is being spoken: its words, final and open."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, takewhile

from earshot.formatting.affixes import split_affixes
from earshot.formatting.formatter import format_words
from earshot.formatting.profanity import mask_profanity
from earshot.streaming.agreement import (
    DEFAULT_AGREEMENT_POLICY,
    AgreementPolicy,
    count_agreed,
    find_continuation,
)
from earshot.streaming.events import LiveWord
from earshot.streaming.heard import HeardWord
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.words import Word


class OpenTurn:
    """Words that are final stay as they are; one open word may follow them.

    `context` are words of the turn before that are heard again with this one. Whether it filters
    profanity may be changed until there are words. Where it `writes`, words are told with capitals
    and marks, as these were known when each was told.
    """

    def __init__(
        self,
        policy: AgreementPolicy = DEFAULT_AGREEMENT_POLICY,
        context: Sequence[HeardWord] = (),
        *,
        filters_profanity: bool = False,
        writes: bool = False,
    ) -> None:
        self._policy = policy
        self._context = list(context)
        self._finals: list[HeardWord] = []
        self._n_trimmed = 0  # of the final words, those that are not heard again
        self._tail: list[HeardWord] = []  # what the last hypothesis said after the final words
        self._n_agreed = 0  # of the tail, those that the hypothesis before said too
        self._n_uttered = 0
        self._told: list[str] = []  # the texts of final words, as they were told
        self.filters_profanity = filters_profanity
        self._writes = writes
        # Where its speech begins: what is heard before that, and is not context, is misplaced.
        # It stays 0 where the turn goes on in the middle of speech.
        self.begins_ms = 0

    @property
    def last_word(self) -> HeardWord | None:
        """The last word so far, final or not."""
        words = self._tail or self._finals
        return words[-1] if words else None

    @property
    def has_words(self) -> bool:
        return bool(self._finals or self._tail)

    @property
    def n_finals(self) -> int:
        return len(self._finals)

    @property
    def is_settled(self) -> bool:
        """Whether every word is final."""
        return not self._tail

    def awaits_proof(self, until_ms: int) -> bool:
        """Whether a doubted word may become final by a hypothesis on what is heard by then."""
        stable = takewhile(lambda word: self._policy.is_stable(word, until_ms), self._tail)
        return any(map(self._policy.is_doubted, stable))

    @property
    def heard_again(self) -> list[HeardWord]:
        """Words that are final and will be heard again."""
        return [*self._context, *self._finals[self._n_trimmed :]]

    def absorb(self, heard: Sequence[HeardWord], heard_until_ms: int) -> None:
        """Take a hypothesis on all that has not been trimmed."""
        heard = self._without_false_start(heard)
        n_context = len(self._context)  # which comes first, and is where it was
        placed = [*heard[:n_context], *self._within(heard[n_context:], heard_until_ms)]
        n_known = find_continuation(self.heard_again, placed)
        self._take_forms(placed[:n_known])
        tail = self._within(placed[n_known:], heard_until_ms)
        self._n_agreed = count_agreed(self._tail, tail)
        self._tail = tail
        self.ripen(heard_until_ms)

    def ripen(self, until_ms: int) -> None:
        """Make final what two hypotheses agreed on, if enough was heard after it by then."""
        while self._n_agreed and self._policy.is_stable(self._tail[0], until_ms):
            self._n_agreed -= 1
            self._add_final(self._tail.pop(0))

    def settle(self, until_ms: int | None = None) -> None:
        """Make every word final, or every one that begins before that."""
        while self._tail and (until_ms is None or self._tail[0].start_ms < until_ms):
            self._n_agreed = max(0, self._n_agreed - 1)
            self._add_final(self._tail.pop(0))

    def hand_over(self, following: "OpenTurn") -> None:
        """Leave what is not final to the turn that follows, without a pause between the two."""
        following._tail, self._tail = self._tail, []
        following._n_agreed, self._n_agreed = self._n_agreed, 0

    def find_cut(self, earliest_ms: int, latest_ms: int) -> int:
        """Where to cut between two final words: in the widest pause of that stretch.

        Without final words that part there it is `latest_ms`.
        """
        gaps = [
            (after.start_ms - before.end_ms, (before.end_ms + after.start_ms) // 2)
            for before, after in pairwise(self.heard_again)
            if earliest_ms <= before.end_ms and after.start_ms <= latest_ms
        ]
        return max(gaps)[1] if gaps else latest_ms

    def trim_before(self, position_ms: int) -> None:
        """Words that begin before that are final and not heard again."""
        self.settle(position_ms)
        self._context = [word for word in self._context if word.start_ms >= position_ms]
        while (
            self._n_trimmed < len(self._finals)
            and self._finals[self._n_trimmed].start_ms < position_ms
        ):
            self._n_trimmed += 1

    def live_words(self) -> tuple[LiveWord, ...]:
        """The final words and at most one that is open, which never begins before they end."""
        return tuple(
            _live_word(_word(word, text), is_final=index < len(self._finals), form=word.form)
            for index, (word, text) in enumerate(zip(self._shown(), self._texts(), strict=True))
        )

    def formatted_words(self, language: str) -> tuple[LiveWord, ...]:
        """The final words with capitals, marks and numbers in digits."""
        options = TranscriptOptions(
            language_code=language, disfluencies=True, filter_profanity=self.filters_profanity
        )
        told = zip(self._finals, self._texts(), strict=False)  # without the open one
        words = [
            _word(word, text if self._writes else _form_as_told(word, text)) for word, text in told
        ]
        if words:
            words[0] = replace(words[0], text=_as_first(words[0].text))
        formatted = format_words(words, options)
        return tuple(_live_word(word, is_final=True, form=word.text) for word in formatted)

    def take_utterance(self) -> str:
        """The text of the final words since this was last asked."""
        texts = self._texts()[self._n_uttered : len(self._finals)]
        self._n_uttered = len(self._finals)
        return " ".join(texts)

    def _shown(self) -> list[HeardWord]:
        """The final words and the open one, if there is one."""
        return [*self._finals, *map(self._behind_finals, self._tail[:1])]

    def _texts(self) -> list[str]:
        """What is told of the final words and the open one.

        A final word is told as it was, also where the next one tells that it was innocent.
        """
        shown = self._shown()
        words = [_word(word, word.text) for word in shown]
        if self.filters_profanity:
            words = mask_profanity(words)
        texts = [word.text for word in words]
        if self._writes:
            texts = [_form_as_told(word, text) for word, text in zip(shown, texts, strict=True)]
            texts[:1] = map(_as_first, texts[:1])
        texts[: len(self._told)] = self._told
        self._told = texts[: len(self._finals)]
        return texts

    def _add_final(self, word: HeardWord) -> None:
        self._finals.append(self._behind_finals(word))

    def _behind_finals(self, word: HeardWord) -> HeardWord:
        """The word, as far as it was spoken after those that are final."""
        before = self._finals or self._context
        earliest_ms = before[-1].end_ms if before else 0
        start_ms = max(word.start_ms, earliest_ms)
        return replace(word, start_ms=start_ms, end_ms=max(word.end_ms, start_ms + 1))

    def _within(self, heard: Sequence[HeardWord], heard_until_ms: int) -> list[HeardWord]:
        """The words, of which none begins before the turn: there, a recognizer misplaced it."""
        placed: list[HeardWord] = []
        limit_ms = heard_until_ms
        for word in reversed(heard):
            if word.start_ms < self.begins_ms:
                end_ms = word.end_ms
                if end_ms <= self.begins_ms:  # as long as it was, where there is room
                    end_ms = min(limit_ms, self.begins_ms + word.end_ms - word.start_ms)
                end_ms = max(self.begins_ms + 1, end_ms)
                word = replace(word, start_ms=self.begins_ms, end_ms=end_ms)
            limit_ms = word.start_ms
            placed.insert(0, word)
        return placed

    def _without_false_start(self, heard: Sequence[HeardWord]) -> Sequence[HeardWord]:
        """The same, but for the capital that a word gets where the audio was cut before it."""
        known = [*self.heard_again, *self._tail]
        is_cut = self._n_trimmed > 0 or bool(self._context)
        if not is_cut or not known or not heard or heard[0].text != known[0].text:
            return heard
        return [replace(heard[0], form=known[0].form), *heard[1:]]

    def _take_forms(self, heard: Sequence[HeardWord]) -> None:
        """Marks and capitals are known better when more has been heard."""
        for back in range(1, min(len(heard), len(self._finals) - self._n_trimmed) + 1):
            final = self._finals[-back]
            if heard[-back].text == final.text:
                self._finals[-back] = replace(final, form=heard[-back].form)


def _form_as_told(word: HeardWord, told: str) -> str:
    """The word as it is written, masked where it was told so."""
    lead, core, trail = split_affixes(word.form)
    return word.form if told == word.text else lead + core[:1] + told[1:] + trail


def _as_first(text: str) -> str:
    """With a capital: the recognizer may have taken it for the middle of a sentence."""
    return text[:1].upper() + text[1:]


def _word(word: HeardWord, text: str) -> Word:
    return Word(text, word.start_ms, word.end_ms, word.confidence)


def _live_word(word: Word, *, is_final: bool, form: str) -> LiveWord:
    return LiveWord(word.text, word.start_ms, word.end_ms, word.confidence, is_final, form=form)
