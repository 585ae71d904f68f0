"""How one recording is to be transcribed: decided once, before its first chunk is recognised."""

from dataclasses import dataclass

from earshot.recognition.language_codes import language_of
from earshot.recognition.pool import RecognizerPool
from earshot.recognition.recognizer import Hints
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import LanguageFinding


@dataclass(frozen=True, slots=True)
class Plan:
    """The language of the recording, and the name of the engine that transcribes it.

    `finding` says how sure the language is, where it was detected. `ignores_vocabulary`: terms are
    given, and the engine cannot use them; `ignores_strength`: it can, but knows only
    one strength; `ignores_translation`: it cannot translate as asked.
    """

    language_code: str
    engine: str
    finding: LanguageFinding | None = None
    ignores_vocabulary: bool = False
    ignores_translation: bool = False
    ignores_strength: bool = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was asked for and cannot be done, a sentence each."""
        warnings = []
        if self.ignores_vocabulary:
            warnings.append(
                f"the vocabulary has no effect: the model {self.engine} cannot be told terms"
            )
        if self.ignores_strength:
            warnings.append(
                "the strength of the vocabulary has no effect:"
                f" the model {self.engine} knows only one"
            )
        if self.ignores_translation:
            warnings.append(f"nothing was translated: the model {self.engine} cannot do it")
        return tuple(warnings)

    def hints(self, options: TranscriptOptions) -> Hints:
        """What the engine is told beforehand."""
        translate_to = None if self.ignores_translation else options.translate_to
        return Hints(language_of(self.language_code), options.vocabulary, translate_to)

    def language_of_words(self, options: TranscriptOptions) -> str:
        """What the words are written in: the language of the speech, unless they are translated."""
        return self.hints(options).translate_to or self.language_code


def make_plan(options: TranscriptOptions, recognizers: RecognizerPool) -> Plan:
    """The plan that the options ask for; raises LanguageNotInstalled."""
    engine = recognizers.choose(options.language_code, options.speech_models)
    return Plan(
        options.language_code,
        engine,
        ignores_vocabulary=bool(options.vocabulary.terms)
        and not recognizers.uses_vocabulary(engine),
        ignores_translation=_is_to_translate(options)
        and not recognizers.translates(engine, options.translate_to or ""),
        ignores_strength=options.vocabulary.strength != "default"
        and bool(options.vocabulary.terms)
        and recognizers.uses_vocabulary(engine)
        and not recognizers.uses_strengths(engine),
    )


def _is_to_translate(options: TranscriptOptions) -> bool:
    """Whether another language is wanted than the one that is spoken."""
    return options.translate_to not in (None, language_of(options.language_code))
