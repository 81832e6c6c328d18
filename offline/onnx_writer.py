"""Writes ONNX graphs node by node, where a traced graph would hold many more."""

from collections.abc import Sequence

import numpy as np
import onnx
from numpy.typing import ArrayLike, DTypeLike
from onnx import TensorProto, helper, numpy_helper

IR_VERSION = 10


class GraphWriter:
    """A graph in the making; values are known by their names.

    Parameters
    ----------
    opset
        Version of the standard operator set.
    """

    def __init__(self, opset: int) -> None:
        self._opset = opset
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def weight(self, name: str, values: ArrayLike, dtype: DTypeLike = np.float32) -> str:
        """Store a tensor and return its name; the same name must not come twice."""
        array = np.array(values, dtype, order="C")
        self._weights.append(numpy_helper.from_array(array, name))
        return name

    def call(self, operator: str, *inputs: str, name: str = "", **attributes: object) -> str:
        """Apply an operator and return the name of its only output."""
        return self.split(operator, *inputs, outputs=1, name=name, **attributes)[0]

    def split(
        self, operator: str, *inputs: str, outputs: int, name: str = "", **attributes: object
    ) -> list[str]:
        """Apply an operator with several outputs and return their names."""
        label = f"{len(self._nodes)}_{operator}"
        names = [name or f"{label}_{n}" for n in range(outputs)]
        node = helper.make_node(operator, inputs, names, name=label)
        node.attribute.extend(helper.make_attribute(k, v) for k, v in attributes.items())
        self._nodes.append(node)
        return names

    def reshape(self, value: str, *shape: int) -> str:
        """Give a value another shape; -1 stands for what follows from its size."""
        target = self.weight(f"shape_{len(self._weights)}", shape, np.int64)
        return self.call("Reshape", value, target)

    def finish(
        self, name: str, inputs: dict[str, Sequence[int | str]], outputs: Sequence[str]
    ) -> onnx.ModelProto:
        """Return the model: float32 inputs of the given shapes, outputs of shape (N,)."""

        def value(label: str, shape: Sequence[int | str]) -> onnx.ValueInfoProto:
            return helper.make_tensor_value_info(label, TensorProto.FLOAT, shape)

        graph = helper.make_graph(
            self._nodes,
            name,
            [value(label, shape) for label, shape in inputs.items()],
            [value(label, ["N"]) for label in outputs],
            self._weights,
        )
        opset = [helper.make_opsetid("", self._opset)]
        return helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION)
