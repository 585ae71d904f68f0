from dataclasses import replace
from itertools import count

import pytest

from earshot.streaming.events import LiveWord, TurnUpdated
from earshot.streaming.redaction import CONTEXT_MS, TurnRedactor
from earshot.transcript.options import OwnTerms, RedactionOptions

CARD = "four one one one one one one one one one one one one one one one"
REDACTION = RedactionOptions(("credit_card_number", "password", "email_address"))


def turn(text: str, *, start_ms: int = 0, word_ms: int = 300, order: int = 0) -> TurnUpdated:
    """The plain end of a turn: what is told is in lower case and has no marks."""
    words = tuple(
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
    return TurnUpdated(order, words, True, False, 0.9, utterance="said before")


def formatted(plain: TurnUpdated, text: str, *n_spoken: int) -> TurnUpdated:
    """The same turn formatted: each word of the text is made of so many that were spoken."""
    at = count()
    words = []
    for form, n_made_of in zip(text.split(), n_spoken, strict=True):
        made_of = [plain.words[next(at)] for _ in range(n_made_of)]
        words.append(replace(made_of[0], text=form, end_ms=made_of[-1].end_ms, form=form))
    return replace(plain, words=tuple(words), is_formatted=True, utterance="")


def as_is(plain: TurnUpdated) -> TurnUpdated:
    words = tuple(replace(word, text=word.form) for word in plain.words)
    return replace(plain, words=words, is_formatted=True, utterance="")


def redacted(redactor: TurnRedactor, text: str, start_ms: int = 0) -> str:
    plain = turn(text, start_ms=start_ms)
    return redactor.redact(plain, as_is(plain))[0].transcript


def test_a_secret_is_hidden_in_both_forms_and_in_the_utterance() -> None:
    plain = turn(f"My card is {CARD}.")
    plain, written = TurnRedactor(REDACTION).redact(plain, as_is(plain))
    hidden = " ".join("#" * len(word) for word in CARD.split())
    assert plain.transcript == f"my card is {hidden}"
    assert plain.utterance == plain.transcript
    assert written.transcript == f"My card is {hidden}."
    assert written.utterance == ""
    assert "one" not in "".join(word.form for word in plain.words)


@pytest.mark.parametrize("is_plain_telling", [True, False])
def test_what_only_one_of_the_forms_shows_is_hidden_in_the_other(is_plain_telling: bool) -> None:
    redaction = RedactionOptions(own_terms=(OwnTerms("project", ("blue", "42")),))
    plain = turn("so blue it was") if is_plain_telling else turn("so forty two was")
    written = (
        formatted(plain, "So bleu it was.", 1, 1, 1, 1)
        if is_plain_telling
        else formatted(plain, "So 42 was.", 1, 2, 1)
    )
    plain, written = TurnRedactor(redaction).redact(plain, written)
    expected = (
        ("so #### it was", "So #### it was.")
        if is_plain_telling
        else ("so ##### ### was", "So ## was.")
    )
    assert (plain.transcript, written.transcript) == expected


def test_a_turn_is_read_with_what_was_said_before_it() -> None:
    redactor = TurnRedactor(REDACTION)
    assert redacted(redactor, "The password is") == "the password is"
    assert "hunter" not in redacted(redactor, "hunter seven", start_ms=2_000)


def test_what_was_said_long_before_says_nothing_about_a_turn() -> None:
    redactor = TurnRedactor(REDACTION)
    redacted(redactor, "The password is")
    assert redacted(redactor, "hunter seven", start_ms=1_000 + CONTEXT_MS) == "hunter seven"


def test_a_number_that_goes_on_in_the_next_turn_is_hidden_there() -> None:
    redactor = TurnRedactor(REDACTION)
    digits = CARD.split()
    redacted(redactor, f"My card number is {' '.join(digits[:8])}")
    assert redacted(redactor, " ".join(digits[8:]), start_ms=5_000).strip("# ") == ""


def test_a_secret_word_without_length_is_hidden() -> None:
    redactor = TurnRedactor(RedactionOptions(own_terms=(OwnTerms("project", ("blue",)),)))
    plain = turn("so blue it was")
    plain = replace(plain, words=tuple(replace(word, end_ms=word.start_ms) for word in plain.words))
    assert redactor.redact(plain, as_is(plain))[0].transcript == "so #### it was"


def test_names_of_policies_stand_for_words_if_that_is_asked_for() -> None:
    redactor = TurnRedactor(replace(REDACTION, substitution="entity_name"))
    told = redacted(redactor, "Write to jane@example.com.")
    assert told == "write to [EMAIL_ADDRESS]"


def test_what_is_no_secret_is_told_as_it_was_said() -> None:
    plain = turn("Nothing to hide here.")
    assert TurnRedactor(REDACTION).redact(plain, as_is(plain)) == (plain, as_is(plain))


def test_a_turn_whose_formatted_words_are_gone_is_no_error() -> None:
    plain = turn("um")
    empty = replace(as_is(plain), words=())
    assert TurnRedactor(REDACTION).redact(plain, empty) == (plain, empty)
