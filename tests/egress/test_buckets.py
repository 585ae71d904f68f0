import itertools
import json
import logging
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote, unquote

import obstore
import pytest
from obstore.store import S3Store

from earshot.api.certificates import ensure_local_certificates
from earshot.egress.buckets import (
    BucketReader,
    ObjectUrl,
    is_object_url,
    parse_buckets,
    parse_object_url,
)
from earshot.egress.client import GuardedClient
from earshot.egress.fetch import AudioFetcher
from earshot.egress.options import EgressOptions
from earshot.errors import AddressRefused, DownloadFailed, SettingsInvalid
from earshot.storage.media import open_media_store
from tests.egress.conftest import ScriptedServer
from tests.object_server import ObjectServer, running_object_server

MEDIA = bytes(range(256)) * 20_000  # five reads
OPTIONS = EgressOptions(
    source_buckets=("s3://calls", "clinic=s3://wards/incoming"),
    connect_timeout_s=5,
    read_timeout_s=20,
)


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("s3://calls/a.wav", ObjectUrl("s3", "calls", "a.wav")),
        (
            "gs://my_calls.example.com/2026/a b.wav",
            ObjectUrl("gs", "my_calls.example.com", "2026/a b.wav"),
        ),
        ("az://calls/100%25.wav?x#y", ObjectUrl("az", "calls", "100%25.wav?x#y")),
        ("s3://calls/Grüße.wav", ObjectUrl("s3", "calls", "Grüße.wav")),
        ("s3://calls/" + 1024 * "ü", ObjectUrl("s3", "calls", 1024 * "ü")),
    ],
)
def test_a_url_names_an_object_by_its_key_as_it_is_written(url: str, wanted: ObjectUrl) -> None:
    assert is_object_url(url)
    assert parse_object_url(url) == wanted


@pytest.mark.parametrize(
    "url",
    [
        "s3://calls",
        "s3://calls/",
        "s3:///a.wav",
        "s3://calls/../other/a.wav",
        "s3://calls/a/./b.wav",
        "s3://calls//a.wav",
        "s3://calls/a/",
        "s3://calls/a\nb.wav",
        "s3://key:secret@calls/a.wav",
        "s3://calls:80/a.wav",
        "S3://calls/a.wav",
        "s3://cälls/a.wav",
        "s3://calls/" + 1025 * "a",
    ],
)
def test_what_names_no_object_is_refused(url: str) -> None:
    assert is_object_url(url)
    with pytest.raises(AddressRefused):
        parse_object_url(url)


@pytest.mark.parametrize("url", ["https://s3.amazonaws.com/calls/a.wav", "s3:calls", "s3", ""])
def test_other_urls_are_of_no_bucket(url: str) -> None:
    assert not is_object_url(url)


@pytest.mark.parametrize(
    ("entry", "url", "project", "is_permitted"),
    [
        ("s3://calls", "s3://calls/any/where.wav", "default", True),
        ("s3://calls", "s3://calls2/a.wav", "default", False),
        ("s3://calls", "gs://calls/a.wav", "default", False),
        ("s3://calls/", "s3://calls/a.wav", "default", True),
        ("s3://calls/incoming/", "s3://calls/incoming/a.wav", "default", True),
        ("s3://calls/incoming", "s3://calls/incoming-secret/a.wav", "default", False),
        ("s3://calls/incoming", "s3://calls/a.wav", "default", False),
        ("clinic=s3://calls", "s3://calls/a.wav", "clinic", True),
        ("clinic=s3://calls", "s3://calls/a.wav", "default", False),
        ("a=b=s3://calls", "s3://calls/a.wav", "a=b", True),
    ],
)
def test_the_list_says_which_buckets_a_project_may_name(
    entry: str, url: str, project: str, is_permitted: bool
) -> None:
    policy = parse_buckets([entry])

    assert policy.permits(parse_object_url(url), project) is is_permitted
    assert policy.has_any(project) is (project != "default" or not entry.startswith("clinic"))


@pytest.mark.parametrize(
    ("entry", "store_url", "opens"),
    [
        ("s3://calls", "s3://calls/earshot", True),
        ("x=s3://calls/earshot/uploads", "s3a://calls/earshot/", True),
        ("s3://calls/earshot", "s3://calls", True),
        ("s3://calls/incoming", "s3://calls/earshot", False),
        ("s3://calls/ear", "s3://calls/earshot", False),
        ("s3://calls", "gs://calls", False),
        ("s3://calls", "/var/lib/earshot/media", False),
        ("az://calls", "abfs://calls/x", True),
        ("az://calls", "abfss://calls@account.dfs.core.windows.net/x", True),
        ("az://account", "abfss://calls@account.dfs.core.windows.net/x", False),
        ("az://calls", "https://account.blob.core.windows.net/calls/x", True),
        ("az://calls/y", "https://account.blob.core.windows.net/calls/x", False),
        ("s3://my.calls", "https://my.calls.s3.eu-west-1.amazonaws.com/x", True),
        ("s3://calls/x/in", "https://Calls.s3.amazonaws.com:443/x", True),
        ("az://calls", "https://account.blob.fabric.microsoft.com/calls/x", True),
        ("s3://calls", "https://s3.eu-west-1.amazonaws.com/calls/x", True),
        ("s3://calls", "https://s3-eu-west-1.amazonaws.com/calls", True),
        ("s3://calls", "https://account.r2.cloudflarestorage.com/calls", True),
        ("s3://calls", "https://files.example.com/calls", False),
        ("s3://calls", "s3://[calls", False),
    ],
)
def test_a_list_that_opens_a_store_is_known(entry: str, store_url: str, opens: bool) -> None:
    assert parse_buckets([entry]).opens(store_url) is opens


def test_nothing_is_allowed_by_an_empty_list() -> None:
    policy = parse_buckets([])

    assert not policy.permits(parse_object_url("s3://calls/a.wav"), "default")
    assert not policy.has_any("default")


@pytest.mark.parametrize(
    "entry",
    [
        "calls",
        "s3://",
        "https://calls",
        "s3://*",
        "=s3://calls",
        "x",
        "s3://calls/../wards",
        "s3://calls/a//b",
        "s3://calls/./a/",
    ],
)
def test_an_entry_that_is_no_bucket_is_named(entry: str) -> None:
    with pytest.raises(SettingsInvalid, match="is no bucket") as caught:
        parse_buckets([entry])
    assert repr(entry) in str(caught.value)


def test_an_object_that_is_not_allowed_looks_like_any_failed_download() -> None:
    fetcher = AudioFetcher(GuardedClient(), OPTIONS)

    for url in ("s3://other/a.wav", "s3://wards/incoming/a.wav", "s3://calls/../a.wav"):
        with pytest.raises(DownloadFailed) as caught:
            next(fetcher.fetch_audio(url, allow_private=True, project_name="default"))
        assert str(caught.value).startswith(f"Download error, unable to download {url}.")


# What follows asks a server that speaks S3. A store is kept by its options: each test has its own.
_numbers = itertools.count(3000)


def options(**changes: object) -> EgressOptions:
    fields = {"source_buckets": OPTIONS.source_buckets, "connect_timeout_s": 5.0, **changes}
    return EgressOptions(fetch_total_timeout_s=next(_numbers), **fields)  # type: ignore[arg-type]  # of its fields


@pytest.fixture(scope="module")
def objects() -> Iterator[ObjectServer]:
    with running_object_server() as server:
        server.put("calls", "2026/a call.wav", MEDIA)
        server.put("calls", "empty.wav", b"")
        server.put("wards", "incoming/b.wav", b"ward")
        yield server


@pytest.fixture
def credentials(objects: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> ObjectServer:
    for name, value in objects.environment.items():
        monkeypatch.setenv(name, value)
    return objects


def fetch(url: str, egress: EgressOptions, project: str = "default") -> bytes:
    fetcher = AudioFetcher(GuardedClient(), egress)
    return b"".join(fetcher.fetch_audio(url, allow_private=False, project_name=project))


def reason_in(caplog: pytest.LogCaptureFixture) -> str:
    """Why the one download failed, by the log."""
    [failure] = [record for record in caplog.records if record.message == "download_failed"]
    assert vars(failure)["host"] in ("calls", "nowhere")
    reason: str = vars(failure)["reason"]
    return reason


@pytest.mark.slow
@pytest.mark.usefixtures("credentials")
def test_an_object_comes_complete_in_bounded_chunks() -> None:
    chunks = list(BucketReader(options()).read("s3://calls/2026/a call.wav", project_name="any"))

    assert b"".join(chunks) == MEDIA
    assert len(chunks) >= 4
    assert fetch("s3://calls/empty.wav", options()) == b""
    assert fetch("s3://wards/incoming/b.wav", options(), "clinic") == b"ward"


@pytest.mark.slow
@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(
    ("url", "code"),
    [("s3://calls/missing.wav", "NoSuchKey"), ("s3://nowhere/a.wav", "NoSuchBucket")],
)
def test_an_object_that_is_not_there_is_told_as_404_and_logged_with_the_reason(
    url: str, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)

    with pytest.raises(DownloadFailed) as caught:
        fetch(url, options(source_buckets=("s3://calls", "s3://nowhere")))

    assert str(caught.value) == (
        f"Download error to {url}, 404 Client Error: Not Found for url: {url}"
    )
    assert reason_in(caplog) == f"s3 store: FileNotFoundError ({code})"


@pytest.mark.slow
@pytest.mark.parametrize("key", ["100%25.wav", "a%2e%2e/b.wav", "Grüße ?x=1#y+z.wav", "a\\b&c.wav"])
def test_a_key_is_asked_for_as_it_is_written(credentials: ObjectServer, key: str) -> None:
    credentials.put("calls", quote(key), key.encode())

    assert fetch(f"s3://calls/{key}", options()) == key.encode()


@pytest.mark.slow
@pytest.mark.usefixtures("credentials")
def test_an_object_over_the_limit_is_not_read(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)

    with pytest.raises(DownloadFailed):
        fetch("s3://calls/2026/a call.wav", options(fetch_max_bytes=len(MEDIA) - 1))

    assert reason_in(caplog) == f"the answer is larger than {len(MEDIA) - 1} bytes"


@pytest.mark.slow
def test_credentials_that_open_nothing_are_told_as_403(monkeypatch: pytest.MonkeyPatch) -> None:
    with running_object_server(INITIAL_NO_AUTH_ACTION_COUNT="2") as server:
        server.put("calls", "a.wav", b"RIFF")
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(DownloadFailed, match="403 Client Error: Forbidden"):
            fetch("s3://calls/a.wav", options())


@pytest.mark.slow
def test_nothing_that_a_store_repeats_of_credentials_is_told_or_logged(
    serve: Callable[..., ScriptedServer],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    said = (
        b"<?xml version='1.0'?><Error><Code>SignatureDoesNotMatch</Code>"
        b"<AWSAccessKeyId>hidden-id</AWSAccessKeyId><StringToSign>hidden-text</StringToSign></Error>"
    )
    refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: %d\r\n\r\n" % len(said)
    server = serve(lambda connection: connection.sendall(refusal + said))
    for name, value in ObjectServer(server.url("")).environment.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(DownloadFailed, match="403 Client Error: Forbidden") as caught:
        fetch("s3://calls/a.wav", options())

    assert reason_in(caplog) == "s3 store: PermissionDeniedError (SignatureDoesNotMatch)"
    told = str(caught.value) + " ".join(str(vars(record)) for record in caplog.records)
    assert "hidden" not in told
    assert "not-a-secret-of-anybody" not in told


@pytest.mark.slow
def test_an_object_that_trickles_ends_with_the_time_for_it(
    serve: Callable[..., ScriptedServer],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)

    def trickle(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n")
        connection.sendall(b"Last-Modified: Sat, 21 Nov 2026 17:00:00 GMT\r\nETag: 1\r\n\r\n")
        while not server.stopping.wait(0.02):
            connection.sendall(b"x")

    server = serve(trickle)
    for name, value in ObjectServer(server.url("")).environment.items():
        monkeypatch.setenv(name, value)
    began_s = time.monotonic()

    with pytest.raises(DownloadFailed) as caught:
        fetch("s3://calls/a.wav", replace(options(), fetch_total_timeout_s=0.7))

    assert time.monotonic() - began_s < 30
    assert str(caught.value).startswith("Download error, unable to download s3://calls/a.wav.")
    assert "s3 store: " in reason_in(caplog)


@pytest.mark.slow
def test_a_store_of_an_authority_of_the_operator_s_own_is_trusted(
    serve: Callable[..., ScriptedServer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    certificates = ensure_local_certificates(tmp_path / "tls", ["store"], datetime.now(UTC))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.cert_path, certificates.key_path)
    server = serve(send_object, context)
    for name, value in ObjectServer(server.url("", scheme="https")).environment.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(DownloadFailed):
        fetch("s3://calls/a.wav", options())

    assert fetch("s3://calls/a.wav", options(extra_ca_file=certificates.ca_path)) == b"RIFF"


@pytest.mark.slow
def test_a_store_that_cannot_be_reached_is_a_failed_download(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for name, value in ObjectServer("http://127.0.0.1:9").environment.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(DownloadFailed) as caught:
        fetch("s3://calls/a.wav", options())

    assert str(caught.value).startswith("Download error, unable to download s3://calls/a.wav.")
    assert reason_in(caplog) == "s3 store: GenericError"


@pytest.mark.slow
def test_a_presigned_url_is_fetched_like_any_other_and_needs_no_list(
    credentials: ObjectServer,
) -> None:
    store = S3Store("calls", client_options={"allow_http": True})
    [url] = obstore.sign(store, "GET", ["2026/a call.wav"], timedelta(minutes=5))
    assert url.startswith(credentials.url)

    assert fetch(url, EgressOptions(fetch_allow=("127.0.0.1",))) == MEDIA
    with pytest.raises(DownloadFailed):
        fetch(url, EgressOptions())


def send_object(connection: socket.socket) -> None:
    connection.sendall(
        b'HTTP/1.1 200 OK\r\nContent-Length: 4\r\nETag: "1"\r\n'
        b"Last-Modified: Sat, 21 Nov 2026 17:00:00 GMT\r\nConnection: close\r\n\r\nRIFF"
    )


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["s3", "gs", "az"])
@pytest.mark.parametrize(
    "key", ["in/%2e%2e/b.wav", "in/..\\b.wav", "in/a?x=/../b.wav", "in/a#b.wav"]
)
def test_no_spelling_of_a_key_leads_out_of_its_prefix(
    serve: Callable[..., ScriptedServer],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    scheme: str,
    key: str,
) -> None:
    server = serve(send_object)
    use_for_all(monkeypatch, server, tmp_path)
    reader = options(source_buckets=(f"{scheme}://calls/in",))

    try:
        fetch(f"{scheme}://calls/{key}", reader)
    except DownloadFailed:
        assert server.requests == []  # it names no object
        return

    asked = server.requests[0].split(b" ")[1].decode()
    assert asked.startswith(("/calls/in/", "/calls/in%2F"))
    assert unquote(asked).removeprefix("/calls/") == key
    assert not {"?", "#", "\\"} & set(asked)


def use_for_all(monkeypatch: pytest.MonkeyPatch, server: ScriptedServer, folder: Path) -> None:
    """Have the stores of all providers looked for there."""
    account = {"gcs_base_url": server.url("")} | {"disable_oauth": True}
    account |= dict.fromkeys(("client_email", "private_key", "private_key_id"), "")
    (folder / "account.json").write_text(json.dumps(account))
    azure = {
        "AZURE_STORAGE_ENDPOINT": server.url(""),
        "AZURE_STORAGE_ACCOUNT_NAME": "account",
        "AZURE_STORAGE_ACCOUNT_KEY": "a2V5",
    }
    google = {"GOOGLE_SERVICE_ACCOUNT": str(folder / "account.json")}
    for name, value in (azure | google | ObjectServer(server.url("")).environment).items():
        monkeypatch.setenv(name, value)


@pytest.mark.slow
def test_google_is_asked_as_the_environment_says(
    serve: Callable[..., ScriptedServer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = serve(send_object)
    use_for_all(monkeypatch, server, tmp_path)

    media = fetch("gs://calls/2026/a call.wav", options(source_buckets=("gs://calls",)))

    assert media == b"RIFF"
    assert server.requests[0].startswith(b"GET /calls/2026%2Fa%20call%2Ewav HTTP/1.1\r\n")


@pytest.mark.slow
def test_azure_is_asked_as_the_environment_says_and_the_request_is_signed(
    serve: Callable[..., ScriptedServer], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    server = serve(send_object)
    use_for_all(monkeypatch, server, tmp_path)

    media = fetch("az://wards/2026/a call.wav", options(source_buckets=("az://wards",)))

    assert media == b"RIFF"
    assert server.requests[0].startswith(b"GET /wards/2026/a%20call.wav HTTP/1.1\r\n")
    assert b"authorization: sharedkey account:" in server.requests[0].lower()


@pytest.mark.slow
@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("store", ["a folder", "s3://wards/media"])
def test_what_is_read_may_be_stored_meanwhile(tmp_path: Path, store: str) -> None:
    media = open_media_store(store if "://" in store else str(tmp_path))
    reader = BucketReader(options())

    media.put("copy", reader.read("s3://calls/2026/a call.wav", project_name="any"))

    assert media.get("copy") == MEDIA


@pytest.mark.slow
@pytest.mark.usefixtures("credentials")
def test_an_object_that_takes_too_long_is_a_failed_download(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    hasty = replace(options(), fetch_total_timeout_s=0.0001)

    with pytest.raises(DownloadFailed):
        fetch("s3://calls/2026/a call.wav", hasty)

    assert "s3 store" in reason_in(caplog)


@pytest.mark.slow
@pytest.mark.usefixtures("credentials")
def test_whoever_stops_reading_is_done_with_it(tmp_path: Path) -> None:
    fetcher = AudioFetcher(GuardedClient(), options())

    with closing(
        fetcher.fetch_audio("s3://calls/2026/a call.wav", allow_private=False, project_name="x")
    ) as chunks:
        (tmp_path / "part").write_bytes(next(chunks))

    assert MEDIA.startswith((tmp_path / "part").read_bytes())
