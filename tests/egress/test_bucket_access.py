import itertools
import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from earshot.egress.bucket_access import BucketAccess, try_bucket
from earshot.egress.buckets import AllowedBucket
from earshot.egress.options import EgressOptions
from tests.egress.conftest import ScriptedServer
from tests.object_server import ObjectServer, running_object_server

pytestmark = pytest.mark.slow

# A store is kept by its options: each test has its own.
_sizes = itertools.count(4000)


@pytest.fixture(scope="module")
def objects() -> Iterator[ObjectServer]:
    with running_object_server() as server:
        server.put("calls", "incoming/a.wav", b"RIFF")
        yield server


def access(url: str) -> BucketAccess:
    scheme, _, rest = url.partition("://")
    name, _, prefix = rest.partition("/")
    bucket = AllowedBucket(scheme, name, prefix, None)
    return try_bucket(bucket, EgressOptions(fetch_max_bytes=next(_sizes)))


def use(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Have stores of S3 looked for there."""
    for name, value in ObjectServer(url).environment.items():
        monkeypatch.setenv(name, value)


def refuse(status: str, code: str) -> Callable[[socket.socket], None]:
    body = f"<?xml version='1.0'?><Error><Code>{code}</Code><Message>hidden</Message></Error>"

    def script(connection: socket.socket) -> None:
        head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        connection.sendall((head + body).encode())

    return script


@pytest.mark.parametrize("url", ["s3://calls", "s3://calls/incoming/"])
def test_a_bucket_whose_objects_can_be_read_is_well(
    objects: ObjectServer, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    use(monkeypatch, objects.url)

    assert access(url) == BucketAccess("answers, and what is in it can be read")


def test_a_prefix_below_which_nothing_lies_is_well_and_told(
    objects: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, objects.url)

    assert access("s3://calls/other/") == BucketAccess("answers; nothing is in it")


def test_a_bucket_that_does_not_exist_is_told_with_where_it_was_looked_for(
    objects: ObjectServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(monkeypatch, objects.url)

    found = access("s3://cals")

    assert found.explanation.startswith("does not exist where it is looked for: ")
    assert "NoSuchBucket" in found.explanation
    assert "AWS_REGION" in found.remedy


@pytest.mark.parametrize("code", ["AccessDenied", "SignatureDoesNotMatch"])
def test_a_bucket_that_is_closed_to_these_credentials_is_told_without_the_store_s_words(
    serve: Callable[..., ScriptedServer], monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    use(monkeypatch, serve(refuse("403 Forbidden", code)).url(""))

    found = access("s3://calls")

    assert found.explanation == f"does not open to this server: GenericError ({code})"
    assert found.remedy.startswith("let these credentials list it and read what is in it")
    assert "hidden" not in found.explanation + found.remedy


def test_a_bucket_that_can_be_listed_and_not_read_is_closed(
    serve: Callable[..., ScriptedServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = (
        "<?xml version='1.0'?><ListBucketResult><Contents><Key>a.wav</Key>"
        "<LastModified>2026-11-21T17:00:00.000Z</LastModified><Size>4</Size><ETag>1</ETag>"
        "</Contents></ListBucketResult>"
    )

    def list_only(connection: socket.socket) -> None:
        if b"list-type" not in server.requests[-1].partition(b"\r\n")[0]:
            refuse("403 Forbidden", "AccessDenied")(connection)
            return
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(listed)}\r\nConnection: close\r\n\r\n"
        connection.sendall((head + listed).encode())

    server = serve(list_only)
    use(monkeypatch, server.url(""))

    assert "PermissionDeniedError (AccessDenied)" in access("s3://calls").explanation
    assert server.requests[-1].startswith(b"GET /calls/a.wav HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("status", "code"),
    [("301 Moved Permanently", "PermanentRedirect"), ("400 Bad", "AuthorizationHeaderMalformed")],
)
def test_a_bucket_of_another_region_is_told_with_the_setting(
    serve: Callable[..., ScriptedServer], monkeypatch: pytest.MonkeyPatch, status: str, code: str
) -> None:
    use(monkeypatch, serve(refuse(status, code)).url(""))

    found = access("s3://calls")

    assert found.explanation == f"is in another region: GenericError ({code})"
    assert found.remedy == "set AWS_REGION to the bucket's"


def test_a_store_out_of_reach_is_told_with_what_to_check(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, "http://127.0.0.1:9")

    found = access("s3://calls")

    assert found.explanation == "does not answer: GenericError"
    assert found.remedy.startswith("check the network, AWS_REGION")


def test_missing_credentials_are_told_with_where_to_put_them(
    serve: Callable[..., ScriptedServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    server = serve(refuse("404 Not Found", "none"))
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", server.url(""))
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.url(""))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    found = access("s3://calls")

    assert "no credentials were found" in found.explanation
    assert "AWS_ACCESS_KEY_ID" in found.remedy


def test_the_stores_of_google_and_azure_are_asked_too(
    serve: Callable[..., ScriptedServer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = serve(refuse("403 Forbidden", "AccessDenied"))
    account = {"gcs_base_url": server.url("")} | {"disable_oauth": True}
    account |= dict.fromkeys(("client_email", "private_key", "private_key_id"), "")
    (tmp_path / "account.json").write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_SERVICE_ACCOUNT", str(tmp_path / "account.json"))
    monkeypatch.setenv("AZURE_STORAGE_ENDPOINT", server.url(""))
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "a2V5")

    assert "GOOGLE_APPLICATION_CREDENTIALS" in access("gs://calls").remedy
    assert "AZURE_STORAGE_ACCOUNT_KEY" in access("az://calls").remedy


def test_an_azure_store_without_an_account_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AZURE_STORAGE_ACCOUNT_NAME", raising=False)

    assert "AZURE_STORAGE_ACCOUNT_NAME" in access("az://calls").remedy
