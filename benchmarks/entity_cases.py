"""Sentences with entities in them, made by chance from a seed: as they are written, and as said.

A template holds `{type}`; what stands in for it comes from the maker of the type, which gives the
written form and the spoken one. Spoken sentences are lower-case and without marks, as the text of
an engine that writes no numbers. Templates of nothing find out what is found where nothing is.
"""

import random
import re
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from earshot.transcript.words import Word

WORD_MS = 300
_SMALL_LISTED = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen
    """
_SMALL = _SMALL_LISTED.split()
_TENS_LISTED = "_ _ twenty thirty forty fifty sixty seventy eighty ninety"
_TENS = _TENS_LISTED.split()
_MONTHS_LISTED = """
    January February March April May June July August September October November December
    """
_MONTHS = _MONTHS_LISTED.split()
_ORDINALS_LISTED = """
    first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth
    fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth
    """
_ORDINALS = _ORDINALS_LISTED.split()
_NAMES_LISTED = "jane bob maria kumar olga peter lucy hassan emma victor nina paul"
_NAMES = _NAMES_LISTED.split()
_HOSTS_LISTED = "example blueriver northbank acme quickmail sunfield greentree oldtown"
_HOSTS = _HOSTS_LISTED.split()
_ENDINGS = ("com", "org", "net", "io", "de")


class Forms(NamedTuple):
    """One thing, as it is written and as it is said."""

    written: str
    spoken: str


@dataclass(frozen=True, slots=True)
class Gold:
    """Words `first` to before `end` that are of a type."""

    entity_type: str
    first: int
    end: int


@dataclass(frozen=True, slots=True)
class Case:
    """A sentence of words and what is to be found in it."""

    form: str  # "written" or "spoken"
    words: tuple[Word, ...]
    gold: tuple[Gold, ...]


Random = random.Random
Maker = Callable[[Random], Forms]


def say_number(number: int) -> str:
    if number < 20:
        return _SMALL[number]
    if number < 100:
        tens = _TENS[number // 10]
        return tens if number % 10 == 0 else f"{tens} {_SMALL[number % 10]}"
    if number < 1000:
        rest = number % 100
        hundreds = f"{_SMALL[number // 100]} hundred"
        return hundreds if rest == 0 else f"{hundreds} {say_number(rest)}"
    rest = number % 1000
    thousands = f"{say_number(number // 1000)} thousand"
    return thousands if rest == 0 else f"{thousands} {say_number(rest)}"


def say_ordinal(day: int) -> str:
    if day <= 20:
        return _ORDINALS[day - 1]
    return "thirtieth" if day == 30 else f"{_TENS[day // 10]} {_ORDINALS[day % 10 - 1]}"


def say_year(year: int) -> str:
    if 2000 <= year < 2010:
        return say_number(year)
    century, rest = divmod(year, 100)
    if rest == 0:
        return f"{say_number(century)} hundred"
    return f"{say_number(century)} {'oh ' if rest < 10 else ''}{say_number(rest)}"


def say_characters(text: str, rng: Random) -> str:
    """Character by character; a zero may be "oh", a repeated digit may be "double"."""
    said: list[str] = []
    doubles = rng.random() < 0.25
    zero = rng.choice(["zero", "zero", "oh"])
    marks = {"-": "dash", ".": "dot", "@": "at", "/": "slash", ":": "colon", "_": "underscore"}
    index = 0
    while index < len(text):
        character = text[index]
        if doubles and character.isdigit() and text[index : index + 2] == character * 2:
            said.append(f"double {zero if character == '0' else _SMALL[int(character)]}")
            index += 2
            continue
        if character.isdigit():
            said.append(zero if character == "0" else _SMALL[int(character)])
        elif character != " ":
            said.append(
                marks.get(character, "double u" if character in "wW" else character.lower())
            )
        index += 1
    return " ".join(said)


def digits(rng: Random, n: int) -> str:
    return str(rng.randint(1, 9)) + "".join(rng.choice(string.digits) for _ in range(n - 1))


def make_card(rng: Random) -> Forms:
    prefix, length = rng.choice([("4", 16), ("51", 16), ("55", 16), ("37", 15), ("6011", 16)])
    body = prefix + digits(rng, length - len(prefix) - 1)
    total = sum(
        (2 * int(d) - 9 * (int(d) > 4)) if i % 2 == 0 else int(d)
        for i, d in enumerate(reversed(body))
    )
    number = body + str(-total % 10)
    groups = [number[i : i + 4] for i in range(0, len(number), 4)]
    return Forms(rng.choice(["", " ", "-"]).join(groups), say_characters(number, rng))


def make_cvv(rng: Random) -> Forms:
    code = digits(rng, 3)
    return Forms(code, say_characters(code, rng))


def make_expiration(rng: Random) -> Forms:
    month, year = rng.randint(1, 12), rng.randint(26, 39)
    spoken_month = ("oh " if month < 10 else "") + say_number(month)
    return Forms(f"{month:02}/{year}", f"{spoken_month} {say_number(year)}")


def make_ssn(rng: Random) -> Forms:
    area, group, serial = rng.randint(1, 665), rng.randint(1, 99), rng.randint(1, 9999)
    number = f"{area:03}-{group:02}-{serial:04}"
    said = number if rng.random() < 0.3 else number.replace("-", "")
    return Forms(number, say_characters(said, rng))


def make_phone(rng: Random) -> Forms:
    area = rng.choice(["212", "415", "312", "617", "905", "780", "206"])
    rest, tail = f"{rng.randint(200, 999)}", f"{rng.randint(0, 9999):04}"
    written = rng.choice(
        ["({0}) {1}-{2}", "{0}-{1}-{2}", "{0}.{1}.{2}", "{0} {1} {2}", "+1 {0} {1} {2}"]
    ).format(area, rest, tail)
    plus = "plus one " if written.startswith("+") else ""
    return Forms(written, plus + say_characters(area + rest + tail, rng))


def make_iban(rng: Random) -> Forms:
    bank = "".join(rng.choice(string.ascii_uppercase) for _ in range(4))
    country, body = rng.choice([("GB", bank + digits(rng, 14)), ("DE", digits(rng, 18))])
    number = int("".join(str(int(c, 36)) for c in body + country + "00"))
    iban = f"{country}{98 - number % 97:02}{body}"
    groups = [iban[i : i + 4] for i in range(0, len(iban), 4)]
    return Forms(rng.choice(["", " "]).join(groups), say_characters(iban, rng))


def make_routing(rng: Random) -> Forms:
    body = f"{rng.randint(1, 12):02}" + digits(rng, 6)
    total = sum(int(d) * (3, 7, 1)[i % 3] for i, d in enumerate(body))
    number = body + str(-total % 10)
    return Forms(number, say_characters(number, rng))


def make_account(rng: Random) -> Forms:
    number = digits(rng, rng.randint(7, 11))
    if rng.random() < 0.4:
        letters = "".join(rng.choice("HZKLMTR") for _ in range(2))
        number = f"{letters}-{digits(rng, 4)}-{digits(rng, 3)}"
    return Forms(number, say_characters(number, rng))


def make_licence(rng: Random) -> Forms:
    number = rng.choice(["", "F", "D", "U"]) + digits(rng, rng.randint(7, 12))
    return Forms(number, say_characters(number, rng))


def make_passport(rng: Random) -> Forms:
    number = rng.choice(["", "P", "PA", "X"]) + digits(rng, rng.randint(7, 8))
    return Forms(number, say_characters(number, rng))


def make_health(rng: Random) -> Forms:
    number = digits(rng, 4) + "-" + digits(rng, 3) + "-" + digits(rng, 3)
    return Forms(number, say_characters(number, rng))


def make_vin(rng: Random) -> Forms:
    characters = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
    values = dict(
        zip(
            "ABCDEFGHJKLMNPRSTUVWXYZ",
            [*range(1, 9), *range(1, 6), 7, 9, *range(2, 10)],
            strict=True,
        )
    )
    weights = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
    body = [rng.choice(characters) for _ in range(11)] + list(digits(rng, 6))
    total = sum(
        (int(c) if c.isdigit() else values[c]) * w for c, w in zip(body, weights, strict=True)
    )
    body[8] = "0123456789X"[total % 11]
    vin = "".join(body)
    return Forms(vin, say_characters(vin, rng))


def make_plate(rng: Random) -> Forms:
    plate = "".join(rng.choice("BCDFGHJKLM") for _ in range(3)) + digits(rng, 4)
    return Forms(plate, say_characters(plate, rng))


def make_email(rng: Random) -> Forms:
    name, other = rng.sample(_NAMES, 2)
    local = rng.choice([name, f"{name}.{other}", f"{name}_{other}", f"{name}{rng.randint(1, 99)}"])
    host, ending = rng.choice(_HOSTS), rng.choice(_ENDINGS)
    spoken_local = local.replace(".", " dot ").replace("_", " underscore ")
    spoken_local = re.sub("[0-9]+", lambda m: " " + say_characters(m[0], rng), spoken_local)
    if rng.random() < 0.25 and local == name:
        spoken_local = say_characters(name, rng)
    return Forms(f"{local}@{host}.{ending}", f"{spoken_local} at {host} dot {say_ending(ending)}")


def say_ending(ending: str) -> str:
    return " ".join(ending) if ending in ("io", "de") else ending


def make_url(rng: Random) -> Forms:
    host, ending = rng.choice(_HOSTS), rng.choice(_ENDINGS)
    path = rng.choice(["", "/help", "/login"])
    head = rng.choice(["", "www.", "https://", "https://www."])
    www = rng.choice(["double u double u double u dot ", "triple w dot ", "www dot "])
    spoken = "h t t p s colon slash slash " if head.startswith("https") else ""
    spoken += www if "www" in head else ""
    spoken += f"{host} dot {say_ending(ending)}" + path.replace("/", " slash ")
    return Forms(f"{head}{host}.{ending}{path}", spoken)


def make_ip(rng: Random) -> Forms:
    parts = [rng.randint(1, 255), *(rng.randint(0, 255) for _ in range(3))]
    say = rng.choice([lambda n: say_characters(str(n), rng), _say_octet])
    return Forms(".".join(map(str, parts)), " dot ".join(map(say, parts)))


def _say_octet(number: int) -> str:
    """192 as "one ninety two"."""
    if number < 110 or number % 100 < 10:
        return " ".join(_SMALL[int(d)] for d in str(number))
    return f"{_SMALL[number // 100]} {say_number(number % 100)}"


def make_file(rng: Random) -> Forms:
    name, kind = (
        rng.choice(["report", "tax_returns", "notes-final", "budget"]),
        rng.choice(["pdf", "csv", "txt"]),
    )
    spoken = name.replace("_", " underscore ").replace("-", " dash ")
    return Forms(f"{name}.{kind}", f"{spoken} dot {' '.join(kind)}")


def make_mac(rng: Random) -> Forms:
    pairs = [f"{rng.randint(0, 255):02x}" for _ in range(6)]
    return Forms(":".join(pairs), " colon ".join(say_characters(p, rng) for p in pairs))


def make_order(rng: Random) -> Forms:
    number = digits(rng, rng.randint(6, 10))
    return Forms(number, say_characters(number, rng))


def make_date(rng: Random) -> Forms:
    month, day, year = rng.choice(_MONTHS), rng.randint(1, 28), rng.randint(1990, 2030)
    numeric = f"{_MONTHS.index(month) + 1}/{day}/{year}"
    spoken = f"{month} {say_ordinal(day)} {say_year(year)}"
    if rng.random() < 0.4:
        return Forms(f"{month} {day}", f"{month} {say_ordinal(day)}")
    return Forms(rng.choice([f"{month} {day}, {year}", numeric, f"{day} {month} {year}"]), spoken)


def make_birth(rng: Random) -> Forms:
    month, day, year = rng.randint(1, 12), rng.randint(1, 28), rng.randint(1935, 2009)
    spoken = rng.choice(
        [
            f"{_MONTHS[month - 1]} {say_ordinal(day)} {say_year(year)}",
            f"{say_number(month)} {say_number(day)} {say_year(year)}",
        ]
    )
    return Forms(
        rng.choice([f"{month}/{day}/{year}", f"{_MONTHS[month - 1]} {day}, {year}"]), spoken
    )


def make_interval(rng: Random) -> Forms:
    month, year = rng.choice(_MONTHS), rng.randint(1950, 2029)
    if rng.random() < 0.5:
        return Forms(f"{month} {year}", f"{month} {say_year(year)}")
    return Forms(f"{year}-{year + 3}", f"{say_year(year)} to {say_year(year + 3)}")


def make_time(rng: Random) -> Forms:
    hour, minute, half = rng.randint(1, 12), rng.choice([5, 15, 30, 45]), rng.choice(["am", "pm"])
    said_minute = ("oh " if minute < 10 else "") + say_number(minute)
    spoken_half = f"{half[0]} m" if rng.random() < 0.5 else half
    return Forms(f"{hour}:{minute:02} {half}", f"{say_number(hour)} {said_minute} {spoken_half}")


def make_duration(rng: Random) -> Forms:
    number, unit = rng.randint(2, 48), rng.choice(["hours", "days", "weeks", "months", "years"])
    return Forms(f"{number} {unit}", f"{say_number(number)} {unit}")


def make_money(rng: Random) -> Forms:
    amount = rng.choice([rng.randint(2, 99), rng.randint(100, 9000)])
    unit, sign = rng.choice([("dollars", "$"), ("euros", "\u20ac"), ("pounds", "\u00a3")])
    return Forms(f"{sign}{amount:,}", f"{say_number(amount)} {unit}")


def make_percentage(rng: Random) -> Forms:
    number = rng.randint(2, 99)
    return Forms(rng.choice([f"{number}%", f"{number} percent"]), f"{say_number(number)} percent")


def make_age(rng: Random) -> Forms:
    number = rng.randint(18, 95)
    return Forms(str(number), say_number(number))


def make_blood(rng: Random) -> Forms:
    group, sign = rng.choice(["A", "B", "AB", "O"]), rng.choice(["positive", "negative"])
    written = f"{group}{'+' if sign == 'positive' else '-'}"
    return Forms(rng.choice([written, f"{group} {sign}"]), f"{' '.join(group)} {sign}")


def make_password(rng: Random) -> Forms:
    word, tail = rng.choice(["alfalfa", "temp", "sunshine", "dragon"]), digits(rng, 4)
    return Forms(word + tail, f"{word} {say_characters(tail, rng)}")


def make_username(rng: Random) -> Forms:
    name, tail = rng.choice(_NAMES), digits(rng, 2)
    return Forms(f"{name}{tail}", f"{name} {say_characters(tail, rng)}")


def make_height(rng: Random) -> Forms:
    number = rng.randint(150, 199)
    return Forms(f"{number} cm tall", f"{say_number(number)} centimeters tall")


def one_of(*texts: str) -> Maker:
    def make(rng: Random) -> Forms:
        text = rng.choice(texts)
        return Forms(text, text)

    return make


MAKERS: Mapping[str, Maker] = {
    "credit_card_number": make_card,
    "credit_card_cvv": make_cvv,
    "credit_card_expiration": make_expiration,
    "us_social_security_number": make_ssn,
    "phone_number": make_phone,
    "banking_information": make_iban,
    "account_number": make_account,
    "drivers_license": make_licence,
    "passport_number": make_passport,
    "healthcare_number": make_health,
    "vehicle_id": make_vin,
    "email_address": make_email,
    "url": make_url,
    "ip_address": make_ip,
    "filename": make_file,
    "number_sequence": make_order,
    "date": make_date,
    "date_of_birth": make_birth,
    "date_interval": make_interval,
    "time": make_time,
    "duration": make_duration,
    "money_amount": make_money,
    "statistics": make_percentage,
    "person_age": make_age,
    "blood_type": make_blood,
    "password": make_password,
    "username": make_username,
    "physical_attribute": make_height,
    "language": one_of("Spanish", "French", "Mandarin", "Arabic", "Hindi"),
    "nationality": one_of("American", "Asian", "Canadian", "Kenyan", "Brazilian"),
    "religion": one_of("Hindu", "Catholic", "Muslim", "Jewish", "Buddhist"),
    "political_affiliation": one_of("Republican", "Democrat", "socialist", "libertarian"),
    "gender_sexuality": one_of("female", "bisexual", "transgender", "gay"),
    "marital_status": one_of("married", "divorced", "widowed", "single"),
    "zodiac_sign": one_of("Aries", "Taurus", "Capricorn", "Pisces"),
}
# Second makers of a type, by the name that templates have for them.
VARIANTS: Mapping[str, tuple[str, Maker]] = {
    "routing": ("banking_information", make_routing),
    "plate": ("vehicle_id", make_plate),
    "mac": ("number_sequence", make_mac),
}
TEMPLATES = """
my card number is {credit_card_number} thanks
please charge it to {credit_card_number} today
can i have the card number please. Sure, it's {credit_card_number}.
the visa ending soon is {credit_card_number} and the security code is {credit_card_cvv}
my cvv is {credit_card_cvv} if you need it
the card expires {credit_card_expiration} i think
the expiration date is {credit_card_expiration}
my social security number is {us_social_security_number} okay
can you confirm your social. Yes, {us_social_security_number}.
the ssn on file is {us_social_security_number} for him
you can reach me at {phone_number} after lunch
my phone number is {phone_number} and i am home
just call {phone_number} when you are ready
give us a ring on {phone_number} please
my iban is {banking_information} please send it there
please transfer it to {banking_information} by friday
the routing number is {routing} okay
and the routing number for that bank is {routing}
my account number is {account_number} i believe
your member id is {account_number} so keep it
the policy number was {account_number} last time
my driver's license number is {drivers_license} from ohio
what is your driver's license. It's {drivers_license}.
her passport number is {passport_number} she said
the passport reads {passport_number} on the first page
the patient id is {healthcare_number} in the chart
my medicare number is {healthcare_number} okay
the vin is {vehicle_id} on the dash board
we sold the truck with vin {vehicle_id} already
the license plate is {plate} on a blue car
my email is {email_address} if you want
send it to {email_address} please
you can write to {email_address} any time
go to {url} and click on the button
our website is {url} by the way
the server is {ip_address} on our network
i pinged {ip_address} and nothing came back
open {filename} on your desktop
i saved it as {filename} for you
your confirmation number is {number_sequence} so write it down
the tracking number is {number_sequence} for the box
the mac address is {mac} on that laptop
let us meet on {date} at the office
the invoice from {date} is still open
my date of birth is {date_of_birth} by the way
she was born on {date_of_birth} in the north
we worked there from {date_interval} on and off
it was built in {date_interval} by my uncle
i will see you at {time} then
the train leaves at {time} sharp
i have lived here for {duration} now
it takes {duration} to get a reply
it cost {money_amount} at the store
we owe them {money_amount} in total
about {statistics} of the patients got better
sales are up {statistics} over the plan
he just turned {person_age} last week
she is {person_age} years old and well
my blood type is {blood_type} i think
the donor's blood is {blood_type} they said
my password is {password} but do not tell
the password is {password} for that page
my username is {username} on that site
he is {physical_attribute} and thin
do you speak {language} at home
we need a {language} interpreter for the call
he is {nationality} and she is not
my {nationality} friend likes to cook
she was raised {religion} by her aunt
the {religion} family next door is kind
he has always been a {political_affiliation} at heart
the patient is {gender_sexuality} and healthy
we have been {marital_status} for a while
i am {marital_status} and happy
my star sign is {zodiac_sign} you know
i went to the store and bought some bread and milk
she told me that nothing would change in the end
one of my friends said it was the best thing ever
we looked at the two of them and did not know what to say
that is a good point and i will think about it
he asked me at least three times if i was sure
there were four or five people in the room with us
please look at the second page of the first chapter
i can not say for sure but i think it went well
you know what they say about big dogs and small cats
the password is wrong and i need a new one
my account is locked and i can not get in
can you call me back when you are done
i lost my card and my passport at the same place
we drove for miles and saw ten cows and twenty sheep
the team won six to four and everyone was glad
it is a dash of salt and a slash of red paint
may i ask who told you about the march
""".strip().splitlines()
_SLOT = re.compile(r"{(\w+)}")


def make_cases(seed: int, n_each: int) -> list[Case]:
    """So many written and so many spoken sentences of every template."""
    rng = Random(seed)
    cases: list[Case] = []
    for template in TEMPLATES:
        for _ in range(n_each):
            chosen = [(slot, *_maker_of(slot)) for slot in _SLOT.findall(template)]
            forms = [(entity_type, maker(rng)) for _, entity_type, maker in chosen]
            cases.append(_build("written", template, [(t, f.written) for t, f in forms]))
            cases.append(_build("spoken", template, [(t, f.spoken.lower()) for t, f in forms]))
    return cases


def _maker_of(slot: str) -> tuple[str, Maker]:
    return VARIANTS[slot] if slot in VARIANTS else (slot, MAKERS[slot])


def _build(form: str, template: str, fillings: Sequence[tuple[str, str]]) -> Case:
    texts: list[str] = []
    gold: list[Gold] = []
    waiting = list(fillings)
    for part in template.split():
        if (slot := _SLOT.search(part)) is None:
            texts.append(part if form == "written" else part.lower().strip(".,"))
            continue
        entity_type, text = waiting.pop(0)
        tokens = text.split()
        tail = part[slot.end() :] if form == "written" else ""
        tokens[-1] += tail
        gold.append(Gold(entity_type, len(texts), len(texts) + len(tokens)))
        texts += tokens
    if form == "written":
        texts[0] = texts[0][:1].upper() + texts[0][1:]
        texts[-1] = texts[-1].rstrip(".") + "."
    return Case(form, words_of(texts), tuple(gold))


def words_of(texts: Sequence[str]) -> tuple[Word, ...]:
    return tuple(
        Word(text, index * WORD_MS, (index + 1) * WORD_MS, 1.0) for index, text in enumerate(texts)
    )
