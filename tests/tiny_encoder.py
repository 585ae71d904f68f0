"""An encoder of MiniLM's build with few weights, left to chance, and its arithmetic in numpy."""

import json
import string
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import erf

Floats = npt.NDArray[np.float32]
SIZE, INNER_SIZE, N_LAYERS, HEAD_SIZE, N_PLACES = 64, 128, 2, 32, 256
VOCABULARY = (
    *("[PAD]", "[UNK]", "[CLS]", "[SEP]"),
    *("good", "bad", "day", "##s", "play", "##ing", "not", "cafe"),
    *string.ascii_lowercase,
    *string.punctuation,
)


def make_weights(seed: int = 0) -> dict[str, Floats]:
    rng = np.random.default_rng(seed)

    def chance(*shape: int) -> Floats:
        return rng.normal(0, 0.1, shape).astype(np.float32)

    weights = {
        "embeddings.word_embeddings.weight": chance(len(VOCABULARY), SIZE),
        "embeddings.position_embeddings.weight": chance(N_PLACES, SIZE),
        "embeddings.token_type_embeddings.weight": chance(2, SIZE),
    }
    norms = ["embeddings.LayerNorm"]
    for layer in range(N_LAYERS):
        name = f"encoder.layer.{layer}"
        norms += [f"{name}.attention.output.LayerNorm", f"{name}.output.LayerNorm"]
        shapes = dict.fromkeys(
            [f"attention.self.{part}" for part in ("query", "key", "value")], (SIZE, SIZE)
        )
        shapes |= {
            "attention.output.dense": (SIZE, SIZE),
            "intermediate.dense": (INNER_SIZE, SIZE),
            "output.dense": (SIZE, INNER_SIZE),
        }
        for part, shape in shapes.items():
            weights[f"{name}.{part}.weight"] = chance(*shape)
            weights[f"{name}.{part}.bias"] = chance(shape[0])
    for name in norms:
        weights[f"{name}.weight"] = 1 + chance(SIZE)
        weights[f"{name}.bias"] = chance(SIZE)
    return weights


def save_safetensors(arrays: Mapping[str, Floats], path: Path) -> None:
    header, body = {}, b""
    for name, array in arrays.items():
        content = array.astype("<f4").tobytes()
        offsets = [len(body), len(body) + len(content)]
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": offsets}
        body += content
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + body)


def save_vocabulary(path: Path) -> None:
    path.write_text("".join(f"{piece}\n" for piece in VOCABULARY), encoding="utf-8")


def count_layers(weights: Mapping[str, Floats]) -> int:
    return sum(name.endswith("intermediate.dense.weight") for name in weights)


def reference_states(
    weights: Mapping[str, Floats], tokens: Sequence[int], n_layers: int | None = None
) -> Floats:
    """The states in 32-bit floats, (n_tokens, size): the paper's steps one by one.

    Those behind the last layer, or behind the first `n_layers`.
    """

    def normal(rows: Floats, name: str) -> Floats:
        centred = rows - rows.mean(-1, keepdims=True)
        scaled: Floats = centred / np.sqrt(rows.var(-1, keepdims=True) + 1e-12)
        return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def dense(rows: Floats, name: str) -> Floats:
        return rows @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def heads(rows: Floats) -> Floats:
        return rows.reshape(len(rows), -1, HEAD_SIZE).transpose(1, 0, 2)

    rows = weights["embeddings.word_embeddings.weight"][list(tokens)]
    rows = rows + weights["embeddings.position_embeddings.weight"][: len(tokens)]
    rows = normal(
        rows + weights["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm"
    )
    for layer in range(count_layers(weights) if n_layers is None else n_layers):
        name = f"encoder.layer.{layer}"
        query, key, value = (
            heads(dense(rows, f"{name}.attention.self.{part}"))
            for part in ("query", "key", "value")
        )
        scores = np.exp(query @ key.transpose(0, 2, 1) / np.sqrt(HEAD_SIZE))
        heard = (scores / scores.sum(-1, keepdims=True)) @ value
        added = dense(
            heard.transpose(1, 0, 2).reshape(rows.shape), f"{name}.attention.output.dense"
        )
        rows = normal(rows + added, f"{name}.attention.output.LayerNorm")
        inner = dense(rows, f"{name}.intermediate.dense")
        inner = inner * (1 + erf(inner / np.sqrt(2))) / 2
        rows = normal(rows + dense(inner, f"{name}.output.dense"), f"{name}.output.LayerNorm")
    found: Floats = rows.astype(np.float32)
    return found
