"""Spoken forms beside what is expected of them."""

import json
from pathlib import Path

import pytest

from benchmarks.formatting import (
    OURS,
    Case,
    count_figures,
    figures_of,
    is_exact,
    measure,
    parse_arguments,
    read_cases,
    sentence_of,
    write_with_earshot,
)

ROWS = [("money", "five dollars", "$5"), ("word", "dog", "dog"), ("money", "Five dollars", "$5")]


def write_rows(folder: Path) -> Path:
    rows = [
        {"category": c, "spoken": s, "written": w} for c, s, w in [*ROWS, ("word", "cat", "Cat")]
    ]
    (folder / "text" / "itn").mkdir(parents=True)
    lines = "\n".join(map(json.dumps, rows))
    (folder / "text" / "itn" / "rows.jsonl").write_text(lines)
    return folder


def test_cases_know_their_row_and_their_twins_among_the_even_ones(tmp_path: Path) -> None:
    cases = read_cases(write_rows(tmp_path))
    assert [case.row for case in cases] == [0, 1, 2, 3]
    assert [case.is_twin for case in cases] == [True, False, True, False]


def test_earshot_formats_as_a_transcript_is_formatted() -> None:
    assert write_with_earshot("It cost twenty five dollars.") == "It cost $25."


def test_blanks_do_not_count_and_everything_else_does() -> None:
    case = Case(0, "measure", "eight percent", "8 %")
    assert is_exact(case, "8  % ")
    assert not is_exact(case, "8%")


def test_figures_are_compared_without_commas_and_leading_zeros() -> None:
    assert figures_of("$1,234.50 at 08:05") == [1234, 50, 8, 5]
    case = Case(0, "time", "two p m", "02:00 p.m.")
    assert count_figures(case, "2:00 p.m., I think.") == (True, False)
    assert count_figures(case, "20:00 p.m., I think.") == (False, True)
    assert count_figures(case, "Two p.m., I think.") == (False, False)


def test_a_sentence_is_written_as_recognizers_do() -> None:
    case = Case(0, "date", "july twenty second", "july 22")
    assert sentence_of(case) == "July twenty-second, I think."


def test_every_class_and_every_writer_has_its_share(tmp_path: Path) -> None:
    cases = read_cases(write_rows(tmp_path))
    tables, misses = measure(cases, {OURS: write_with_earshot, "echo": lambda text: text})
    assert tables[0].columns == ("Class", "rows", "Earshot %", "echo %")
    assert tables[0].rows == [
        ("money", "2", "100.0", "0.0"),
        ("word", "2", "50.0", "50.0"),
        ("all", "4", "75.0", "25.0"),
        ("all, odd rows", "2", "50.0", "50.0"),
        ("all, odd rows without a twin", "2", "50.0", "50.0"),
    ]
    assert misses.splitlines()[1:] == ["word: 'cat' -> 'cat', not 'Cat'"]


def test_a_folder_without_rows_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["--data", str(tmp_path)])
    assert "has no text/itn" in capsys.readouterr().err
