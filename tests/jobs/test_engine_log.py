import logging

import pytest
from dbos import error as engine_errors

from earshot.jobs.engine_log import tame_engine_log


def log_exception(error: Exception) -> None:
    try:
        raise error
    except type(error):
        logging.getLogger("dbos").exception("Exception encountered in background workflow:")


def test_an_exceptions_text_and_traceback_stay_out_of_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tame_engine_log()
    log_exception(ValueError("what was said"))
    assert "what was said" not in caplog.text
    assert caplog.messages == ["job_engine_trouble"]
    assert vars(caplog.records[0])["error"] == "ValueError"


def test_an_error_that_the_engine_wrote_into_its_message_is_not_quoted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tame_engine_log()
    try:
        int("SELECT what, was, said")
    except ValueError as error:
        text = f"Database connection failed: {error}\nTraceback ..."
        logging.getLogger("dbos").warning(text)
    fields = vars(caplog.records[0])
    assert "said" not in repr(fields)
    assert caplog.messages == ["job_engine_trouble"]
    assert fields["error"] == "ValueError"
    assert fields["at"].startswith("test_engine_log:")


def test_what_follows_from_cancelling_is_no_news(caplog: pytest.LogCaptureFixture) -> None:
    tame_engine_log()
    log_exception(engine_errors.DBOSAwaitedWorkflowCancelledError("job"))
    logging.getLogger("dbos").warning("Workflow job is no longer owned by this execution")
    assert caplog.text == ""


def test_taming_twice_filters_once() -> None:
    tame_engine_log()
    tame_engine_log()
    logger = logging.getLogger("dbos")
    assert len([f for f in logger.filters if type(f).__name__ == "_Discreet"]) == 1
    assert logger.level == logging.WARNING
