"""What is said, in English: by the engine that transcribes it, where it can translate, too.

For projects without a language model. The engine listens a second time: what it writes in English
has words and an order of its own, so that no word of it belongs to one of the transcript's.
"""

from collections.abc import Iterable
from dataclasses import replace

from earshot.formatting.formatter import format_words
from earshot.pipeline.assembly import gather_utterances
from earshot.pipeline.plan import Plan
from earshot.recognition.language import ENGLISH
from earshot.recognition.language_codes import language_of
from earshot.recognition.pool import RecognizerPool
from earshot.recognition.recognizer import Hints
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.words import Word
from earshot.understanding.feature import SpeechTranslation


def can_translate_speech(
    options: TranscriptOptions, plan: Plan, recognizers: RecognizerPool
) -> bool:
    """Whether the plan's engine can write all the translations that are asked for.

    Never where something is to be hidden: what hides it knows the words of the transcript, and not
    how an engine puts them in another language.
    """
    asked = options.understanding.translation
    return (
        asked is not None
        and options.redaction is None
        and all(language_of(code) == ENGLISH for code in asked.languages)
        and language_of(plan.language_code) != ENGLISH
        and recognizers.translates(plan.engine, ENGLISH)
    )


def translating_hints(plan: Plan) -> Hints:
    """What the engine is told where it translates; terms are of what is said, and left out."""
    return Hints(language_of(plan.language_code), translate_to=ENGLISH)


def assemble_translation(
    words: Iterable[Word], options: TranscriptOptions, plan: Plan
) -> SpeechTranslation:
    """One text of what the engine wrote; what is said on several channels, by turns.

    It is formatted as the transcript is, but for spellings: their rules are of what was said.
    """
    shown = replace(options, language_code=ENGLISH, custom_spelling=())
    turns = gather_utterances(format_words(tuple(words), shown))
    return SpeechTranslation(ENGLISH, " ".join(turn.text for turn in turns), plan.engine)
