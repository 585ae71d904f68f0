from threading import Event, Thread

import pytest

from earshot.egress.client import GuardedClient
from earshot.errors import TooManyRequests
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels
from earshot.transcript.options import TranslationOptions, UnderstandingOptions, ValueFormats
from earshot.transcript.result import TranscriptResult
from earshot.transcript.words import Word
from earshot.wiring.understanding import UnderstandingOnRequest
from tests.llm.server import Reply, serving

RESULT = TranscriptResult((Word("Hello.", 0, 900, 0.9),), None, 1000, None, "en_us", "scripted")
FORMATS = UnderstandingOptions(value_formats=ValueFormats(date="mm/dd/yyyy"))
GERMAN = UnderstandingOptions(translation=TranslationOptions(("de",)))


def test_a_project_without_a_language_model_is_told_from_one_with() -> None:
    legal = LlmEndpoint("legal", "http://127.0.0.1:1/v1", "large", projects=("law",))
    understanding = UnderstandingOnRequest(LanguageModels(GuardedClient(), [legal], timeout_s=60))
    assert understanding.has_language_model("law")
    assert not understanding.has_language_model("default")


def test_whoever_finds_no_turn_is_refused_at_once_and_a_turn_comes_back() -> None:
    with serving([Reply('{"translations": ["Hallo."]}', holds_s=60.0)]) as server:
        endpoint = LlmEndpoint("fast", server.url, "tiny")
        models = LanguageModels(GuardedClient(), [endpoint], timeout_s=60)
        understanding = UnderstandingOnRequest(models, max_at_once=1)
        done = Event()

        def translate() -> None:
            understanding.understand(RESULT, GERMAN, "default")
            done.set()

        waiting = Thread(target=translate)
        waiting.start()
        while not server.asked:
            assert not done.wait(0.01)
        with pytest.raises(TooManyRequests):
            understanding.understand(RESULT, FORMATS, "default")
        with pytest.raises(TooManyRequests):
            understanding.understand(RESULT, FORMATS, "law")
    waiting.join()
    found = understanding.understand(RESULT, FORMATS, "default")
    assert found.findings is not None
    assert found.findings.formatted is not None


def test_one_project_cannot_take_all_turns() -> None:
    with serving([Reply('{"translations": ["Hallo."]}', holds_s=60.0)]) as server:
        endpoint = LlmEndpoint("fast", server.url, "tiny")
        models = LanguageModels(GuardedClient(), [endpoint], timeout_s=60)
        understanding = UnderstandingOnRequest(models, max_of_project=1)
        asked = (RESULT, GERMAN, "default")
        waiting = Thread(target=understanding.understand, args=asked)
        waiting.start()
        while not server.asked:
            waiting.join(0.01)
        with pytest.raises(TooManyRequests):
            understanding.understand(RESULT, FORMATS, "default")
        assert understanding.understand(RESULT, FORMATS, "law").findings is not None
    waiting.join()
