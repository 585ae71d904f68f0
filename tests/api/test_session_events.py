from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from earshot.accounts.keys import authenticate, revoke_key
from earshot.accounts.tokens import Scope, TokenTerms, create_token
from earshot.api.session_events import watch_while_admitted
from earshot.api.viewers import Viewers
from tests.api.conftest import World
from tests.api.live import LiveWorld, open_live_world
from tests.processes import until


@pytest.fixture
def live(world: World) -> Iterator[LiveWorld]:
    with open_live_world(world) as live:
        yield live


def viewer_token(live: LiveWorld, session_id: str, key: str | None = None) -> str:
    answer = live.client.post(
        f"/v3/sessions/{session_id}/viewer-token",
        headers={"Authorization": key or live.world.key},
    )
    token: str = answer.json().get("token", str(answer.status_code))
    return token


def test_a_screen_reads_the_turns_until_the_session_ends(live: LiveWorld) -> None:
    with live.session(format_turns="true") as spoken:
        session_id = spoken.read()["id"]
        token = viewer_token(live, session_id)
        spoken.say("one two _ _")
        spoken.read_until(lambda message: message.get("turn_is_formatted") is True)
        session = live.live.sessions.find(session_id)
        assert session is not None
        with ThreadPoolExecutor() as screen:
            path = f"/v3/sessions/{session_id}/events"
            watching = screen.submit(live.client.get, path, params={"token": token})
            until(lambda: session.viewers.n_watching, "the screen watches")
            spoken.say("three _ _")
            spoken.terminate()
            watched = watching.result()
    assert watched.headers["content-type"].startswith("text/event-stream")
    assert watched.text.startswith("event: Turn\ndata: {")
    assert '"transcript":"One two."' in watched.text
    assert '"transcript":"Three."' in watched.text


def test_a_token_shows_its_own_session_and_no_other(live: LiveWorld) -> None:
    with live.session() as first, live.session() as second:
        one, other = first.read()["id"], second.read()["id"]
        token = viewer_token(live, one)
        for session_id, tried in ((other, token), (one, "x"), (one, ""), (one, live.world.key)):
            answer = live.client.get(f"/v3/sessions/{session_id}/events", params={"token": tried})
            assert answer.status_code == 401


def test_a_viewer_s_token_opens_no_session(live: LiveWorld) -> None:
    with live.session() as spoken:
        token = viewer_token(live, spoken.read()["id"])
        assert live.refused(key=token).error == "Unauthorized Connection: Invalid API key"


def test_sessions_of_others_and_those_that_are_over_are_not_found(live: LiveWorld) -> None:
    stranger = live.world.new_key("stranger", "elsewhere")
    with live.session() as spoken:
        session_id = spoken.read()["id"]
        assert viewer_token(live, session_id, stranger) == "404"
        assert viewer_token(live, "never-was") == "404"
        spoken.terminate()
        live.await_row()


async def test_a_screen_goes_dark_when_the_key_that_made_its_token_is_revoked(
    world: World,
) -> None:
    services = world.services
    with services.engine.begin() as conn:
        key_id = authenticate(conn, world.key, world.clock()).key_id
        terms = TokenTerms(60, Scope.VIEWER, session_id="s")
        token = create_token(conn, key_id, terms, world.clock())
    viewers = Viewers()
    watched = watch_while_admitted(services, viewers, "s", token, look_s=0.001)
    assert [await anext(watched) for _ in range(3)] == [": quiet\n\n"] * 3
    world.clock.now += timedelta(hours=1)  # the token has expired: it was good at the beginning
    assert await anext(watched) == ": quiet\n\n"
    with services.engine.begin() as conn:
        revoke_key(conn, "first", world.clock())
    viewers.tell({"type": "Turn", "transcript": "secret"}, is_kept=True)
    assert [event async for event in watched] == []
    assert viewers.n_watching == 0
