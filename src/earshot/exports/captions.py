"""Words into captions, as SRT and WebVTT."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from earshot.errors import RequestInvalid
from earshot.transcript.punctuation import PHRASE_MARKS
from earshot.transcript.sentence_ends import ends_sentence, is_cased
from earshot.transcript.sentences import split_by_speaker
from earshot.transcript.tracks import silence_before_ms, split_by_channel
from earshot.transcript.words import Word, join_words

DEFAULT_CHARS_PER_CAPTION = 80  # the width of captions when a client asks for none

# A caption that stays up through a silence shows words that nobody says.
MAX_SILENCE_MS = 2_000
# Shorter pauses are breath, not phrasing.
PHRASE_PAUSE_MS = 300
# How full a caption must be before it may end early, as shares of the limit: at the end of a
# sentence rather soon, at a comma or a pause only when little room is lost.
MIN_FILL_AT_SENTENCE = 0.4
MIN_FILL_AT_PHRASE = 0.65


@dataclass(frozen=True, slots=True)
class Caption:
    """A line of text on the screen, from `start_ms` until `end_ms`."""

    text: str
    start_ms: int
    end_ms: int


def split_captions(
    words: Sequence[Word], chars_per_caption: int = DEFAULT_CHARS_PER_CAPTION
) -> list[Caption]:
    """Captions by start; none is longer than the limit unless a single word is.

    Within a channel they never overlap; two channels may talk at once.
    """
    if chars_per_caption < 1:
        raise RequestInvalid("chars_per_caption must be an integer of at least 1")
    captions = [
        Caption(join_words(piece), piece[0].start_ms, piece[-1].end_ms)
        for track in split_by_channel(words)
        for stretch in split_by_speaker(track)
        for piece in _cut_stretch(stretch, chars_per_caption)
    ]
    return sorted(captions, key=lambda caption: caption.start_ms)


def render_srt(words: Sequence[Word], chars_per_caption: int = DEFAULT_CHARS_PER_CAPTION) -> str:
    """SubRip text; empty where there is no word."""
    blocks = [
        f"{number}\n{_srt_time(caption.start_ms)} --> {_srt_time(caption.end_ms)}\n{caption.text}\n"
        for number, caption in enumerate(split_captions(words, chars_per_caption), start=1)
    ]
    return "\n".join(blocks)


def render_vtt(words: Sequence[Word], chars_per_caption: int = DEFAULT_CHARS_PER_CAPTION) -> str:
    """WebVTT text; the header alone where there is no word."""
    blocks = [
        f"{_vtt_time(caption.start_ms)} --> {_vtt_time(caption.end_ms)}\n{_escape(caption.text)}\n"
        for caption in split_captions(words, chars_per_caption)
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _cut_stretch(words: list[Word], max_chars: int) -> list[list[Word]]:
    """Cut what one speaker said in a row into captions."""
    cased = is_cased(words)
    cuts: list[int] = [0]
    while cuts[-1] < len(words):
        start = cuts[-1]
        fitting = _count_fitting(words, start, max_chars)
        cuts.append(_choose_end(words, start, start + fitting, max_chars, cased=cased))
    return [words[start:end] for start, end in pairwise(cuts)]


def _count_fitting(words: list[Word], start: int, max_chars: int) -> int:
    """How many words from `start` fit into one caption, at least one; a long silence ends it."""
    n_chars = len(words[start].text)
    end = start + 1
    while end < len(words):
        n_chars += 1 + len(words[end].text)
        if n_chars > max_chars or silence_before_ms(words, end) >= MAX_SILENCE_MS:
            break
        end += 1
    return end - start


def _choose_end(
    words: list[Word], start: int, fitting_end: int, max_chars: int, *, cased: bool
) -> int:
    """Where the caption ends: the last good boundary before `fitting_end`, or `fitting_end`."""
    if fitting_end == len(words) or silence_before_ms(words, fitting_end) >= MAX_SILENCE_MS:
        return fitting_end
    at_phrase: int | None = None
    n_chars = len(join_words(words[start:fitting_end]))
    for end in range(fitting_end, start, -1):
        fill = n_chars / max_chars
        n_chars -= _n_chars_of_last(words[max(start, end - 2) : end])
        if fill < MIN_FILL_AT_SENTENCE:
            break
        if ends_sentence(words, end - 1, cased=cased):
            return end
        if at_phrase is None and fill >= MIN_FILL_AT_PHRASE and _ends_phrase(words, end):
            at_phrase = end
    return at_phrase or fitting_end


def _n_chars_of_last(words: list[Word]) -> int:
    """By how much the last word makes a text longer, with the space before it."""
    return len(join_words(words)) - len(join_words(words[:-1]))


def _ends_phrase(words: list[Word], end: int) -> bool:
    return (
        words[end - 1].text.endswith(PHRASE_MARKS)
        or silence_before_ms(words, end) >= PHRASE_PAUSE_MS
    )


def _clock_parts(time_ms: int) -> tuple[int, int, int, int]:
    """Hours, minutes, seconds, milliseconds."""
    minutes, ms = divmod(time_ms, 60_000)
    return minutes // 60, minutes % 60, ms // 1000, ms % 1000


def _srt_time(time_ms: int) -> str:
    hours, minutes, seconds, ms = _clock_parts(time_ms)
    return f"{hours:02}:{minutes:02}:{seconds:02},{ms:03}"


def _vtt_time(time_ms: int) -> str:
    """Hours only from the first hour on."""
    hours, minutes, seconds, ms = _clock_parts(time_ms)
    prefix = f"{hours:02}:" if hours else ""
    return f"{prefix}{minutes:02}:{seconds:02}.{ms:03}"


def _escape(text: str) -> str:
    """Cue text in which nothing reads as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
