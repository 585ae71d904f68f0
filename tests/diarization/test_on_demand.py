from concurrent.futures import ThreadPoolExecutor

import pytest

from earshot.audio.speech import Span
from earshot.audio.waveform import Waveform
from earshot.diarization.diarizer import Diarizer
from earshot.diarization.on_demand import DiarizerOnDemand
from earshot.errors import ModelMissing
from earshot.testing import ScriptedDiarizer, tone

WAVEFORM = Waveform(tone(1000))
SPEECH = [Span(0, 16_000)]


def test_it_is_loaded_once_when_it_is_first_used() -> None:
    loaded: list[Diarizer] = []

    def load() -> Diarizer:
        loaded.append(ScriptedDiarizer())
        return loaded[-1]

    diarizer = DiarizerOnDemand("scripted", load)
    assert (diarizer.name, len(loaded)) == ("scripted", 0)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: diarizer.find_tracks(WAVEFORM, SPEECH), range(8)))
    assert len(loaded) == 1
    assert [len(tracks) for tracks in found] == [1] * 8


def test_after_a_failure_the_next_caller_tries_again() -> None:
    attempts: list[int] = []

    def load() -> Diarizer:
        attempts.append(1)
        if len(attempts) == 1:
            raise ModelMissing("not yet")
        return ScriptedDiarizer()

    diarizer = DiarizerOnDemand("scripted", load)
    with pytest.raises(ModelMissing):
        diarizer.find_tracks(WAVEFORM, SPEECH)
    assert diarizer.find_tracks(WAVEFORM, SPEECH)
