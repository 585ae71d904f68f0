import sqlalchemy as sa

from earshot.storage.job_attempts import (
    attempts_begun,
    count_attempt,
    forget_attempts,
    list_attempted,
    take_back_attempt,
)


def test_attempts_are_counted_per_job_and_step(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        assert [count_attempt(conn, "a", "prepare") for _ in range(3)] == [1, 2, 3]
        assert count_attempt(conn, "a", "finish") == 1
        assert count_attempt(conn, "b", "prepare") == 1


def test_what_has_begun_can_be_asked_without_counting(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        assert attempts_begun(conn, "a", "prepare") == 0
        count_attempt(conn, "a", "prepare")
        assert attempts_begun(conn, "a", "prepare") == attempts_begun(conn, "a", "prepare") == 1
        assert attempts_begun(conn, "a", "finish") == 0


def test_forgotten_attempts_are_counted_anew(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        for job_id in ("a", "b"):
            for step in ("prepare", "finish"):
                count_attempt(conn, job_id, step)
        forget_attempts(conn, "a")
        assert count_attempt(conn, "a", "prepare") == 1
        assert count_attempt(conn, "a", "finish") == 1
        assert count_attempt(conn, "b", "prepare") == 2


def test_a_job_is_listed_once_however_many_of_its_steps_began(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        assert list_attempted(conn) == []
        for job_id, step in (("a", "prepare"), ("a", "finish"), ("b", "prepare")):
            count_attempt(conn, job_id, step)
        assert sorted(list_attempted(conn)) == ["a", "b"]


def test_an_attempt_that_is_taken_back_leaves_those_before_it(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        for _ in range(2):
            count_attempt(conn, "a", "prepare")
        take_back_attempt(conn, "a", "prepare")
        assert count_attempt(conn, "a", "prepare") == 2
        assert count_attempt(conn, "a", "finish") == 1


def test_what_never_began_cannot_be_taken_back(engine: sa.Engine) -> None:
    with engine.begin() as conn:
        take_back_attempt(conn, "a", "prepare")
        count_attempt(conn, "a", "prepare")
        for _ in range(2):
            take_back_attempt(conn, "a", "prepare")
        assert count_attempt(conn, "a", "prepare") == 1
