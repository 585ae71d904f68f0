"""What goes between the benchmark and an engine's process."""

import io
import json
from pathlib import Path

from benchmarks.engine_process import run_engine
from benchmarks.engines import Engine, EngineUnavailable, TranscriptionRefused


class EchoEngine:
    """Hears the name of the file, and refuses text files."""

    def transcribe(self, path: Path) -> str:
        if path.suffix == ".txt":
            raise TranscriptionRefused("it is text")
        return path.stem

    def close(self) -> None:
        pass


def _unavailable() -> Engine:
    raise EngineUnavailable("no such library")


def test_an_engine_that_cannot_load_says_why() -> None:
    answers = io.StringIO()
    run_engine(_unavailable, io.StringIO(), answers)
    assert json.loads(answers.getvalue()) == {"unavailable": "no such library"}


def test_a_refused_file_does_not_end_the_engine() -> None:
    answers = io.StringIO()
    run_engine(EchoEngine, io.StringIO('"/a/note.txt"\n"/a/speech.wav"\n'), answers)
    loaded, refused, heard = (json.loads(line) for line in answers.getvalue().splitlines())
    assert loaded.keys() == {"load_s"}
    assert (refused["text"], refused["refusal"]) == ("", "it is text")
    assert (heard["text"], heard["refusal"]) == ("speech", None)
