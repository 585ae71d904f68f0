from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from earshot.storage.schema import projects


def test_a_moment_comes_back_in_utc_whatever_zone_it_was_given_in(engine: sa.Engine) -> None:
    moment = datetime(2026, 3, 1, 1, 2, 3, 456789, timezone(timedelta(hours=5)))
    with engine.begin() as connection:
        connection.execute(projects.insert().values(id="p", name="n", created_at=moment))
        stored = connection.execute(sa.select(projects.c.created_at)).scalar_one()
    assert stored == moment
    assert stored.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(engine: sa.Engine) -> None:
    naive = datetime(2026, 3, 1)  # noqa: DTZ001 - the point of the test
    with pytest.raises(sa.exc.StatementError), engine.begin() as connection:
        connection.execute(projects.insert().values(id="p", name="n", created_at=naive))
