import pytest
from fastapi.routing import APIRoute

from earshot.api.app import ROUTERS
from tests.api.conftest import World

GUARDED = sorted(
    {
        (method, route.path_format.replace("{", "").replace("}", ""))
        for router in ROUTERS
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
        if method != "HEAD"
    }
)


def test_a_method_that_a_route_does_not_have_is_refused_in_the_form_of_its_other_errors(
    world: World,
) -> None:
    n_seen = 0
    stranger = world.client_with(None)
    for method, path in GUARDED:
        without_key = stranger.request(method, path)
        refused = world.client.request("PATCH", path)
        if without_key.status_code != 401 or refused.status_code != 405:
            continue  # open to all, or a route that has this method
        n_seen += 1
        assert shape(refused.json()) == shape(without_key.json()), path
        assert refused.headers["content-type"] == without_key.headers["content-type"], path
        assert refused.headers["allow"], path
    assert n_seen > 30


def shape(answer: object) -> object:
    """The names of the fields, of those in fields too."""
    if isinstance(answer, dict):
        return {name: shape(value) for name, value in answer.items()}
    return None


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (
            "/v1/audio/songs",
            {
                "error": {
                    "message": "Not found",
                    "type": "invalid_request_error",
                    "param": None,
                    "code": None,
                }
            },
        ),
        ("/v1/transcribe/x", {"status": 404, "title": "Not Found", "detail": "Not found"}),
        (
            "/serve/api/v2/x",
            {"code": 404, "msg": "Not found", "failed": True, "success": False},
        ),
        ("/v1/transcriber", {"error": "Not found"}),
        ("/v1/understandings", {"error": "Not found"}),
    ],
)
def test_what_is_not_there_is_refused_in_the_form_of_what_stands_above_it(
    world: World, path: str, body: dict[str, object]
) -> None:
    answer = world.client.get(path)
    assert answer.status_code == 404
    assert {name: answer.json()[name] for name in body} == body
