from collections.abc import Sequence
from dataclasses import replace
from itertools import count

import pytest
from typing_extensions import override

from earshot.errors import SecretsNotHidden
from earshot.streaming.events import (
    LiveWord,
    Passage,
    SecretsWanted,
    SpeechStarted,
    TurnUpdated,
)
from earshot.streaming.redaction import (
    TAGGED_BEFORE,
    as_word,
    find_turn_secrets,
    hide_live_words,
    require_hidden,
)
from earshot.transcript.options import OwnTerms, RedactionOptions, RedactionSubstitution
from earshot.transcript.words import Word
from earshot.understanding.entities.candidates import Tagged
from tests.listener import NumbersAreNames

CARD = "four one one one one one one one one one one one one one one one"
REDACTION = RedactionOptions(("credit_card_number", "password", "email_address"))
BLUE = RedactionOptions(own_terms=(OwnTerms("project", ("blue", "42")),))

Words = tuple[LiveWord, ...]


def said(text: str, *, start_ms: int = 0, word_ms: int = 300) -> Words:
    """The plain words of a turn: what is told is in lower case and has no marks."""
    return tuple(
        LiveWord(
            form.lower().strip(".,?"),
            start_ms + index * word_ms,
            start_ms + (index + 1) * word_ms,
            0.9,
            is_final=True,
            form=form,
        )
        for index, form in enumerate(text.split())
    )


def written(plain: Words, text: str, *n_spoken: int) -> Words:
    """The same words formatted: each of the text is made of so many that were spoken."""
    at = count()
    words = []
    for form, n_made_of in zip(text.split(), n_spoken, strict=True):
        made_of = [plain[next(at)] for _ in range(n_made_of)]
        words.append(replace(made_of[0], text=form, end_ms=made_of[-1].end_ms, form=form))
    return tuple(words)


def as_is(plain: Words) -> Words:
    return tuple(replace(word, text=word.form) for word in plain)


def redact(
    redaction: RedactionOptions, plain: Words, formatted: Words, before: Words = ()
) -> tuple[str, str]:
    """Both forms without what is hidden, as texts."""
    wanted = SecretsWanted(
        1,
        redaction,
        Passage(_spoken(before), _spoken(plain)),
        Passage(_written(as_is(before)), _written(formatted)),
    )
    hidden = find_turn_secrets(wanted, NumbersAreNames()).hidden
    plain, formatted = (
        hide_live_words(words, hidden, redaction.substitution) for words in (plain, formatted)
    )
    return " ".join(word.text for word in plain), " ".join(word.text for word in formatted)


def _spoken(words: Words) -> tuple[Word, ...]:
    return tuple(as_word(word, word.form) for word in words)


def _written(words: Words) -> tuple[Word, ...]:
    return tuple(as_word(word, word.text) for word in words)


def test_a_secret_is_hidden_in_both_forms() -> None:
    plain = said(f"My card is {CARD}.")
    hidden = " ".join("#" * len(word) for word in CARD.split())
    assert redact(REDACTION, plain, as_is(plain)) == (
        f"my card is {hidden}",
        f"My card is {hidden}.",
    )


def test_how_the_recognizer_writes_a_hidden_word_is_hidden_too() -> None:
    plain = said(f"My card is {CARD}.")
    wanted = SecretsWanted(1, REDACTION, Passage((), _spoken(plain)), Passage((), _spoken(plain)))
    redacted = hide_live_words(plain, find_turn_secrets(wanted).hidden, "hash")
    assert "one" not in "".join(word.form for word in redacted)


@pytest.mark.parametrize(
    ("text", "formatted", "n_spoken", "expected"),
    [
        (
            "so blue it was",
            "So bleu it was.",
            (1, 1, 1, 1),
            ("so #### it was", "So #### it was."),
        ),
        ("so forty two was", "So 42 was.", (1, 2, 1), ("so ##### ### was", "So ## was.")),
    ],
)
def test_what_only_one_of_the_forms_shows_is_hidden_in_the_other(
    text: str, formatted: str, n_spoken: tuple[int, ...], expected: tuple[str, str]
) -> None:
    plain = said(text)
    assert redact(BLUE, plain, written(plain, formatted, *n_spoken)) == expected


def test_a_turn_is_read_with_what_was_said_before_it() -> None:
    plain = said("hunter seven", start_ms=2_000)
    before = said("The password is")
    assert redact(REDACTION, plain, as_is(plain)) == ("hunter seven", "hunter seven")
    assert redact(REDACTION, plain, as_is(plain), before)[0].strip("# ") == ""


def test_what_was_found_in_the_session_before_is_hidden_and_what_is_found_now_is_told() -> None:
    said_now = Passage((), _spoken(said("So tulip it is, my pin is 4242.")))
    wanted = SecretsWanted(1, REDACTION, said_now, said_now, (("tulip", "password"),))
    found = find_turn_secrets(wanted)
    assert [one.start_ms // 300 for one in found.hidden] == [1, 6 + 1]
    assert found.known == (("4242", "password"),)


def test_a_tagger_finds_what_has_no_form() -> None:
    plain = said("One two six seven.")
    redaction = RedactionOptions(("person_name",))
    assert redact(redaction, plain, as_is(plain)) == ("one ### ### seven", "One ### ### seven.")


def test_a_tagger_reads_a_turn_once_and_little_of_what_was_before_it() -> None:
    class Keeping(NumbersAreNames):
        read: list[list[str]]

        @override
        def tag(self, words: Sequence[Word]) -> list[Tagged]:
            self.read.append([word.text for word in words])
            return super().tag(words)

    tagger = Keeping()
    tagger.read = []
    before = _spoken(said("zero " * 60))
    spoken = Passage(before, _spoken(said("one two", start_ms=20_000)))
    written = Passage(before, _spoken(said("One two.", start_ms=20_000)))
    found = find_turn_secrets(
        SecretsWanted(1, RedactionOptions(("person_name",)), spoken, written), tagger
    )
    assert tagger.read == [["zero"] * TAGGED_BEFORE + ["one", "two"]]
    assert [one.start_ms for one in found.hidden] == [20_300]


def test_a_secret_word_without_length_is_hidden() -> None:
    plain = tuple(replace(word, end_ms=word.start_ms) for word in said("so blue it was"))
    assert redact(BLUE, plain, as_is(plain))[0] == "so #### it was"


@pytest.mark.parametrize(
    ("substitution", "expected"),
    [("hash", "write to ################"), ("entity_name", "write to [EMAIL_ADDRESS]")],
)
def test_what_stands_for_a_word_is_what_was_asked_for(
    substitution: RedactionSubstitution, expected: str
) -> None:
    plain = said("Write to jane@example.com.")
    redaction = replace(REDACTION, substitution=substitution)
    assert redact(redaction, plain, as_is(plain))[0] == expected


def test_what_is_no_secret_is_told_as_it_was_said() -> None:
    plain = said("Nothing to hide here.")
    assert redact(REDACTION, plain, as_is(plain)) == (
        "nothing to hide here",
        "Nothing to hide here.",
    )


def test_a_turn_whose_formatted_words_are_gone_is_no_error() -> None:
    assert redact(REDACTION, said("um"), ()) == ("um", "")


class TestWhatMayBeTold:
    END = TurnUpdated(0, said("one two"), is_end=True, is_formatted=False, end_confidence=1.0)

    def test_the_end_of_a_turn_whose_secrets_were_looked_for(self) -> None:
        require_hidden(self.END, REDACTION)
        require_hidden(SpeechStarted(0, 0.9), REDACTION)

    def test_all_of_a_turn_where_nothing_is_to_be_hidden(self) -> None:
        require_hidden(replace(self.END, is_end=False), None)

    @pytest.mark.parametrize("written", [(), said("one two")])
    def test_not_an_end_whose_secrets_were_not_looked_for(self, written: Words) -> None:
        for redaction in (REDACTION, None):
            with pytest.raises(SecretsNotHidden):
                require_hidden(replace(self.END, written=written), redaction)

    def test_not_a_turn_that_is_open(self) -> None:
        with pytest.raises(SecretsNotHidden):
            require_hidden(replace(self.END, is_end=False), REDACTION)
