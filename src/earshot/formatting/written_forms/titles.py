"""Titles and names with figures in them: "mister smith" -> Mr. Smith, "s and p five hundred"."""

from earshot.formatting.written_forms.forms import Form, Forms, Style
from earshot.formatting.written_forms.spoken import Spoken, is_mark

TITLES = {"mister": "mr.", "missus": "mrs.", "misses": "mrs.", "doctor": "dr.", "saint": "st."}
_ALWAYS_TITLES = frozenset({"mister"})  # the others are words too: "she misses it", "a doctor"
# Written as it stands here, whatever the case of what is said.
_NAMES: dict[tuple[str, ...], str] = {
    ("s", "and", "p", "five", "hundred"): "S&P 500",
    ("s", "and", "p"): "S&P",
    ("a", "t", "and", "t"): "AT&T",
    ("r", "and", "d"): "R&D",
    ("q", "and", "a"): "Q&A",
    ("cat", "five", "e"): "CAT5e",
    ("cat", "six", "a"): "CAT6A",
    ("seven", "eleven"): "7-Eleven",
    ("covid", "nineteen"): "COVID-19",
    ("h", "two", "o"): "H2O",
    ("c", "o", "two"): "CO2",
}
NAME_STARTS = frozenset(said[0] for said in _NAMES)
_MAX_NAME = max(map(len, _NAMES))
_ONLY_ALONE = frozenset(
    {("seven", "eleven"), ("cat", "six", "a")}
)  # in prose, numbers or an animal


def write_title(spoken: Spoken, start: int, style: Style) -> Forms | None:
    """A title before a name; the name stays as it is."""
    title = TITLES.get(spoken[start])
    if title is None or is_mark(spoken[start + 1]):
        return None
    original = spoken.original(start)
    if style is Style.PROSE and not _is_title(spoken, start):
        return None
    is_name = original[0].isupper() or spoken.original(start + 1)[:1].isupper()
    text = title.capitalize() if is_name else title
    if style is Style.VALUE:
        return Form(text, start + 1), Form(spoken.original(start + 1), start + 2)
    return (Form(text, start + 1),)


def write_name(spoken: Spoken, start: int, style: Style) -> Forms | None:
    for n_parts in range(_MAX_NAME, 1, -1):
        said = tuple(spoken[i] for i in range(start, start + n_parts))
        name = _NAMES.get(said)
        if name is None or (style is Style.PROSE and said in _ONLY_ALONE):
            continue
        first, *rest = name.split(" ")
        if not rest:
            return (Form(name, start + n_parts),)
        return Form(first, start + 3), Form(rest[0], start + n_parts)
    return None


def _is_title(spoken: Spoken, start: int) -> bool:
    """Before a capital, written with one; "mister" always."""
    if spoken[start] in _ALWAYS_TITLES:
        return True
    return spoken.original(start).istitle() and spoken.original(start + 1).istitle()
