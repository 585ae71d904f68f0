import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.formatting.written_forms.addresses import write_address
from earshot.formatting.written_forms.forms import Style
from earshot.formatting.written_forms.spoken import Spoken
from earshot.transcript.words import Word


def say(text: str) -> Spoken:
    return Spoken(
        [Word(token, i * 300, i * 300 + 250, 0.9) for i, token in enumerate(text.split())]
    )


def write(text: str, style: Style = Style.PROSE, *, at: int = 0) -> str | None:
    forms = write_address(say(text), at, style)
    return " ".join(form.text for form in forms) if forms else None


NAMES = st.sampled_from(["jane", "bob", "sales", "kim"])
HOSTS = st.sampled_from(["example", "acme", "widgets"])


@given(NAMES, st.sampled_from([("dot", "."), ("underscore", "_")]), NAMES, HOSTS)
def test_every_spoken_address_is_written(
    first: str, separator: tuple[str, str], last: str, host: str
) -> None:
    said, sign = separator
    text = f"{first} {said} {last} at {host} dot com"
    assert write(text) == f"{first}{sign}{last}@{host}.com"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("w w w dot x dot org slash y", "www.x.org/y"),
        ("www dot example dot com", "www.example.com"),
        ("www.example.org slash about", "www.example.org/about"),
        ("h t t p s colon slash slash a b dot s m", "https://ab.sm"),
        ("HTTP colon slash slash x dot com colon eight zero slash y", "http://x.com:80/y"),
        ("c d f at a b c dot e d u", "cdf@abc.edu"),
        ("jane nine nine at gmail dot com", "jane99@gmail.com"),
        ("google dot com", "google.com"),
        ("look at google dot com", None),
        ("the dot com boom", None),
        ("polka dot dress", None),
        ("jane at home", None),
    ],
)
def test_prose_writes_addresses_and_leaves_what_only_sounds_like_one(
    text: str, expected: str | None
) -> None:
    assert write(text) == expected


def test_a_single_word_before_at_needs_a_cue_or_a_mail_provider() -> None:
    assert write("reach support at example dot io", at=1) == "support@example.io"
    assert write("shop support at example dot io", at=1) is None
    assert write("ask kim at gmail dot com", at=1) == "kim@gmail.com"
