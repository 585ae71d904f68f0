from earshot.transcript import punctuation


def test_every_opening_mark_has_its_closing_mark() -> None:
    assert len(punctuation.OPENING_QUOTES) == len(punctuation.CLOSING_QUOTES)
    assert set(punctuation.CLOSING_QUOTES) <= set(punctuation.CLOSERS)


def test_no_mark_both_ends_a_sentence_and_a_phrase() -> None:
    assert not set(punctuation.SENTENCE_MARKS) & set(punctuation.PHRASE_MARKS)


def test_no_mark_is_a_letter_or_a_digit() -> None:
    marks = "".join(
        [
            punctuation.OPENERS,
            punctuation.CLOSERS,
            punctuation.DASHES,
            punctuation.APOSTROPHES,
            *punctuation.ELLIPSES,
            *punctuation.SENTENCE_MARKS,
            *punctuation.PHRASE_MARKS,
        ]
    )
    assert not any(mark.isalnum() or mark.isspace() for mark in marks)
