"""Who waits for whom in PostgreSQL."""

import sqlalchemy as sa


def is_somebody_waiting(engine: sa.Engine) -> bool:
    """Whether any transaction of the server waits for a lock that another one holds."""
    with engine.connect() as conn:
        query = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        return bool(conn.exec_driver_sql(query).scalar_one())
