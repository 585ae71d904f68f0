import pytest

from earshot.api.bodies import parse_object
from earshot.errors import RequestInvalid
from tests.api.conftest import AUDIO_URL, World


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"audio_url=x",
        b"{'a': 1}",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b"\xff\xfe\xff",
        b'{"a": "\xff"}',
        b'{"a": 1} trailing',
    ],
)
def test_what_is_no_json_is_refused(body: bytes) -> None:
    with pytest.raises(RequestInvalid, match=r"^Invalid JSON$"):
        parse_object(body)


@pytest.mark.parametrize("body", [b"[]", b'"a"', b"1", b"null", b"true"])
def test_json_that_is_no_object_is_refused(body: bytes) -> None:
    with pytest.raises(RequestInvalid, match=r"^Request body must be a JSON object$"):
        parse_object(body)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_json_is_read_in_any_encoding_of_unicode(encoding: str) -> None:
    assert parse_object('{"a": "é"}'.encode(encoding)) == {"a": "é"}


@pytest.mark.parametrize(
    "content_type",
    [None, "application/json", "application/json; charset=utf-8", "text/plain", "x/y", ""],
)
def test_the_body_is_json_whatever_its_type_is_said_to_be(
    world: World, content_type: str | None
) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    body = f'{{"audio_url": "{AUDIO_URL}"}}'.encode()
    answer = world.client.post("/v2/transcript", content=body, headers=headers)
    assert answer.status_code == 200


def test_a_body_over_the_limit_is_refused_before_it_is_parsed(world: World) -> None:
    client = world.client_with(world.key, body_max_bytes=100)
    answer = client.post("/v2/transcript", content=b"{" * 101)
    assert answer.status_code == 413
    assert answer.json() == {"error": "Request body must be at most 100 bytes"}
