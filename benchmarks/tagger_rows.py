"""Rows of text with the types of their words: the tagger learns from some, and never sees others.

It learns from rows under MIT or CC BY, so that its weights may be shipped, and is scored on others.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from benchmarks.tagger_sentences import NOTHING, UNKNOWN, Sentence, listed, read_lines, terms
from earshot.understanding.entities.word_features import key_of

# Lower-case words that are an occupation or a condition in one sentence and not in the next.
_AMBIGUOUS = frozenset(
    listed("""
    model principal president manager coach server guard cook diver mason miner minister operator
    producer conductor intern host judge master dean maid usher vet mover cleaner assembler
    announcer instructor inspector investigator investor critic writer director author actor
    radiation echo rash burn burns flu fever depression nausea swelling abrasion surgery therapy
    anxiety addiction cancer stroke tumor obesity bruise bruises fracture sprain transplant vaccine
    ventilation rehab ecstasy lithium speed cook administrator consultant controller designer
    developer editor soldier artist clerk engineer engineers teachers nurses lawyers doctors
    """)
)
_WNUT_TYPES = {
    "person": "person_name",
    "location": "location",
    "corporation": "organization",
    "group": "organization",
}
_PII_TYPES = {
    "PERSON": "person_name",
    "STREET_ADDRESS": "location",
    "GPE": "location",
    "ORGANIZATION": "organization",
}
NAME_TYPES = ("person_name", "location", "organization")


def read_rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def read_wnut(path: Path, *, judges_others: bool) -> list[Sentence]:
    """Its works and products are nothing where that is to be judged, else not judged."""
    sentences = []
    for row in read_rows(path):
        tags = []
        for tag in _strings(row["tags"]):
            lead, _, name = tag.partition("-")
            if name in _WNUT_TYPES:
                tags.append(f"{lead}-{_WNUT_TYPES[name]}")
            else:
                tags.append(NOTHING if judges_others or not name else UNKNOWN)
        sentences.append(Sentence(tuple(_strings(row["tokens"])), tuple(tags)))
    return sentences


def _strings(value: object) -> list[str]:
    assert isinstance(value, list)
    return [str(item) for item in value]


def read_pii(data: Path, parity: int) -> list[Sentence]:
    """Rows of presidio's synthetic set with an even or an odd number."""
    rows = read_rows(data / "text/pii/presidio_synth_v2.jsonl")
    return [_pii_of(row) for number, row in enumerate(rows) if number % 2 == parity]


def _pii_of(row: Mapping[str, object]) -> Sentence:
    text, spans = str(row["text"]), row["spans"]
    assert isinstance(spans, list)
    words, tags = [], []
    for match in re.finditer(r"\S+", text):
        tag = NOTHING
        for span in spans:
            if span["start"] < match.end() and match.start() < span["end"]:
                name = _PII_TYPES.get(span["type"])
                lead = "B" if match.start() <= span["start"] else "I"
                tag = f"{lead}-{name}" if name else UNKNOWN
                break
        words.append(match[0])
        tags.append(tag)
    return Sentence(tuple(words), tuple(tags))


# ---- text that people wrote and said, of which names were marked by a list of phrases ----


def read_texts(data: Path) -> Iterator[tuple[str, str]]:
    """Name of the set and a text of it: editorials, reviews, dialogues, meetings of committees."""
    for name in ("nytEditorial", "movieReview", "amazonReview"):
        for row in read_rows(data / f"text/sentiment/hutto_{name}Snippets.jsonl"):
            yield name, str(row["text"])
    for row in read_rows(data / "text/summary/dialogsum_test.jsonl"):
        for line in str(row["dialogue"]).splitlines():
            yield "dialogsum", re.sub(r"#Person\d#:?", "", line).strip()
    for row in read_rows(data / "text/meeting/qmsum_test.jsonl"):
        if row["domain"] == "Product":  # those are meetings of AMI, which is scored
            continue
        assert isinstance(row["meeting_transcripts"], list)
        for turn in row["meeting_transcripts"]:
            yield "qmsum", re.sub(r"\{\w+\}", "", str(turn["content"])).strip()


@cache
def _marked() -> dict[str, dict[tuple[str, ...], str]]:
    """Of marked phrases those that begin with a word, with their types."""
    found: dict[str, dict[tuple[str, ...], str]] = {}
    for line in read_lines("tagger_phrases.txt"):
        entity_type, _, names = line.partition(":")
        for phrase in names.split("|"):
            words = tuple(_core(word) for word in phrase.split())
            found.setdefault(words[0], {})[words] = entity_type.strip()
    return found


@cache
def _weak() -> dict[str, dict[tuple[str, ...], str]]:
    """Phrases of the lists that are of a type wherever they stand."""
    lists = {
        "occupations.txt": "occupation",
        "drugs.txt": "drug",
        "conditions.txt": "medical_condition",
        "procedures.txt": "medical_process",
        "injuries.txt": "injury",
    }
    found: dict[str, dict[tuple[str, ...], str]] = {}
    for name, entity_type in lists.items():
        for term in terms(name):
            words = tuple(key_of(word) for word in term.split())
            found.setdefault(words[0], {})[words] = entity_type
    return found


def _core(word: str) -> str:
    return re.sub(r"['\u2019]s$", "", word.strip(".,;:!?\"()[]*'`-"))


def mark_text(text: str) -> Sentence | None:
    """The words of a text with the types of the marked phrases; None where its case says nothing.

    What is capitalised within a sentence and was not marked is not judged.
    """
    words = text.split()[:120]
    if not words or sum(word[:1].isupper() for word in words) > 0.6 * len(words):
        return None
    cores, keys = [_core(word) for word in words], [key_of(word) for word in words]
    tags: list[str] = []
    while len(tags) < len(words):
        index = len(tags)
        entity_type, length = _at(_marked(), cores, index)
        if not length:
            entity_type, length = _at(_weak(), keys, index)
            if length == 1 and keys[index] in _AMBIGUOUS:
                entity_type = UNKNOWN
        if not length and (n_words := _person_at(words, cores, index)):
            entity_type, length = "person_name", n_words
        if not length:
            starts = index == 0 or words[index - 1].rstrip("\"')").endswith((".", "?", "!"))
            capital = cores[index][:1].isupper() and cores[index] not in ("I", "I'm", "I'll")
            judged = not capital or (starts and cores[index].lower() in _lower_words())
            tags.append(NOTHING if judged else UNKNOWN)
        elif entity_type in ("O", UNKNOWN):
            tags += [NOTHING if entity_type == "O" else UNKNOWN] * length
        else:
            tags += [f"B-{entity_type}", *[f"I-{entity_type}"] * (length - 1)]
    return Sentence(tuple(words), tuple(tags))


def _at(
    phrases: Mapping[str, Mapping[tuple[str, ...], str]], keys: Sequence[str], index: int
) -> tuple[str, int]:
    """Type and length of the longest phrase that begins at a word, or a length of 0."""
    best = ("", 0)
    for phrase, entity_type in phrases.get(keys[index], {}).items():
        if len(phrase) > best[1] and tuple(keys[index : index + len(phrase)]) == phrase:
            best = (entity_type, len(phrase))
    return best


def _person_at(words: Sequence[str], cores: Sequence[str], index: int) -> int:
    """How many words a given name and the capitalised ones behind it are, or 0."""
    if cores[index].lower() not in _given_names() or not cores[index][:1].isupper():
        return 0
    end = index + 1
    while (
        end < min(len(words), index + 3)
        and words[end - 1].endswith(cores[end - 1])
        and cores[end][:1].isupper()
        and cores[end].lower() not in _lower_words()
    ):
        end += 1
    return end - index if end > index + 1 else 0


@cache
def _given_names() -> frozenset[str]:
    return frozenset(terms("given_names.txt"))


_LOWER: set[str] = set()


def _lower_words() -> set[str]:
    return _LOWER


def read_marked(data: Path) -> dict[str, list[Sentence]]:
    """By set the texts that were marked."""
    texts = list(read_texts(data))
    counts: dict[str, int] = {}
    for _, text in texts:
        for word in text.split():
            core = _core(word)
            if core.islower():
                counts[core] = counts.get(core, 0) + 1
    _LOWER.update(word for word, count in counts.items() if count >= 5)
    sets: dict[str, list[Sentence]] = {}
    for name, text in texts:
        marked = mark_text(text)
        if marked is not None:
            sets.setdefault(name, []).append(marked)
    return sets


# ---- speech that is only scored ----


def read_speech(data: Path) -> dict[str, list[Sentence]]:
    """Calls and meetings with the names that `spoken_names.txt` marks in them."""
    marks: dict[str, list[tuple[str, str]]] = {}
    for line in read_lines("spoken_names.txt"):
        head, _, names = line.partition("|")
        place, entity_type = head.split()
        marks.setdefault(place, []).extend((entity_type, name) for name in names.split(";"))
    calls = []
    for row in read_rows(data / "text/spoken_ner/earnings21_12calls.jsonl"):
        assert isinstance(row["tokens"], list)
        words = [token[0] + token[2] for token in row["tokens"]]
        calls.append(_mark_speech(words, marks[str(row["id"])]))
    meetings = []
    for row in read_rows(data / "text/spoken_ner/ami_named_entities.jsonl"):
        meetings.append(_mark_speech(_join_marks(_strings(row["tokens"])), marks["ami"]))
    return {"earnings calls": calls, "meetings": meetings}


def _join_marks(tokens: Sequence[str]) -> list[str]:
    words: list[str] = []
    for token in tokens:
        if token in {".", ",", "?", "!"} and words:
            words[-1] += token
        else:
            words.append(token)
    return words


def _mark_speech(words: Sequence[str], marks: Sequence[tuple[str, str]]) -> Sentence:
    cores = [_spoken_core(word) for word in words]
    tags = [NOTHING] * len(words)
    for entity_type, mark in sorted(marks, key=lambda one: -len(one[1].split())):
        name, _, behind = mark.partition("!")
        wanted = [_spoken_core(word) for word in name.split()]
        for start in range(len(words) - len(wanted) + 1):
            span = range(start, start + len(wanted))
            if cores[start : span.stop] != wanted or any(tags[index] for index in span):
                continue
            if behind and cores[span.stop : span.stop + len(behind.split())] == behind.split():
                continue
            for index in span:
                tags[index] = f"{'B' if index == start else 'I'}-{entity_type}"
    shown = [word.replace("_", "") if re.match("[A-Z]_", word) else word for word in words]
    return Sentence(tuple(shown), tuple(tags))


def _spoken_core(word: str) -> str:
    return re.sub(r"['\u2019]s?$", "", word.rstrip(".,?!;:"))


def without_case(sentence: Sentence) -> Sentence:
    """As an engine without case and marks writes it."""
    words, tags = [], []
    for word, tag in zip(sentence.words, sentence.tags, strict=True):
        bare = word.lower().strip('.,?!;:"()')
        if bare:
            words.append(bare)
            tags.append(tag)
    return Sentence(tuple(words), tuple(tags))
