import sqlalchemy as sa

from earshot.storage.job_attempts import count_attempt, forget_attempts


def test_attempts_are_counted_per_job_and_step(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        assert [count_attempt(conn, "a", "prepare") for _ in range(3)] == [1, 2, 3]
        assert count_attempt(conn, "a", "finish") == 1
        assert count_attempt(conn, "b", "prepare") == 1


def test_forgotten_attempts_are_counted_anew(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        for step in ("prepare", "finish"):
            count_attempt(conn, "a", step)
        forget_attempts(conn, "a", "prepare")
        assert count_attempt(conn, "a", "prepare") == 1
        assert count_attempt(conn, "a", "finish") == 2
        forget_attempts(conn, "a")
        assert count_attempt(conn, "a", "finish") == 1
