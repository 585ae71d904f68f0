"""`earshot`, with an engine that hears in any speech what a file says; run by tests of redaction.

    python scripted_speech.py COMMAND ...

The file is `EARSHOT_DATA/script`. Beside it, a file `hold` keeps all but the first answer back
until it is gone, and `break` has all but the first be an error, which quotes the script.
"""

import os
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

from earshot.audio.waveform import Waveform
from earshot.cli import main
from earshot.models.store import ModelStore
from earshot.recognition.catalog import FAMILIES
from earshot.recognition.loading import SecondHearings
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition
from earshot.testing import ScriptedRecognizer

POLL_S = 0.01


class ScriptedSpeech:
    """The engine; it enters by the door that others would use."""

    name = "scripted"
    languages = frozenset({"en"})

    def __init__(self, _store: ModelStore, second_hearings: SecondHearings) -> None:
        del second_hearings  # a script is never in doubt
        self._folder = Path(os.environ["EARSHOT_DATA"])  # noqa: TID251 - not for the server
        self._script = (self._folder / "script").read_text().split()
        self._answers = count()
        self._lock = threading.Lock()

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        with self._lock:
            is_first = next(self._answers) == 0
        while not is_first and (self._folder / "hold").exists():
            time.sleep(POLL_S)
        if not is_first and (self._folder / "break").exists():
            raise RuntimeError(" ".join(self._script))
        return ScriptedRecognizer(tuple(self._script)).recognize(segments, hints)


if __name__ == "__main__":
    FAMILIES["moonshine"] = replace(FAMILIES["moonshine"], implementation="__main__:ScriptedSpeech")
    main()
