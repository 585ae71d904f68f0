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
    given, and the engine cannot use them.
    """

    language_code: str
    engine: str
    finding: LanguageFinding | None = None
    ignores_vocabulary: bool = False

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was asked for and cannot be done, a sentence each."""
        if not self.ignores_vocabulary:
            return ()
        return (f"the vocabulary has no effect: the model {self.engine} cannot be told terms",)

    def hints(self, options: TranscriptOptions) -> Hints:
        """What the engine is told beforehand."""
        return Hints(language_of(self.language_code), options.vocabulary, options.translate_to)


def make_plan(options: TranscriptOptions, recognizers: RecognizerPool) -> Plan:
    """The plan that the options ask for; raises LanguageNotInstalled."""
    engine = recognizers.choose(options.language_code, options.speech_models)
    is_told_terms = bool(options.vocabulary.terms)
    ignores_vocabulary = is_told_terms and not recognizers.uses_vocabulary(engine)
    return Plan(options.language_code, engine, ignores_vocabulary=ignores_vocabulary)
