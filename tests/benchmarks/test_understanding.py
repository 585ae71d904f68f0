import json
from pathlib import Path

import pytest

from benchmarks.understanding import (
    OURS,
    division_table,
    find_with_earshot,
    measure,
    meeting_bounds,
    parse_arguments,
    read_rows,
    sentences_of_turns,
    summarize_with_earshot,
    summary_table,
    with_peers,
)

TEXT = "Smoke from wildfires lowers air quality. Air quality alerts are out."
MEETING = {
    "utterances": [
        {"start": 0.0, "end": 1.0, "speaker": "A", "text": "Hello there."},
        {"start": 2.0, "end": 3.0, "speaker": "B", "text": "Smoke comes down."},
    ],
    "topics": [{"start": 0.0, "end": 1.0}, {"start": 2.0, "end": 3.0}],
    "summary": {"abstract": ["Smoke comes down."]},
}
ROWS = {
    "keyphrases/SemEval2017": {"text": TEXT, "keyphrases": ["air quality", "smoke"]},
    "summary/dialogsum_test": {
        "dialogue": "#Person1#: Smoke comes down.\n#Person2#: Stay inside.",
        "summaries": ["Smoke comes down."],
    },
    "meeting/ami_topics_summaries": MEETING,
    "chapters/dialseg_711": {"utterances": ["Smoke.", "Soup.", "Noodles."], "segments": [1, 2]},
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name, row in ROWS.items():
        path = tmp_path / "text" / f"{name}.jsonl"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{json.dumps({'even': True})}\n{json.dumps(row)}\n")
    return tmp_path


def test_only_odd_rows_are_read(data: Path) -> None:
    assert read_rows(data, "chapters/dialseg_711") == [ROWS["chapters/dialseg_711"]]


def test_every_table_has_a_line_of_ours(data: Path) -> None:
    tables = measure(data)
    assert len(tables) == 5
    assert all(OURS in [line[0] for line in table.rows] for table in tables)


def test_what_is_right_in_all_counts_as_a_hundred_per_cent() -> None:
    table = summary_table(
        "T", [(["Smoke comes."], ["smoke comes"])], {OURS: summarize_with_earshot}, 1
    )
    assert table.rows == [(OURS, "1", "100.0", "100.0", "100.0")]
    table = division_table("T", [(["a", "b", "c", "d"], [2])], {OURS: lambda _: [2]})
    assert table.rows == [(OURS, "1", "2.0", "0.0", "0.0")]


def test_a_subject_begins_with_the_first_utterance_after_its_start() -> None:
    assert meeting_bounds([MEETING]) == [(["Hello there.", "Smoke comes down."], [1])]


def test_a_sentence_is_of_one_speaker() -> None:
    assert sentences_of_turns([("A", "Smoke and"), ("B", "fire.")]) == ["Smoke and", "fire."]


def test_key_phrases_are_found_as_in_a_transcript() -> None:
    assert "air quality" in " ".join(find_with_earshot(TEXT)).lower()


def test_a_peer_that_is_not_installed_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    def load() -> str:
        raise ImportError("No module named 'yake'")

    assert with_peers({OURS: "ours"}, {"YAKE": load}) == {OURS: "ours"}
    assert "YAKE is not measured" in capsys.readouterr().out


def test_a_folder_without_texts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        parse_arguments(["--data", str(tmp_path)])
