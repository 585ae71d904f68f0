"""Sentences to train the tagger on, made by chance from a seed: words, each with its type.

A template of `tagger_templates.txt` holds `{slot}`; what stands in for it comes from the lists that
the tagger knows, from parts of them, or is invented, so that it learns from the words around too.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from earshot.understanding.entities.closed_classes import read_lexicon

HERE = Path(__file__).parent
NOTHING = ""
UNKNOWN = "?"  # not judged: it costs nothing
_SLOT = re.compile(r"{(\w+)}")


@dataclass(frozen=True, slots=True)
class Sentence:
    """Words with marks, and for each its type, "B-" where one begins, or "I-", or nothing."""

    words: tuple[str, ...]
    tags: tuple[str, ...]


def listed(text: str) -> list[str]:
    return text.split()


Part = tuple[str, str]  # text and type
Maker = Callable[[Random], Sequence[Part]]


def read_lines(name: str) -> list[str]:
    lines = (HERE / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


@cache
def terms(name: str) -> tuple[str, ...]:
    return tuple(sorted(read_lexicon(name)))


def title_case(text: str) -> str:
    small = {"of", "and", "the", "de", "la", "for", "in", "on", "a"}
    words = [w if w in small and i else w[:1].upper() + w[1:] for i, w in enumerate(text.split())]
    return " ".join(words)


_SHORT = frozenset(listed("us usa uk ibm cnn bbc fbi cia ups kfc bmw hsbc ubs cvs nbc cbs hbo"))


def name_case(text: str) -> str:
    is_short = text in _SHORT or (len(text) < 4 and " " not in text)
    return text.upper() if is_short else title_case(text)


_ONSETS = listed("b br c ch d dr f g gr h j k kl l m n p pr r s sh st t tr v w y z al ev am or is")
_VOWELS = listed("a e i o u ai ee ia")
_CODAS = ["", "", "n", "r", "s", "l", "m", "x", "nd", "ck", "th"]


def invent_word(rng: Random, low: int = 2, high: int = 3) -> str:
    n_syllables = rng.randint(low, high)
    parts = [rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(n_syllables)]
    return "".join(parts) + rng.choice(_CODAS)


def _skewed(rng: Random, name: str) -> str:
    """A term of a list that is in the order of how common its terms are, mostly a common one."""
    common_first = _in_order(name)
    return common_first[int(len(common_first) * rng.random() ** 2.5)]


@cache
def _in_order(name: str) -> tuple[str, ...]:
    path = HERE.parent / "src/earshot/understanding/entities/lexicons" / name
    lines = path.read_text(encoding="utf-8").splitlines()
    return tuple(line for line in lines if line and not line.startswith("#"))


def make_first(rng: Random) -> str:
    if rng.random() < 0.12:
        return title_case(invent_word(rng))
    return title_case(_skewed(rng, "given_names.txt"))


def make_last(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.15:
        return title_case(invent_word(rng))
    if kind < 0.2:
        prefix = rng.choice(["Mc", "O'", "De ", "Van ", "Al-", "Mac", "La"])
        return prefix + title_case(_skewed(rng, "surnames.txt"))
    if kind < 0.24:
        return "-".join(title_case(_skewed(rng, "surnames.txt")) for _ in range(2))
    return title_case(_skewed(rng, "surnames.txt"))


def make_full(rng: Random) -> str:
    middle = f" {rng.choice('ABCDEFGHJKLMNPRSTW')}." if rng.random() < 0.07 else ""
    tail = rng.choice([" Jr.", " Junior", " III"]) if rng.random() < 0.02 else ""
    return f"{make_first(rng)}{middle} {make_last(rng)}{tail}"


def spell(rng: Random) -> str:
    name = make_last(rng).replace(" ", "").replace("'", "")
    return rng.choice([" ", " ", "-"]).join(name.upper())


def make_city(rng: Random) -> str:
    if rng.random() < 0.1:
        return title_case(invent_word(rng) + rng.choice(["ville", "ton", "burg", "ford", " City"]))
    return title_case(_skewed(rng, "cities.txt"))


def make_place(rng: Random) -> str:
    return name_case(rng.choice(terms("places.txt")))


_STATES = [
    *listed("""
    Alabama Alaska Arizona California Colorado Connecticut Florida Georgia Illinois Indiana Iowa
    Kansas Kentucky Louisiana Maine Maryland Massachusetts Michigan Minnesota Missouri Montana
    Nebraska Nevada Ohio Oklahoma Oregon Pennsylvania Tennessee Texas Utah Vermont Virginia
    Washington Wisconsin Wyoming
    """),
    "New York",
    "New Jersey",
    "North Carolina",
    "Ontario",
    "CA",
    "TX",
    "NY",
    "FL",
]
_STREETS = listed("Street Avenue Road Lane Drive Boulevard Court Way Place Terrace St. Ave. Rd.")


def make_street(rng: Random) -> str:
    names = [make_last(rng), rng.choice(["Main", "Oak", "Maple", "Park", "Elm", "Lake", "Hill"])]
    if rng.random() < 0.15:
        return f"{rng.randint(1, 99)}th {rng.choice(_STREETS)}"
    return f"{rng.choice(names)} {rng.choice(_STREETS)}"


def make_address(rng: Random) -> str:
    digits = " ".join(rng.choice(_DIGITS) for _ in range(rng.randint(2, 4)))
    number = rng.choice([str(rng.randint(1, 9999)), str(rng.randint(100, 999)), digits])
    flat = f" {rng.choice(['apartment', 'Apt.', 'suite', 'unit'])} {rng.randint(1, 99)}"
    return f"{number} {make_street(rng)}{flat if rng.random() < 0.25 else ''}"


_DIGITS = listed("zero one two three four five six seven eight nine")
_TRADES_LISTED = """
    Industries|Group|Partners|Capital|Bank|Insurance|Solutions|Technologies|Holdings|Media|Energy
    |Pharmaceuticals|Therapeutics|Foods|Motors|Systems|Software|Logistics|Consulting|Realty
    |Properties|Securities|Financial|Airlines|Electric|Labs|Networks|Health|Medical|Services
    |Associates|Brothers|and Sons|Corporation|Inc.|LLC|Ltd.|Company|Co.|AG|Plc|Construction
    |Plumbing|Auto Repair|Law Firm|Advisors|Management|Research|Analytics|Brands|Homes
    |Credit Union|Wireless|Telecom|Cable|Rentals|Travel|Studios|Entertainment|Records
    """
_TRADES = [trade.strip() for trade in _TRADES_LISTED.split("|")]


def make_firm(rng: Random) -> str:
    kinds = [
        _listed_firm,
        _firm_with_trade,
        _firm_of_two,
        _initials,
        _brand,
        _named_brand,
        _of_city,
    ]
    return rng.choices(kinds, weights=[50, 22, 6, 6, 8, 4, 4])[0](rng)


def _listed_firm(rng: Random) -> str:
    return name_case(rng.choice(terms("organizations.txt")))


def _firm_with_trade(rng: Random) -> str:
    head = rng.choice([make_last, lambda r: title_case(invent_word(r)), make_city])(rng)
    return f"{head} {rng.choice(_TRADES)}"


def _firm_of_two(rng: Random) -> str:
    return f"{make_last(rng)} {rng.choice(['and', '&'])} {make_last(rng)}"


def _initials(rng: Random) -> str:
    return "".join(rng.choice("ABCDEFGHIKLMNPRSTUX") for _ in range(rng.randint(2, 4)))


def _brand(rng: Random) -> str:
    return title_case(invent_word(rng)) + rng.choice(["", "tech", "soft", "gen", "ix", "bio"])


def _named_brand(rng: Random) -> str:
    words = rng.sample(_BRAND_WORDS, 2)
    return " ".join(words) + rng.choice(["", " " + rng.choice(_TRADES)])


def _of_city(rng: Random) -> str:
    return f"{rng.choice(['Bank of', 'University of', 'City of', 'Church of'])} {make_city(rng)}"


_BRAND_WORDS = listed("""
    Blue Green Bright First National United American Global Summit River Oak Star Sun Clear Prime
    Pacific Northern Golden Silver Liberty Eagle Pioneer Apex Harbor Valley Mountain Stone Iron
    """)


def make_hospital(rng: Random) -> str:
    kinds = ["General Hospital", "Medical Center", "Memorial Hospital", "Clinic", "Hospital"]
    head = rng.choice([make_city(rng), make_last(rng), "St. " + make_first(rng), "Mercy"])
    return f"{head} {rng.choice(kinds)}"


def make_school(rng: Random) -> str:
    kinds = ["University", "College", "High School", "Elementary School", "State University"]
    if rng.random() < 0.25:
        return f"University of {make_place(rng)}"
    return f"{rng.choice([make_city(rng), make_last(rng)])} {rng.choice(kinds)}"


def make_venue(rng: Random) -> str:
    kinds = ["Cafe", "Restaurant", "Grill", "Diner", "Bar", "Tavern", "Pizza", "Theater", "Gym"]
    return f"{rng.choice([make_last(rng), make_first(rng), *_BRAND_WORDS[:4]])} {rng.choice(kinds)}"


def make_team(rng: Random) -> str:
    names = listed("Tigers Eagles Lions Bears Giants Rangers Wolves Hawks Kings Rovers United")
    return f"{rng.choice(['the ', ''])}{make_city(rng)} {rng.choice(names)}".removeprefix("the ")


def make_paper(rng: Random) -> str:
    kinds = ["Times", "Post", "Tribune", "Herald", "Daily News", "Gazette", "Journal", "Magazine"]
    return f"the {make_city(rng)} {rng.choice(kinds)}".removeprefix("the ")


def make_agency(rng: Random) -> str:
    names = """the FDA|the SEC|the IRS|the FBI|Congress|the Senate|the Justice Department|the EPA
        |the Department of Health|the Ministry of Defence|the police department|the City Council
        |the European Commission|the Supreme Court|the Red Cross|the Department of Motor Vehicles"""
    return rng.choice(names.split("|")).strip().removeprefix("the ")


def make_injury(rng: Random) -> str:
    if rng.random() < 0.5:
        return rng.choice(terms("injuries.txt"))
    kinds = listed("broken fractured sprained bruised dislocated torn twisted injured swollen")
    parts = listed("""arm leg ankle wrist hand finger rib foot toe knee hip shoulder elbow nose jaw
        collarbone pelvis femur tibia spine neck back skull ligament tendon""")
    side = rng.choice(["", "", "left ", "right "])
    return f"{rng.choice(kinds)} {side}{rng.choice(parts)}"


_PARTS_LISTED = """
    arm leg ankle wrist hand finger foot toe knee hip shoulder elbow nose jaw collarbone back neck
    thumb rib hamstring meniscus acl rotator-cuff tendon calf thigh elbow
    """
_PARTS = [part.replace("-", " ") for part in _PARTS_LISTED.split()]


def make_accident(rng: Random) -> str:
    """What somebody did to a part of the body: "broke my arm"."""
    verbs = "broke tore sprained twisted dislocated fractured hurt injured bruised pulled burned"
    return f"{rng.choice(verbs.split())} {rng.choice(['my', 'his', 'her'])} {rng.choice(_PARTS)}"


def make_drug(rng: Random) -> str:
    if rng.random() < 0.2:
        ends = listed(
            "in ol ide ine pam zole statin pril mab cillin mycin vir tinib sartan oxetine"
        )
        return invent_word(rng, 1, 2) + rng.choice(ends)
    drug = rng.choice(terms("drugs.txt"))
    return drug if rng.random() < 0.6 else title_case(drug)


def make_condition(rng: Random) -> str:
    if rng.random() < 0.12:
        ends = ["itis", "osis", "emia", "oma", "opathy", " syndrome", " disease", " disorder"]
        return invent_word(rng, 2, 3) + rng.choice(ends)
    lead = rng.choice(["chronic ", "severe ", "acute ", "mild "]) if rng.random() < 0.1 else ""
    return lead + rng.choice(terms("conditions.txt"))


def make_procedure(rng: Random) -> str:
    if rng.random() < 0.1:
        ends = ["ectomy", "oscopy", "oplasty", "ography", " scan", " surgery", " transplant"]
        return invent_word(rng, 2, 3) + rng.choice(ends)
    return rng.choice(terms("procedures.txt"))


def make_job(rng: Random) -> str:
    job = rng.choice(terms("occupations.txt"))
    if rng.random() < 0.12:
        lead = ["senior", "junior", "assistant", "chief", "head", "deputy", "lead", "former"]
        job = f"{rng.choice(lead)} {job}"
    if job in ("ceo", "cfo", "coo", "cto", "cpa"):
        return job.upper()
    return title_case(job) if rng.random() < 0.15 else job


def make_event(rng: Random) -> str:
    if rng.random() < 0.15:
        kinds = ["Marathon", "Festival", "Open", "Conference", "Film Festival", "Expo", "Summit"]
        return f"{make_city(rng)} {rng.choice(kinds)}"
    return title_case(rng.choice(terms("events.txt")))


def make_jargon(rng: Random) -> str:
    """Capitals that name nobody: of measures, methods, forms and substances."""
    letters = "".join(rng.choice("ABCDEFGILMNOPRSTVX") for _ in range(rng.randint(2, 5)))
    kind = rng.random()
    if kind < 0.6:
        return letters
    if kind < 0.8:
        return f"{letters[:3]}-{rng.randint(1, 900)}"
    return rng.choice(["Phase", "Type", "Form", "Series", "Class"]) + f" {rng.choice('ABC123')}"


def make_estate(rng: Random) -> str:
    kinds = ["House", "Gardens", "Village", "Ranch", "Heights", "Park", "Terrace", "Square"]
    return f"{rng.choice([make_last, make_city])(rng)} {rng.choice(kinds)}"


def typed(entity_type: str, make: Callable[[Random], str]) -> Maker:
    return lambda rng: [(make(rng), entity_type)]


def _plain(*texts: str) -> Maker:
    return lambda rng: [(rng.choice(texts), NOTHING)]


def _with_article(make: Callable[[Random], str], entity_type: str, lead: str) -> Maker:
    return lambda rng: [(lead, NOTHING), (make(rng), entity_type)]


def _procedure_at(rng: Random) -> Sequence[Part]:
    lead = rng.choice([[("a", NOTHING)], [], [], [("another", NOTHING)], [("the", NOTHING)]])
    return [*lead, (make_procedure(rng), "medical_process")]


def _injury_at(rng: Random) -> Sequence[Part]:
    lead = rng.choice([[("a", NOTHING)], [("a", NOTHING)], []])
    return [*lead, (make_injury(rng), "injury")]


def _agency_at(rng: Random) -> Sequence[Part]:
    return [("the", NOTHING), (make_agency(rng), "organization")]


def _number(rng: Random) -> Sequence[Part]:
    return [(str(rng.randint(2, 90)) if rng.random() < 0.5 else rng.choice(_DIGITS), NOTHING)]


def _zip_code(rng: Random) -> Sequence[Part]:
    digits = [str(rng.randint(0, 9)) for _ in range(5)]
    return [(rng.choice(["", " "]).join(digits), "location")]


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = ("January", "March", "April", "May", "June", "August", "October", "December")
_TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "Doctor", "Mister", "Professor", "Miss")
MAKERS: Mapping[str, Maker] = {
    "full": typed("person_name", make_full),
    "first": typed("person_name", make_first),
    "last": typed("person_name", make_last),
    "spelled": typed("person_name", spell),
    "city": typed("location", make_city),
    "state": typed("location", lambda rng: rng.choice(_STATES)),
    "loc": typed("location", lambda rng: rng.choice([make_place, make_place, make_city])(rng)),
    "addr": typed("location", make_address),
    "street": typed("location", make_street),
    "zip": _zip_code,
    "airport": typed("location", lambda rng: f"{make_city(rng)} {rng.choice(['Airport', ''])}"),
    "org": typed("organization", make_firm),
    "agency": _agency_at,
    "hospital": typed("organization", make_hospital),
    "hotel": typed("organization", lambda rng: f"{make_city(rng)} {rng.choice(['Hotel', 'Inn'])}"),
    "school": typed("organization", make_school),
    "venue": typed("organization", make_venue),
    "team": _with_article(make_team, "organization", "the"),
    "paper": _with_article(make_paper, "organization", "the"),
    "job": typed("occupation", make_job),
    "event": typed("event", make_event),
    "drug": typed("drug", make_drug),
    "cond": typed("medical_condition", make_condition),
    "proc": _procedure_at,
    "procone": typed("medical_process", make_procedure),
    "inj": _injury_at,
    "accident": typed("injury", make_accident),
    "jargon": typed(NOTHING, make_jargon),
    "estate": typed("location", make_estate),
    "title": _plain(*_TITLES),
    "num": _number,
    "day": _plain(*_DAYS),
    "month": _plain(*_MONTHS),
}


def fill(template: str, rng: Random, makers: Mapping[str, Maker] = MAKERS) -> Sentence:
    words: list[str] = []
    tags: list[str] = []
    for text in template.split():
        slot = _SLOT.search(text)
        if slot is None:
            words.append(text)
            tags.append(NOTHING)
            continue
        parts = [part for part in makers[slot[1]](rng) if part[0].strip()]
        start = len(words)
        for part, entity_type in parts:
            for number, word in enumerate(part.split()):
                words.append(word)
                tags.append(f"{'I' if number else 'B'}-{entity_type}" if entity_type else NOTHING)
        words[start] = text[: slot.start()] + words[start]
        words[-1] += text[slot.end() :]
    words[0] = words[0][:1].upper() + words[0][1:] if template[0].isupper() else words[0]
    return Sentence(tuple(words), tuple(tags))


def make_sentences(seed: int, n_sentences: int) -> list[Sentence]:
    """Sentences of the templates, every template about as often, one in eight of nothing."""
    rng = Random(seed)
    templates, nothing = read_lines("tagger_templates.txt"), read_lines("tagger_nothing.txt")
    made: list[Sentence] = []
    while len(made) < n_sentences:
        chosen = [fill(rng.choice(templates), rng) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
        if rng.random() < 0.35:
            line = rng.choice(nothing).split()
            extra = Sentence(tuple(line), (NOTHING,) * len(line))
            chosen.insert(rng.randint(0, len(chosen)), extra)
        made.append(
            Sentence(
                tuple(word for one in chosen for word in one.words),
                tuple(tag for one in chosen for tag in one.tags),
            )
        )
    return made
