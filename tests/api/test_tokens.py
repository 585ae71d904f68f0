import pytest

from tests.api.conftest import World


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_is_made_either_way(world: World, method: str) -> None:
    answer = world.client.request(method, "/v3/token", params={"expires_in_seconds": "600"})
    assert answer.status_code == 200
    assert answer.json()["expires_in_seconds"] == 600
    assert len(answer.json()["token"]) > 40


def test_parameters_may_be_in_the_body(world: World) -> None:
    answer = world.client.post("/v3/token", json={"expires_in_seconds": 5})
    assert answer.json()["expires_in_seconds"] == 5


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ({"expires_in_seconds": 0}, "Input should be greater than or equal to 1"),
        ({"expires_in_seconds": 601}, "Input should be less than or equal to 600"),
        ({}, "Field required"),
    ],
)
def test_a_number_out_of_range_is_told_in_both_ways(
    world: World, query: dict[str, int], message: str
) -> None:
    answer = world.client.get("/v3/token", params=query)
    assert answer.status_code == 400
    assert answer.json()["error"] == f"expires_in_seconds: {message}"
    (detail,) = answer.json()["detail"]
    assert (detail["loc"], detail["msg"]) == (["query", "expires_in_seconds"], message)


@pytest.mark.parametrize("value", [0, 601, "5", 5.5, True, None, [5]])
def test_what_is_wrong_in_a_body_is_refused_also_where_the_query_says_otherwise(
    world: World, value: object
) -> None:
    body = {"expires_in_seconds": value}
    answer = world.client.post("/v3/token", json=body, params={"expires_in_seconds": 60})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("expires_in_seconds: Input should be")
    (detail,) = answer.json()["detail"]
    assert detail["loc"] == ["body", "expires_in_seconds"]


@pytest.mark.parametrize("body", [b"{", b"[]", b"5", b'{"expires_in_seconds": NaN}'])
def test_what_is_no_object_is_refused_however_good_the_query_is(world: World, body: bytes) -> None:
    answer = world.client.post("/v3/token", content=body, params={"expires_in_seconds": 60})
    assert answer.status_code == 400
    assert isinstance(answer.json()["error"], str)


@pytest.mark.parametrize("value", [b"1e999", b'"\\ud800"', b'["\\ud800"]', b"[" * 900 + b"]" * 900])
def test_what_no_answer_can_repeat_is_refused_all_the_same(world: World, value: bytes) -> None:
    answer = world.client.post("/v3/token", content=b'{"expires_in_seconds": %s}' % value)
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("expires_in_seconds: Input should be")
    assert answer.json()["detail"][0]["loc"] == ["body", "expires_in_seconds"]


def test_an_integer_may_be_written_with_a_point(world: World) -> None:
    answer = world.client.post("/v3/token", json={"expires_in_seconds": 5.0})
    assert answer.json()["expires_in_seconds"] == 5


def test_the_query_goes_before_the_body(world: World) -> None:
    answer = world.client.post(
        "/v3/token", json={"expires_in_seconds": 5}, params={"expires_in_seconds": 60}
    )
    assert answer.json()["expires_in_seconds"] == 60


def test_a_session_may_last_a_minute_to_three_hours(world: World) -> None:
    for seconds, status in ((59, 400), (60, 200), (10_800, 200), (10_801, 400)):
        query = {"expires_in_seconds": 1, "max_session_duration_seconds": seconds}
        assert world.client.get("/v3/token", params=query).status_code == status


@pytest.mark.parametrize("path", ["/v3/token", "/v2/realtime/token"])
def test_without_a_key_there_is_no_token(world: World, path: str) -> None:
    answer = world.client_with("wrong").post(path, json={"expires_in": 60})
    assert answer.status_code == 401
    assert answer.json()["error"].startswith("Authentication error")


@pytest.mark.parametrize("lifetime", [59, 360_001, "60", None, True])
def test_a_realtime_token_has_its_own_range(world: World, lifetime: object) -> None:
    answer = world.client.post("/v2/realtime/token", json={"expires_in": lifetime})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("expires_in must be")


def test_a_token_is_no_key(world: World) -> None:
    token = world.client.get("/v3/token", params={"expires_in_seconds": 60}).json()["token"]
    assert world.client_with(token).get("/v2/transcript").status_code == 401
