"""A recognizer's words as the caller asked to have them."""

from collections.abc import Sequence

from earshot.formatting.audio_tags import remove_audio_tags
from earshot.formatting.casing import lower_case
from earshot.formatting.fillers import remove_fillers
from earshot.formatting.numerals import spell_numerals
from earshot.formatting.profanity import mask_profanity
from earshot.formatting.punctuation import strip_punctuation
from earshot.formatting.spelling import apply_spelling, heard_sources
from earshot.formatting.written_forms.writer import write_forms
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.tracks import split_by_channel
from earshot.transcript.words import Word


def format_words(words: Sequence[Word], options: TranscriptOptions) -> tuple[Word, ...]:
    """The words by start, as `options` say; words of one channel that do not overlap still do not.

    What comes in may be cased and punctuated, or bare, with its numbers in digits or in words.
    """
    formatted = [
        word
        for track in split_by_channel(words)
        for word in _format_track(track, options, is_english=_is_english(options.language_code))
    ]
    return tuple(sorted(formatted, key=lambda word: word.start_ms))


def _is_english(language_code: str) -> bool:
    return language_code.replace("-", "_").split("_")[0] == "en"


def _format_track(
    words: Sequence[Word], options: TranscriptOptions, *, is_english: bool
) -> list[Word]:
    """Format one channel: nothing below looks across channels."""
    formatted = remove_audio_tags(words) if options.remove_audio_tags else list(words)
    if is_english and not options.disfluencies:
        formatted = remove_fillers(formatted)
    if options.format_text and is_english:
        # What the customer respells is left for them, as they named it.
        kept = heard_sources(formatted, options.custom_spelling)
        formatted = write_forms(formatted, kept)
    if not options.format_text:
        formatted = lower_case(spell_numerals(formatted) if is_english else formatted)
    if not options.punctuate:
        formatted = strip_punctuation(formatted)
    # The customer's spelling is final: nothing changes its case or its marks, but a mask may.
    formatted = apply_spelling(formatted, options.custom_spelling)
    return mask_profanity(formatted) if options.filter_profanity else formatted
