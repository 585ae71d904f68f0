from earshot.streaming.agreement import AgreementPolicy, count_agreed, find_continuation
from earshot.streaming.heard import HeardWord

WORD_MS = 200
POLICY = AgreementPolicy(margin_ms=200, doubt_ms=2000)


def heard(text: str, *, first_ms: int = 0, confidence: float = 1.0) -> list[HeardWord]:
    return [
        HeardWord(
            word,
            word,
            first_ms + place * WORD_MS,
            first_ms + (place + 1) * WORD_MS,
            confidence,
        )
        for place, word in enumerate(text.split())
    ]


class TestFindContinuation:
    def test_all_is_new_where_nothing_is_final(self) -> None:
        assert find_continuation([], heard("a b c")) == 0

    def test_the_same_words_again_are_known(self) -> None:
        assert find_continuation(heard("a b"), heard("a b c d")) == 2

    def test_a_final_word_that_is_heard_otherwise_is_still_known(self) -> None:
        assert find_continuation(heard("a b c"), heard("a x c d")) == 3

    def test_a_final_word_that_is_missing_takes_no_other(self) -> None:
        known = [heard("a b c")[0], *heard("c d", first_ms=2 * WORD_MS)]
        assert find_continuation(heard("a b c"), known) == 2

    def test_of_a_word_said_twice_the_one_at_the_right_time_is_known(self) -> None:
        assert find_continuation(heard("no"), heard("no no no")) == 1

    def test_nothing_heard_is_nothing_known(self) -> None:
        assert find_continuation(heard("a b"), []) == 0


class TestCountAgreed:
    def test_words_are_agreed_as_far_as_both_have_them(self) -> None:
        assert count_agreed(heard("a b c"), heard("a b d e")) == 2

    def test_what_only_one_has_is_not_agreed(self) -> None:
        assert count_agreed([], heard("a b")) == 0


class TestAgreementPolicy:
    def test_a_word_at_the_end_of_the_audio_is_not_stable(self) -> None:
        (word,) = heard("a")
        assert not POLICY.is_stable(word, WORD_MS + 199)
        assert POLICY.is_stable(word, WORD_MS + 200)

    def test_a_doubtful_word_needs_more_to_be_heard_after_it(self) -> None:
        (word,) = heard("a", confidence=0.5)
        assert not POLICY.is_stable(word, WORD_MS + 1199)
        assert POLICY.is_stable(word, WORD_MS + 1200)

    def test_a_word_is_doubted_that_the_recognizer_is_not_sure_of(self) -> None:
        sure, unsure = heard("a", confidence=0.8) + heard("b", confidence=0.79)
        assert not POLICY.is_doubted(sure)
        assert POLICY.is_doubted(unsure)
