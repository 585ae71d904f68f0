"""Words that announce what comes: "my passport number is ..."; one of them, the nearest, counts."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from earshot.understanding.entities.reading import Reading

SSN = "us_social_security_number"
CVV = "credit_card_cvv"
EXPIRATION = "credit_card_expiration"
LICENCE = "drivers_license"
HEALTH = "healthcare_number"
BANK = "banking_information"
PHONE = "phone_number"
CARD = "credit_card_number"
SEQUENCE = "number_sequence"
ACCOUNT = "account_number"
PASSPORT = "passport_number"
VEHICLE = "vehicle_id"
BIRTH = "date_of_birth"
PASSWORD = "password"
USER = "username"
OTHER = ""  # something that other modules find, or that we do not
_MAX_GAP = 90  # characters between a cue and what it announces: a question and its answer
_MAX_GAP_BEHIND = 6
_MAX_CUES = 8  # that are looked at on either side
_BEHIND = re.compile(
    r",? (?:(?:is|was|that's|those are|are) (?:my|the|his|her|our|their|your) "
    r"|(?=office|fax|mobile))"
)

# The first that matches at a place counts, so the longer stand before the shorter.
_CUES: tuple[tuple[str, str], ...] = (
    (SSN, r"social(?:[ ]security)?(?:[ ](?:number|no\.?|card|digits))?|s-?s-?n|itin"),
    (SSN, r"tax(?:payer)?[ ](?:id|identification)(?:[ ]number)?|sin[ ]number"),
    (SSN, r"national[ ]insurance(?:[ ]number)?|social[ ]insurance(?:[ ]number)?|national[ ]id"),
    (CVV, r"c-?v-?[vc]2?|csc|(?:card[ ])?(?:security|verification)[ ](?:code|number)"),
    (
        CVV,
        r"(?:(?:three|3|four|4)[ -]digits?(?:[ ](?:code|number))?|code|number)"
        r"[ ]on[ ](?:the|its)[ ](?:back|front)(?:[ ]of[ ](?:the|your|my)[ ]card)?",
    ),
    (
        EXPIRATION,
        r"expir(?:es?|y|ing|ation|ed)(?:[ ]dates?)?|exp\.?(?:[ ]date)?|good[ ]thr(?:u|ough)",
    ),
    (EXPIRATION, r"valid[ ](?:thru|through|until)"),
    (LICENCE, r"driv(?:er(?:'?s|s')?|ing)[ ]?licen[cs]es?|dl|licen[cs]e[ ](?:number|no)"),
    (LICENCE, r"licen[cs]e(?=[ ][a-z]{0,2}[0-9])"),
    (LICENCE, r"(?:my|his|her|your|their|the)[ ]licen[cs]e(?=[ ](?:is|was|says|reads)\b|:)"),
    (PASSPORT, r"passports?"),
    (HEALTH, r"medicare|medicaid|health[ ]?(?:care|plan)?[ ](?:insurance|card|id|number)"),
    (
        HEALTH,
        r"(?:patient|medical[ ]record|insurance|nhs|npi|beneficiary|subscriber)[ ](?:id|number)",
    ),
    (
        HEALTH,
        r"mrn|nhs(?=[ ][0-9])"
        r"|health[ ](?:insurance|plan)(?:[ ](?:policy|member))?(?:[ ](?:id|number))?",
    ),
    (BANK, r"routing|aba|sort[ ]code|iban|swift|bic|bank[ ](?:account|details)"),
    (BANK, r"(?:checking|savings|current)[ ]account"),
    (BANK, r"(?:transfer|wire)(?:red)?[ ](?:it|that|this|them|(?:the|my)[ ]\w+)[ ]to"),
    (
        VEHICLE,
        r"vin|vehicle[ ](?:identification|id|serial)(?:[ ]number)?|plate[ ]number|plates?",
    ),
    (
        VEHICLE,
        r"(?:licen[cs]e|number|registration)[ ]plates?|(?:registration|chassis|tag)[ ]number",
    ),
    (PHONE, r"(?:tele)?phone|mobile|cell(?:phone)?|fax|landline|whatsapp|voice[ ]?mail|hotline"),
    (
        PHONE,
        r"call[ ](?:me|us|him|her|them|back)|text[ ](?:me|us)|dial|answering[ ]at|my[ ]registered",
    ),
    (
        PHONE,
        r"reach[ ](?:me|us|him|her|them)|call(?:back)?[ ](?:on|number)|toll[ -]free"
        r"|(?<=\d[ ])office",
    ),
    (PHONE, r"(?:call|ring)(?=[ ](?:at[ ]|on[ ])?[+(]?[0-9])|a[ ](?:ring|call)[ ](?:at|on)"),
    (PHONE, r"(?:get|find|try|contact)[ ](?:me|us|him|her|them)[ ](?:on|at)"),
    (PHONE, r"number[ ](?:i|we|he|she|they)(?:'m|'s|'re|[ ](?:am|is|are))[ ]calling[ ]from"),
    (PHONE, r"(?:best|contact|work|home|office|emergency|daytime|evening)[ ]number"),
    (PHONE, r"(?:my|his|her|your|our|their|the)[ ]number(?=[ ]is|'s|:|[?.,]|[ ][0-9])"),
    (
        ACCOUNT,
        r"account|acct|member(?:ship)?|policy|customer|client|loyalty|frequent[ ]flyer",
    ),
    (CARD, r"(?:credit|debit|charge|bank)[ -]?cards?|cards?|cc|visa|mastercard|amex"),
    (CARD, r"american[ ]express|charge[ ](?:it|that|this)[ ](?:to|on)"),
    (
        SEQUENCE,
        r"(?:order|reference|confirmation|tracking|case|ticket|invoice|booking|serial|mac)"
        r"[ ]?(?:code|number|no\.?|id|address|\#)",
    ),
    (SEQUENCE, r"(?:reservation|claim|employee|student|badge)[ ]?(?:code|number|no\.?|id|\#)"),
    (
        SEQUENCE,
        r"(?:order|reference|confirmation|tracking|ticket|booking|reservation)"
        r"(?=[ ](?:is|was)\b|:)",
    ),
    (BIRTH, r"date[ ]of[ ]birth|d-?o-?b|birth[ ]?(?:day|date)|born"),
    (PASSWORD, r"p-?i-?n|password|passcode|pass[ ]?phrase|access[ ]code"),
    (USER, r"user[ ]?(?:name|id)"),
    (OTHER, r"(?:zip|postal|post)[ ]?code|zip|ip|address"),
)
_ANY = re.compile(
    r"(?<![a-z])(?:" + "|".join(f"(?P<c{i}>{p})" for i, (_, p) in enumerate(_CUES)) + ")(?![a-z])",
    re.IGNORECASE | re.VERBOSE,
)
_WEAK = re.compile("(?:my|his|her|your|our|their|the) number", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Cue:
    """What is announced, by the words at characters `start` to before `end`."""

    entity_type: str
    start: int
    end: int
    is_weak: bool = False  # "my number": any other cue nearby says better what it is


@dataclass(frozen=True, slots=True)
class Cues:
    """All cues of a reading, in their order."""

    cues: tuple[Cue, ...]
    text: str

    def around(self, start: int, end: int) -> Iterator[Cue]:
        """The cues near characters `start` to `end`: the one right behind, then those before.

        Weak ones come last.
        """
        near = list(self._near(start, end))
        yield from (cue for cue in near if not cue.is_weak)
        yield from (cue for cue in near if cue.is_weak)

    def _near(self, start: int, end: int) -> Iterator[Cue]:
        n_before = bisect_right(self.cues, start, key=lambda cue: cue.end)
        behind = _BEHIND.match(self.text, end)
        if behind is not None:
            reach = behind.end() + _MAX_GAP_BEHIND
            for cue in self.cues[n_before : n_before + _MAX_CUES]:
                if behind.end() <= cue.start <= reach:
                    yield cue
        for cue in reversed(self.cues[max(0, n_before - _MAX_CUES) : n_before]):
            if start - cue.end <= _MAX_GAP:
                yield cue

    def type_of(self, start: int, end: int) -> str | None:
        """What the nearest cue says that these characters are; "" for something else."""
        return next((cue.entity_type for cue in self.around(start, end)), None)

    def asks_for(self, entity_type: str, start: int, end: int) -> bool:
        """Whether the nearest cue is of this type, and no other number came after it."""
        cue = next(self.around(start, end), None)
        if cue is None or cue.entity_type != entity_type:
            return False
        return not any(character.isdigit() for character in self.text[cue.end : start])

    def answers_other(self, entity_type: str, start: int, end: int) -> bool:
        """Whether the nearest cue is of another type, and no other number came after it."""
        cue = next(self.around(start, end), None)
        if cue is None or cue.entity_type == entity_type:
            return False
        return not any(character.isdigit() for character in self.text[cue.end : start])

    def announces(self, entity_type: str, start: int, end: int) -> bool:
        """Whether any cue nearby is of this type."""
        return any(cue.entity_type == entity_type for cue in self.around(start, end))


def find_cues(reading: Reading) -> Cues:
    cues = tuple(
        Cue(
            _CUES[int((match.lastgroup or "c0")[1:])][0],
            match.start(),
            match.end(),
            is_weak=_WEAK.fullmatch(match[0]) is not None,
        )
        for match in _ANY.finditer(reading.text)
    )
    return Cues(cues, reading.text)
