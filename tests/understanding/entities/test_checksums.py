"""Sums of numbers that were issued; the examples are the published ones."""

from earshot.understanding.entities.checksums import (
    has_length_of_iban,
    iban_length,
    is_iban,
    is_routing_number,
    is_vin,
    passes_luhn,
)


def test_a_card_passes_and_one_wrong_digit_fails() -> None:
    assert passes_luhn("4111111111111111")
    assert not passes_luhn("4111111111111112")
    assert not passes_luhn("0")


def test_an_iban_has_the_length_of_its_country_and_the_right_remainder() -> None:
    assert is_iban("GB29NWBK60161331926819")
    assert not is_iban("GB28NWBK60161331926819")
    assert not is_iban("GB29NWBK6016133192681")
    assert not is_iban("ZZ29NWBK60161331926819")


def test_a_vin_has_a_check_digit_and_no_letter_o() -> None:
    assert is_vin("1M8GDM9AXKP042788")
    assert not is_vin("1M8GDM9A0KP042788")
    assert not is_vin("1M8GDM9AXKPO42788")


def test_a_routing_number_begins_with_a_district() -> None:
    assert is_routing_number("021000021")
    assert not is_routing_number("021000022")
    assert not is_routing_number("991000021")


def test_the_length_of_an_iban_is_its_countrys() -> None:
    assert has_length_of_iban("GB28NWBK60161331926819")
    assert not has_length_of_iban("GB28NWBK6016133192681")
    assert (iban_length("DE"), iban_length("ZZ")) == (22, 0)


def test_letters_of_another_alphabet_are_no_iban_and_no_mistake_of_ours() -> None:
    assert not is_iban("GR16\u039b\u039110125000000000123006951")
    assert not is_iban("GR16\u00b2\u00b210125000000000123006951")
