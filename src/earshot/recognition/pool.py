"""The engines of one process: which one a recording gets, and lending it out."""

from collections.abc import Iterator
from contextlib import contextmanager

from earshot.errors import LanguageNotInstalled
from earshot.recognition.recognizer import Recognizer


class RecognizerPool:
    """Engines by name, in order of preference; shared by all threads."""

    def __init__(self, *recognizers: Recognizer) -> None:
        self._recognizers = {recognizer.name: recognizer for recognizer in recognizers}

    def choose(self, language_code: str) -> str:
        """The name of the first engine of that language, which may carry a region (`en_us`).

        Raises LanguageNotInstalled.
        """
        language = language_code.replace("-", "_").split("_")[0]
        for name, recognizer in self._recognizers.items():
            if language in recognizer.languages:
                return name
        raise LanguageNotInstalled("language_code", language_code)

    @contextmanager
    def lease(self, name: str) -> Iterator[Recognizer]:
        """The engine of that name, for as long as the block runs."""
        yield self._recognizers[name]
