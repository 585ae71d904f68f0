import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest

from earshot.accounts.media_links import LINK_TTL, opens, sign_link

NOW = datetime(2026, 1, 2, 3, 4, 5, 600, tzinfo=UTC)
SECRET = "whsec_c2VjcmV0"
PATH = "/redacted-audio/one.mp3"


def test_a_link_opens_its_path_for_a_day() -> None:
    query = sign_link(SECRET, PATH, NOW)
    assert opens(SECRET, PATH, query, NOW)
    assert opens(SECRET, PATH, query, NOW + LINK_TTL - timedelta(seconds=1))
    assert not opens(SECRET, PATH, query, NOW + LINK_TTL)
    assert timedelta(hours=24) == LINK_TTL


def test_a_link_opens_nothing_else_and_nothing_for_longer() -> None:
    query = dict(sign_link(SECRET, PATH, NOW))
    later = str(int(query["expires"]) + 1)
    assert not opens(SECRET, "/redacted-audio/two.mp3", query, NOW)
    assert not opens(SECRET, PATH, query | {"expires": later}, NOW)
    assert not opens("whsec_b3RoZXI=", PATH, query, NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": ""},
        {"signature": "0" * 64},
        {"signature": "ä"},
        {"expires": ""},
        {"expires": "never"},
        {"expires": "9" * 5000},
        {"expires": "\u0663"},
    ],
)
def test_nonsense_opens_nothing(changed: dict[str, str]) -> None:
    assert not opens(SECRET, PATH, dict(sign_link(SECRET, PATH, NOW)) | changed, NOW)
    assert not opens(SECRET, PATH, {}, NOW)


@pytest.mark.parametrize("expires", ["never", "9" * 13, "-1", "\u0663"])
def test_what_is_no_moment_opens_nothing_even_if_it_is_signed(expires: str) -> None:
    signed = {"expires": expires, "signature": _signed(expires)}
    assert not opens(SECRET, PATH, signed, NOW)


def _signed(expires: str) -> str:

    text = f"earshot-media-link\n{PATH}\n{expires}"
    return hmac.new(SECRET.encode(), text.encode(), hashlib.sha256).hexdigest()
