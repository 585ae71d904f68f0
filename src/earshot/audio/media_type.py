"""What a file is, by its first bytes: a MIME type and a few words, in the manner of file(1)."""

import codecs
import re
from dataclasses import dataclass

HEAD_BYTES = 4096  # of a file, enough for every rule here


@dataclass(frozen=True, slots=True)
class MediaType:
    """A kind of file; `may_hold_audio` is False where it is not worth trying to decode."""

    mime: str
    description: str
    may_hold_audio: bool = False

    def describe(self, note: str = "") -> str:
        """The type in words, with a remark on this one file."""
        return f"{self.mime} ({self.description}{'; ' * bool(note)}{note})"


@dataclass(frozen=True, slots=True)
class _Magic:
    offset: int
    pattern: bytes
    type: MediaType


def _audio(mime: str, description: str) -> MediaType:
    return MediaType(mime, description, may_hold_audio=True)


EMPTY = MediaType("inode/x-empty", "empty")
BINARY = _audio("application/octet-stream", "data")
BITMAP = MediaType("image/bmp", "PC bitmap")
MP4 = _audio("video/mp4", "ISO Media, MP4")
MPEG_AUDIO = _audio("audio/mpeg", "MPEG ADTS, layer I, II or III")
ADTS = _audio("audio/x-hx-aac-adts", "MPEG ADTS, AAC")

# The first that fits. Names as file(1) gives them.
MAGIC = (
    _Magic(8, b"WAVE", _audio("audio/x-wav", "RIFF (little-endian) data, WAVE audio")),
    _Magic(8, b"AVI ", _audio("video/x-msvideo", "RIFF (little-endian) data, AVI")),
    _Magic(8, b"WEBP", MediaType("image/webp", "RIFF (little-endian) data, Web/P image")),
    _Magic(8, b"AIFF", _audio("audio/x-aiff", "IFF data, AIFF audio")),
    _Magic(8, b"AIFC", _audio("audio/x-aiff", "IFF data, AIFF-C compressed audio")),
    _Magic(8, b"8SVX", _audio("audio/x-8svx", "IFF data, 8SVX 8-bit sampled sound")),
    _Magic(0, b"riff", _audio("audio/x-w64", "Sony Wave64 RIFF data")),
    _Magic(0, b"ID3", _audio("audio/mpeg", "Audio file with ID3")),
    _Magic(0, b"fLaC", _audio("audio/flac", "FLAC audio bitstream data")),
    _Magic(0, b"OggS", _audio("audio/ogg", "Ogg data")),
    _Magic(0, b"\x1a\x45\xdf\xa3", _audio("video/webm", "WebM or Matroska data")),
    _Magic(
        4, b"ftypM4A", _audio("audio/x-m4a", "ISO Media, Apple iTunes ALAC/AAC-LC (.M4A) Audio")
    ),
    _Magic(4, b"ftypqt", _audio("video/quicktime", "ISO Media, Apple QuickTime movie")),
    _Magic(4, b"ftyp3g", _audio("video/3gpp", "ISO Media, MPEG v4 system, 3GPP")),
    _Magic(4, b"ftypavif", MediaType("image/avif", "ISO Media, AVIF image")),
    _Magic(4, b"ftyphei", MediaType("image/heic", "ISO Media, HEIF image")),
    _Magic(4, b"ftypmif1", MediaType("image/heif", "ISO Media, HEIF image")),
    _Magic(4, b"ftyp", MP4),
    _Magic(4, b"moov", _audio("video/quicktime", "Apple QuickTime movie")),
    _Magic(4, b"mdat", _audio("video/quicktime", "Apple QuickTime movie")),
    _Magic(4, b"wide", _audio("video/quicktime", "Apple QuickTime movie")),
    _Magic(0, b"FLV", _audio("video/x-flv", "Macromedia Flash Video")),
    _Magic(0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _audio("video/x-ms-asf", "Microsoft ASF")),
    _Magic(0, b"#!AMR", _audio("audio/AMR", "Adaptive Multi-Rate Codec (GSM telephony)")),
    _Magic(0, b"NIST_1A", _audio("audio/x-nist", "NIST SPHERE data")),
    _Magic(0, b".snd", _audio("audio/basic", "Sun/NeXT audio data")),
    _Magic(0, b"caff", _audio("audio/x-caf", "CoreAudio Format audio file")),
    _Magic(0, b"MAC ", _audio("audio/x-ape", "Monkey's Audio compressed format")),
    _Magic(0, b"wvpk", _audio("audio/x-wavpack", "WavPack Lossless Audio")),
    _Magic(0, b"TTA", _audio("audio/x-tta", "True Audio Lossless Audio")),
    _Magic(0, b"Creative Voice File", _audio("audio/x-voc", "Creative Labs voice data")),
    _Magic(0, b"DSD ", _audio("audio/x-dsf", "DSD Stream File")),
    _Magic(0, b"\x0b\x77", _audio("audio/ac3", "ATSC A/52 aka AC-3 aka Dolby Digital stream")),
    _Magic(0, b"\x06\x0e\x2b\x34", _audio("application/mxf", "Material exchange container format")),
    _Magic(0, b"\x00\x00\x01\xba", _audio("video/mpeg", "MPEG sequence, program stream")),
    _Magic(0, b"\x89PNG\r\n\x1a\n", MediaType("image/png", "PNG image data")),
    _Magic(0, b"\xff\xd8\xff", MediaType("image/jpeg", "JPEG image data")),
    _Magic(0, b"GIF8", MediaType("image/gif", "GIF image data")),
    _Magic(0, b"II*\x00", MediaType("image/tiff", "TIFF image data, little-endian")),
    _Magic(0, b"MM\x00*", MediaType("image/tiff", "TIFF image data, big-endian")),
    _Magic(0, b"8BPS", MediaType("image/vnd.adobe.photoshop", "Adobe Photoshop Image")),
    _Magic(0, b"%PDF-", MediaType("application/pdf", "PDF document")),
    _Magic(0, b"PK\x03\x04", MediaType("application/zip", "Zip archive data")),
    _Magic(0, b"PK\x05\x06", MediaType("application/zip", "Zip archive data (empty)")),
    _Magic(0, b"\x1f\x8b", MediaType("application/gzip", "gzip compressed data")),
    _Magic(0, b"BZh", MediaType("application/x-bzip2", "bzip2 compressed data")),
    _Magic(0, b"\xfd7zXZ\x00", MediaType("application/x-xz", "XZ compressed data")),
    _Magic(0, b"\x28\xb5\x2f\xfd", MediaType("application/zstd", "Zstandard compressed data")),
    _Magic(
        0, b"7z\xbc\xaf\x27\x1c", MediaType("application/x-7z-compressed", "7-zip archive data")
    ),
    _Magic(0, b"Rar!", MediaType("application/x-rar", "RAR archive data")),
    _Magic(0, b"\x7fELF", MediaType("application/x-executable", "ELF")),
    _Magic(0, b"SQLite format 3\x00", MediaType("application/vnd.sqlite3", "SQLite 3.x database")),
    _Magic(
        0, b"\xd0\xcf\x11\xe0", MediaType("application/x-ole-storage", "Composite Document File")
    ),
)

# Possessive: to look for other ends of comments would double the time with each of them, and these
# bytes are anybody's.
COMMENTS = rb"\s*+(?:<!--.*?-->\s*+)*+"
HTML = re.compile(COMMENTS + rb"<(!doctype html|html|head|body|title|script)\b", re.I | re.S)
TEXT_KINDS = (
    (re.compile(rb"#EXTM3U"), "application/vnd.apple.mpegurl", "M3U playlist"),
    (re.compile(rb"\s*\[playlist\]", re.I), "audio/x-scpls", "PLS playlist"),
    (re.compile(rb"ffconcat version"), "text/plain", "FFmpeg concat script"),
    (HTML, "text/html", "HTML document"),
    (
        re.compile(rb"\s*+(<\?xml[^>]*>)?" + COMMENTS + rb"<svg\b", re.S),
        "image/svg+xml",
        "SVG image",
    ),
    (re.compile(rb"\s*<\?xml\b"), "text/xml", "XML document"),
    (re.compile(rb"\s*(\{\s*(\"|\})|\[\s*(\"|\{|\[|\]|\d))"), "application/json", "JSON data"),
    (
        re.compile(rb"--[\w'()+,./:=?-]{1,70}\r\nContent-Disposition:", re.I),
        "multipart/form-data",
        "MIME body",
    ),
    (re.compile(rb"#!"), "text/x-shellscript", "script"),
)
# Sizes of a bitmap's second header in the versions that there are.
BITMAP_HEADER_BYTES = frozenset({12, 16, 40, 52, 56, 64, 108, 124})
# What file(1) counts as text: printable, tab, line feed, form feed, carriage return, escape, ...
CONTROL = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f\x7f]")
MIN_ASCII_SHARE = 0.8  # of a text in an older 8-bit character set; compressed data has half
LONG_LINE_BYTES = 300  # file(1) remarks on longer ones


def identify_media(head: bytes) -> MediaType:
    """The type of a file that begins with these bytes (HEAD_BYTES of them, or the whole file)."""
    if not head:
        return EMPTY
    for magic in MAGIC:
        if head.startswith(magic.pattern, magic.offset):
            return magic.type
    if _is_bitmap(head):
        return BITMAP
    if _is_mpeg_audio(head):
        return ADTS if head[1] & 0x06 == 0 else MPEG_AUDIO
    if _is_transport_stream(head):
        return _audio("video/mp2t", "MPEG transport stream data")
    return _identify_text(head) or BINARY


def _is_bitmap(head: bytes) -> bool:
    """The two letters alone may begin raw audio: the reserved fields and a known header, too."""
    return (
        head.startswith(b"BM")
        and head[6:10] == bytes(4)
        and int.from_bytes(head[14:18], "little") in BITMAP_HEADER_BYTES
    )


def _is_mpeg_audio(head: bytes) -> bool:
    """A frame's sync word: 11 or 12 set bits, and no reserved value after them."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return False
    is_adts = head[1] & 0xF6 == 0xF0
    has_layer = head[1] & 0x06 != 0 and head[1] & 0x18 != 0x08 and head[2] & 0xF0 != 0xF0
    return is_adts or has_layer


def _is_transport_stream(head: bytes) -> bool:
    """The sync byte in each of several packets of 188 bytes, or of 192 with a time code before."""
    for first, size in ((0, 188), (4, 192)):
        marks = head[first::size]
        if len(marks) >= 3 and set(marks) == {0x47}:
            return True
    return False


def _identify_text(head: bytes) -> MediaType | None:
    charset = _charset_of(head)
    if charset is None:
        return None
    body = head.removeprefix(b"\xef\xbb\xbf")
    mime, kind = "text/plain", None
    for pattern, pattern_mime, name in TEXT_KINDS:
        if pattern.match(body):
            mime, kind = pattern_mime, name
            break
    words = [kind] if kind else []
    words.append(f"{charset} text")
    longest = max(len(line) for line in head.splitlines() or [b""])
    if longest > LONG_LINE_BYTES:
        words.append(f"with very long lines ({longest})")
    return MediaType(mime, ", ".join(words))


def _charset_of(head: bytes) -> str | None:
    """The character set if it is text."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")) and len(head) >= 4 and b"\x00" in head[2:4]:
        return "Unicode, UTF-16"
    if CONTROL.search(head):
        return None
    if head.isascii():
        return "ASCII"
    decoder = codecs.getincrementaldecoder("utf-8")()  # the end may lie within a character
    try:
        decoder.decode(head, len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        n_ascii = sum(byte < 0x80 for byte in head)
        return "ISO-8859" if n_ascii >= MIN_ASCII_SHARE * len(head) else None
    return "Unicode text, UTF-8"
