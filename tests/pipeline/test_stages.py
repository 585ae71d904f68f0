from dataclasses import replace

import pytest

from earshot.audio.decode import Decoder
from earshot.audio.media import DecodeOptions
from earshot.errors import NamesNotInstalled, SpeakersNotInstalled
from earshot.pipeline.stages import MediaDecoder
from earshot.testing import ScriptedDiarizer
from earshot.transcript.options import RedactionOptions, SpeakerOptions, TranscriptOptions
from earshot.understanding.entities.tagger import TrainedTagger
from tests.pipeline.conftest import scripted_stages


def test_the_real_decoder_is_what_the_pipeline_takes_for_one() -> None:
    decoder: MediaDecoder = Decoder(DecodeOptions(n_warm_children=0))
    decoder.close()


def test_a_diarizer_is_there_for_those_who_ask_for_speakers_and_nobody_else() -> None:
    without = scripted_stages()
    asking = TranscriptOptions(speakers=SpeakerOptions())
    assert without.diarizer_for(TranscriptOptions()) is None
    with pytest.raises(SpeakersNotInstalled):
        without.diarizer_for(asking)
    able = replace(without, diarizer=ScriptedDiarizer())
    assert able.diarizer_for(TranscriptOptions()) is None
    assert able.diarizer_for(asking) is able.diarizer


def test_names_are_hidden_by_a_tagger_or_refused_before_anything_is_recognised() -> None:
    without = scripted_stages()
    asking = TranscriptOptions(redaction=RedactionOptions(("person_name",)))
    assert without.tagger_for(TranscriptOptions(redaction=RedactionOptions(("date",)))) is None
    with pytest.raises(NamesNotInstalled):
        without.tagger_for(asking)
    able = replace(without, tagger=TrainedTagger(None))
    assert able.tagger_for(asking) is able.tagger
