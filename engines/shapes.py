"""The size of every value within a graph, for a given batch.

Operators are gone through one by one, so that a value that is too large ends the look at it:
ONNX's own inference over a whole graph writes out the numbers of a long ``Range``, and so fills
the memory itself.
"""

from collections.abc import Callable

import numpy as np
import onnx
from onnx import TensorProto, defs, shape_inference

from engines.errors import ModelError
from engines.extent import Extent
from engines.folding import Numbers, fold, small_numbers, to_tensor
from engines.text import one_line, shown

Check = Callable[[str, Extent], None]


class Sizes:
    """Extents of the values of one graph.

    Parameters
    ----------
    model
        Its stored tensors were checked, and operators and names are valid ONNX.
    where
        How errors name it.
    """

    def __init__(self, model: onnx.ModelProto, where: str) -> None:
        self._where = where
        self._graph = model.graph
        self._opset = model.opset_import[0].version
        self._stored: dict[str, Extent] = {}
        self._numbers: dict[str, Numbers] = {}
        for tensor in stored_tensors(model.graph):
            self._stored[tensor.name] = Extent.of_tensor(tensor)
            numbers = small_numbers(tensor)
            if numbers is not None:
                self._numbers[tensor.name] = numbers

    def at(self, batch: int, check: Check) -> dict[str, Extent]:
        """Return the extents of all values by name.

        Parameters
        ----------
        batch
            First side of the graph's one input.
        check
            Called with each value's name and extent as soon as it is told.

        Raises
        ------
        ModelError
            If shapes do not fit each other, or a size does not follow from the graph.
        """
        (given,) = self._graph.input
        sides = [side.dim_value for side in given.type.tensor_type.shape.dim]
        extents = self._stored | {given.name: Extent(TensorProto.FLOAT, (batch, *sides[1:]))}
        for name, extent in extents.items():
            check(name, extent)
        numbers = dict(self._numbers)
        for node in self._graph.node:
            for name in _outputs(node):
                if name not in self._stored:
                    self._tell(node, extents, numbers, check)
                    break
        return extents

    def _tell(
        self,
        node: onnx.NodeProto,
        extents: dict[str, Extent],
        numbers: dict[str, Numbers],
        check: Check,
    ) -> None:
        types = self._infer(node, extents, numbers)
        for name in _outputs(node):
            extents[name] = Extent.of_type(types.get(name, onnx.TypeProto()), name, self._where)
            check(name, extents[name])
        first = node.output[0]
        if node.op_type == "Shape":
            folded = _shape_of(node, extents[node.input[0]], extents[first])
        else:
            folded = fold(node, [numbers.get(name) for name in node.input if name], extents[first])
        if folded is not None:
            numbers[first] = folded

    def _infer(
        self, node: onnx.NodeProto, extents: dict[str, Extent], numbers: dict[str, Numbers]
    ) -> dict[str, onnx.TypeProto]:
        names = [name for name in node.input if name]
        try:
            return shape_inference.infer_node_outputs(
                defs.get_schema(node.op_type, self._opset),
                node,
                {name: extents[name].to_type() for name in names},
                {n: to_tensor(numbers[n], extents[n], n) for n in names if n in numbers},
                opset_imports=[onnx.helper.make_opsetid("", self._opset)],
            )
        except Exception as error:  # errors of a C++ library, which share no narrower base
            raise ModelError(
                f"{self._where}: operator {shown(node.op_type)} cannot take what it is given: "
                f"{one_line(error)}"
            ) from error


def stored_tensors(graph: onnx.GraphProto) -> list[TensorProto]:
    """Return a graph's initialisers and the tensors of its constants, by the names of values."""
    found = list(graph.initializer)
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].HasField("t"):
            tensor = TensorProto()
            tensor.CopyFrom(node.attribute[0].t)
            tensor.name = node.output[0]
            found.append(tensor)
    return found


def _outputs(node: onnx.NodeProto) -> list[str]:
    return [name for name in node.output if name]


def _shape_of(node: onnx.NodeProto, given: Extent, out: Extent) -> Numbers | None:
    bounds = {a.name: a.i for a in node.attribute}
    sides = np.array(given.shape[bounds.get("start", 0) : bounds.get("end")], np.int64)
    return sides if sides.shape == out.shape else None
