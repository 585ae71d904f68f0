from collections.abc import Callable
from pathlib import Path

import pytest

from earshot.evaluation.recordings import LabelledRecording
from earshot.evaluation.scoring import count_character_errors, count_errors
from earshot.evaluation.trial import Trial

MakeTrial = Callable[..., Trial]


@pytest.fixture
def make_trial(tmp_path: Path) -> MakeTrial:
    """A trial of one second that took half of one; scored if there is a reference."""

    def make(name: str, reference: str | None, text: str, refusal: str | None = None) -> Trial:
        recording = LabelledRecording(name, tmp_path / name, reference)
        if reference is None or refusal is not None:
            return Trial(recording, text, 1.0, 0.5, refusal=refusal)
        words, characters = count_errors(reference, text), count_character_errors(reference, text)
        return Trial(recording, text, 1.0, 0.5, words, characters)

    return make
