"""Sentences as people post and comment, made by chance: nicknames, bands, teams, films and goods.

Films and goods name nobody: they stand where names do, that the tagger learns to tell them apart.
"""

from collections.abc import Callable, Mapping, Sequence
from random import Random

from benchmarks.tagger_messages import split_marks
from benchmarks.tagger_sentences import (
    MAKERS,
    NOTHING,
    Maker,
    Sentence,
    fill,
    invent_word,
    listed,
    make_city,
    make_first,
    make_full,
    make_last,
    read_lines,
    title_case,
    typed,
)

_LOOKS = listed("""
    Dark Crazy Little Big Silver Golden Wild Happy Angry Filthy Lucky Tiny Super Mad Sweet Broken
    Silent Lonely Red Black Blue Electric Burning Frozen Velvet Hollow
    """)
_ROLES = listed("""
    Wolf Panda Ninja Bear Tiger Ghost Shadow Cat Dog Potato Wizard Queen King Boy Girl Chef Pirate
    Dragon Fox Rider Hunter Doctor Gamer Captain Monkey Unicorn Taco Waffle Cookie
    """)
_PLURALS = listed("""
    Stones Doors Wolves Hearts Kids Brothers Sisters Monkeys Strangers Machines Rockets Killers
    Shadows Drums Ghosts Flowers Lights Knives Echoes Pilots
    """)
_TITLE_WORDS = listed("""
    Night Day Love War World Game Fire Ice Water Road Home Time Life Death Dream Star Moon Sun House
    Girl Man City Street Heart King Rain Summer Winter Blood Gold Sky Sea Stone Light Dark Secret
    Last First Lost Dead Wild Long
    """)
_TEAMS = listed("""
    Lakers Warriors Cavs Celtics Bulls Knicks Spurs Heat Raptors Rockets Clippers Patriots Cowboys
    Packers Steelers Giants Jets Eagles Bears Raiders Broncos Falcons Seahawks Yankees Mets Dodgers
    Cubs Astros Braves Orioles Rangers Bruins Penguins Sharks Oilers Arsenal Chelsea Barcelona
    Liverpool Juventus Bayern Everton Celtic Benfica Ajax Milan
    """)
_HASHTAGS = listed("fail love MondayMotivation win blessed jobs np tbt nowplaying vote lol yolo")
_GOODS_LISTED = """
    Honda Civic|Toyota Corolla|Ford Mustang|iPhone 7|iPhone|iPad|iPad Mini|Macbook Pro|Galaxy S8
    |Nexus 5|PS4|PlayStation 4|Xbox One|Nintendo Switch|Wii U|Game Boy|Kindle|Chromebook|ThinkPad
    |GTX 1080|Ryzen|Core i7|Raspberry Pi|Arduino|Windows 10|Windows XP|Ubuntu|Linux|Android|iOS 10
    |macOS|Chrome|Firefox|Safari|Photoshop|Excel|Outlook|Word|Powerpoint|Java|Python|MySQL|Apache
    |OpenSSL|Wireshark|BMW X5|Ferrari|Corvette|Jeep|F150|Tesla Model S|Jordans|Air Max|Vans|Nutella
    |Oreos|Doritos|Coke|Red Bull|Big Mac|Whopper|Snickers|AK-47|Glock|GoPro|Fitbit|Apple Watch
    |AirPods|Beats|Bluetooth|USB|HDMI|Roomba|Lego|Barbie|Monopoly|Etch A Sketch
    """
_GOODS = [one.strip() for one in _GOODS_LISTED.split("|")]
_WORKS_LISTED = """
    Star Wars|Harry Potter|Game of Thrones|The Walking Dead|Breaking Bad|Stranger Things|The Office
    |Friends|Minecraft|Overwatch|Pokemon Go|Call of Duty|GTA V|Fortnite|Zelda|Skyrim|Frozen|Moana
    |Inception|Interstellar|The Matrix|Lord of the Rings|Black Mirror|Sherlock|Doctor Who|Naruto
    |One Piece|Jurassic Park|Titanic|Fight Club|Toy Story|Mario Kart|Halo|FIFA 17
    |Bohemian Rhapsody|Despacito
    """
_WORKS = [one.strip() for one in _WORKS_LISTED.split("|")]


def make_nickname(rng: Random) -> str:
    kinds: list[Callable[[Random], str]] = [
        _plain_name,
        _invented,
        _stage_name,
        _looks_and_role,
        _numbered,
        _short_name,
        make_full,
        _two_letters,
        _two_invented,
        _role,
    ]
    return rng.choices(kinds, weights=[30, 20, 8, 8, 6, 8, 8, 4, 4, 4])[0](rng)


def _plain_name(rng: Random) -> str:
    return make_first(rng) if rng.random() < 0.6 else make_last(rng)


def _invented(rng: Random) -> str:
    return title_case(invent_word(rng, 1, 3))


def _stage_name(rng: Random) -> str:
    lead = rng.choice(listed("Lil DJ Big Young MC Dr. Mr. Uncle Papa King Queen Prince"))
    return f"{lead} {rng.choice([_invented(rng), make_first(rng), rng.choice(_ROLES)])}"


def _looks_and_role(rng: Random) -> str:
    return rng.choice(_LOOKS) + rng.choice(["", "", " "]) + rng.choice(_ROLES)


def _numbered(rng: Random) -> str:
    behind = rng.choice(listed("7 12 23 99 69 101 2000 XD TV Official"))
    return rng.choice([_invented(rng), make_first(rng)]) + behind


def _role(rng: Random) -> str:
    return rng.choice(_ROLES)


def _short_name(rng: Random) -> str:
    return make_first(rng)[: rng.randint(2, 4)] + rng.choice(["", "y", "ie", "zy", "o"])


def _two_letters(rng: Random) -> str:
    return rng.choice("ABDJKTMCR") + rng.choice("ABDJKTMCR")


def _two_invented(rng: Random) -> str:
    return f"{_invented(rng)} {_invented(rng)}"


def make_band(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(["The ", ""]) + rng.choice(_PLURALS)
    if kind < 0.55:
        return f"{rng.choice(_LOOKS)} {rng.choice(_PLURALS)}"
    if kind < 0.7:
        return title_case(invent_word(rng))
    if kind < 0.8:
        return "".join(rng.choice("ABDEFMNRSTWXZ") for _ in range(3))
    joint = rng.choice([" ", "", " of ", "-"])
    return rng.choice(_TITLE_WORDS) + joint + rng.choice(_TITLE_WORDS)


def make_team_name(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.6:
        return rng.choice(_TEAMS)
    return make_city(rng) if kind < 0.8 else f"{make_city(rng)} {rng.choice(_TEAMS)}"


def make_work(rng: Random) -> str:
    kind = rng.random()
    if kind < 0.35:
        return rng.choice(_WORKS)
    title = " ".join(rng.sample(_TITLE_WORDS, rng.choice([1, 2, 2, 3])))
    lead = rng.choice(["The ", "A ", "My ", "Into the ", "Return of the ", "House of "])
    return lead + title if kind < 0.6 else title


def make_hashtag(rng: Random) -> str:
    joined = rng.choice(_TITLE_WORDS) + rng.choice(_TITLE_WORDS)
    return rng.choice([*_HASHTAGS, title_case(invent_word(rng)), joined])


CASUAL_MAKERS: Mapping[str, Maker] = {
    **MAKERS,
    "nick": typed("person_name", make_nickname),
    "band": typed("organization", make_band),
    "teamname": typed("organization", make_team_name),
    "work": typed(NOTHING, make_work),
    "product": typed(NOTHING, lambda rng: rng.choice(_GOODS)),
    "tag": typed(NOTHING, make_hashtag),
}


def make_casual(seed: int, n_sentences: int) -> list[Sentence]:
    """Comments of one sentence or two, some shouted, some in lower case, some with marks apart."""
    rng = Random(seed)
    templates = read_lines("tagger_casual.txt")
    nothing = [_nothing(line) for line in read_lines("tagger_casual_nothing.txt")]
    made: list[Sentence] = []
    for _ in range(n_sentences):
        n_filled = rng.choice([1, 1, 1, 2])
        chosen = [fill(rng.choice(templates), rng, CASUAL_MAKERS) for _ in range(n_filled)]
        if rng.random() < 0.4:
            chosen.insert(rng.randint(0, len(chosen)), rng.choice(nothing))
        if rng.random() < 0.1:
            chosen = [rng.choice(nothing)]
        made.append(_write(join_sentences(chosen), rng))
    return made


def _nothing(line: str) -> Sentence:
    words = tuple(line.split())
    return Sentence(words, (NOTHING,) * len(words))


def join_sentences(sentences: Sequence[Sentence]) -> Sentence:
    return Sentence(
        tuple(word for one in sentences for word in one.words),
        tuple(tag for one in sentences for tag in one.tags),
    )


def _write(sentence: Sentence, rng: Random) -> Sentence:
    if rng.random() < 0.35:
        sentence = split_marks(sentence)
    kind = rng.random()
    if kind < 0.05:
        return Sentence(tuple(word.upper() for word in sentence.words), sentence.tags)
    if kind < 0.25:
        return Sentence(tuple(word.lower() for word in sentence.words), sentence.tags)
    return sentence
