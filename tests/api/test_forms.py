import asyncio
import errno
import tempfile
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest
from fastapi import Request
from starlette.requests import ClientDisconnect

from earshot.api.forms import MAX_FIELD_BYTES, Form, FormRules, is_raw, receive_form
from earshot.api.multipart import PartHead
from earshot.errors import FormExpected, RequestInvalid, StorageFull, UploadTooLarge

RULES = FormRules("file", max_bytes=1000, if_none="a form!", if_no_media="a file!", before_raw=4)
FORM = "multipart/form-data; boundary=b"


def part(name: str, content: bytes, more: str = "") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'
    return head.encode() + content + b"\r\n"


FILE = part("file", b"sound", '; filename="a.wav"')
MISNAMED = part("audio", bytes(MAX_FIELD_BYTES + 1), '; filename="a.wav"')


def request_with(*chunks: bytes, content_type: str = FORM, is_whole: bool = True) -> Request:
    async def messages() -> AsyncIterator[dict[str, Any]]:
        for chunk in chunks:
            yield {"type": "http.request", "body": chunk, "more_body": True}
        if is_whole:
            yield {"type": "http.request", "body": b"", "more_body": False}
        yield {"type": "http.disconnect"}

    following = messages()
    scope = {"type": "http", "headers": [(b"content-type", content_type.encode())]}
    return Request(scope, following.__anext__)


async def receive(*chunks: bytes, rules: FormRules = RULES) -> Form:
    return await receive_form(request_with(*chunks), rules)


async def test_fields_are_texts_and_the_recording_is_a_file_without_a_name() -> None:
    form = await receive(
        part("model", b"a"), part("t[]", b"1") + part("t[]", b"2"), FILE + b"--b--"
    )
    with form.media.file:
        assert form.first("model") == "a"
        assert form.first("nothing") is None
        assert form.all("t") == ["1", "2"]
        assert form.media.path.read_bytes() == b"sound"
        assert form.media.n_bytes == 5
        assert form.media.head.file_name == "a.wav"
        assert isinstance(form.media.file.name, int)


async def test_before_raw_samples_there_is_room_for_a_header() -> None:
    head = '; filename="a"\r\nContent-Type: audio/pcm'
    form = await receive(part("file", b"sound", head) + b"--b--")
    with form.media.file:
        assert form.media.path.read_bytes() == bytes(4) + b"sound"
        assert form.media.n_bytes == 5


async def test_an_empty_recording_is_a_recording() -> None:
    form = await receive(part("file", b"") + b"--b--")
    with form.media.file:
        assert form.media.path.read_bytes() == b""


async def test_large_recordings_are_written_as_they_come() -> None:
    piece = bytes(300_000)
    rules = FormRules("file", 10**7, "", "")
    head = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'
    form = await receive(head, *[piece] * 9, b"end\r\n--b--", rules=rules)
    with form.media.file:
        assert form.media.n_bytes == 2_700_003
        assert form.media.path.read_bytes() == bytes(2_700_000) + b"end"


@pytest.mark.parametrize(
    ("body", "error", "said"),
    [
        (part("a", b"b") + b"--b--", RequestInvalid, "a file!"),
        (FILE + FILE + b"--b--", RequestInvalid, "more than one part `file`"),
        (FILE, RequestInvalid, "ends before its last delimiter"),
        (part("a", b"\xff") + FILE + b"--b--", RequestInvalid, "`a` must be UTF-8"),
        (part("a", bytes(MAX_FIELD_BYTES + 1)) + FILE, RequestInvalid, "`a` is too long"),
        (part("a", bytes(MAX_FIELD_BYTES)) * 5 + FILE, RequestInvalid, "`a` is too long"),
        (part("file", bytes(1001)) + b"--b--", UploadTooLarge, "larger than 1000 bytes"),
        (
            MISNAMED + b"--b--",
            RequestInvalid,
            "a file!; `audio` is another part, and is too long",
        ),
        (part("a", b"\xff", '; filename="a"') + b"--b--", RequestInvalid, "a file!; `a` is"),
        (FILE + MISNAMED + b"--b--", RequestInvalid, "`audio` is too long"),
    ],
)
async def test_what_breaks_a_rule_is_refused_and_leaves_nothing_open(
    body: bytes, error: type[Exception], said: str
) -> None:
    with pytest.raises(error, match=said):
        await receive(body)


async def test_a_body_that_is_no_form_is_not_read() -> None:
    with pytest.raises(FormExpected, match="a form!"):
        await receive_form(request_with(content_type="audio/wav"), RULES)


async def test_a_client_that_goes_away_leaves_nothing_open() -> None:
    with pytest.raises(ClientDisconnect):
        await receive_form(request_with(FILE, is_whole=False), RULES)


async def test_a_form_of_which_nothing_more_comes_is_refused() -> None:
    async def stall() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError

    request = Request({"type": "http", "headers": [(b"content-type", FORM.encode())]}, stall)
    with pytest.raises(RequestInvalid, match=r"nothing more of the form came for 0.01 s"):
        await receive_form(request, replace(RULES, stalled_s=0.01))


async def test_a_form_that_comes_too_slowly_is_refused_and_leaves_nothing_open() -> None:
    n_asked = 0

    async def trickle() -> dict[str, Any]:
        nonlocal n_asked
        n_asked += 1
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": FILE if n_asked == 1 else b"", "more_body": True}

    request = Request({"type": "http", "headers": [(b"content-type", FORM.encode())]}, trickle)
    with pytest.raises(RequestInvalid, match=r"the form was not there within 0.1 s"):
        await receive_form(request, replace(RULES, longest_s=0.1))
    assert 1 < n_asked < 20


async def test_a_field_that_is_refused_is_refused_before_it_is_there() -> None:
    rules = replace(RULES, refused={"voice": "no voices!"})
    body = part("voice[]", bytes(MAX_FIELD_BYTES + 1))
    for end in (200, len(body)):
        with pytest.raises(RequestInvalid, match="no voices!"):
            await receive(body[:end], rules=rules)


async def test_an_object_is_its_members() -> None:
    form = await receive(
        part("a[b]", b"1") + part("a[c]", b"2") + part("a[]", b"3") + part("ab[d]", b"4"),
        FILE + b"--b--",
    )
    with form.media.file:
        assert form.members("a") == {"b": "1", "c": "2"}


async def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(StorageFull):
        await receive(FILE + b"--b--")


@pytest.mark.parametrize(
    ("content_type", "file_name", "expected"),
    [
        ("audio/pcm", None, True),
        ("Audio/L16; rate=8000", "a.wav", True),
        (None, "A.PCM", True),
        ("application/octet-stream", "a.raw", True),
        ("audio/wav", "a.pcm", False),
        (None, None, False),
    ],
)
def test_samples_are_raw_by_type_else_by_name(
    content_type: str | None, file_name: str | None, expected: bool
) -> None:
    assert is_raw(PartHead("file", file_name, content_type)) is expected
