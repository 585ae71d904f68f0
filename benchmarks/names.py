"""Names of people, places and organisations: F1 of the tagger, and what redaction hides of them.

Run as `python -m benchmarks.names --data ../shared/eval`, with `earshot models pull minilm` before.
With --write the tables go into docs/reference/benchmarks.md. No set that is scored was learnt from.
"""

import argparse
import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from importlib import import_module
from itertools import accumulate
from pathlib import Path

from benchmarks.entity_cases import words_of
from benchmarks.report import Table, describe_run, load_average, write_section
from benchmarks.tagger_rows import (
    NAME_TYPES,
    read_pii,
    read_speech,
    read_wnut,
    without_case,
)
from benchmarks.tagger_sentences import NOTHING, Sentence, read_lines
from earshot.settings import load_settings
from earshot.transcript.options import RedactionOptions
from earshot.transcript.words import Word
from earshot.understanding.catalog import find_encoder
from earshot.understanding.encoder import TextEncoder
from earshot.understanding.entities.candidates import Tagged, Tagger
from earshot.understanding.entities.tagger import TrainedTagger
from earshot.understanding.entities.tagger_head import TAGGED_TYPES
from earshot.understanding.redaction.redact import find_secret_words
from earshot.wiring.installed import open_models

MEETING_WORDS = 800  # of each voice; few of them name anybody
Span = tuple[str, int, int]  # type, words from, to before
Detector = Callable[[Sequence[Word]], Iterable[Span]]


def load_encoder() -> TextEncoder:
    """The encoder of this machine; ends the program where there is none."""
    encoder = find_encoder(open_models(load_settings(config=None)))
    if encoder is None:
        raise SystemExit("earshot models pull minilm: without it this measures nothing")
    return encoder


def read_scored(data: Path) -> dict[str, list[Sentence]]:
    """What is scored and never learnt from, as written and as an engine without case writes it."""
    speech = read_speech(data)
    sets = {
        "earnings calls, even, tuned on": speech["earnings calls"][0::2],
        "earnings calls, odd": speech["earnings calls"][1::2],
        "meetings": [_beginning(one) for one in speech["meetings"]],
        "WNUT17 test": read_wnut(data / "text/ner/wnut17_test.jsonl", judges_others=True),
        "presidio, odd rows": read_pii(data, 1),
    }
    bare = {
        f"{name}, no case or marks": [without_case(one) for one in sentences]
        for name, sentences in sets.items()
    }
    return {**sets, **bare}


def _beginning(sentence: Sentence) -> Sentence:
    return Sentence(sentence.words[:MEETING_WORDS], sentence.tags[:MEETING_WORDS])


class RememberingTagger:
    """Tags the same words once, for all tables."""

    def __init__(self, encoder: TextEncoder | None) -> None:
        self._tagger = TrainedTagger(encoder)
        self._known: dict[tuple[str, ...], list[Tagged]] = {}

    def tag(self, words: Sequence[Word]) -> list[Tagged]:
        texts = tuple(word.text for word in words)
        if texts not in self._known:
            self._known[texts] = self._tagger.tag(words)
        return self._known[texts]


def find_names(tagger: Tagger, words: Sequence[Word]) -> list[Span]:
    return [
        (one.entity_type, one.first, one.end)
        for one in tagger.tag(words)
        if one.is_sure and one.entity_type in NAME_TYPES
    ]


def find_capitalised(words: Sequence[Word]) -> list[Span]:
    """The peer without a model: capitalised words within a sentence name something."""
    found: list[Span] = []
    start: int | None = None
    for index, word in enumerate([*words, Word("", 0, 0, 1.0)]):
        core = word.text.strip(".,?!;:\"'()")
        starts = index == 0 or words[index - 1].text.endswith((".", "?", "!"))
        is_name = core[:1].isupper() and not starts and core.partition("'")[0] != "I"
        if is_name and start is None:
            start = index
        elif not is_name and start is not None:
            found.append(("name", start, index))
            start = None
    return found


def spans_of(sentence: Sentence) -> list[Span]:
    spans: list[Span] = []
    for index, tag in enumerate(sentence.tags):
        lead, _, entity_type = tag.partition("-")
        if lead == "B" or (lead == "I" and not (spans and spans[-1][2] == index)):
            spans.append((entity_type, index, index + 1))
        elif lead == "I":
            spans[-1] = (spans[-1][0], spans[-1][1], index + 1)
    return [span for span in spans if span[0] in NAME_TYPES]


def f1_row(sentences: Sequence[Sentence], detect: Detector) -> tuple[str, ...]:
    """F1 of all names, with precision and recall, then F1 of each type; spans need to overlap."""
    counts: dict[str, list[int]] = {name: [0, 0, 0, 0] for name in NAME_TYPES}
    for sentence in sentences:
        gold, found = spans_of(sentence), list(detect(words_of(sentence.words)))
        for name in NAME_TYPES:
            golds = [span for span in gold if span[0] == name]
            finds = [span for span in found if span[0] == name]
            kept = counts[name]
            kept[0] += len(golds)
            kept[1] += sum(any(_overlap(one, other) for other in finds) for one in golds)
            kept[2] += len(finds)
            kept[3] += sum(any(_overlap(one, other) for other in golds) for one in finds)
    total = [sum(column) for column in zip(*counts.values(), strict=True)]
    precision, recall = _ratio(total[3], total[2]), _ratio(total[1], total[0])
    return (
        str(total[0]),
        _f1(total),
        f"{precision:.3f}",
        f"{recall:.3f}",
        *(_f1(counts[name]) for name in NAME_TYPES),
    )


def _overlap(one: Span, other: Span) -> bool:
    return one[1] < other[2] and other[1] < one[2]


def _ratio(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _f1(counts: Sequence[int]) -> str:
    n_gold, n_hit, n_found, n_right = counts
    if not n_gold:
        return "-"
    precision, recall = _ratio(n_right, n_found), _ratio(n_hit, n_gold)
    return f"{2 * precision * recall / max(1e-9, precision + recall):.3f}"


# ---- what redaction hides ----


def read_cases() -> list[Sentence]:
    """The sentences of `names_cases.txt`; [what is named|its type]."""
    return [_case_of(line) for line in read_lines("names_cases.txt")]


def _case_of(line: str) -> Sentence:
    words: list[str] = []
    tags: list[str] = []
    for match in re.finditer(r"\[([^|]+)\|(\w+)\](\S*)|(\S+)", line):
        marked, entity_type, behind, plain = match.groups()
        for number, word in enumerate((marked or plain).split()):
            words.append(word)
            tags.append(f"{'I' if number else 'B'}-{entity_type}" if entity_type else NOTHING)
        words[-1] += behind or ""
    return Sentence(tuple(words), tuple(tags))


Hide = Callable[[Sequence[Word], str], Iterable[int]]


def redaction_rows(
    sentences: Sequence[Sentence], hide: Hide, policies: Sequence[str]
) -> list[tuple[str, ...]]:
    """For each policy alone: words of its type, how many are hidden, and how many rightly."""
    rows: list[tuple[str, ...]] = []
    for policy in policies:
        n_secret = n_hidden = n_both = 0
        for sentence in sentences:
            secret = {i for i, tag in enumerate(sentence.tags) if tag.endswith(f"-{policy}")}
            hidden = set(hide(words_of(sentence.words), policy))
            n_secret, n_hidden = n_secret + len(secret), n_hidden + len(hidden)
            n_both += len(secret & hidden)
        if n_secret:
            recall, precision = _ratio(n_both, n_secret), _ratio(n_both, n_hidden)
            rows.append((f"`{policy}`", str(n_secret), _percent(recall), _percent(precision)))
    return rows


def _percent(ratio: float) -> str:
    return f"{100 * ratio:.1f}"


def hide_with(tagger: Tagger) -> Hide:
    def hide(words: Sequence[Word], policy: str) -> Iterable[int]:
        return find_secret_words(words, RedactionOptions((policy,)), tagger)

    return hide


def hide_capitalised(words: Sequence[Word], policy: str) -> Iterable[int]:
    """The peer: every capitalised word within a sentence, whatever is to be hidden."""
    del policy
    return [index for _, start, end in find_capitalised(words) for index in range(start, end)]


# ---- the peer: the small English model of spaCy, which presidio asks for names ----

_SPACY_TYPES = {
    "PERSON": "person_name",
    "GPE": "location",
    "LOC": "location",
    "FAC": "location",
    "ORG": "organization",
}


def load_spacy() -> Detector | None:
    """Its small model of English, if it is installed under whatever name."""
    try:
        nlp = import_module("spacy").load("en_core_web_sm", enable=["tok2vec", "ner"])
    except (ImportError, OSError) as error:
        print(f"\n*** spaCy is not measured: {error}\n")
        return None

    def detect(words: Sequence[Word]) -> list[Span]:
        doc = nlp(" ".join(word.text for word in words))
        ends = list(accumulate(len(word.text) + 1 for word in words))
        return [
            (
                _SPACY_TYPES[found.label_],
                bisect_right(ends, found.start_char),
                bisect_right(ends, found.end_char - 1) + 1,
            )
            for found in doc.ents
            if found.label_ in _SPACY_TYPES
        ]

    return detect


# ---- tables ----


def names_table(data: Path, tagger: Tagger) -> Table:
    ours = partial(find_names, tagger)
    without = partial(find_names, TrainedTagger(None))
    peer = load_spacy()
    header = ["Text", "names", "F1", "precision", "recall", "people", "places", "organisations"]
    header += ["F1 without the encoder", "F1 of spaCy small"]
    rows = []
    for name, sentences in read_scored(data).items():
        others: list[Detector] = [without, *([peer] if peer else [])]
        found = [f1_row(sentences, detect)[1] for detect in others]
        rows.append((name, *f1_row(sentences, ours), *found, *([] if peer else ["-"])))
    return Table("Names of people, places and organisations", tuple(header), rows)


def redaction_table(title: str, sentences: Sequence[Sentence], tagger: Tagger) -> Table:
    there = {tag[2:] for sentence in sentences for tag in sentence.tags}
    policies = [policy for policy in TAGGED_TYPES if policy in there]
    ours = redaction_rows(sentences, hide_with(tagger), policies)
    peer = redaction_rows(sentences, hide_capitalised, policies)
    header = ["Policy", "secret words", "recall %", "precision %"]
    header += ["capitalised words: recall %", "precision %"]
    rows = [(*own, *theirs[2:]) for own, theirs in zip(ours, peer, strict=True)]
    return Table(title, tuple(header), rows)


def measure(data: Path, encoder: TextEncoder) -> list[Table]:
    cases, scored = read_cases(), read_scored(data)
    tagger = RememberingTagger(encoder)
    tables = [names_table(data, tagger)]
    for title, sentences in {
        "own sentences": cases,
        "own sentences, no case or marks": [without_case(one) for one in cases],
        "earnings calls, odd": scored["earnings calls, odd"],
        "presidio, odd rows": scored["presidio, odd rows"],
    }.items():
        tables.append(
            redaction_table(f"Words hidden by one policy alone, {title}", sentences, tagger)
        )
    return tables


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.names", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text/")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    return parser.parse_args()


def main() -> None:
    options = parse_arguments()
    load_before = load_average()
    tables = measure(options.data, load_encoder())
    run = describe_run(["benchmarks.names", *sys.argv[1:]], load_before)
    content = "\n".join([run, "", *(table.render() for table in tables)])
    print(content)
    if options.write:
        write_section("names", content)


if __name__ == "__main__":
    main()
