import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from earshot.errors import ModelCorrupt, ModelMissing
from earshot.models.catalog import ModelSpec
from earshot.models.sources import ModelFile
from earshot.models.store import ModelStore
from earshot.understanding.engines.minilm import MAX_PIECES, MiniLm, load_minilm
from earshot.understanding.engines.safetensors import read_floats
from earshot.understanding.engines.word_pieces import WordPieces
from tests.tiny_encoder import (
    N_LAYERS,
    SIZE,
    make_weights,
    reference_states,
    save_safetensors,
    save_vocabulary,
)

PULLED = Path(sys.prefix) / "models"  # where ./check puts it


@pytest.fixture(scope="module")
def published_reader() -> MiniLm:
    store = ModelStore(PULLED)
    if not store.is_present("minilm"):
        pytest.skip("the text encoder is not here; ./check pulls it")
    return load_minilm(store)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("other", "published"),
    [
        # As the model's page on the hub shows it, in 32-bit floats.
        ("That is a happy dog", 0.695),
        ("That is a very happy person", 0.943),
        ("Today is a sunny day", 0.257),
    ],
)
def test_sentences_are_as_like_as_is_published(
    published_reader: MiniLm, other: str, published: float
) -> None:
    ours, theirs = published_reader.read(["That is a happy person", other])
    assert ours.vector @ theirs.vector == pytest.approx(published, abs=0.02)


@pytest.mark.slow
def test_eight_bits_say_what_floats_say(published_reader: MiniLm) -> None:
    weights = read_floats(ModelStore(PULLED).files("minilm")["model.safetensors"])
    pieces = WordPieces(ModelStore(PULLED).files("minilm")["vocab.txt"])
    for text in ("Smoke lowers the air quality.", "I'd rather not, thanks!", "um so yeah okay"):
        states = reference_states(weights, (pieces.first, *pieces.cut(text).numbers, pieces.last))
        mean = states.mean(axis=0)
        (found,) = published_reader.read([text])
        assert found.vector @ mean / np.linalg.norm(mean) > 0.985


def test_a_vector_is_the_mean_of_all_tokens_and_of_unit_length(tiny_reader: MiniLm) -> None:
    (found,) = tiny_reader.read(["Good day"])
    states = reference_states(make_weights(), [2, 4, 6, 3])
    mean = states.mean(axis=0)
    assert found.vector @ mean / np.linalg.norm(mean) > 0.999
    assert np.linalg.norm(found.vector) == pytest.approx(1, abs=1e-5)


def test_tokens_have_their_places_and_special_ones_are_left_out(tiny_reader: MiniLm) -> None:
    text = "Playing, bad days"
    (found,) = tiny_reader.read([text])
    spans = zip(found.tokens.starts, found.tokens.ends, strict=True)
    assert [text[start:end] for start, end in spans] == ["Play", "ing", ",", "bad", "day", "s"]
    assert found.tokens.states.shape == (6, SIZE)
    assert found.tokens.states.dtype == np.float32


def test_states_of_the_middle_layer_are_those_of_the_same_tokens(tiny_reader: MiniLm) -> None:
    (found,) = tiny_reader.read(["Good day"])
    wanted = reference_states(make_weights(), [2, 4, 6, 3], N_LAYERS // 2)[1:-1]
    lengths = np.linalg.norm(found.tokens.middle, axis=1) * np.linalg.norm(wanted, axis=1)
    assert ((found.tokens.middle * wanted).sum(axis=1) / lengths).min() > 0.999


def test_many_texts_are_read_as_each_by_itself(tiny_reader: MiniLm) -> None:
    texts = ["good", "", "bad " * 50, "day, " * 100, "play", "not good"] * 4
    together = tiny_reader.read(texts)
    for text, found in zip(texts, together, strict=True):
        (alone,) = tiny_reader.read([text])
        np.testing.assert_allclose(found.vector, alone.vector, atol=1e-5)
        np.testing.assert_allclose(found.tokens.states, alone.tokens.states, atol=1e-5)
        np.testing.assert_allclose(found.tokens.middle, alone.tokens.middle, atol=1e-5)


def test_nothing_of_a_long_text_is_lost(tiny_reader: MiniLm) -> None:
    n_words = 2 * MAX_PIECES + 5
    (found,) = tiny_reader.read(["good " * n_words])
    assert found.tokens.states.shape == (n_words, SIZE)
    assert found.tokens.starts == tuple(range(0, 5 * n_words, 5))
    # The second window is read like a text of its own.
    (alone,) = tiny_reader.read(["good " * MAX_PIECES])
    second = found.tokens.states[MAX_PIECES : 2 * MAX_PIECES]
    np.testing.assert_allclose(second, alone.tokens.states, atol=1e-5)


def test_a_text_without_a_token_has_a_vector(tiny_reader: MiniLm) -> None:
    (found,) = tiny_reader.read([""])
    assert found.tokens.states.shape == (0, SIZE)
    assert np.isfinite(found.vector).all()
    assert tiny_reader.read([]) == []


def tiny_store(folder: Path) -> ModelStore:
    """A store in which the files of the encoder are those of a tiny one."""
    model = folder / "minilm"
    model.mkdir(parents=True)
    save_safetensors(make_weights(), model / "model.safetensors")
    save_vocabulary(model / "vocab.txt")
    files = tuple(
        ModelFile(path.name, sha256(path.read_bytes()).hexdigest(), path.stat().st_size)
        for path in model.iterdir()
    )
    return ModelStore(folder, (ModelSpec("minilm", "reads", "MIT", files),))


def test_the_graph_is_made_once(tmp_path: Path, tiny_reader: MiniLm) -> None:
    store = tiny_store(tmp_path)
    found = load_minilm(store).read(["good day"])[0].vector
    np.testing.assert_allclose(found, tiny_reader.read(["good day"])[0].vector, atol=1e-5)
    (graph,) = (tmp_path / "minilm" / "derived").glob("*.onnx")
    made_at = graph.stat().st_mtime_ns
    load_minilm(store)
    assert graph.stat().st_mtime_ns == made_at


def test_weights_that_are_missing_or_damaged_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="earshot models pull minilm"):
        load_minilm(ModelStore(tmp_path / "none"))
    store = tiny_store(tmp_path)
    (tmp_path / "minilm" / "model.safetensors").write_bytes(b"something else")
    with pytest.raises(ModelCorrupt, match=r"model\.safetensors"):
        load_minilm(store)
