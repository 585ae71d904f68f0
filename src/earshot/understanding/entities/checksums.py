"""Sums by which numbers betray that they were issued: cards, accounts, vehicles."""

_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
VIN_LENGTH = len(_VIN_WEIGHTS)
_ABA_WEIGHTS = (3, 7, 1)
# Lengths by country, of the IBAN registry (SWIFT, ISO 13616).
_IBAN_LENGTHS_LISTED = """
    AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20
    EG29 ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30
    KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24
    PL28 PS29 PT25 QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29
    VA22 VG24 XK20
    """
_IBAN_LENGTHS = {item[:2]: int(item[2:]) for item in _IBAN_LENGTHS_LISTED.split()}


def passes_luhn(digits: str) -> bool:
    """Whether the last of the digits is right by ISO/IEC 7812-1, annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return len(digits) > 1 and total % 10 == 0


def has_length_of_iban(text: str) -> bool:
    """Whether upper-case letters and digits begin with a country and are as many as its IBANs."""
    return len(text) == _IBAN_LENGTHS.get(text[:2])


def iban_length(country: str) -> int:
    """How many letters and digits the IBANs of a country have; 0 where it has none."""
    return _IBAN_LENGTHS.get(country, 0)


def is_iban(text: str) -> bool:
    """Whether upper-case letters and digits are an IBAN: length of its country, mod 97 of 1."""
    if not has_length_of_iban(text) or not (text.isascii() and text.isalnum()):
        return False
    turned = text[4:] + text[:4]
    return int("".join(str(int(character, 36)) for character in turned)) % 97 == 1


def is_vin(text: str) -> bool:
    """Whether 17 upper-case characters are a VIN with the check digit of North America."""
    if len(text) != VIN_LENGTH or not set(text) <= _VIN_VALUES.keys():
        return False
    total = sum(_VIN_VALUES[c] * weight for c, weight in zip(text, _VIN_WEIGHTS, strict=True))
    return text[8] == "0123456789X"[total % 11]


def is_routing_number(digits: str) -> bool:
    """Whether nine digits are a routing number of the American Bankers Association."""
    if len(digits) != 9 or not digits.isdecimal():
        return False
    if not (digits[:2] <= "12" or "21" <= digits[:2] <= "32" or "61" <= digits[:2] <= "72"):
        return False
    total = sum(int(digit) * _ABA_WEIGHTS[i % 3] for i, digit in enumerate(digits))
    return total % 10 == 0 and digits != "000000000"
