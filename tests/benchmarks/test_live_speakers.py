from pathlib import Path

import numpy as np
import pytest

from benchmarks.diarization import Recording
from benchmarks.live_speakers import Labelled, Score, score_words
from earshot.diarization.diarizer import Stretch
from earshot.streaming.labels import UNKNOWN

TURNS = {"anna": [Stretch(0, 2000)], "bert": [Stretch(1800, 4000)]}
SILENT = np.zeros(80_000, dtype=np.int16)
TALK = Recording("talk", "set", Path("talk.wav"), SILENT, TURNS, {"anna": "", "bert": ""})


def said(*words: tuple[float, str]) -> list[Labelled]:
    return [Labelled("word", middle_ms, label) for middle_ms, label in words]


def test_labels_are_matched_as_they_fit_best() -> None:
    words = said((500, "B"), (1000, "B"), (2500, "A"), (3000, "A"))
    assert score_words(TALK, words) == Score(n_judged=4, n_right=4)


def test_a_word_while_two_speak_may_be_either_s() -> None:
    words = said((500, "A"), (1900, "A"), (3000, "B"))
    assert score_words(TALK, words).n_right == 3


def test_unknown_words_are_wrong_and_counted_and_those_in_silence_are_not_judged() -> None:
    words = said((500, "A"), (1000, UNKNOWN), (3000, "B"), (4500, "A"))
    assert score_words(TALK, words) == Score(n_judged=3, n_right=2, n_unknown=1)


@pytest.mark.parametrize("label", ["A", UNKNOWN])
def test_one_label_for_all_is_right_for_one_speaker(label: str) -> None:
    words = said((500, label), (3000, label))
    assert score_words(TALK, words).n_right == (1 if label == "A" else 0)
