import pytest
from starlette.requests import Request

from earshot.api.services import ApiOptions
from earshot.api.urls import absolute_url, allows_private_hosts, upload_id_in, upload_path

UPLOAD_ID = "6d7f0a60-3a5b-4a4f-8f8d-123456789abc"


def request(*, root_path: str = "", **headers: str) -> Request:
    named = {"host": "earshot.local:8000"} | {
        name.replace("_", "-"): value for name, value in headers.items()
    }
    return Request(
        {
            "type": "http",
            "method": "GET",
            "scheme": "https",
            "path": "/v2/transcript",
            "root_path": root_path,
            "query_string": b"",
            "server": ("127.0.0.1", 8000),
            "headers": [(name.encode(), value.encode()) for name, value in named.items()],
        }
    )


def test_urls_are_on_the_base_that_the_client_used() -> None:
    assert absolute_url(request(), ApiOptions(), "/v2/transcript/t") == (
        "https://earshot.local:8000/v2/transcript/t"
    )
    assert absolute_url(request(root_path="/speech"), ApiOptions(), "/upload/u") == (
        "https://earshot.local:8000/speech/upload/u"
    )


def test_behind_a_proxy_urls_are_on_the_public_url_that_the_operator_set() -> None:
    options = ApiOptions(public_url="https://speech.example.com")
    proxied = request(x_forwarded_proto="https", x_forwarded_host="evil.example.com")
    assert absolute_url(proxied, options, "/upload/u") == "https://speech.example.com/upload/u"
    assert absolute_url(request(), options, "/upload/u") == "https://earshot.local:8000/upload/u"
    assert "evil" not in absolute_url(proxied, ApiOptions(), "/upload/u")


def test_a_query_is_encoded() -> None:
    url = absolute_url(request(), ApiOptions(), "/v2/transcript", {"status": "a b", "limit": "1"})
    assert url.endswith("/v2/transcript?status=a+b&limit=1")


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:8000/upload/{UPLOAD_ID}",
        f"https://LOCALHOST/upload/{UPLOAD_ID}",
        f"https://cdn.example.com/speech/upload/{UPLOAD_ID.upper()}?x=1#y",
    ],
)
def test_an_upload_is_known_however_the_host_is_spelled(url: str) -> None:
    assert upload_id_in(url) == UPLOAD_ID


@pytest.mark.parametrize(
    "url",
    [
        f"http://here/upload/{UPLOAD_ID}/more",
        f"http://here/upload/{UPLOAD_ID}0",
        f"http://here/?u=/upload/{UPLOAD_ID}",
        "http://here/upload/not-a-uuid",
        f"s3://bucket/upload/{UPLOAD_ID}",
        "http://[::1",
        "https://example.com/a.mp3",
    ],
)
def test_any_other_url_names_no_upload(url: str) -> None:
    assert upload_id_in(url) is None


def test_the_path_of_an_upload_names_it() -> None:
    assert upload_id_in("http://here" + upload_path(UPLOAD_ID)) == UPLOAD_ID


def test_the_owner_of_the_machine_may_reach_private_hosts() -> None:
    assert allows_private_hosts(request(), ApiOptions())


@pytest.mark.parametrize("header", ["forwarded", "x_forwarded_for", "X_Forwarded_Proto"])
def test_a_request_through_a_proxy_may_not(header: str) -> None:
    assert not allows_private_hosts(request(**{header.lower(): "x"}), ApiOptions())


def test_nobody_may_where_others_can_reach_the_server() -> None:
    assert not allows_private_hosts(request(), ApiOptions(listens_on_loopback=False))
    assert not allows_private_hosts(request(), ApiOptions(public_url="https://speech.example"))
