"""Entities that are found by pattern, type by type: Earshot beside presidio's patterns.

Run as `python -m benchmarks.entities --data ../shared/eval`. With --write the tables go into
docs/reference/benchmarks.md. Sentences are generated from a seed (`entity_cases.py`): written,
spoken, and spoken with numbers as the formatter writes them; and in ways that defeat patterns
(`adversarial_cases.py`). Besides, the spans of
`FOLDER/text/pii/*.jsonl` of types that have a form; its even rows are tuned on, its odd rows tell.
`FOLDER/text/spoken_ner` holds real speech, in which what is taken for a secret is a false alarm.
A peer that is not installed is named and left out.
"""

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from benchmarks.adversarial_cases import (
    hidden_share,
    make_adversarial_cases,
    read_calls_of_secrets,
)
from benchmarks.entity_cases import Case, Gold, make_cases, words_of
from benchmarks.report import Table, describe_run, load_average, write_section
from earshot.formatting.formatter import format_words
from earshot.transcript.options import RedactionOptions, TranscriptOptions
from earshot.transcript.words import Word
from earshot.understanding.entities.detection import detect_entities
from earshot.understanding.redaction.redact import find_secret_words

OURS = "Earshot"
SEED = 2  # seed 1 is tuned on
N_EACH = 25
N_ADVERSARIAL = 4  # sentences of a template for each that is said in ways that defeat patterns
Found = Sequence[Gold]
Detector = Callable[[Sequence[Word]], Found]

# Types of the rows that have a form, as ours.
PII_TYPES = {
    "CREDIT_CARD": "credit_card_number",
    "EMAIL_ADDRESS": "email_address",
    "IBAN_CODE": "banking_information",
    "IP_ADDRESS": "ip_address",
    "US_SSN": "us_social_security_number",
    "PHONE_NUMBER": "phone_number",
    "DOMAIN_NAME": "url",
    "AGE": "person_age",
    "US_DRIVER_LICENSE": "drivers_license",
}
SPOKEN_TYPES = {
    "MONEY": "money_amount",
    "PERCENT": "statistics",
    "WEBSITE": "url",
    "YEAR": "date_interval",
}
# Nobody tells one in these calls and meetings.
SECRETS = frozenset(
    {
        "account_number",
        "banking_information",
        "blood_type",
        "credit_card_cvv",
        "credit_card_expiration",
        "credit_card_number",
        "date_of_birth",
        "drivers_license",
        "email_address",
        "healthcare_number",
        "ip_address",
        "number_sequence",
        "passport_number",
        "password",
        "phone_number",
        "us_social_security_number",
        "username",
        "vehicle_id",
    }
)
PEER_TYPES = {
    "CREDIT_CARD": "credit_card_number",
    "EMAIL_ADDRESS": "email_address",
    "IBAN_CODE": "banking_information",
    "IP_ADDRESS": "ip_address",
    "US_SSN": "us_social_security_number",
    "PHONE_NUMBER": "phone_number",
    "URL": "url",
    "US_DRIVER_LICENSE": "drivers_license",
    "US_PASSPORT": "passport_number",
    "US_BANK_NUMBER": "banking_information",
}


@dataclass
class Score:
    """Spans that were there and that were found; a span is found when all its words are."""

    n_gold: int = 0
    n_hit: int = 0
    n_found: int = 0
    n_right: int = 0

    @property
    def recall(self) -> str:
        return f"{100 * self.n_hit / self.n_gold:.1f}" if self.n_gold else "-"

    @property
    def precision(self) -> str:
        return f"{100 * self.n_right / self.n_found:.1f}" if self.n_found else "-"


def detect_with_earshot(words: Sequence[Word]) -> Found:
    return [Gold(e.entity_type, e.first, e.end) for e in detect_entities(words)]


def detect_years(words: Sequence[Word]) -> Found:
    """As before, but that a day counts as the year in it: in the calls only that is a span."""
    return [
        Gold("date_interval" if f.entity_type == "date" else f.entity_type, f.first, f.end)
        for f in detect_with_earshot(words)
    ]


def load_presidio() -> Detector:
    """Its pattern recognizers, without the model that finds names."""
    registry = import_module("presidio_analyzer.predefined_recognizers")
    names = [
        "CreditCard",
        "Email",
        "Iban",
        "Ip",
        "UsSsn",
        "Phone",
        "Url",
        "UsLicense",
        "UsPassport",
        "UsBank",
    ]
    recognizers = [getattr(registry, f"{name}Recognizer")() for name in names]

    def detect(words: Sequence[Word]) -> Found:
        text = " ".join(word.text for word in words)
        starts = _starts_of(words)
        return [
            Gold(
                PEER_TYPES[result.entity_type], *_words_at(starts, words, result.start, result.end)
            )
            for recognizer in recognizers
            for result in recognizer.analyze(text, recognizer.supported_entities, None) or ()
            if result.entity_type in PEER_TYPES and result.score > 0.3
        ]

    return detect


def _starts_of(words: Sequence[Word]) -> list[int]:
    starts, position = [], 0
    for word in words:
        starts.append(position)
        position += len(word.text) + 1
    return starts


def _words_at(
    starts: Sequence[int], words: Sequence[Word], start: int, end: int
) -> tuple[int, int]:
    touched = [i for i, at in enumerate(starts) if at < end and at + len(words[i].text) > start]
    return touched[0], touched[-1] + 1


def score(
    cases: Sequence[Case], detect: Detector, misses: list[str] | None = None
) -> dict[str, Score]:
    """By type. What is found is right where it shares a word with a span of its type."""
    scores: dict[str, Score] = {}
    for case in cases:
        found = detect(case.words)
        text = " ".join(word.text for word in case.words)
        for gold in case.gold:
            kept = scores.setdefault(gold.entity_type, Score())
            covered = {
                i for f in found if f.entity_type == gold.entity_type for i in range(f.first, f.end)
            }
            is_hit = covered.issuperset(range(gold.first, gold.end))
            kept.n_gold += 1
            kept.n_hit += is_hit
            if misses is not None and not is_hit:
                misses.append(f"missed {gold.entity_type} in {text!r}: {_shown(found, case.words)}")
        for item in found:
            kept = scores.setdefault(item.entity_type, Score())
            is_right = any(
                g.entity_type == item.entity_type and g.first < item.end and item.first < g.end
                for g in case.gold
            )
            kept.n_found += 1
            kept.n_right += is_right
            if misses is not None and not is_right:
                misses.append(f"wrong {item.entity_type} in {text!r}: {_shown([item], case.words)}")
    return scores


def _shown(found: Found, words: Sequence[Word]) -> str:
    return "; ".join(
        f"{f.entity_type}={' '.join(w.text for w in words[f.first : f.end])}" for f in found
    )


def read_pii(data: Path) -> list[tuple[int, Case]]:
    """Rows by number, with the spans of the types that have a form."""
    lines = [
        json.loads(line)
        for path in sorted((data / "text" / "pii").glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    return [(row, _case_of(line["text"], line["spans"])) for row, line in enumerate(lines)]


def _case_of(text: str, spans: Sequence[Mapping[str, object]]) -> Case:
    words = words_of(text.split())
    starts, position = [], 0
    for word in words:
        position = text.index(word.text, position)
        starts.append(position)
        position += len(word.text)
    gold = [
        Gold(
            PII_TYPES[str(span["type"])],
            *_words_at(starts, words, int(str(span["start"])), int(str(span["end"]))),
        )
        for span in spans
        if span["type"] in PII_TYPES
    ]
    return Case("written", words, tuple(gold))


def as_formatted(case: Case) -> Case:
    """A spoken case as a transcript has it by default; spans follow by their times."""
    words = format_words(case.words, TranscriptOptions())
    gold = []
    for span in case.gold:
        start_ms, end_ms = case.words[span.first].start_ms, case.words[span.end - 1].end_ms
        inside = [i for i, w in enumerate(words) if w.start_ms < end_ms and w.end_ms > start_ms]
        gold.append(Gold(span.entity_type, inside[0], inside[-1] + 1))
    return Case("formatted", tuple(words), tuple(gold))


def read_calls(data: Path) -> list[Case]:
    """Earnings calls, with the spans that their annotators gave a type that we have."""
    path = data / "text" / "spoken_ner" / "earnings21_12calls.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    return [_call_of(json.loads(line)["tokens"]) for line in lines]


def _call_of(tokens: Sequence[Sequence[str]]) -> Case:
    """Of tokens with a text, a speaker, a mark, a case and the list of their "number:TYPE"."""
    spans: dict[str, list[int]] = {}
    for index, token in enumerate(tokens):
        for tag in re.findall("[0-9]+:[A-Z]+", str(token[4])):
            spans.setdefault(tag, []).append(index)
    gold = [
        Gold(SPOKEN_TYPES[name], indices[0], indices[-1] + 1)
        for tag, indices in spans.items()
        if (name := tag.partition(":")[2]) in SPOKEN_TYPES
    ]
    return Case("written", words_of([token[0] + token[2] for token in tokens]), tuple(gold))


def read_meetings(data: Path) -> list[Case]:
    """Meetings in lower case and without marks."""
    path = data / "text" / "spoken_ner" / "ami_named_entities.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    texts = [[t.lower() for t in json.loads(line)["tokens"] if t.strip(".,?!")] for line in lines]
    return [Case("spoken", words_of(text), ()) for text in texts]


def false_alarms_table(
    speech: Mapping[str, Sequence[Case]], detectors: Mapping[str, Detector]
) -> Table:
    rows = []
    for name, cases in speech.items():
        alarms = [
            str(sum(f.entity_type in SECRETS for case in cases for f in detect(case.words)))
            for detect in detectors.values()
        ]
        rows.append((name, f"{sum(len(case.words) for case in cases):,}", *alarms))
    return Table("Secrets found where none is told", ("Speech", "words", *detectors), rows)


def table_of(
    title: str, scores: Mapping[str, Mapping[str, Score]], only: Sequence[str] | None = None
) -> Table:
    """A row a type, recall and precision of each detector, and all together."""
    types = sorted(set(scores[OURS]) & set(only)) if only else sorted(scores[OURS])
    header = ["Type", "spans"]
    for name in scores:
        header += [f"{name} recall %", f"{name} precision %"]
    rows = []
    for entity_type in types:
        row = [f"`{entity_type}`", str(scores[OURS].get(entity_type, Score()).n_gold)]
        for by_type in scores.values():
            kept = by_type.get(entity_type, Score())
            row += [kept.recall, kept.precision]
        rows.append(tuple(row))
    total = ["all", str(sum(scores[OURS][t].n_gold for t in types if t in scores[OURS]))]
    for by_type in scores.values():
        summed = _sum([by_type[t] for t in types if t in by_type])
        total += [summed.recall, summed.precision]
    return Table(title, tuple(header), [*rows, tuple(total)])


def _sum(scores: Sequence[Score]) -> Score:
    return Score(
        sum(s.n_gold for s in scores),
        sum(s.n_hit for s in scores),
        sum(s.n_found for s in scores),
        sum(s.n_right for s in scores),
    )


def redaction_table(cases: Sequence[Case]) -> Table:
    """What each policy alone hides: secret words hidden, and hidden words that were secret."""
    counts: dict[str, Counter[str]] = {}
    for case in cases:
        secret: dict[str, set[int]] = {}
        for gold in case.gold:
            secret.setdefault(gold.entity_type, set()).update(range(gold.first, gold.end))
        for policy, indices in secret.items():
            hidden = set(find_secret_words(case.words, RedactionOptions((policy,))))
            kept = counts.setdefault(policy, Counter())
            kept["secret"] += len(indices)
            kept["hidden"] += len(hidden)
            kept["both"] += len(hidden & indices)
    rows = [
        (
            f"`{policy}`",
            str(kept["secret"]),
            f"{100 * kept['both'] / kept['secret']:.1f}",
            f"{100 * kept['both'] / max(1, kept['hidden']):.1f}",
        )
        for policy, kept in sorted(counts.items())
    ]
    return Table(
        "Words hidden by one policy alone",
        ("Policy", "secret words", "recall %", "precision %"),
        rows,
    )


def adversarial_table(ways: Mapping[str, Sequence[Case]]) -> Table:
    """What the policy of a secret hides of it, by the way in which it is said."""
    rows = []
    for way, cases in ways.items():
        n_secret, n_hidden, n_leaks = hidden_share(cases, _hidden_by)
        share = f"{100 * n_hidden / max(1, n_secret):.2f}"
        rows.append((way, str(len(cases)), str(n_secret), share, str(n_leaks)))
    header = ("The secret is", "sentences", "secret words", "recall %", "sentences that leak")
    return Table("Secrets said in ways that defeat patterns, one policy alone", header, rows)


def _hidden_by(case: Case, policy: str) -> set[int]:
    return set(find_secret_words(case.words, RedactionOptions((policy,))))


def over_hidden_table(speech: Mapping[str, Sequence[Case]]) -> Table:
    """Words that all policies of secrets together hide where no secret is told."""
    redaction = RedactionOptions(tuple(sorted(SECRETS)))
    rows = []
    for name, cases in speech.items():
        n_words = sum(len(case.words) for case in cases)
        n_hidden = sum(len(find_secret_words(case.words, redaction)) for case in cases)
        share = f"{100 * n_hidden / max(1, n_words):.2f}"
        rows.append((name, f"{n_words:,}", str(n_hidden), share))
    header = ("Speech", "words", "hidden", "hidden %")
    return Table("Words hidden where no secret is told", header, rows)


def load_detectors() -> dict[str, Detector]:
    detectors: dict[str, Detector] = {OURS: detect_with_earshot}
    try:
        detectors["presidio patterns"] = load_presidio()
    except ImportError as error:
        print(f"\n*** presidio is not measured: pip install presidio-analyzer ({error})\n")
    return detectors


def measure(data: Path, seed: int, n_each: int) -> tuple[list[Table], list[str]]:
    """The tables, and our own misses on what may be tuned on, which are not for the docs."""
    detectors = load_detectors()
    cases = make_cases(seed, n_each)
    spoken = [case for case in cases if case.form == "spoken"]
    forms = {
        "written": [case for case in cases if case.form == "written"],
        "spoken": spoken,
        "spoken, as formatted": [as_formatted(case) for case in spoken],
    }
    misses: list[str] = []
    told = read_calls_of_secrets()
    ways = {
        "in lines of calls, odd ones": told[1::2],
        "in lines of calls, even ones, tuned on": told[::2],
        **make_adversarial_cases(seed, max(1, n_each // N_ADVERSARIAL)),
    }
    tables = [adversarial_table(ways)]
    tables += [
        table_of(f"Generated sentences, {form}", _score_all(chosen, detectors, misses))
        for form, chosen in forms.items()
    ]
    rows = read_pii(data)
    types = sorted(set(PII_TYPES.values()))
    for title, parity in (("even rows, tuned on", 0), ("odd rows", 1)):
        chosen = [case for row, case in rows if row % 2 == parity]
        kept = misses if parity == 0 else None
        scores = _score_all(chosen, detectors, kept)
        tables.append(table_of(f"Synthetic rows of presidio, {title}", scores, types))
    if calls := read_calls(data):
        scores = {OURS: score(calls, detect_years)}
        tables.append(table_of("Earnings calls", scores, sorted(SPOKEN_TYPES.values())))
        speech = {"earnings calls": calls, "meetings, lower case": read_meetings(data)}
        tables.append(false_alarms_table(speech, detectors))
        tables.append(over_hidden_table(speech))
    tables.append(redaction_table(cases))
    return tables, misses


def _score_all(
    cases: Sequence[Case], detectors: Mapping[str, Detector], misses: list[str] | None
) -> dict[str, dict[str, Score]]:
    return {
        name: score(cases, detect, misses if name == OURS else None)
        for name, detect in detectors.items()
    }


def parse_arguments(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.entities", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with text/pii/*.jsonl")
    parser.add_argument("--seed", type=int, default=SEED, help="of the generated sentences")
    parser.add_argument("--each", type=int, default=N_EACH, help="sentences of every template")
    parser.add_argument("--misses", action="store_true", help="show what was missed and invented")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args(arguments)
    if not any((options.data / "text" / "pii").glob("*.jsonl")):
        parser.error(f"{options.data} has no text/pii/*.jsonl")
    return options


def main() -> None:
    options = parse_arguments()
    load_before = load_average()
    tables, misses = measure(options.data, options.seed, options.each)
    run = describe_run(["benchmarks.entities", *sys.argv[1:]], load_before)
    content = "\n".join([run, "", *(table.render() for table in tables)])
    print(content)
    if options.misses:
        print("\n".join(misses))
    if options.write:
        write_section("entities", content)


if __name__ == "__main__":
    main()
