"""Marks that were said by name: "dot", "at", "dash", "slash", "underscore"."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from earshot.understanding.entities.spelling import is_code, is_letter
from earshot.understanding.entities.tokens import Token

# Endings that are said; any other is understood where it stands behind a written dot.
_TOP_DOMAINS_LISTED = """
    com org net edu gov mil int info biz name io ai app dev tv me co uk us eu de fr nl ch at be it
    es pt pl se no fi dk ie ca au nz jp cn in br mx ru za cz gr hu ro kr sg hk il tr xyz tech shop
    blog cloud online site store example test local
    """
TOP_DOMAINS = frozenset(_TOP_DOMAINS_LISTED.split())
_WRITTEN_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}")
_ALWAYS = {"underscore": "_", "hyphen": "-", "slash": "/", "backslash": "\\"}
_SOMETIMES = {"dot": ".", "point": ".", "period": ".", "dash": "-", "minus": "-", "colon": ":"}
_HEX = re.compile(r"(?=\w*[0-9])[0-9a-f]{1,4}")  # between the colons of an address
_ARTICLES = frozenset({"a", "the", "mad", "this", "that"})
_MAX_LABEL_TOKENS = 30  # of a host name that is spelled
_MAX_LABEL_WORDS = 3  # "at blue sky dot com"


class Mark(NamedTuple):
    """A mark as it is written, and the index behind its last token."""

    text: str
    end: int
    glues_left: bool = True
    glues_right: bool = True


def read_mark(tokens: Sequence[Token], index: int) -> Mark | None:
    """The mark that is named at a token; None where the word is a word."""
    if index in (0, len(tokens) - 1) and tokens[index].key != "plus":
        return None
    key = tokens[index].key
    if key in _ALWAYS and _key(tokens, index - 1) not in _ARTICLES:
        return Mark(_ALWAYS[key], index + 1)
    if key in ("forward", "back") and _key(tokens, index + 1) == "slash":
        return Mark("/" if key == "forward" else "\\", index + 2)
    if key == "at":
        return _read_at(tokens, index)
    return _read_in_context(tokens, index, key)


def _read_at(tokens: Sequence[Token], index: int) -> Mark | None:
    if _key(tokens, index + 1) == "sign" and is_domain_ahead(tokens, index + 2):
        return Mark("@", index + 2)
    return Mark("@", index + 1) if is_domain_ahead(tokens, index + 1) else None


def _read_in_context(tokens: Sequence[Token], index: int, key: str) -> Mark | None:
    before, after = _key(tokens, index - 1), _key(tokens, index + 1)
    is_between = is_code(before) and is_code(after)
    if key == "plus" and is_code(after):
        return Mark("+", index + 1, glues_left=is_letter(before))
    text = _SOMETIMES.get(key)
    is_article = before in _ARTICLES and not (before == "a" and key == "colon")
    if text is None or is_article or tokens[index].trail:
        return None
    is_scheme = key == "colon" and (is_code(before) or after in ("slash", "forward", "colon"))
    is_inner = key == "colon" and (before == "colon" or _is_hex(before)) and _is_hex(after)
    is_mark = is_between or is_scheme or is_inner or key in ("dot", "dash")
    return Mark(text, index + 1) if is_mark else None


def _is_hex(key: str) -> bool:
    return is_code(key) or _HEX.fullmatch(key) is not None


def is_domain_ahead(tokens: Sequence[Token], start: int) -> bool:
    """Whether a host name begins at a token: "example dot com", "e x dot co dot uk"."""
    if _WRITTEN_HOST.fullmatch(_key(tokens, start)):
        return True
    n_words = 0
    for index in range(start, min(start + _MAX_LABEL_TOKENS, len(tokens))):
        key = tokens[index].key
        if key in ("dot", "period"):
            return index > start and _is_ending_ahead(tokens, index)
        n_words += not (is_code(key) or key in ("dash", "hyphen", "underscore"))
        if n_words > _MAX_LABEL_WORDS or tokens[index].trail in (".", "?", "!"):
            return False
    return False


def end_of_label(tokens: Sequence[Token], start: int) -> int:
    """The first dot of the host name that begins at a token; the token if it is written."""
    if _WRITTEN_HOST.fullmatch(_key(tokens, start)):
        return start
    ahead = range(start, min(start + _MAX_LABEL_TOKENS, len(tokens)))
    return next((i for i in ahead if tokens[i].key in ("dot", "period")), start)


def _is_ending_ahead(tokens: Sequence[Token], dot: int) -> bool:
    """Whether a top domain follows this dot or one of the next: "dot mail dot com"."""
    for index in range(dot, min(dot + 8, len(tokens) - 1)):
        if tokens[index].key in ("dot", "period") and _ends_host(tokens, index + 1):
            return True
    return False


def _ends_host(tokens: Sequence[Token], start: int) -> bool:
    if tokens[start].key in TOP_DOMAINS:
        return True
    spelled = ""
    for token in tokens[start : start + 4]:
        if not is_letter(token.key):
            break
        spelled += token.key
    return len(spelled) > 1 and spelled in TOP_DOMAINS


def _key(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].key if 0 <= index < len(tokens) else ""
