import pytest

from earshot.audio.decode import Decoder
from earshot.audio.media import DecodeOptions
from earshot.errors import ModelMissing
from earshot.pipeline.stages import MediaDecoder, Stages
from earshot.testing import LoudnessDetector, ScriptedDecoder, ScriptedRecognizer, tone

ENGLISH = ScriptedRecognizer(name="english")
STAGES = Stages(ScriptedDecoder(tone(100)[None]), LoudnessDetector(), {"en": ENGLISH})


@pytest.mark.parametrize("code", ["en", "en_us", "en-GB", "en_au"])
def test_a_region_does_not_matter_to_the_choice_of_engine(code: str) -> None:
    assert STAGES.recognizer_for(code) is ENGLISH


@pytest.mark.parametrize("code", ["de", "de_at", "eng", ""])
def test_a_language_without_an_engine_is_refused_by_name(code: str) -> None:
    with pytest.raises(ModelMissing, match=f"language_code '{code}' is not available"):
        STAGES.recognizer_for(code)


def test_the_real_decoder_is_what_the_pipeline_takes_for_one() -> None:
    decoder: MediaDecoder = Decoder(DecodeOptions(n_warm_children=0))
    decoder.close()
