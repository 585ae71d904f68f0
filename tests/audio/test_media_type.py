import struct
import time

import pytest

from earshot.audio.media_type import HEAD_BYTES, MediaType, identify_media

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 20


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"", "inode/x-empty (empty)"),
        (b"hello\n", "text/plain (ASCII text)"),
        ("grüße\n".encode(), "text/plain (Unicode text, UTF-8 text)"),
        (b"caf\xe9 and more words\n", "text/plain (ISO-8859 text)"),
        (b"<!DOCTYPE html>\n<html></html>", "text/html (HTML document, ASCII text)"),
        (b"\n <!-- x --> <HTML><body>", "text/html (HTML document, ASCII text)"),
        (b"<?xml version='1.0'?><feed/>", "text/xml (XML document, ASCII text)"),
        (b'<svg xmlns="x"/>', "image/svg+xml (SVG image, ASCII text)"),
        (b'{"error": "gone"}', "application/json (JSON data, ASCII text)"),
        (b"[1, 2]", "application/json (JSON data, ASCII text)"),
        (b"#EXTM3U\n/etc/passwd\n", "application/vnd.apple.mpegurl (M3U playlist, ASCII text)"),
        (b"[playlist]\nFile1=x\n", "audio/x-scpls (PLS playlist, ASCII text)"),
        (b"ffconcat version 1.0\n", "text/plain (FFmpeg concat script, ASCII text)"),
        (PNG, "image/png (PNG image data)"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "image/jpeg (JPEG image data)"),
        (struct.pack("<2sI4xII", b"BM", 90, 54, 40) + b"\x08", "image/bmp (PC bitmap)"),
        (b"GIF89a", "image/gif (GIF image data)"),
        (b"%PDF-1.7\n", "application/pdf (PDF document)"),
        (b"PK\x03\x04\x14\x00", "application/zip (Zip archive data)"),
        (b"\x1f\x8b\x08", "application/gzip (gzip compressed data)"),
    ],
)
def test_what_is_not_media_is_named_and_not_worth_decoding(head: bytes, expected: str) -> None:
    media_type = identify_media(head)

    assert media_type.describe() == expected
    assert not media_type.may_hold_audio


@pytest.mark.parametrize(
    ("head", "mime"),
    [
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/x-wav"),
        (b"FORM\x00\x00\x00\x24AIFFCOMM", "audio/x-aiff"),
        (b"ID3\x04\x00\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x64\x00", "audio/mpeg"),
        (b"\xff\xf1\x50\x80\x00", "audio/x-hx-aac-adts"),
        (b"fLaC\x00\x00\x00\x22", "audio/flac"),
        (b"OggS\x00\x02", "audio/ogg"),
        (b"\x1a\x45\xdf\xa3\x9f", "video/webm"),
        (b"\x00\x00\x00\x1cftypM4A \x00", "audio/x-m4a"),
        (b"\x00\x00\x00\x20ftypisom", "video/mp4"),
        (b"\x00\x00\x00\x14ftypqt  ", "video/quicktime"),
        (b"#!AMR\n\x3c", "audio/AMR"),
        (b"NIST_1A\n   1024\n", "audio/x-nist"),
        (b".snd\x00\x00\x00\x18", "audio/basic"),
        ((b"\x47" + b"\x00" * 187) * 4, "video/mp2t"),
        ((b"\x00\x00\x00\x00\x47" + b"\x00" * 187) * 4, "video/mp2t"),
        (
            b"BM\x01\xff\x02\x00\x05\x00\x01\xff\x03\x00\x28\x00\x28\x00\x00\x00",
            "application/octet-stream",
        ),
        (b"BM\x01\xff\x02\x00", "application/octet-stream"),
        (struct.pack("<4sI", b"\x01\x02\x03\x04", 7), "application/octet-stream"),
    ],
)
def test_what_may_be_media_is_worth_decoding(head: bytes, mime: str) -> None:
    media_type = identify_media(head)

    assert media_type.mime == mime
    assert media_type.may_hold_audio


def test_very_long_lines_are_remarked_upon_as_file_does() -> None:
    page = b"<html>" + b"x" * 1000

    assert identify_media(page).describe() == (
        "text/html (HTML document, ASCII text, with very long lines (1006))"
    )


def test_a_head_cut_within_a_character_is_still_text() -> None:
    head = ("a" * (HEAD_BYTES - 1) + "é").encode()[:HEAD_BYTES]

    assert identify_media(head).mime == "text/plain"


def test_a_note_goes_behind_the_description() -> None:
    media_type = MediaType("video/mp4", "ISO Media")

    assert media_type.describe("no audio") == "video/mp4 (ISO Media; no audio)"
    assert media_type.describe() == "video/mp4 (ISO Media)"


@pytest.mark.parametrize(
    "piece",
    [b"<!---->", b"<!---->\n ", b"<!--", b"<?xml ?>", b" ", b"[ ", b'{"', b"<", b"--a", b"#"],
)
def test_no_bytes_take_long(piece: bytes) -> None:
    for end in (b"", b"<", b"\0"):
        began_s = time.thread_time()
        identify_media(piece * (HEAD_BYTES // len(piece) - 1) + end)
        assert time.thread_time() - began_s < 0.1


def test_comments_may_stand_before_html_and_svg() -> None:
    comments = b" <!-- a --> <!-- -->\n"
    assert identify_media(comments + b"<html>").mime == "text/html"
    assert identify_media(b"<?xml?>" + comments + b"<svg>").mime == "image/svg+xml"
