"""The rules between parameters: combinations that the compatible API refuses, in its words."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from earshot.api.schemas.language_detection import require_detection_rules
from earshot.api.schemas.languages import ENGLISH_CODES, LANGUAGE_CODES
from earshot.api.schemas.parameters import EchoedParameters
from earshot.errors import RequestInvalid

MAX_LANGUAGE_CODES: Final = 2
MAX_TERMS: Final = 1000
MAX_KEYTERMS_OF_UNIVERSAL_2: Final = 200
MAX_WORDS_PER_TERM: Final = 6
# The longest word of a dictionary has 45. What is compared with every place grows with its length.
MAX_CHARACTERS_PER_TERM: Final = 200
# The compatible API takes 5; some would spell a name letter by letter.
MAX_WORDS_PER_SPELLING: Final = 20
MAX_PROMPT_WORDS: Final = 1500
MAX_PROMPT_CHARACTERS: Final = 30_000

SUMMARY_TYPES: Final = {
    "informative": ("bullets", "bullets_verbose", "headline", "paragraph"),
    "conversational": ("bullets", "bullets_verbose", "headline", "paragraph"),
    "catchy": ("headline", "gist"),
}


def require_rules(wire: EchoedParameters, *, strict_2025: bool) -> None:
    """RequestInvalid with the sentence of the first rule that the request breaks."""
    for rule in _RULES:
        rule(wire)
    if strict_2025 and wire.speaker_labels and wire.multichannel:
        raise RequestInvalid("speaker_labels must be false when multichannel is true")
    # [2025] "each word of a phrase counts to 1000"; later services count phrases.
    if strict_2025 and sum(len(t.split()) for t in set(wire.keyterms_prompt or ())) > MAX_TERMS:
        raise RequestInvalid(f"keyterms_prompt must be a list of at most {MAX_TERMS} words in all")


def _languages(wire: EchoedParameters) -> None:
    for name, code in (("language_code", wire.language_code), *_listed_codes(wire)):
        if code is not None:
            require_language_code(name, code)
    codes = wire.language_codes
    if codes and (len(codes) > MAX_LANGUAGE_CODES or ENGLISH_CODES.isdisjoint(codes)):
        raise RequestInvalid(
            f"language_codes must be at most {MAX_LANGUAGE_CODES} language codes, one of them en"
        )


def require_language_code(name: str, code: str) -> None:
    """RequestInvalid where the API has no such language."""
    if code not in LANGUAGE_CODES:
        raise RequestInvalid(f"{name} must be a language code of the API, such as en_us or es")


def _listed_codes(wire: EchoedParameters) -> list[tuple[str, str]]:
    return [("language_codes", code) for code in wire.language_codes or ()]


def _chapters(wire: EchoedParameters) -> None:
    if not wire.auto_chapters:
        return
    if wire.summarization:
        raise RequestInvalid(
            "Only one of the following models can be enabled at a time: "
            "auto_chapters, summarization."
        )
    _require_not_disabled(wire, "punctuate", feature="auto_chapters")


def _summary(wire: EchoedParameters) -> None:
    if not wire.summarization:
        return
    _require_not_disabled(wire, "punctuate", feature="summarization")
    _require_not_disabled(wire, "format_text", feature="summarization")
    if wire.summary_model is not None and wire.summary_type is None:
        raise RequestInvalid("summary_type must be given together with summary_model")
    if wire.summary_type is not None and wire.summary_model is None:
        raise RequestInvalid("summary_model must be given together with summary_type")
    if wire.summary_model is None:
        return
    allowed = SUMMARY_TYPES[wire.summary_model]
    if wire.summary_type not in allowed:
        raise RequestInvalid(
            f"summary_type must be one of: {', '.join(allowed)} "
            f"when summary_model is {wire.summary_model}"
        )
    if wire.summary_model == "conversational" and not (
        wire.speaker_labels or wire.dual_channel or wire.multichannel
    ):
        raise RequestInvalid(
            "`speaker_labels` or `dual_channel` must be enabled for 'conversational' summaries."
        )


def _require_not_disabled(wire: EchoedParameters, name: str, *, feature: str) -> None:
    if getattr(wire, name) is False:
        raise RequestInvalid(f"If `{feature}` is enabled, then `{name}` must not be disabled")


def _speakers(wire: EchoedParameters) -> None:
    if wire.speaker_labels and wire.dual_channel:
        raise RequestInvalid("speaker_labels must be false when dual_channel is true")
    bounds = wire.speaker_options
    if (
        bounds is not None
        and bounds.min_speakers_expected is not None
        and bounds.max_speakers_expected is not None
        and bounds.max_speakers_expected < bounds.min_speakers_expected
    ):
        raise RequestInvalid(
            "max_speakers_expected must be greater than or equal to min_speakers_expected"
        )


def _window(wire: EchoedParameters) -> None:
    if wire.audio_end_at is not None and wire.audio_end_at <= (wire.audio_start_from or 0):
        raise RequestInvalid("audio_end_at must be greater than audio_start_from")


def _terms(wire: EchoedParameters) -> None:
    # Before anything is made of them: the accents of one letter are put in order by comparing all.
    require_short_list("word_boost", wire.word_boost)
    require_short_list("keyterms_prompt", wire.keyterms_prompt, _max_keyterms(wire))
    require_short("topics", wire.topics or ())
    for term in wire.word_boost or ():
        if not _ascii_form(term):
            raise RequestInvalid(
                f"'{term}' was included in the word boost list but contains unsupported characters"
            )


def _ascii_form(term: str) -> str:
    return unicodedata.normalize("NFKD", term).encode("ascii", "ignore").decode().strip()


def _max_keyterms(wire: EchoedParameters) -> int:
    """Fewer where universal-2 is all that is asked for; another model may take over otherwise."""
    is_universal_2 = set(wire.speech_models or ()) == {"universal-2"}
    return MAX_KEYTERMS_OF_UNIVERSAL_2 if is_universal_2 else MAX_TERMS


def require_short_list(name: str, terms: Sequence[str] | None, max_terms: int = MAX_TERMS) -> None:
    """RequestInvalid where there are more terms than anybody looks for, or longer ones."""
    if terms is None:
        return
    if len(set(terms)) > max_terms or any(len(term.split()) > MAX_WORDS_PER_TERM for term in terms):
        raise RequestInvalid(
            f"{name} must be a list of at most {max_terms} unique terms "
            f"of at most {MAX_WORDS_PER_TERM} words each"
        )
    require_short(name, terms)


def require_short(name: str, terms: Iterable[str]) -> None:
    """RequestInvalid where one is longer than any word or phrase that somebody would look for."""
    if any(len(term) > MAX_CHARACTERS_PER_TERM for term in terms):
        raise RequestInvalid(
            f"{name} must be a list of terms of at most {MAX_CHARACTERS_PER_TERM} characters each"
        )


def _spellings(wire: EchoedParameters) -> None:
    rules = wire.custom_spelling or ()
    sources = [source for rule in rules for source in rule.sources]
    if any(len(source.split()) > MAX_WORDS_PER_SPELLING for source in sources):
        raise RequestInvalid(
            f'custom_spelling must have at most {MAX_WORDS_PER_SPELLING} words in each "from"'
        )
    if any(len(text) > MAX_CHARACTERS_PER_TERM for text in (*sources, *(r.target for r in rules))):
        raise RequestInvalid(
            f"custom_spelling must have at most {MAX_CHARACTERS_PER_TERM} characters "
            'in each "from" and "to"'
        )


def _prompt(wire: EchoedParameters) -> None:
    if wire.prompt and wire.keyterms_prompt:
        raise RequestInvalid("prompt must be absent when keyterms_prompt is given")
    if wire.prompt and len(wire.prompt.split()) > MAX_PROMPT_WORDS:
        raise RequestInvalid(f"prompt must be at most {MAX_PROMPT_WORDS} words")
    if wire.prompt and len(wire.prompt) > MAX_PROMPT_CHARACTERS:
        raise RequestInvalid(f"prompt must be at most {MAX_PROMPT_CHARACTERS} characters")


_RULES: Final[Sequence[Callable[[EchoedParameters], None]]] = (
    _languages,
    _chapters,
    _summary,
    _speakers,
    _window,
    _terms,
    _spellings,
    _prompt,
    require_detection_rules,
)
