"""E-mail and web addresses as they are spoken: "jane dot doe at example dot com"."""

import re
from typing import NamedTuple

from earshot.formatting.written_forms.cardinals import read_below_hundred
from earshot.formatting.written_forms.forms import Form, Forms, Style
from earshot.formatting.written_forms.number_words import DIGITS, is_number_word, listed
from earshot.formatting.written_forms.spoken import Spoken, is_mark

MAX_PARTS = 80  # of a spelled address; bounds the work on what never becomes one
_TLDS = listed("""
    com org net edu gov mil int info biz io ai app dev tv me co uk us eu de fr nl ch at be it es pt
    pl se no fi dk ie ca au nz jp cn in br mx ru za xyz tech shop blog cloud online
    """)
_PROVIDERS = listed("gmail hotmail yahoo outlook aol icloud protonmail proton msn gmx")
_SEPARATORS = {
    "dot": ".",
    "underscore": "_",
    "dash": "-",
    "hyphen": "-",
    "minus": "-",
    "plus": "+",
}
_PATH_SEPARATORS = {**_SEPARATORS, "slash": "/"}
_SCHEMES = frozenset({"http", "https", "ftp"})
# Words that are no part of an address in running text, whatever comes behind them.
_STOP_WORDS = listed("""
    a an the this that these those my your his her our their its at on in of or and to for with is
    are was be it i you he she we they look go from by as
    """)
_ONLY_WORDS = _STOP_WORDS - {"a", "i"}  # letters, where they are spelled
# After these words an address is expected: "my email is jane at example dot com".
_CUES = listed("email e-mail mail is to at address contact reach write")
_LABEL = re.compile(r"[^\W_]+(?:[-.][^\W_]+)*")


class _Text(NamedTuple):
    text: str
    end: int


def write_address(spoken: Spoken, start: int, style: Style) -> Forms | None:
    found = _read_url(spoken, start) or _read_email(spoken, start, style)
    if found is None and not _continues_address(spoken, start):
        found = _read_host(spoken, start, style)
    return (Form(found.text, found.end),) if found else None


def _continues_address(spoken: Spoken, start: int) -> bool:
    """Whether a host from here on is the rest of something that was not understood."""
    before = spoken[start - 1]
    is_spelled = len(before) == 1 and before.isalpha() and before != "i"
    return start > 1 and (before in ("dot", "slash", "at") or is_spelled)


def _read_email(spoken: Spoken, start: int, style: Style) -> _Text | None:
    local = _read_joined(spoken, start, _SEPARATORS)
    if local is None or spoken[local.end] != "at":
        return None
    host = _read_host(spoken, local.end + 1, Style.VALUE)
    if host is None or local.text.lower() in _ONLY_WORDS:
        return None
    if style is Style.PROSE and not _is_surely_email(spoken, start, local, host):
        return None
    return _Text(f"{local.text}@{host.text}", host.end)


def _is_surely_email(spoken: Spoken, start: int, local: _Text, host: _Text) -> bool:
    """Nobody's address is "look" of "look at example dot com"."""
    if not _is_known(host.text):
        return False
    if local.end - start > 1:
        return True
    is_word = local.text.lower() not in _STOP_WORDS
    is_provider = host.text.split(".")[0].lower() in _PROVIDERS
    return is_word and (is_provider or spoken[start - 1] in _CUES)


def _read_host(spoken: Spoken, start: int, style: Style) -> _Text | None:
    """Labels with dots between, at least two, and a path behind."""
    if style is Style.PROSE and spoken[start] in _STOP_WORDS:
        return None
    host = _read_joined(spoken, start, {"dot": ".", "dash": "-", "hyphen": "-"})
    if host is None or "." not in host.text.strip("."):
        return None
    if style is Style.PROSE and not _is_known(host.text):
        return None
    return _with_path(spoken, host)


def _is_known(host: str) -> bool:
    return host.split("/")[0].rsplit(".", 1)[-1].lower() in _TLDS


def _read_url(spoken: Spoken, start: int) -> _Text | None:
    """With "h t t p colon slash slash" or "w w w dot" before it, anything may be a host."""
    scheme = _read_scheme(spoken, start)
    begin = scheme.end if scheme else start
    is_www = spoken.follows(begin, "w", "w", "w", "dot") or spoken.follows(begin, "www", "dot")
    is_www = is_www or spoken[begin].startswith("www.")
    if not scheme and not is_www:
        return None
    host = _read_joined(spoken, begin, {"dot": ".", "dash": "-", "hyphen": "-"})
    if host is None:
        return None
    text = f"{scheme.text}://{host.text}" if scheme else host.text
    return _with_path(spoken, _Text(text, host.end))


def _read_scheme(spoken: Spoken, start: int) -> _Text | None:
    """As in "h t t p s colon slash slash", the letters apart or together."""
    for n_parts in (1, 3, 4, 5):
        letters = "".join(spoken[i] for i in range(start, start + n_parts))
        if letters in _SCHEMES and spoken.follows(start + n_parts, "colon", "slash", "slash"):
            return _Text(letters, start + n_parts + 3)
    return None


def _with_path(spoken: Spoken, host: _Text) -> _Text:
    """The host, its port and its path, as far as they are spoken."""
    text, end = host
    if spoken[end] == "colon" and (port := _read_figures(spoken, end + 1)):
        text, end = f"{text}:{port.text}", port.end
    while spoken[end] == "slash":
        step = _read_joined(spoken, end + 1, _SEPARATORS)
        if step is None:
            break
        text, end = f"{text}/{step.text}", step.end
    return _Text(text, end)


def _read_joined(spoken: Spoken, start: int, separators: dict[str, str]) -> _Text | None:
    """Atoms with separators between them; a separator must have an atom on either side."""
    atom = _read_atom(spoken, start)
    if atom is None:
        return None
    text, end = atom
    while spoken[end] in separators and end - start < MAX_PARTS:
        atom = _read_atom(spoken, end + 1)
        if atom is None:
            break
        text, end = text + separators[spoken[end]] + atom.text, atom.end
    return _Text(text, end)


def _read_atom(spoken: Spoken, start: int) -> _Text | None:
    """A word, or letters and figures that are spelled; letters may stand before a word."""
    text, end = "", start
    while end - start < MAX_PARTS:
        letter = spoken[end]
        if len(letter) == 1 and letter.isalnum():
            text, end = text + spoken.original(end), end + 1
        elif figures := _read_figures(spoken, end):
            text, end = text + figures.text, figures.end
        else:
            break
    if _is_word(spoken, end) and (not text or _is_anchored(spoken, end + 1)) and not text.isdigit():
        text, end = text + spoken.original(end), end + 1
        if figures := _read_figures(spoken, end):
            text, end = text + figures.text, figures.end
    return _Text(text, end) if text else None


def _read_figures(spoken: Spoken, start: int) -> _Text | None:
    """Digits one by one, or numbers below a hundred."""
    text, end = "", start
    while end - start < MAX_PARTS:
        if digit := DIGITS.get(spoken[end]) if spoken[end] != "o" else None:
            text, end = text + digit, end + 1
        elif number := read_below_hundred(spoken, end):
            text, end = f"{text}{number.value}", number.end
        else:
            break
    return _Text(text, end) if text else None


def _is_anchored(spoken: Spoken, at: int) -> bool:
    return spoken[at] in ("dot", "at", "underscore", "slash")


def _is_word(spoken: Spoken, at: int) -> bool:
    text = spoken[at]
    return (
        not is_mark(text)
        and _LABEL.fullmatch(text) is not None
        and text not in _PATH_SEPARATORS
        and text not in ("at", "colon")
        and not is_number_word(text)
    )
