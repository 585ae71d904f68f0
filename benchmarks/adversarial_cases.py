"""Sentences in which a secret is said as people say it when a machine must not hear it.

Made from the sentences of `entity_cases` by what calls are full of: a secret is said twice, in one
breath with another number, with a digit that was misheard, or between the words of the other side.
Every place where the secret is said is a span.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.entity_cases import Case, Gold, Random, digits, make_cases, say_characters, words_of
from earshot.transcript.words import Word

CALLS = Path(__file__).with_name("adversarial_calls.txt")
# Types that are dictated in parts, so that somebody may speak in between.
DICTATED = frozenset(
    {
        "account_number",
        "banking_information",
        "credit_card_cvv",
        "credit_card_number",
        "drivers_license",
        "healthcare_number",
        "number_sequence",
        "passport_number",
        "phone_number",
        "us_social_security_number",
        "vehicle_id",
    }
)
_MARKS = (",", ".", "")
_TALK = "and then we went on to talk about the weather and"
_BACKCHANNELS = ("go ahead", "okay", "yes got it", "uh-huh", "hold on", "sorry one moment", "right")
_OTHER_DIGITS = {str(digit): str((digit + 3) % 10) for digit in range(10)}
_OTHER_WORDS = {
    "one": "nine",
    "two": "three",
    "three": "six",
    "four": "seven",
    "five": "nine",
    "six": "eight",
    "seven": "eleven",
    "eight": "two",
    "nine": "five",
}


def make_adversarial_cases(seed: int, n_each: int) -> dict[str, list[Case]]:
    """Cases of each way; each has the type of one secret."""
    rng = random.Random(seed)
    plain = [case for case in make_cases(seed, n_each) if len(case.gold) == 1]
    return {
        name: [made for case in plain if (made := make(case, rng)) is not None]
        for name, make in _WAYS.items()
    }


def _repeat(case: Case, rng: Random) -> Case | None:
    """The secret once more, at the end of other talk, without what announced it."""
    secret = _secret_of(case)
    talk = _TALK.split() if rng.random() < 0.5 else ["again"]
    texts = [*_texts(case), *talk]
    second = Gold(case.gold[0].entity_type, len(texts), len(texts) + len(secret))
    return Case(case.form, words_of([*texts, *secret]), (*case.gold, second))


def _join_itself(case: Case, rng: Random) -> Case | None:
    """The secret twice, with a mark or a blank between."""
    (gold,) = case.gold
    secret = _secret_of(case)
    texts = _texts(case)
    head, tail = [*texts[: gold.first], *secret], texts[gold.first :]
    head[-1] += rng.choice(_MARKS) if case.form == "written" else ""
    n = len(secret)
    both = (gold, Gold(gold.entity_type, gold.end, gold.end + n))
    return Case(case.form, words_of([*head, *tail]), both)


def _join_other(case: Case, rng: Random) -> Case | None:
    """The secret and a number that is none, before or behind it."""
    (gold,) = case.gold
    number = digits(rng, rng.choice([1, 2, 4, 4, 6]))
    other = [number] if case.form == "written" else say_characters(number, rng).split()
    mark = rng.choice(_MARKS) if case.form == "written" else ""
    texts, secret = _texts(case), _secret_of(case)
    before, behind = texts[: gold.first], texts[gold.end :]
    if rng.random() < 0.5:
        other[-1] += mark
        texts = [*before, *other, *texts[gold.first :]]
        return Case(case.form, words_of(texts), (_moved(gold, len(other)),))
    secret[-1] += mark
    return Case(case.form, words_of([*before, *secret, *other, *behind]), (gold,))


def _mishear(case: Case, rng: Random) -> Case | None:
    """One digit of the secret is another, so that no sum is right; what announces it stays."""
    (gold,) = case.gold
    texts = _texts(case)
    changed = [
        (index, _misheard(texts[index], rng))
        for index in range(gold.first, gold.end)
        if _misheard(texts[index], rng) != texts[index]
    ]
    if gold.entity_type not in DICTATED or not changed:
        return None
    index, text = rng.choice(changed)
    texts[index] = text
    return Case(case.form, words_of(texts), case.gold)


def _misheard(text: str, rng: Random) -> str:
    places = [i for i, character in enumerate(text) if character.isdigit()]
    if places:
        place = rng.choice(places)
        return text[:place] + _OTHER_DIGITS[text[place]] + text[place + 1 :]
    return _OTHER_WORDS.get(text, text)


def _interrupt(case: Case, rng: Random) -> Case | None:
    """The other side speaks once, twice or three times while the secret is said."""
    (gold,) = case.gold
    if gold.entity_type not in DICTATED or gold.end - gold.first < 2:
        return None
    breaks = range(gold.first + 1, gold.end)
    chosen = set(rng.sample(breaks, min(len(breaks), rng.randint(1, 3))))
    words: list[Word] = []
    spans: list[Gold] = []
    for index, word in enumerate(case.words):
        if index in chosen:
            words += [Word(t, 0, 0, 1.0, "B") for t in rng.choice(_BACKCHANNELS).split()]
        if gold.first <= index < gold.end:
            spans.append(Gold(gold.entity_type, len(words), len(words) + 1))
        words.append(replace(word, speaker="A"))
    timed = [replace(w, start_ms=i * 300, end_ms=i * 300 + 300) for i, w in enumerate(words)]
    return Case(case.form, tuple(timed), tuple(spans))


def _interrupt_unheard(case: Case, rng: Random) -> Case | None:
    """As before, but that nobody told the voices apart."""
    made = _interrupt(case, rng)
    if made is None:
        return None
    return Case(made.form, tuple(replace(word, speaker=None) for word in made.words), made.gold)


_WAYS: Mapping[str, Callable[[Case, Random], Case | None]] = {
    "said again later": _repeat,
    "said twice in a row": _join_itself,
    "beside another number": _join_other,
    "a digit misheard": _mishear,
    "interrupted, voices told apart": _interrupt,
    "interrupted, voices not told apart": _interrupt_unheard,
}


def _texts(case: Case) -> list[str]:
    return [word.text for word in case.words]


def _secret_of(case: Case) -> list[str]:
    """The words of the secret, without the mark that ends a sentence."""
    (gold,) = case.gold
    texts = _texts(case)[gold.first : gold.end]
    texts[-1] = texts[-1].rstrip(".,")
    return texts


def _moved(gold: Gold, by: int) -> Gold:
    return Gold(gold.entity_type, gold.first + by, gold.end + by)


def read_calls_of_secrets(path: Path = CALLS) -> list[Case]:
    """Lines of calls, each with the places where the secret of its policy is said in braces."""
    return [_call_of(*line.split(" | ")) for line in path.read_text(encoding="utf-8").splitlines()]


def _call_of(policy: str, text: str) -> Case:
    gold: list[Gold] = []
    for index, word in enumerate(text.split()):
        if "{" in word:
            gold.append(Gold(policy, index, index + 1))
        if "}" in word:
            gold[-1] = Gold(policy, gold[-1].first, index + 1)
    return Case("call", words_of(text.replace("{", "").replace("}", "").split()), tuple(gold))


def hidden_share(
    cases: Sequence[Case], find_hidden: Callable[[Case, str], set[int]]
) -> tuple[int, int, int]:
    """Secret words, those that are hidden, and cases of which a word stays readable."""
    n_secret = n_hidden = n_leaks = 0
    for case in cases:
        secret = {i for gold in case.gold for i in range(gold.first, gold.end)}
        hidden = find_hidden(case, case.gold[0].entity_type)
        n_secret += len(secret)
        n_hidden += len(secret & hidden)
        n_leaks += not secret <= hidden
    return n_secret, n_hidden, n_leaks
