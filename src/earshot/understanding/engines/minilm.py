"""all-MiniLM-L6-v2 on onnxruntime: English texts to vectors."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from earshot.audio.engines.onnx_sessions import open_session
from earshot.models.store import ModelStore
from earshot.understanding.catalog import ENCODER
from earshot.understanding.encoder import ReadText, TokenStates, Vectors
from earshot.understanding.engines.minilm_graph import GRAPH_VERSION, save_encoder_graph
from earshot.understanding.engines.safetensors import read_floats
from earshot.understanding.engines.word_pieces import Pieces, WordPieces

# "Input text longer than 256 word pieces is truncated" (its model card): it has seen none longer.
# A longer text is read in windows here.
MAX_TOKENS = 256
MAX_PIECES = MAX_TOKENS - 2
BATCH_TOKENS = 1024  # filler included; larger ones are no faster


def load_minilm(store: ModelStore) -> "MiniLm":
    """The encoder; blocks for some seconds the first time, when its graph is made.

    Raises ModelMissing and ModelCorrupt.
    """
    files = store.files(ENCODER)

    def build(path: Path) -> None:
        save_encoder_graph(read_floats(files["model.safetensors"]), path)

    graph = store.derived(ENCODER, f"encoder-{GRAPH_VERSION}.onnx", build)
    return MiniLm(graph, files["vocab.txt"])


@dataclass(frozen=True, slots=True)
class _Window:
    """As much of a text as is read at once: pieces with the marks of its two ends."""

    text_index: int
    tokens: tuple[int, ...]


class MiniLm:
    """The embedded text encoder; safe to call from several threads at once."""

    def __init__(self, graph: Path, vocabulary: Path) -> None:
        """`graph` is what `minilm_graph.save_encoder_graph` wrote."""
        self._session = open_session(graph)
        self._pieces = WordPieces(vocabulary)

    def read(self, texts: Sequence[str]) -> list[ReadText]:
        """Each text's tokens and its vector, the mean over all tokens, of unit length."""
        pieces = [self._pieces.cut(text) for text in texts]
        windows = list(self._windows(pieces))
        # By the window's index, (2, n_tokens, ENCODER_SIZE): of the last layer and the middle one.
        states: dict[int, Vectors] = {}
        for batch in _batches(windows):
            found = self._run([windows[index] for index in batch])
            for row, index in enumerate(batch):
                states[index] = found[:, row, : len(windows[index].tokens)]
        by_text: list[list[Vectors]] = [[] for _ in texts]
        for index, window in enumerate(windows):
            by_text[window.text_index].append(states[index])
        return [_joined(one, found) for one, found in zip(pieces, by_text, strict=True)]

    def _windows(self, pieces: Sequence[Pieces]) -> Iterator[_Window]:
        """Each text's windows, of which an empty one has one too."""
        for index, one in enumerate(pieces):
            for start in range(0, max(1, len(one.numbers)), MAX_PIECES):
                numbers = one.numbers[start : start + MAX_PIECES]
                yield _Window(index, (self._pieces.first, *numbers, self._pieces.last))

    def _run(self, windows: Sequence[_Window]) -> Vectors:
        """The states of the windows, (2, n_windows, n_tokens of the longest, ENCODER_SIZE)."""
        shape = (len(windows), max(len(window.tokens) for window in windows))
        tokens, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int32)
        for row, window in enumerate(windows):
            tokens[row, : len(window.tokens)] = window.tokens
            mask[row, : len(window.tokens)] = 1
        wanted = ["states", "middle_states"]
        return np.stack(self._session.run(wanted, {"tokens": tokens, "mask": mask}))


def _batches(windows: Sequence[_Window]) -> Iterator[list[int]]:
    """The windows' indices, those of like length together."""
    batch: list[int] = []
    for index in sorted(range(len(windows)), key=lambda index: -len(windows[index].tokens)):
        if batch and (len(batch) + 1) * len(windows[batch[0]].tokens) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _joined(pieces: Pieces, windows: Sequence[Vectors]) -> ReadText:
    """A text of which the windows hold the tokens, each with a mark at either end."""
    mean = np.concatenate([window[0] for window in windows]).mean(axis=0)
    states, middle = np.concatenate([window[:, 1:-1] for window in windows], axis=1)
    tokens = TokenStates(states, middle, pieces.starts, pieces.ends)
    return ReadText(tokens, mean / np.linalg.norm(mean))
