"""Which of the files of a repository, or of a folder, make up a model that can be loaded."""

from collections.abc import Collection
from dataclasses import dataclass

from earshot.errors import ModelMissing


@dataclass(frozen=True, slots=True)
class WantedFile:
    """One file of a model: the first of `names` that is there; its absence may be no matter."""

    names: tuple[str, ...]
    is_optional: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """The files that an engine's models consist of."""

    files: tuple[WantedFile, ...]

    def select(self, there: Collection[str], place: str) -> tuple[str, ...]:
        """The names to take from those that are `there`; ModelMissing says what `place` lacks."""
        chosen: list[str] = []
        for wanted in self.files:
            found = next((name for name in wanted.names if name in there), None)
            if found is not None:
                chosen.append(found)
            elif not wanted.is_optional:
                raise ModelMissing(f"{place} is incomplete: it has no {' or '.join(wanted.names)}")
        return (*chosen, *(name for one in chosen for name in _weights_beside(one, there)))


def _weights_beside(graph: str, there: Collection[str]) -> list[str]:
    """What a graph over 2 GB, the limit of its own format, keeps its weights in."""
    return [f"{graph}.data"] if graph.endswith(".onnx") and f"{graph}.data" in there else []


WHISPER_LAYOUT = Layout(
    (
        WantedFile(("config.json",)),
        WantedFile(("model.bin",)),
        WantedFile(("tokenizer.json",)),
        WantedFile(("vocabulary.json", "vocabulary.txt")),
        WantedFile(("preprocessor_config.json",), is_optional=True),
    )
)

# The graphs with 8-bit weights first: a quarter of the size, and what a CPU runs fastest.
TRANSDUCER_LAYOUT = Layout(
    (
        WantedFile(("config.json",)),
        WantedFile(("vocab.txt",)),
        WantedFile(("encoder-model.int8.onnx", "encoder-model.onnx")),
        WantedFile(("decoder_joint-model.int8.onnx", "decoder_joint-model.onnx")),
    )
)
CTC_LAYOUT = Layout(
    (
        WantedFile(("config.json",)),
        WantedFile(("vocab.txt",)),
        WantedFile(("model.int8.onnx", "model.onnx")),
    )
)
CANARY_LAYOUT = Layout(
    (
        WantedFile(("config.json",)),
        WantedFile(("vocab.txt",)),
        WantedFile(("encoder-model.int8.onnx", "encoder-model.onnx")),
        WantedFile(("decoder-model.int8.onnx", "decoder-model.onnx")),
    )
)
