"""What a transcript passes through, ready to run."""

from collections.abc import Mapping
from dataclasses import dataclass

from earshot.audio.decode import Decoder
from earshot.audio.speech import SpeechDetector
from earshot.errors import ModelMissing
from earshot.recognition.recognizer import Recognizer


@dataclass(frozen=True, slots=True)
class Stages:
    """The loaded stages of one process, shared by all its threads."""

    decoder: Decoder
    detector: SpeechDetector
    recognizers: Mapping[str, Recognizer]  # by ISO 639-1 code

    def recognizer_for(self, language_code: str) -> Recognizer:
        """The engine of that language, which may carry a region (`en_us`)."""
        language = language_code.replace("-", "_").split("_")[0]
        if language not in self.recognizers:
            raise ModelMissing(
                f"language_code '{language_code}' is not available on this server: "
                "no installed model transcribes it."
            )
        return self.recognizers[language]
