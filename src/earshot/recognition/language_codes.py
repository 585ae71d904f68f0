"""Language codes: which of the engines' languages a code of the API stands for.

The API's codes may carry a region (`en_us`, `de_ch`); the engines' are those that Whisper uses: ISO
639-1, and ISO 639-3 where the former has none (`haw`, `yue`). No engine tells regions apart.
"""

from typing import Final

# What others call a language that has another code here: ISO 639's own older and wider codes, and
# `jw`, which Whisper and the API took from an early registry, where ISO says `jv`.
_OTHER_NAMES: Final = {
    "cmn": "zh",
    "fil": "tl",
    "in": "id",
    "iw": "he",
    "ji": "yi",
    "jv": "jw",
    "mo": "ro",
    "nb": "no",
}


def language_of(code: str) -> str:
    """The language of a code as engines call it: without its region, in lower case."""
    language = code.replace("-", "_").split("_")[0].lower()
    return _OTHER_NAMES.get(language, language)
