"""Reading models in ORT format, and writing ONNX graphs of our own around their weights."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
from onnx import helper, numpy_helper

Array = npt.NDArray[np.generic]
Shaped = tuple[type[np.generic], tuple[str | int, ...]]  # a value's type, and its dimensions
Attribute = float | int | str
ONNX_OPSET = 18
CONTRIB_DOMAIN = "com.microsoft"  # onnxruntime's own operators
IR_VERSION = 9


def read_ort_model(path: Path) -> onnx.ModelProto:
    """The model as ONNX; onnxruntime itself converts: it loads ORT format and saves what it has.

    Basic optimisation keeps it portable between CPUs.
    """
    with TemporaryDirectory() as folder:
        converted = str(Path(folder) / "model.onnx")
        options = ort.SessionOptions()
        options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = converted
        options.add_session_config_entry("session.save_model_format", "ONNX")
        options.log_severity_level = 3  # it warns that the saved graph is for this runtime: we know
        ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        return onnx.load(converted)


def constants(graph: onnx.GraphProto) -> dict[str, Array]:
    """The arrays that the graph holds, by name."""
    return {tensor.name: numpy_helper.to_array(tensor) for tensor in graph.initializer}


def branches(model: onnx.ModelProto) -> dict[str, onnx.GraphProto]:
    """The two graphs of the model's one If node: `then_branch` and `else_branch`."""
    (branching,) = [node for node in model.graph.node if node.op_type == "If"]
    return {attribute.name: attribute.g for attribute in branching.attribute}


class GraphWriter:
    """A graph that grows node by node; every value is known by its name."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, Array] = {}
        self._names: dict[str, str] = {}

    def constant(self, name: str, array: npt.ArrayLike) -> str:
        """Add a constant of that name; the same one may be added again."""
        self._constants[name] = np.ascontiguousarray(array)
        return name

    def integers(self, *values: int) -> str:
        """Axes, shapes and the like, (n_values,)."""
        return self.constant("integers." + ".".join(map(str, values)), np.array(values, np.int64))

    def add(
        self, operator: str, inputs: Sequence[str], n_outputs: int, **attributes: Attribute
    ) -> list[str]:
        """Add a node; the names of its outputs."""
        return self._add(operator, inputs, n_outputs, "", attributes)

    def add_contrib(
        self, operator: str, inputs: Sequence[str], n_outputs: int, **attributes: Attribute
    ) -> list[str]:
        """Add a node that is onnxruntime's own; the names of its outputs."""
        return self._add(operator, inputs, n_outputs, CONTRIB_DOMAIN, attributes)

    def op(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """Add a node of one output; its name."""
        (output,) = self._add(operator, inputs, 1, "", attributes)
        return output

    def contrib(self, operator: str, *inputs: str, **attributes: Attribute) -> str:
        """Add a node of one output that is onnxruntime's own; its name."""
        (output,) = self._add(operator, inputs, 1, CONTRIB_DOMAIN, attributes)
        return output

    def concat(self, parts: Sequence[str], axis: int) -> str:
        return self.op("Concat", *parts, axis=axis)

    def slice(self, value: str, start: int, end: int, axis: int, step: int = 1) -> str:
        bounds = [self.integers(number) for number in (start, end, axis, step)]
        return self.op("Slice", value, *bounds)

    def transpose(self, value: str, *order: int) -> str:
        (output,) = self._add("Transpose", [value], 1, "", {"perm": order})
        return output

    def rename(self, value: str, name: str) -> None:
        """Give a value a name of our choice, as the graph's outputs need."""
        self._names[value] = name

    def save(self, path: Path, inputs: Mapping[str, Shaped], outputs: Mapping[str, Shaped]) -> None:
        """Write the graph; `inputs` and `outputs` give each one's type and shape."""
        for node in self._nodes:
            for values in (node.input, node.output):
                values[:] = [self._names.get(value, value) for value in values]
        graph = helper.make_graph(
            self._nodes,
            self._name,
            [_value_info(name, shaped) for name, shaped in inputs.items()],
            [_value_info(name, shaped) for name, shaped in outputs.items()],
            [numpy_helper.from_array(array, name) for name, array in self._constants.items()],
        )
        domains = [
            helper.make_opsetid("", ONNX_OPSET),
            helper.make_opsetid(CONTRIB_DOMAIN, 1),
        ]
        onnx.save(helper.make_model(graph, opset_imports=domains, ir_version=IR_VERSION), path)

    def _add(
        self,
        operator: str,
        inputs: Sequence[str],
        n_outputs: int,
        domain: str,
        attributes: Mapping[str, Attribute | Sequence[int]],
    ) -> list[str]:
        outputs = [f"{operator}.{len(self._nodes)}.{index}" for index in range(n_outputs)]
        node = helper.make_node(operator, list(inputs), outputs, domain=domain, **attributes)
        self._nodes.append(node)
        return outputs


def _value_info(name: str, shaped: Shaped) -> onnx.ValueInfoProto:
    element_type, shape = shaped
    return helper.make_tensor_value_info(
        name, helper.np_dtype_to_tensor_dtype(np.dtype(element_type)), shape
    )
