import io
import logging
from collections.abc import Iterator
from dataclasses import replace

import pytest

from earshot.cli.logs import EventFormatter, start_logging
from earshot.settings import Settings


@pytest.fixture(autouse=True)
def _loggers_as_they_were() -> Iterator[None]:
    loggers = [logging.getLogger(), logging.getLogger("earshot")]
    before = [(logger, logger.level, logger.handlers[:]) for logger in loggers]
    yield
    for logger, level, handlers in before:
        logger.setLevel(level)
        logger.handlers = handlers


def formatted(record: logging.LogRecord) -> str:
    return EventFormatter().format(record)


def event(message: str, **fields: object) -> logging.LogRecord:
    record = logging.LogRecord("earshot.x", logging.INFO, "x.py", 1, message, (), None)
    vars(record).update(fields)
    return record


def test_an_event_is_one_line_with_its_fields() -> None:
    line = formatted(event("job_finished", job_id="7", attempt=2))
    assert line.endswith(' info job_finished job_id="7" attempt=2')


def test_a_field_cannot_forge_a_second_event() -> None:
    line = formatted(event("webhook_failed", reason="x\n2026 error forged"))
    assert len(line.splitlines()) == 1


@pytest.mark.parametrize(("level", "expected"), [("debug", 2), ("INFO", 1), ("error", 0)])
def test_the_level_decides_what_is_written(
    monkeypatch: pytest.MonkeyPatch, level: str, expected: int
) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    start_logging(replace(Settings(), log_level=level))
    logging.getLogger("earshot.x").debug("for_developers")
    logging.getLogger("earshot.x").info("for_all")
    logging.getLogger("others").info("of_no_interest")
    assert len(written.getvalue().splitlines()) == expected
