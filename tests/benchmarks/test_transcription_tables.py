from pathlib import Path

import pytest

from benchmarks.datasets import Clip
from benchmarks.engine_process import Heard
from benchmarks.transcription_tables import N_WORST, kind_of_errors, worst_table
from benchmarks.trials import Trial
from earshot.evaluation.scoring import count_errors

SAID = "the secret words of somebody else"


def trial(text: str, *, said: str = SAID, at_once: bool = False) -> Trial:
    name = f"asr/set/{len(text)}.flac"
    speakers = (said, "yes") if at_once else ()
    clip = Clip(0, name, "set", Path(name), 2.0, said, speakers)
    return Trial(clip, Heard(text, 0.1), count_errors(said, text))


def test_the_worst_clips_come_first_and_none_of_their_words_is_told() -> None:
    trials = [trial(" ".join(SAID.split()[: n % 7])) for n in range(20)]
    table = worst_table(trials)
    assert len(table.rows) == N_WORST
    n_errors = [int(row[2]) for row in table.rows]
    assert n_errors == sorted(n_errors, reverse=True)
    assert "secret" not in table.render()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "nothing heard"),
        (SAID, "nothing"),
        ("the secret", "words left out"),
        (f"{SAID} and then a few more", "words added"),
        ("a sacred word of some bodies elsewhere", "other words heard"),
        ("no no no no no no no no no no no no no no", "said again and again"),
    ],
)
def test_the_kind_of_errors_is_that_of_most(text: str, kind: str) -> None:
    assert kind_of_errors(trial(text)) == kind


def test_clips_in_which_people_talk_at_once_are_marked() -> None:
    assert kind_of_errors(trial("the secret", at_once=True)) == (
        "words left out; people talk at once"
    )
