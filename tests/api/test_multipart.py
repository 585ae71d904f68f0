from collections import deque
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.api.multipart import (
    MAX_AROUND_BYTES,
    MAX_HEAD_BYTES,
    MAX_PARTS,
    MultipartParser,
    PartEnd,
    PartHead,
    boundary_of,
)
from earshot.errors import RequestInvalid

Part = tuple[PartHead, bytes]
BOUNDARY = b"x7"


def part(name: str, content: bytes, more: str = "", head: str = "") -> bytes:
    disposition = f'Content-Disposition: form-data; name="{name}"{more}\r\n{head}\r\n'
    return b"--x7\r\n" + disposition.encode() + content + b"\r\n"


def parts_in(body: bytes, piece_bytes: int = 10_000) -> list[Part]:
    parser = MultipartParser(BOUNDARY)
    parts: list[Part] = []
    head, content = None, b""
    for at in range(0, len(body), piece_bytes):
        for event in parser.feed(body[at : at + piece_bytes]):
            if isinstance(event, PartHead):
                head, content = event, b""
            elif isinstance(event, PartEnd):
                assert head is not None
                parts.append((head, content))
            else:
                content += event
    parser.close()
    return parts


FIELD = part("config", b'{"a": 1}', head="Content-Type: application/json\r\n")
FILE = part("audio", b"\r\n--x\r\n--", '; filename="a \\"b\\".wav"', "content-type: audio/wav\r\n")


@pytest.mark.parametrize("piece_bytes", [1, 2, 3, 7, 10_000])
def test_parts_are_found_however_the_bytes_arrive(piece_bytes: int) -> None:
    body = b"preamble\r\n" + FIELD + FILE + part("empty", b"") + b"--x7--\r\nepilogue"
    assert parts_in(body, piece_bytes) == [
        (PartHead("config", None, "application/json"), b'{"a": 1}'),
        (PartHead("audio", 'a "b".wav', "audio/wav"), b"\r\n--x\r\n--"),
        (PartHead("empty", None, None), b""),
    ]


@given(st.lists(st.binary(max_size=40), max_size=4), st.integers(1, 20))
def test_whatever_is_sent_arrives(contents: list[bytes], piece_bytes: int) -> None:
    contents = [content for content in contents if b"\r\n--x7" not in b"\r\n" + content]
    body = b"".join(part("f", content) for content in contents) + b"--x7--"
    assert [content for _, content in parts_in(body, piece_bytes)] == contents


@given(st.binary(max_size=200))
def test_nonsense_is_refused_or_holds_no_part(body: bytes) -> None:
    with pytest.raises(RequestInvalid):
        parts_in(body)


def test_names_need_no_quotation_marks() -> None:
    body = b"--x7\r\nContent-Disposition: form-data; name=model\r\n\r\nbest\r\n--x7--"
    assert parts_in(body) == [(PartHead("model", None, None), b"best")]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (FIELD, "ends before its last delimiter"),
        (b"", "ends before its last delimiter"),
        (b"--x7 and more\r\n", "something follows a delimiter"),
        (b"--x7\r\n\r\nnameless\r\n--x7--", "a part has no name"),
        (b"--x7\r\nContent-Disposition: attachment; name=a\r\n\r\n\r\n--x7--", "has no name"),
        (b"--x7\r\n" + b"a" * (MAX_HEAD_BYTES + 10), "head of a part is too long"),
        (part("f", b"") * (MAX_PARTS + 1) + b"--x7--", "more than 200 parts"),
        (bytes(MAX_AROUND_BYTES) + b"\r\n" + FIELD + b"--x7--", "too much stands around"),
        (FIELD + b"--x7--" + bytes(MAX_AROUND_BYTES), "too much stands around"),
    ],
)
def test_a_form_that_is_none_is_refused(body: bytes, said: str) -> None:
    with pytest.raises(RequestInvalid, match=said):
        parts_in(body)


@pytest.mark.parametrize("before", [b"", FIELD + b"--x7--"])
def test_what_stands_around_the_parts_has_an_end(before: bytes) -> None:
    pieces = [before, *[bytes(1000)] * (MAX_AROUND_BYTES // 1000 + 2)]
    parser = MultipartParser(BOUNDARY)
    with pytest.raises(RequestInvalid, match="too much stands around"):
        deque(chain.from_iterable(map(parser.feed, pieces)), maxlen=0)


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('Multipart/Form-Data; charset=utf-8; Boundary="a b"', b"a b"),
        ("multipart/form-data", None),
        ("multipart/mixed; boundary=abc", None),
        ("application/json", None),
        ("", None),
        ("multipart/form-data; boundary=" + "a" * 71, None),
        ("multipart/form-data; boundary=\u00e4", None),
    ],
)
def test_the_boundary_is_that_of_a_form(content_type: str, boundary: bytes | None) -> None:
    assert boundary_of(content_type) == boundary
