"""Units of measure and their symbols."""

from typing import NamedTuple

from earshot.formatting.written_forms.spoken import Spoken

# What SI prefixes go with: a watt is a W, and a megawatt never an mW, which is a thousandth.
_PREFIXES = {
    "peta": "P", "tera": "T", "giga": "G", "mega": "M", "kilo": "k", "hecto": "h", "deca": "da",
    "deci": "d", "centi": "c", "milli": "m", "micro": "\u03bc", "nano": "n", "pico": "p",
}  # fmt: skip
_WITH_PREFIX = {
    "meter": "m", "metre": "m", "gram": "g", "liter": "l", "litre": "l", "watt": "W", "volt": "V",
    "ampere": "A", "amp": "A", "hertz": "Hz", "byte": "B", "bit": "b", "joule": "J", "pascal": "Pa",
    "newton": "N", "ohm": "\u03a9", "farad": "F", "coulomb": "C", "siemens": "S", "second": "s",
    "calorie": "cal", "calory": "cal", "sievert": "Sv", "becquerel": "Bq", "watt hour": "Wh",
    "gram force": "gf", "mole": "mol", "electron volt": "eV",
}  # fmt: skip
_WITHOUT_PREFIX = {
    "hour": "h", "minute": "min", "foot": "ft", "feet": "ft", "mile": "mi", "yard": "yd",
    "inch": "in", "gallon": "gal", "pound": "lb", "ton": "t", "tonne": "t",
    "ounce": "oz", "stone": "st", "hectare": "ha", "horsepower": "hp", "horse power": "hp",
    "kelvin": "K", "degree celsius": "\u00b0C", "celsius": "\u00b0C",
    "degree fahrenheit": "\u00b0F", "fahrenheit": "\u00b0F",
    "astronomical unit": "au", "atomic mass unit": "amu", "c c": "cc",
    "cc": "cc", "knot": "kt", "radian": "rad", "lumen": "lm", "candela": "cd", "gray": "Gy",
    "atmosphere": "atm", "bar": "bar", "decibel": "dB", "dalton": "Da", "hundredweight": "cwt",
    "mile per hour": "mph", "revolution per minute": "rpm", "bit per second": "bps",
}  # fmt: skip
_POWERS = {"square": "\u00b2", "cubic": "\u00b3"}
_WORDED_POWERS = {"square": "sq", "cubic": "cu"}  # of what is not metric
_NOT_METRIC = frozenset({"ft", "mi", "yd", "in"})
_PLURALS = {"feet": "foot", "inches": "inch", "calories": "calorie", "henries": "henry"}
_MAX_PARTS = 3


class Unit(NamedTuple):
    """A unit that is spoken up to `end`."""

    symbol: str
    end: int


def read_unit(spoken: Spoken, start: int) -> Unit | None:
    """The longest unit: "square meters", "kilograms force per square centimeter", "per hour"."""
    unit = _read_power(spoken, start)
    if unit is None:
        divisor = _read_power(spoken, start + 1) if spoken[start] == "per" else None
        return Unit(f"/{divisor.symbol}", divisor.end) if divisor else None
    if spoken[unit.end] == "per" and (divisor := _read_power(spoken, unit.end + 1)):
        return Unit(f"{unit.symbol}/{divisor.symbol}", divisor.end)
    return unit


def _read_power(spoken: Spoken, start: int) -> Unit | None:
    power = spoken[start]
    if power not in _POWERS:
        return _read_simple(spoken, start)
    unit = _read_simple(spoken, start + 1)
    if unit is None or "/" in unit.symbol:
        return None
    if unit.symbol in _NOT_METRIC:
        return Unit(f"{_WORDED_POWERS[power]} {unit.symbol}", unit.end)
    return Unit(unit.symbol + _POWERS[power], unit.end)


def _read_simple(spoken: Spoken, start: int) -> Unit | None:
    for n_parts in range(_MAX_PARTS, 0, -1):
        parts = [_singular(spoken[i]) for i in range(start, start + n_parts)]
        symbol = SYMBOLS.get(" ".join(parts))
        if symbol:
            return Unit(symbol, start + n_parts)
    return None


def _singular(text: str) -> str:
    return _PLURALS.get(text) or (
        text[:-1] if text.endswith("s") and len(text) > 3 and text not in SYMBOLS else text
    )


def _symbols() -> dict[str, str]:
    """Symbols by spoken unit in the singular; prefixes glued to the unit or apart from it."""
    symbols = {**_WITHOUT_PREFIX, **_WITH_PREFIX}
    for prefix, sign in _PREFIXES.items():
        for unit, symbol in _WITH_PREFIX.items():
            symbols[prefix + unit] = symbols[f"{prefix} {unit}"] = sign + symbol
    return symbols


SYMBOLS = _symbols()
