import pytest

from earshot.errors import ModelMissing
from earshot.models.layout import TRANSDUCER_LAYOUT, WHISPER_LAYOUT

WHISPER = {"config.json", "model.bin", "tokenizer.json", "vocabulary.txt"}
PARAKEET = {"config.json", "vocab.txt", "encoder-model.onnx", "decoder_joint-model.onnx"}


def test_a_model_takes_its_files_and_leaves_the_rest() -> None:
    chosen = WHISPER_LAYOUT.select({*WHISPER, "README.md", "pytorch_model.bin"}, "there")
    assert set(chosen) == WHISPER


def test_a_file_that_may_be_absent_is_taken_where_it_is() -> None:
    there = {*WHISPER, "preprocessor_config.json"}
    assert set(WHISPER_LAYOUT.select(there, "there")) == there


@pytest.mark.parametrize("name", sorted(WHISPER))
def test_what_lacks_a_file_says_which(name: str) -> None:
    with pytest.raises(ModelMissing, match=rf"there is incomplete: it has no .*{name}"):
        WHISPER_LAYOUT.select(WHISPER - {name}, "there")


def test_the_smaller_graphs_are_preferred() -> None:
    small = {"encoder-model.int8.onnx", "decoder_joint-model.int8.onnx"}
    chosen = set(TRANSDUCER_LAYOUT.select(PARAKEET | small, "there"))
    assert chosen == {"config.json", "vocab.txt", *small}


def test_weights_that_lie_beside_their_graph_come_with_it_alone() -> None:
    there = {*PARAKEET, "encoder-model.onnx.data", "encoder-model.int8.onnx.data"}
    chosen = TRANSDUCER_LAYOUT.select(there, "there")
    assert "encoder-model.onnx.data" in chosen
    assert "encoder-model.int8.onnx.data" not in chosen
