import json
from pathlib import Path

from benchmarks.understanding_hour import (
    ALL_POLICIES,
    EVERYTHING,
    Taken,
    hour_table,
    words_of_an_hour,
)
from earshot.settings import Settings
from earshot.wiring.features import build_features


def test_every_feature_that_finds_something_by_itself_is_measured() -> None:
    asked = [one.name for one in build_features(Settings(), None) if one.is_asked_for(EVERYTHING)]
    others = {"custom_formatting", "speaker_identification", "translation"}
    assert {one.name for one in build_features(Settings(), None)} - set(asked) == others


def test_policies_that_hide_nothing_are_not_measured() -> None:
    assert "person_name" in ALL_POLICIES
    assert "product" not in ALL_POLICIES


def test_the_words_are_those_of_all_utterances(tmp_path: Path) -> None:
    folder = tmp_path / "text" / "meeting"
    folder.mkdir(parents=True)
    row = {"utterances": [{"text": "Shall we begin?"}, {"text": "Yes."}]}
    (folder / "ami_topics_summaries.jsonl").write_text(json.dumps(row) + "\n")
    words = words_of_an_hour(tmp_path)
    assert [word.text for word in words] == ["Shall", "we", "begin?", "Yes."]
    assert words[-1].end_ms == 1_600


def test_the_table_ends_with_the_sum() -> None:
    table = hour_table([Taken("a", 1.0, 0.5), Taken("b", 2.0, 1.5)], 9_000, 150_000_000)
    assert table.rows[-1] == ("all of them", "3.0", "2.0")
    assert "150 MB" in table.note
