"""Money: "forty five billion dollars" -> $45 billion, "five dollars and ten cents" -> $5.10."""

from earshot.formatting.written_forms.cardinals import read_below_hundred
from earshot.formatting.written_forms.counting import is_counted, is_end_of_range
from earshot.formatting.written_forms.forms import Form, Forms, Style
from earshot.formatting.written_forms.number_words import starts_number
from earshot.formatting.written_forms.numbers import Number, read_number
from earshot.formatting.written_forms.spoken import Spoken

_DOLLAR, _EURO, _POUND, _YEN = "$", "\u20ac", "\u00a3", "\u00a5"
# Pounds are more often weighed than paid, and are left to the reader unless pence follow.
_ONE = {"dollar": _DOLLAR, "euro": _EURO, "yen": _YEN, "pound": _POUND}
_MANY = {"dollars": _DOLLAR, "euros": _EURO, "yen": _YEN, "pounds": _POUND}
_CENTS = {
    _DOLLAR: ("cent", "cents"),
    _EURO: ("cent", "cents"),
    _POUND: ("penny", "pence", "p"),
    _YEN: (),
}


def write_money(spoken: Spoken, start: int, style: Style) -> Forms | None:
    amount = read_number(spoken, start)
    if amount is None or amount.is_approximate or is_end_of_range(spoken, start):
        return None
    unit = spoken[amount.end]
    symbol = _MANY.get(unit) or _ONE.get(unit)
    if symbol is None or (
        amount.whole == 1 and not amount.decimals and unit not in _ONE and amount.scale_at is None
    ):
        return None  # "one dollars" is no amount, but words about dollars
    cents, end = _read_cents(spoken, amount, symbol)
    if symbol == _POUND and not cents and not spoken.follows(end, "sterling"):
        return None
    digits = _amount_text(amount, symbol, style) + (f".{cents:02}" if cents is not None else "")
    if amount.scale_at is None:
        return (Form(digits, end),)
    return (Form(digits, amount.scale_at), Form(spoken.original(amount.scale_at), end))


def _amount_text(amount: Number, symbol: str, style: Style) -> str:
    digits = amount.text(style)
    return f"-{symbol}{digits[1:]}" if amount.is_negative else symbol + digits


def _read_cents(spoken: Spoken, amount: Number, symbol: str) -> tuple[int | None, int]:
    """What is said behind the unit, and where it ends: "and one cent", "sixty three"."""
    end = amount.end + 1
    if amount.decimals or amount.scale_at is not None:
        return None, end
    joined = spoken[end] == "and"
    cents = read_below_hundred(spoken, end + joined)
    if cents is None:
        return None, end
    if spoken[cents.end] in _CENTS[symbol]:
        return cents.value, cents.end + 1
    is_bare = not joined and cents.value >= 10 and not starts_number(spoken[cents.end])
    counts = is_counted(spoken[cents.end]) or spoken[cents.end] in ("oh", "o")
    return (cents.value, cents.end) if is_bare and not counts else (None, end)
