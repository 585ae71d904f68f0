"""What no log may hold (keys, tokens, words that were said), and the search of a log for it.

Common words may stand in any log. So of what was said, these count: words that only our recordings
have; three words in a row, or both of two; one alone in quotes, as values are logged, but where our
own code has it as a value (`met="nothing"`); and what a `Word` looks like when it is printed.
"""

import ast
import base64
import logging
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from typing_extensions import override

import earshot
from earshot.cli.logs import EventFormatter
from earshot.storage.schema import known_voices, transcript_results, transcripts
from earshot.testing import ScriptedRecognizer

# What only the recordings of these tests say; no log may.
SPOKEN = ("wisdom", "foolishness", "incredulity", "despair", "superlative", "fail better")
SHAPES = re.compile(r"whsec_[A-Za-z0-9+/]{16,}|\bWord\(text=")
RUN_LENGTHS = (2, 3)  # words
# Shorter words stand in quotes by chance: names of channels, ids of a test.
SHORTEST_ALONE = 4
# Shorter ones are none of ours: the masks and nonces of protocols.
SHORTEST_TOKEN_BYTES = 16
QUOTED = re.compile(r"""(?<=["'])\W*(\w+)[^\w\s"']*(?=["'])""")

SOURCE = Path(str(earshot.__file__)).parent
WITH_WORD_LISTS = {"formatting", "understanding", "recognition", "testing.py"}

Run = tuple[str, ...]


class Confidential:
    """All that was made secret or said until now."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._runs: set[Run] = set()
        self._alone: set[str] = set()

    def keep(self, secret: str) -> str:
        """The secret, which from now on is looked for."""
        self._secrets.add(secret)
        return secret

    def keep_token(self, token: bytes) -> None:
        """Whichever way it is written."""
        if len(token) >= SHORTEST_TOKEN_BYTES:
            self.keep(token.hex())
            self.keep(base64.b64encode(token).decode().rstrip("="))
            self.keep(base64.urlsafe_b64encode(token).decode().rstrip("="))

    def hear(self, text: str) -> None:
        """That was said: from now on it is looked for."""
        words = _words(text)
        # Pairs of a longer text stand in any prose: "it was", "of the".
        self._runs |= set(_runs(words, min(len(words), max(RUN_LENGTHS))))
        self._alone |= {word for word in words if len(word) >= SHORTEST_ALONE}

    def found_in(self, log: str) -> list[str]:
        """What the log holds of it."""
        lower = log.lower()
        words = _words(log)
        runs = {run for length in RUN_LENGTHS for run in _runs(words, length)}
        return [
            *SHAPES.findall(log),
            *(secret for secret in tuple(self._secrets) if secret in log),  # threads keep more
            *(word for word in SPOKEN if word in lower),
            *(" ".join(run) for run in sorted(runs & self._runs)),
            *sorted(set(QUOTED.findall(lower)) & self._alone - _own_values()),
        ]


@cache
def _own_values() -> frozenset[str]:
    """The words that stand alone in quotes in our code, but for what has lists of words."""
    literals = [
        node.value.lower()
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE).parts[0] not in WITH_WORD_LISTS
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return frozenset(literal for literal in literals if re.fullmatch(r"\w+", literal))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _runs(words: Sequence[str], length: int) -> Iterator[Run]:
    """Every `length` words that follow one another; none of fewer than two."""
    if length in RUN_LENGTHS:
        yield from zip(*(words[start:] for start in range(length)), strict=False)


CONFIDENTIAL = Confidential()
CONFIDENTIAL.hear(" ".join(ScriptedRecognizer().script))


def assert_discreet(log: str) -> None:
    """No key, no secret, and no word that was said."""
    found = CONFIDENTIAL.found_in(log)
    assert not found, f"the log holds {found}:\n{log}"


class LogWatcher(logging.Handler):
    """Looks into every event for what is confidential, as our log would show it."""

    def __init__(self, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self.setFormatter(EventFormatter())
        self.leaks: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        found = CONFIDENTIAL.found_in(self.format(record))
        if found:
            self.leaks.append(f"{record.name}: {record.msg} holds {found}")

    def assert_discreet(self) -> None:
        """Nothing was found since the last call."""
        leaks = self.take_leaks()
        assert not leaks, f"confidential, and in the log: {leaks}"

    def take_leaks(self) -> list[str]:
        """What was found since the last call."""
        taken = self.leaks[:]
        self.leaks.clear()
        return taken


def remember_what_is_stored(
    connection: sa.Connection,
    statement: sa.Executable,
    many: Sequence[dict[str, object]],
    one: dict[str, object],
    _options: object,
) -> None:
    """Hears the results and keeps the secrets that a statement stores, names of voices among them;
    SQLAlchemy calls it."""
    if not isinstance(statement, sa.Insert):
        return
    stored = statement.compile(dialect=connection.dialect).params
    for row in [{**stored, **given} for given in many or [one]]:
        if statement.table is transcript_results:
            CONFIDENTIAL.hear(" ".join(word[0] for word in row["words"]))
            if row.get("unredacted") is not None:
                CONFIDENTIAL.hear(" ".join(word[0] for word in row["unredacted"]["words"]))
        elif statement.table is transcripts and row["webhook_auth_header_value"]:
            CONFIDENTIAL.keep(row["webhook_auth_header_value"])
        elif statement.table is known_voices:
            CONFIDENTIAL.keep(row["name"])
