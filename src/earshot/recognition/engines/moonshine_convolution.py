"""A convolution of width 7 and stride 3, two results at a time: five sevenths of its products.

Of every three rows the first meets three taps, which is Winograd's F(2, 3), and the others two,
which is F(2, 2). Source: arXiv:1509.09308, section 4.1.
"""

import numpy as np

from earshot.audio.engines.onnx_graphs import GraphWriter
from earshot.recognition.engines.moonshine_weights import Floats

TO_THE_END = np.iinfo(np.int64).max


def add_convolution_in_pairs(
    graph: GraphWriter, name: str, rows: str, taps: Floats, bias: Floats
) -> str:
    """Two results to a row, (n_frames + 1, 2 * n_out), of which the very last counts for nothing.

    `rows` are (6 * n_frames + 7, n_in), which is 2 * n_frames + 1 results; `taps` (7, n_in, n_out)
    and `bias` (n_out,).
    """
    _, n_in, n_out = taps.shape
    here, after = _add_sixes(graph, rows, n_in)

    def columns(value: str, start: int, end: int) -> str:
        return graph.slice(value, start * n_in, end * n_in, axis=1)

    def product(part: str, values: str, matrices: list[Floats], addend: str) -> str:
        matrix = np.concatenate([matrix.reshape(-1, n_out) for matrix in matrices])
        return graph.op("Gemm", values, graph.constant(f"{name}.{part}", matrix), addend)

    # A pair needs ten rows, 0 to 9: result 0 those from 0 to 6, result 1 those from 3 to 9.
    row_3, rows_4_5, row_6 = columns(here, 3, 4), columns(here, 4, 6), columns(after, 0, 1)
    rows_6_4_5 = graph.concat([row_6, rows_4_5], axis=1)
    rows_9_7_8 = graph.concat([columns(after, 3, 4), columns(after, 1, 3)], axis=1)
    summed = graph.concat([graph.op("Add", row_3, row_6), rows_4_5], axis=1)
    middle = (taps[0] + taps[3] + taps[6]) / 2
    shared = product("shared", summed, [middle, taps[1:3] + taps[4:6]], graph.constant(name, bias))
    apart = graph.op(
        "MatMul",
        graph.op("Sub", row_6, row_3),
        graph.constant(f"{name}.apart", (taps[0] - taps[3] + taps[6]) / 2),
    )
    first = product(
        "first",
        graph.op("Sub", columns(here, 0, 3), rows_6_4_5),
        [taps[0], taps[1:3]],
        graph.op("Add", shared, apart),
    )
    second = product(
        "second",
        graph.op("Sub", rows_9_7_8, columns(here, 3, 6)),
        [taps[6], taps[4:6]],
        graph.op("Sub", shared, apart),
    )
    return graph.concat([first, second], axis=1)


def _add_sixes(graph: GraphWriter, rows: str, n_in: int) -> tuple[str, str]:
    """The six rows that a pair of results begins with, and the six after them, for each pair."""
    filler = graph.constant("filler", np.zeros((5, n_in), dtype=np.float32))
    sixes = graph.op("Reshape", graph.concat([rows, filler], axis=0), graph.integers(-1, 6 * n_in))
    return graph.slice(sixes, 0, -1, axis=0), graph.slice(sixes, 1, TO_THE_END, axis=0)
