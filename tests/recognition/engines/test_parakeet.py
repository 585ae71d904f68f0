import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from earshot.audio.waveform import Waveform
from earshot.errors import DeviceUnusable, ModelCorrupt
from earshot.models.store import ModelStore
from earshot.recognition.engines.parakeet import ParakeetRecognizer, describe_device
from earshot.recognition.loading import CPU_ONLY, EngineModel
from earshot.recognition.recognizer import Hints
from earshot.testing import tone
from tests.tiny_models import SCRIPT_WORDS, make_tiny_parakeet

SPEECH = [Waveform(tone(5000)), Waveform(tone(2000))]
PARAKEET = "parakeet-tdt-0.6b-v3"
of_every_kind = pytest.mark.parametrize("kind", ["tdt", "ctc", "aed"])


def load(folder: Path, device: str = "cpu") -> ParakeetRecognizer:
    model = EngineModel("tiny", folder, frozenset({"en", "de"}))
    return ParakeetRecognizer(model, replace(CPU_ONLY, device=device))  # type: ignore[arg-type]  # a text


class TestWords:
    @of_every_kind
    def test_pieces_become_words_and_their_marks_stay_with_them(
        self, tmp_path: Path, kind: str
    ) -> None:
        engine = load(make_tiny_parakeet(tmp_path, kind=kind))
        for recognition in engine.recognize(SPEECH, Hints("de")):
            assert [word.text for word in recognition.words] == list(SCRIPT_WORDS)
            assert all(word.confidence > 0.9 for word in recognition.words)

    @pytest.mark.parametrize("kind", ["tdt", "ctc"])
    def test_times_are_those_at_which_the_tokens_came(self, tmp_path: Path, kind: str) -> None:
        (recognition,) = load(make_tiny_parakeet(tmp_path, kind=kind)).recognize(SPEECH[:1])
        starts_ms = [word.start_ms for word in recognition.words]
        assert starts_ms == [0, 160, 320, 640]  # a token every two frames of 80 ms; "be" + "at"
        assert recognition.words[-1].end_ms == 800 + 320  # the longest that a token lasts

    def test_words_without_times_are_spread_by_their_letters(self, tmp_path: Path) -> None:
        (recognition,) = load(make_tiny_parakeet(tmp_path, kind="aed")).recognize(SPEECH[:1])
        edges_ms = [(word.start_ms, word.end_ms) for word in recognition.words]
        assert edges_ms == [(0, 1000), (1000, 2000), (2000, 3666), (3666, 5000)]

    def test_canary_is_told_the_language_and_what_to_write(self, tmp_path: Path) -> None:
        engine = load(make_tiny_parakeet(tmp_path, kind="aed"))
        for hints in (Hints(), Hints("de"), Hints("de", translate_to="en")):
            assert engine.recognize(SPEECH[:1], hints)[0].words


class TestLoading:
    def test_small_graphs_are_taken_where_there_are_any(self, tmp_path: Path) -> None:
        make_tiny_parakeet(tmp_path)
        for name in ("encoder-model", "decoder_joint-model"):
            (tmp_path / f"{name}.onnx").rename(tmp_path / f"{name}.int8.onnx")
        assert load(tmp_path).recognize(SPEECH)[0].words

    @of_every_kind
    def test_a_folder_without_its_words_is_corrupt(self, tmp_path: Path, kind: str) -> None:
        make_tiny_parakeet(tmp_path, kind=kind)
        (tmp_path / "vocab.txt").unlink()
        with pytest.raises(ModelCorrupt, match="cannot be loaded"):
            load(tmp_path)

    def test_a_graph_that_is_cut_short_is_corrupt(
        self, tmp_path: Path, tiny_store: ModelStore
    ) -> None:
        folder = tmp_path / "damaged"
        shutil.copytree(tiny_store.path(PARAKEET), folder)
        graph = folder / "encoder-model.onnx"
        graph.write_bytes(graph.read_bytes()[:100])
        with pytest.raises(ModelCorrupt, match="cannot be loaded"):
            load(folder)

    @pytest.mark.parametrize(
        ("config", "reason"),
        [
            ("", "does not say which model it is"),
            ("[]", "does not say which model it is"),
            ("{}", "does not say which model it is"),
            (json.dumps({"model_type": "whisper"}), "says 'whisper'; known: nemo-conformer-aed"),
        ],
    )
    def test_a_model_of_another_kind_is_told_apart(
        self, tmp_path: Path, config: str, reason: str
    ) -> None:
        make_tiny_parakeet(tmp_path)
        (tmp_path / "config.json").write_text(config)
        with pytest.raises(ModelCorrupt, match=reason):
            load(tmp_path)

    def test_a_runtime_without_gpu_says_which_one_it_takes(self, tmp_path: Path) -> None:
        make_tiny_parakeet(tmp_path)
        with pytest.raises(DeviceUnusable, match="not onnxruntime-gpu"):
            load(tmp_path, device="cuda")
        assert describe_device(CPU_ONLY) == "cpu"
        assert describe_device(replace(CPU_ONLY, device="cuda")).startswith("cpu: ")
