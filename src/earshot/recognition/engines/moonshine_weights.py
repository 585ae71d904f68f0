"""Moonshine's weights as they are published, eight bits each, and products with them in a graph."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import onnx

from earshot.audio.engines.onnx_graphs import (
    Array,
    GraphWriter,
    branches,
    constants,
    read_ort_model,
)

N_LAYERS = 6
N_HEADS = 8
HEAD_SIZE = 36
MODEL_SIZE = N_HEADS * HEAD_SIZE
ROTARY_SIZE = 32  # of each head; the rest carries no position
# More positions than the cap of tokens allows in the longest segment, and frames in a minute.
MAX_POSITIONS = 4096
LAYER_NORM_EPSILON = 1e-5

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class QuantisedMatrix:
    """A matrix (n_in, n_out) of `(values - zero_points) * scales`, and a bias or none.

    Scales and zero points are one per column, (n_out,), so that matrices can be joined.
    """

    values: Bytes
    scales: Floats
    zero_points: Bytes
    bias: Floats | None = None

    def select(self, columns: npt.NDArray[np.intp]) -> Self:
        return replace(
            self,
            values=self.values[:, columns],
            scales=self.scales[columns],
            zero_points=self.zero_points[columns],
        )

    def scale(self, factor: float) -> Self:
        return replace(self, scales=(self.scales * factor).astype(np.float32))

    def widen_heads(self, size: int) -> Self:
        """Each head's columns followed by zeros, so that it has `size` of them."""
        columns = np.arange(self.values.shape[1]).reshape(-1, HEAD_SIZE)
        filler = np.repeat(columns[:, :1], size - HEAD_SIZE, axis=1)
        wide = self.select(np.concatenate([columns, filler], axis=1).ravel())
        is_filler = np.arange(wide.values.shape[1]) % size >= HEAD_SIZE
        return replace(wide, values=np.where(is_filler, wide.zero_points, wide.values))

    def widen_inputs(self, size: int) -> Self:
        """Each head's rows followed by zeros, so that it has `size` of them."""
        n_heads, n_out = len(self.values) // HEAD_SIZE, self.values.shape[1]
        wide = np.empty((n_heads, size, n_out), dtype=np.uint8)
        wide[:] = self.zero_points
        wide[:, :HEAD_SIZE] = self.values.reshape(n_heads, HEAD_SIZE, n_out)
        return replace(self, values=wide.reshape(-1, n_out))


def join(matrices: Sequence[QuantisedMatrix]) -> QuantisedMatrix:
    """One matrix with the columns of all; none has a bias."""
    return QuantisedMatrix(
        np.concatenate([matrix.values for matrix in matrices], axis=1),
        np.concatenate([matrix.scales for matrix in matrices]),
        np.concatenate([matrix.zero_points for matrix in matrices]),
    )


@dataclass(frozen=True, slots=True)
class Weights:
    """What a published graph holds: matrices by the name of their product, arrays by their own."""

    matrices: dict[str, QuantisedMatrix]
    arrays: dict[str, Array]

    @classmethod
    def of_encoder(cls, published: Path) -> Self:
        graph = read_ort_model(published).graph
        return cls._read(graph, constants(graph))

    @classmethod
    def of_decoder(cls, published: Path) -> Self:
        """Those of the branch for the first token, which uses all of them."""
        model = read_ort_model(published)
        branch = branches(model)["else_branch"]
        return cls._read(branch, {**constants(model.graph), **constants(branch)})

    @classmethod
    def _read(cls, graph: onnx.GraphProto, arrays: dict[str, Array]) -> Self:
        matrices = {}
        for node in graph.node:
            if node.op_type == "MatMulIntegerToFloat":
                names, bias = (node.input[1], node.input[3], node.input[5]), ""
            elif node.op_type == "DynamicQuantizeMatMul":
                names, bias = (node.input[1], node.input[2], node.input[3]), node.input[4]
            else:
                continue
            values, scale, zero_point = (arrays[name] for name in names)
            matrices[node.output[0]] = QuantisedMatrix(
                values.astype(np.uint8),
                np.full(values.shape[1], scale, dtype=np.float32),
                np.full(values.shape[1], zero_point, dtype=np.uint8),
                arrays[bias].astype(np.float32) if bias else None,
            )
        return cls(matrices, arrays)

    def floats(self, name: str) -> Floats:
        return self.arrays[name].astype(np.float32)

    def rotation_angles(self) -> Floats:
        """The angle of each position and pair of features, (MAX_POSITIONS, ROTARY_SIZE / 2)."""
        # The only constant of that shape: the frequencies of the rotary embedding.
        (frequencies,) = [
            array for array in self.arrays.values() if array.shape == (1, ROTARY_SIZE // 2, 1)
        ]
        positions = np.arange(MAX_POSITIONS, dtype=np.float32)[:, None]
        angles: Floats = positions * frequencies.astype(np.float32).reshape(1, -1)
        return angles


def halves_of_heads() -> npt.NDArray[np.intp]:
    """The columns of queries and keys so ordered that rotary pairs lie half a head apart.

    The model pairs neighbours. Scores do not change when queries and keys are reordered alike, and
    halves are rotated faster.
    """
    even, odd = np.arange(0, ROTARY_SIZE, 2), np.arange(1, ROTARY_SIZE, 2)
    head = np.concatenate([even, odd, np.arange(ROTARY_SIZE, HEAD_SIZE)])
    return np.concatenate([head + start for start in range(0, MODEL_SIZE, HEAD_SIZE)])


def add_product(graph: GraphWriter, name: str, rows: str, matrix: QuantisedMatrix) -> str:
    """The rows times the matrix, plus its bias; the rows are quantised together on the way."""
    inputs = [rows, *_add_constants(graph, name, matrix)]
    if matrix.bias is not None:
        inputs.append(graph.constant(f"{name}.bias", matrix.bias))
    return graph.contrib("DynamicQuantizeMatMul", *inputs)


def add_product_by_row(graph: GraphWriter, name: str, rows: str, matrix: QuantisedMatrix) -> str:
    """The same, but each row is quantised by its own scale: no row depends on the others."""
    # A row of zeros divided by zero quantises to anything, which times zero is zero again.
    size = graph.op("ReduceMax", graph.op("Abs", rows), graph.integers(-1))
    step = graph.constant("step", np.float32(1 / 127))
    middle = graph.constant("middle", np.uint8(128))
    bytewise = graph.op("QuantizeLinear", graph.op("Div", rows, size), step, middle)
    values, scales, zero_points = _add_constants(graph, name, matrix)
    product = graph.contrib(
        "MatMulIntegerToFloat", bytewise, values, step, scales, middle, zero_points
    )
    scaled = graph.op("Mul", product, size)
    if matrix.bias is None:
        return scaled
    return graph.op("Add", scaled, graph.constant(f"{name}.bias", matrix.bias))


def _add_constants(graph: GraphWriter, name: str, matrix: QuantisedMatrix) -> list[str]:
    """The values, scales and zero points.

    They are moved from 0..255 to -128..127: the products are the same, and processors with dot
    products of bytes want one side signed.
    """
    return [
        graph.constant(f"{name}.values", _signed(matrix.values)),
        graph.constant(f"{name}.scales", matrix.scales),
        graph.constant(f"{name}.zero_points", _signed(matrix.zero_points)),
    ]


def add_layer_norm(graph: GraphWriter, name: str, rows: str, weight: Floats) -> str:
    scale = graph.constant(f"{name}.norm", weight)
    return graph.op("LayerNormalization", rows, scale, axis=-1, epsilon=LAYER_NORM_EPSILON)


def _signed(values: Bytes) -> npt.NDArray[np.int8]:
    return (values.astype(np.int16) - 128).astype(np.int8)
