"""One engine in a process of its own, driven by lines of JSON over its pipes."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from benchmarks.engines import ENGINES, Engine, EngineUnavailable, TranscriptionRefused
from benchmarks.processes import child_environment

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Heard:
    """What an engine made of a file, from file to words.

    `refusal` is set where the engine could not transcribe it; the text is then empty.
    """

    text: str
    elapsed_s: float
    refusal: str | None = None


class EngineProcess:
    """A loaded engine; raises EngineUnavailable where it cannot be had."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=child_environment(),
        )
        answer = self._answer()
        if "unavailable" in answer:
            self.close()
            raise EngineUnavailable(answer["unavailable"])
        self.load_s = float(answer["load_s"])

    @property
    def pid(self) -> int:
        return self._process.pid

    def transcribe(self, path: Path) -> Heard:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{json.dumps(str(path.resolve()))}\n")
        self._process.stdin.flush()
        return Heard(**self._answer())

    def close(self) -> None:
        """End the process; it ends by itself when its input does."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            exit_code = self._process.wait()
            raise EngineUnavailable(f"{self.name} ended with exit code {exit_code}")
        answer: dict[str, Any] = json.loads(line)
        return answer


def run_engine(load: Callable[[], Engine], requests: TextIO, answers: TextIO) -> None:
    """Load the engine and transcribe file after file, until there are no more requests."""

    def answer(content: dict[str, Any]) -> None:
        print(json.dumps(content), file=answers, flush=True)

    started_s = time.monotonic()
    try:
        engine = load()
    except EngineUnavailable as error:
        answer({"unavailable": str(error)})
        return
    answer({"load_s": time.monotonic() - started_s})
    try:
        for request in requests:
            path = Path(json.loads(request))
            started_s = time.monotonic()
            text, refusal = "", None
            try:
                text = engine.transcribe(path)
            except TranscriptionRefused as error:
                refusal = str(error)
            elapsed_s = time.monotonic() - started_s
            answer({"text": text, "elapsed_s": elapsed_s, "refusal": refusal})
    finally:
        engine.close()


def main() -> None:
    # Libraries may print; what goes to standard output must not end up between our answers.
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        run_engine(ENGINES[sys.argv[1]], sys.stdin, answers)


if __name__ == "__main__":
    main()
