import shutil
from dataclasses import replace
from pathlib import Path

import ctranslate2
import numpy as np
import pytest
from faster_whisper import WhisperModel

from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.errors import DeviceUnusable, ModelCorrupt, SettingsInvalid
from earshot.models.store import ModelStore
from earshot.recognition.engines.whisper import (
    MAX_TERM_TOKENS,
    WhisperRecognizer,
    describe_device,
)
from earshot.recognition.loading import CPU_ONLY, EngineModel
from earshot.recognition.recognizer import Hints
from earshot.settings import load_settings
from earshot.testing import silence, tone
from earshot.transcript.options import Vocabulary
from earshot.transcript.words import join_words
from tests.tiny_models import (
    SCRIPT_WORDS,
    WHISPER_HEARD_LANGUAGE,
    WHISPER_LANGUAGES,
    make_tiny_whisper,
)

SPEECH = [Waveform(tone(5000)), Waveform(tone(800))]
LANGUAGES = frozenset(WHISPER_LANGUAGES)


def load(folder: Path, compute_type: str = "auto") -> WhisperRecognizer:
    model = EngineModel("tiny", folder, LANGUAGES)
    return WhisperRecognizer(model, replace(CPU_ONLY, compute_type=compute_type))


def damaged(tiny_store: ModelStore, tmp_path: Path, name: str, content: bytes | None) -> Path:
    """A copy of the tiny model in which that file holds something else, or is gone."""
    folder = tmp_path / "damaged"
    shutil.copytree(tiny_store.path("whisper-tiny"), folder)
    (folder / name).unlink()
    if content is not None:
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module")
def tiny(tiny_store: ModelStore) -> WhisperRecognizer:
    return load(tiny_store.path("whisper-tiny"))


class TestWords:
    def test_tokens_become_words_and_their_marks_stay_with_them(
        self, tiny: WhisperRecognizer
    ) -> None:
        for recognition in tiny.recognize(SPEECH, Hints("fr")):
            assert [word.text for word in recognition.words] == list(SCRIPT_WORDS)
            assert not recognition.is_repetitive

    def test_a_script_without_spaces_is_cut_into_its_signs(self, tiny: WhisperRecognizer) -> None:
        (recognition,) = tiny.recognize(SPEECH[:1], Hints("ja"))
        assert [word.text for word in recognition.words] == ["so", "we", "be", "at", "on."]

    def test_any_language_of_the_model_can_be_asked_for(self, tiny: WhisperRecognizer) -> None:
        for language in ("no", "nn", "jw", "haw", "tl", "zh"):
            assert tiny.recognize(SPEECH[:1], Hints(language))[0].words

    def test_without_a_language_it_is_found_out(self, tiny: WhisperRecognizer) -> None:
        assert tiny.recognize(SPEECH) == tiny.recognize(SPEECH, Hints(WHISPER_HEARD_LANGUAGE))

    def test_a_translation_is_another_task_of_the_same_model(self, tiny: WhisperRecognizer) -> None:
        (recognition,) = tiny.recognize(SPEECH[:1], Hints("fr", translate_to="en"))
        assert recognition.words

    def test_terms_that_do_not_fit_are_left_out_whole_and_short_ones_still_read(
        self, tiny: WhisperRecognizer
    ) -> None:
        some = ("Zarathustra", "Ann Abbott")
        assert tiny.terms_that_fit(Vocabulary(some)) == list(some)
        fitting = tiny.terms_that_fit(Vocabulary(("Zarathustra", "x" * 1000, "Ann Abbott")))
        assert fitting == list(some)

    def test_the_terms_that_fit_are_not_cut_by_the_library(self, tiny: WhisperRecognizer) -> None:
        vocabulary = Vocabulary(tuple(f"term number {index}" for index in range(1000)))
        fitting = tiny.terms_that_fit(vocabulary)
        assert 0 < len(fitting) < 1000
        whole = tiny._model.hf_tokenizer.encode(" " + ", ".join(fitting), add_special_tokens=False)
        assert len(whole.ids) < MAX_TERM_TOKENS

    def test_more_terms_than_the_model_can_read_are_no_error(self, tiny: WhisperRecognizer) -> None:
        terms = tuple(f"term number {index}" for index in range(1000))
        assert tiny.recognize(SPEECH[:1], Hints("en", Vocabulary(terms)))


class TestDetection:
    def test_every_language_has_its_probability(self, tiny: WhisperRecognizer) -> None:
        probabilities = tiny.detect(SPEECH)
        assert probabilities.keys() == LANGUAGES
        assert sum(probabilities.values()) == pytest.approx(1.0, abs=1e-3)
        assert max(probabilities, key=lambda code: probabilities[code]) == WHISPER_HEARD_LANGUAGE

    def test_nothing_is_in_no_language(self, tiny: WhisperRecognizer) -> None:
        assert tiny.detect([]) == {}


class TestLoading:
    @pytest.mark.parametrize(
        ("name", "content"),
        [
            ("tokenizer.json", None),
            ("model.bin", None),
            ("model.bin", b"not a model"),
        ],
    )
    def test_a_folder_that_lacks_what_it_needs_is_corrupt(
        self, tiny_store: ModelStore, tmp_path: Path, name: str, content: bytes | None
    ) -> None:
        with pytest.raises(ModelCorrupt, match="damaged"):
            load(damaged(tiny_store, tmp_path, name, content))

    def test_weights_that_are_cut_short_are_corrupt(
        self, tiny_store: ModelStore, tmp_path: Path
    ) -> None:
        weights = (tiny_store.path("whisper-tiny") / "model.bin").read_bytes()
        with pytest.raises(ModelCorrupt, match="cannot be loaded"):
            load(damaged(tiny_store, tmp_path, "model.bin", weights[: len(weights) // 2]))

    def test_a_compute_type_that_does_not_exist_names_its_setting(
        self, tiny_store: ModelStore
    ) -> None:
        with pytest.raises(SettingsInvalid, match="EARSHOT_COMPUTE_TYPE is 'int3'"):
            load(tiny_store.path("whisper-tiny"), compute_type="int3")

    def test_a_gpu_that_is_not_there_is_unusable(self, tiny_store: ModelStore) -> None:
        model = EngineModel("tiny", tiny_store.path("whisper-tiny"), LANGUAGES)
        with pytest.raises(DeviceUnusable, match="the GPU cannot be used"):
            WhisperRecognizer(model, replace(CPU_ONLY, device="cuda"))

    def test_the_device_is_told_with_its_numbers(self) -> None:
        assert describe_device(CPU_ONLY) == "cpu, int8"
        on_gpu = describe_device(replace(CPU_ONLY, device="cuda"))
        has_gpu = ctranslate2.get_cuda_device_count() > 0
        assert on_gpu == ("cuda, float16" if has_gpu else "cpu, int8: CTranslate2 finds no GPU")
        assert describe_device(replace(CPU_ONLY, compute_type="float32")) == "cpu, float32"


@pytest.mark.parametrize(
    "complaint",
    [
        "CUDA failed with error out of memory",
        "cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED",
        "Library libcublas.so.12 is not found or cannot be loaded",
    ],
)
def test_what_a_gpu_complains_of_while_it_runs_makes_it_unusable(
    tiny: WhisperRecognizer, monkeypatch: pytest.MonkeyPatch, complaint: str
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(complaint)

    monkeypatch.setattr(WhisperModel, "encode", fail)
    with pytest.raises(DeviceUnusable, match=complaint):
        tiny.recognize(SPEECH, Hints("en"))
    with pytest.raises(DeviceUnusable, match=complaint):
        tiny.detect(SPEECH)


def test_any_other_failure_is_not_the_gpus(
    tiny: WhisperRecognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(WhisperModel, "encode", fail)
    with pytest.raises(RuntimeError, match="a bug"):
        tiny.recognize(SPEECH, Hints("en"))


def test_a_loop_is_cut_to_its_first_round_and_said_to_be_one(tmp_path: Path) -> None:
    (recognition,) = load(make_tiny_whisper(tmp_path, is_endless=True)).recognize(
        SPEECH[:1], Hints("en")
    )
    assert recognition.is_repetitive
    assert [word.text for word in recognition.words][: len(SCRIPT_WORDS)] == list(SCRIPT_WORDS)


@pytest.fixture(scope="module")
def published() -> WhisperRecognizer:
    """With the weights that `earshot models pull whisper-tiny` brings."""
    store = ModelStore(load_settings().models)
    if not store.is_present("whisper-tiny"):
        pytest.skip("earshot models pull whisper-tiny")
    return load(store.folder_of("whisper-tiny"))


@pytest.mark.model
class TestPublishedWeights:
    def test_read_english_is_understood(
        self, published: WhisperRecognizer, two_cities: Samples
    ) -> None:
        (recognition,) = published.recognize(
            [Waveform(two_cities[: 11 * SAMPLE_RATE])], Hints("en")
        )
        text = join_words(recognition.words).lower()
        assert "it was the best of times" in text
        assert "the age of foolishness" in text

    def test_silence_and_noise_are_no_words(self, published: WhisperRecognizer) -> None:
        noise = np.random.default_rng(0).normal(0, 0.05, 9 * SAMPLE_RATE).astype(np.float32)
        for recognition in published.recognize([Waveform(silence(5000)), Waveform(noise)]):
            assert recognition.words == ()

    def test_english_is_heard_as_english(
        self, published: WhisperRecognizer, two_cities: Samples
    ) -> None:
        assert published.detect([Waveform(two_cities[: 10 * SAMPLE_RATE])])["en"] > 0.9
