import io
import logging
import sqlite3
from collections.abc import Iterator
from dataclasses import replace

import pytest
import sqlalchemy as sa

from earshot.cli.logs import EventFormatter, show_warnings, start_logging
from earshot.errors import ModelCorrupt, StorageFull
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


def failed(error: Exception, cause: Exception | None = None) -> str:
    error.__cause__ = cause
    record = event("request_failed", path="/v2/x")
    record.exc_info = (type(error), error, error.__traceback__)
    return formatted(record)


def test_an_error_of_ours_is_one_line_with_its_class_its_text_and_its_cause() -> None:
    line = failed(ModelCorrupt("it is damaged"), OSError("cut\noff"))
    assert line.endswith(
        ' request_failed path="/v2/x" error="ModelCorrupt" explanation="it is damaged" '
        'because="OSError: cut"'
    )
    assert len(line.splitlines()) == 1


def test_of_a_database_the_drivers_own_words_are_told_and_no_statement() -> None:
    driver = sqlite3.OperationalError("database or disk is full")
    line = failed(StorageFull(), sa.exc.OperationalError("INSERT INTO secret", {}, driver))
    assert line.endswith('because="OperationalError: database or disk is full"')


def test_an_unforeseen_error_keeps_its_trace() -> None:
    lines = failed(ZeroDivisionError("why"), OSError("because")).splitlines()
    assert lines[1] == "OSError: because"
    assert lines[-1] == "ZeroDivisionError: why"


def test_a_warning_of_a_command_has_its_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    show_warnings()
    logging.getLogger("x").info("of_no_interest")
    logging.getLogger("earshot.x").warning("feature_failed", extra={"reason": "ModelCorrupt"})
    assert written.getvalue().endswith(' warning feature_failed reason="ModelCorrupt"\n')
    assert len(written.getvalue().splitlines()) == 1


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
