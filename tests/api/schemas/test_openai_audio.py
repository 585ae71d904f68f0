from dataclasses import replace
from io import BytesIO

import pytest

from earshot.api.forms import Form, MediaPart
from earshot.api.multipart import PartHead
from earshot.api.schemas.openai_audio import OpenAiRequest, read_transcription, read_translation
from earshot.errors import ModelUnknown, RequestInvalid
from earshot.transcript.options import LanguageDetection
from tests.api.sync import ScriptedEngines

ENGLISH_ONLY = ScriptedEngines()
MULTILINGUAL = ScriptedEngines(detects_languages=True, translator="whisper-small")


def form(**fields: str | list[str]) -> Form:
    media = MediaPart(PartHead("file", "a.mp3", None), BytesIO(), 0)
    given = {"model": "whisper-1", **fields}
    listed = {name: [value] if isinstance(value, str) else value for name, value in given.items()}
    return Form(media, listed)


def read(**fields: str | list[str]) -> OpenAiRequest:
    return read_transcription(form(**fields), ENGLISH_ONLY)


def test_a_language_is_what_is_given_or_found_out_where_a_model_can() -> None:
    assert read().options.language_code == "en"
    assert read().options.language_detection is None
    assert read(language="de").options.language_code == "de"
    assert read(language="PT-br").options.language_code == "pt"
    found_out = read_transcription(form(), MULTILINGUAL).options.language_detection
    assert found_out == LanguageDetection()
    several = read(**{"languages[]": ["de", "fr"]}).options.language_detection
    assert several == LanguageDetection(expected_languages=("de", "fr"))
    with pytest.raises(RequestInvalid, match="not 'klingon'"):
        read(language="klingon")


def test_names_in_the_prompt_and_keywords_are_listened_for() -> None:
    options = read(
        prompt="They met Zaphod Beeblebrox.", **{"keywords[]": ["Magrathea", " "]}
    ).options
    assert options.vocabulary.terms == ("Magrathea", "Zaphod Beeblebrox")
    with pytest.raises(RequestInvalid, match="keywords must be a list of at most 1000 unique"):
        read(keywords=[f"term{n}" for n in range(1001)])


@pytest.mark.parametrize("model", ["gpt-4o-transcribe", "moonshine-tiny-en", "nano"])
def test_a_model_may_be_openais_or_one_of_ours(model: str) -> None:
    assert read(model=model).options.speech_models == (model,)


def test_an_unknown_model_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(ModelUnknown, match="'whisper-9' does not exist here; known: whisper-1,"):
        read(model="whisper-9")
    with pytest.raises(RequestInvalid, match="model must be given"):
        read(model="")


def test_granularities_are_of_verbose_json_and_segments_by_default() -> None:
    assert read(response_format="verbose_json").granularities == {"segment"}
    both = read(
        response_format="verbose_json", **{"timestamp_granularities[]": ["word", "segment"]}
    )
    assert both.granularities == {"word", "segment"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"response_format": "xml"}, "response_format must be one of json"),
        ({"timestamp_granularities[]": "word"}, "needs response_format verbose_json"),
        (
            {"timestamp_granularities[]": "phone", "response_format": "verbose_json"},
            "must be word, segment, or both",
        ),
        ({"include[]": "tokens"}, "include must be logprobs"),
        ({"include[]": "logprobs", "response_format": "text"}, "needs response_format json"),
        ({"stream": "maybe"}, "stream must be true or false"),
        ({"stream": "true", "response_format": "srt"}, "where stream is true"),
        ({"temperature": "2"}, "between 0 and 1"),
        ({"temperature": "nan"}, "between 0 and 1"),
        ({"temperature": "warm"}, "between 0 and 1"),
        ({"chunking_strategy": "{}"}, "chunking_strategy must be auto"),
        ({"chunking_strategy": "often"}, "chunking_strategy must be auto"),
        ({"chunking_strategy[type]": "often"}, "chunking_strategy must be auto"),
        ({"keywords[]": "a" * 201}, "keywords must be a list of terms of at most 200 characters"),
    ],
)
def test_what_breaks_a_rule_is_named(fields: dict[str, str], said: str) -> None:
    with pytest.raises(RequestInvalid, match=said):
        read(**fields)


def test_what_has_no_effect_is_told() -> None:
    assert read(temperature="0", chunking_strategy="auto").warnings == ()
    told = read(temperature="0.2", chunking_strategy='{"type": "server_vad"}').warnings
    assert [warning.split()[0] for warning in told] == ["temperature", "chunking_strategy"]
    by_member = {"chunking_strategy[type]": "server_vad", "chunking_strategy[threshold]": "0.5"}
    [of_chunks] = read(**by_member).warnings
    assert of_chunks.startswith("chunking_strategy has no effect")


def test_a_translation_is_by_the_model_that_can_and_tells_no_speakers() -> None:
    options = read_translation(form(), MULTILINGUAL).options
    assert (options.translate_to, options.speech_models[0]) == ("en", "whisper-small")
    with pytest.raises(RequestInvalid, match="no model of it translates"):
        read_translation(form(), replace(MULTILINGUAL, translator=None))
    with pytest.raises(RequestInvalid, match="response_format must be one of json, text, srt"):
        read_translation(form(response_format="diarized_json"), MULTILINGUAL)
