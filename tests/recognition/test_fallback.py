import logging
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from earshot.audio.waveform import Waveform
from earshot.errors import DeviceUnusable, ModelCorrupt
from earshot.recognition.fallback import FallbackRecognizer
from earshot.recognition.loading import ComputeOptions
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition, Recognizer
from earshot.testing import ScriptedRecognizer, tone
from earshot.transcript.options import Vocabulary

ON_GPU = ComputeOptions(device="auto", compute_type="float16")
SPEECH = [Waveform(tone(1000))]
FULL = DeviceUnusable("the GPU cannot be used: CUDA failed with error out of memory")


class Detecting:
    """Knows what language it is, on any device that does not fail."""

    name = "detecting"
    languages = frozenset({"de"})

    def __init__(self, compute: ComputeOptions) -> None:
        self._compute = compute

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        del segments, hints
        return []

    def detect(self, segments: Sequence[Waveform]) -> Mapping[str, float]:
        del segments
        if self._compute.device != "cpu":
            raise FULL
        return {"de": 1.0}


class Loader:
    """Loads an engine that works on the CPU, and elsewhere fails when it is loaded or run."""

    def __init__(self, *, fails_to_load: bool = False) -> None:
        self.loaded_on: list[ComputeOptions] = []
        self._fails_to_load = fails_to_load

    def __call__(self, compute: ComputeOptions) -> Recognizer:
        self.loaded_on.append(compute)
        if compute.device == "cpu":
            return ScriptedRecognizer()
        if self._fails_to_load:
            raise FULL
        return ScriptedRecognizer(failure=FULL)


@pytest.mark.parametrize("fails_to_load", [True, False])
def test_an_engine_whose_gpu_gives_up_goes_on_on_the_cpu_and_says_so(
    fails_to_load: bool, caplog: pytest.LogCaptureFixture
) -> None:
    load = Loader(fails_to_load=fails_to_load)
    engine = FallbackRecognizer(load, ON_GPU)
    words = [word.text for recognition in engine.recognize(SPEECH) for word in recognition.words]
    assert words == ["well", "said"]
    assert engine.notice == "the GPU could not be used; scripted ran on the CPU"
    assert [record.msg for record in caplog.records] == ["device_unusable"]
    assert caplog.records[0].levelno == logging.WARNING
    engine.recognize(SPEECH)
    # A compute type of the GPU would not be one of the CPU's.
    assert load.loaded_on == [ON_GPU, ComputeOptions(device="cpu", n_threads=ON_GPU.n_threads)]


def test_threads_that_fail_together_load_one_engine() -> None:
    load = Loader()
    engine = FallbackRecognizer(load, ON_GPU)
    with ThreadPoolExecutor(4) as threads:
        heard = list(threads.map(engine.recognize, [SPEECH] * 4))
    assert all(recognition.words for one in heard for recognition in one)
    assert len(load.loaded_on) == 2


def test_detection_falls_back_too() -> None:
    engine = FallbackRecognizer(Detecting, ON_GPU)
    assert engine.detect(SPEECH) == {"de": 1.0}
    assert engine.notice is not None


def test_an_engine_on_the_cpu_has_nothing_to_say_and_its_own_name_and_languages() -> None:
    engine = FallbackRecognizer(Loader(), ComputeOptions(device="cpu"))
    engine.recognize(SPEECH)
    assert engine.notice is None
    assert (engine.name, engine.languages) == ("scripted", frozenset({"en"}))


def test_any_other_failure_is_the_callers() -> None:
    def load(_: ComputeOptions) -> Recognizer:
        raise ModelCorrupt("cut short")

    with pytest.raises(ModelCorrupt):
        FallbackRecognizer(load, ON_GPU)


class Forgetful(ScriptedRecognizer):
    """Has room for one term."""

    def terms_that_fit(self, vocabulary: Vocabulary) -> list[str]:
        return list(vocabulary.terms[:1])


def test_terms_that_found_no_room_are_counted_for_the_caller() -> None:
    engine = FallbackRecognizer(lambda _: Forgetful(), ComputeOptions(device="cpu"))
    assert engine.notice_of(Hints(vocabulary=Vocabulary(("Ann", "Bob", "Cay")))) == (
        "only 1 of 3 terms of the vocabulary were used: the model scripted has no room for more"
    )
    assert engine.notice_of(Hints(vocabulary=Vocabulary(("Ann",)))) is None
    assert engine.notice_of(Hints()) is None
