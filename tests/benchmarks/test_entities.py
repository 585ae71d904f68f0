"""Entities beside what is expected of them."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks.entities import (
    OURS,
    Score,
    as_formatted,
    detect_years,
    false_alarms_table,
    measure,
    parse_arguments,
    read_calls,
    read_meetings,
    read_pii,
    redaction_table,
    score,
    table_of,
)
from benchmarks.entity_cases import Case, Gold, words_of
from earshot.transcript.words import Word


def write_data(folder: Path) -> Path:
    text = folder / "text"
    (text / "pii").mkdir(parents=True)
    (text / "spoken_ner").mkdir()
    row = {
        "text": "Mail\njane@example.com today",
        "spans": [
            {"type": "EMAIL_ADDRESS", "start": 5, "end": 21},
            {"type": "PERSON", "start": 0, "end": 4},
        ],
    }
    (text / "pii" / "rows.jsonl").write_text(json.dumps(row) + "\n" + json.dumps(row))
    call = {"tokens": [["In", "1", "", "UC", ""], ["2020", "1", ".", "CA", "['0:YEAR']"]]}
    (text / "spoken_ner" / "earnings21_12calls.jsonl").write_text(json.dumps(call))
    meeting = {"tokens": ["Okay", ".", "Yes"]}
    (text / "spoken_ner" / "ami_named_entities.jsonl").write_text(json.dumps(meeting))
    return folder


def test_rows_have_the_spans_of_types_with_a_form(tmp_path: Path) -> None:
    (row, case), _ = read_pii(write_data(tmp_path))
    assert row == 0
    assert case.gold == (Gold("email_address", 1, 2),)


def test_calls_have_their_annotated_spans_and_meetings_none(tmp_path: Path) -> None:
    data = write_data(tmp_path)
    (call,) = read_calls(data)
    assert call.gold == (Gold("date_interval", 1, 2),)
    (meeting,) = read_meetings(data)
    assert [word.text for word in meeting.words] == ["okay", "yes"]


def test_a_span_is_hit_when_all_of_it_is_found() -> None:
    case = Case("written", words_of(["a", "b", "c"]), (Gold("date", 0, 2),))

    def detect(_: Sequence[Word]) -> list[Gold]:
        return [Gold("date", 1, 3), Gold("url", 0, 1)]

    misses: list[str] = []
    scores = score([case], detect, misses)
    assert scores == {"date": Score(1, 0, 1, 1), "url": Score(0, 0, 1, 0)}
    assert (scores["date"].recall, scores["date"].precision) == ("0.0", "100.0")
    assert scores["url"].recall == "-"
    assert [miss.split()[0] for miss in misses] == ["missed", "wrong"]


def test_a_formatted_case_keeps_its_span_by_time() -> None:
    words = words_of(["we", "owe", "twenty", "five", "dollars", "in", "all"])
    formatted = as_formatted(Case("spoken", words, (Gold("money_amount", 2, 5),)))
    (gold,) = formatted.gold
    assert [word.text for word in formatted.words[gold.first : gold.end]] == ["$25"]


def test_a_day_counts_as_its_year() -> None:
    (found,) = detect_years(words_of(["On", "June", "30,", "2020"]))
    assert found.entity_type == "date_interval"


def test_a_table_has_a_row_a_type_and_all_together() -> None:
    scores = {OURS: {"date": Score(2, 1, 1, 1), "url": Score(1, 1, 1, 0)}}
    assert table_of("T", scores).rows == [
        ("`date`", "2", "50.0", "100.0"),
        ("`url`", "1", "100.0", "0.0"),
        ("all", "3", "66.7", "50.0"),
    ]


def test_an_alarm_is_a_secret_where_none_is_told() -> None:
    case = Case("spoken", words_of(["x"]), ())
    table = false_alarms_table(
        {"calls": [case]}, {OURS: lambda _: [Gold("password", 0, 1), Gold("date", 0, 1)]}
    )
    assert table.rows == [("calls", "1", "1")]


def test_one_policy_hides_its_words() -> None:
    case = Case("written", words_of(["pay", "$5", "now"]), (Gold("money_amount", 1, 2),))
    assert redaction_table([case]).rows == [("`money_amount`", "1", "100.0", "100.0")]


def test_all_is_measured_in_one_run(tmp_path: Path) -> None:
    tables, _ = measure(write_data(tmp_path), seed=1, n_each=1)
    assert len(tables) == 10
    assert tables[0].rows[0][0] == "in lines of calls, odd ones"


def test_a_folder_without_rows_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["--data", str(tmp_path)])
    assert "has no text/pii" in capsys.readouterr().err
