"""Payment cards."""

from earshot.understanding.entities.cards import find_cards, is_card_number, suspect_cards
from tests.understanding.saying import found_by

CARD = "credit_card_number"


def test_a_number_with_the_right_sum_needs_no_cue() -> None:
    assert found_by(find_cards, "use 4111-1111-1111-1111 now") == [(CARD, "4111-1111-1111-1111")]


def test_a_spoken_number_is_one() -> None:
    said = "four one one one " + "one one one one " * 3
    assert found_by(find_cards, said) == [(CARD, "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1")]


def test_a_wrong_digit_hides_no_card_that_was_announced() -> None:
    assert found_by(find_cards, "my card number is 4111 1111 1111 1112")[0][0] == CARD
    assert found_by(find_cards, "this is 4111 1111 1111 1112") == []


def test_what_the_other_side_says_in_between_is_left_out() -> None:
    said = "card number 4111 okay 1111 uh-huh 1111 mhm 1111 thanks"
    assert found_by(find_cards, said) == [(CARD, "4111 1111 1111 1111")]


def test_code_and_expiry_need_their_cue() -> None:
    said = "it expires oh four twenty seven and the cvv is one two three"
    assert sorted(found_by(find_cards, said)) == [
        ("credit_card_cvv", "1 2 3"),
        ("credit_card_expiration", "0 4 27"),
    ]
    assert found_by(find_cards, "the cvv is 161. from nineteen seventy four") == [
        ("credit_card_cvv", "161")
    ]
    assert found_by(find_cards, "score 04/27 with 123 points") == []


def test_of_a_number_that_was_misheard_no_part_is_taken_for_the_whole() -> None:
    said = "my card is 4 5 3 2 1 2 3 4 5 6 7 8 9 3 6 7"
    assert found_by(find_cards, said) == [(CARD, "4 5 3 2 1 2 3 4 5 6 7 8 9 3 6 7")]


def test_two_cards_in_a_row_are_two() -> None:
    assert found_by(find_cards, "3782 822463 10005 4111 1111 1111 1111") == [
        (CARD, "3782 822463 10005"),
        (CARD, "4111 1111 1111 1111"),
    ]


def test_a_code_is_asked_for_and_said_twice() -> None:
    said = "the code on the back is one two three one two three"
    assert found_by(find_cards, said) == [("credit_card_cvv", "1 2 3")] * 2


def test_a_date_is_suspected_though_another_cue_is_nearer() -> None:
    said = "expiration date and security code? 04/27"
    assert found_by(find_cards, said) == []
    assert found_by(suspect_cards, said) == [("credit_card_expiration", "04/27")]


def test_an_issuer_is_known_by_first_digits_length_and_sum() -> None:
    assert is_card_number("378282246310005")
    assert not is_card_number("378282246310006")
    assert not is_card_number("79927398713")
