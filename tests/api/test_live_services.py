from datetime import timedelta

import pytest

from earshot.accounts.limits import ProjectLimits
from earshot.api.faults import FaultKind, SessionFault
from earshot.api.live_services import LiveSessions
from earshot.api.viewers import Viewers
from earshot.testing import NOON


class Session:
    """Ends when it is told to, if it listens."""

    def __init__(self) -> None:
        self.project_id = "p"
        self.viewers = Viewers()
        self.n_stops = 0

    def stop(self) -> None:
        self.n_stops += 1


def test_each_project_has_places_of_its_own_and_gets_them_back() -> None:
    sessions = LiveSessions()
    with sessions.place("p", 1), sessions.place("q", 1):
        with pytest.raises(SessionFault) as found, sessions.place("p", 1):
            pass
        assert found.value.kind is FaultKind.TOO_MANY_SESSIONS
    with sessions.place("p", 1):
        pass


def test_a_session_is_found_while_it_goes_on() -> None:
    sessions, session = LiveSessions(), Session()
    with sessions.listed("s", session):
        assert sessions.find("s") is session
    assert sessions.find("s") is None


async def test_draining_asks_everyone_and_waits_no_longer_than_it_should() -> None:
    sessions, session = LiveSessions(), Session()
    with sessions.listed("s", session):
        await sessions.drain(patience_s=0.001)
    assert session.n_stops == 1
    assert sessions.is_stopping
    await sessions.drain()


async def test_a_session_that_was_let_in_just_before_is_told_to_stop_as_well() -> None:
    sessions, session = LiveSessions(), Session()
    await sessions.drain()
    with sessions.listed("s", session):
        assert session.n_stops == 1


def test_a_project_s_own_limit_counts_where_it_is_lower() -> None:
    sessions = LiveSessions()
    own = ProjectLimits(live_sessions=1)
    with sessions.place("p", 100, own):
        with pytest.raises(SessionFault), sessions.place("p", 100, own):
            pytest.fail("a second one has no place")
        with pytest.raises(SessionFault), sessions.place("p", 1, ProjectLimits(live_sessions=9)):
            pytest.fail("nor where the server's is lower")


def test_sessions_that_begin_are_limited_by_the_minute_also_when_others_ended() -> None:
    sessions = LiveSessions()
    own = ProjectLimits(new_live_sessions_per_min=2)
    for _ in range(2):
        with sessions.place("p", 100, own, NOON):
            pass
    with pytest.raises(SessionFault), sessions.place("p", 100, own, NOON):
        pytest.fail("a third one has no place in this minute")
    with sessions.place("p", 100, own, NOON + timedelta(minutes=1)):
        pass
