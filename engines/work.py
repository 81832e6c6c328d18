"""What one operator costs, and divisions that would end the process."""

import math
from typing import Final

import onnx
from onnx import numpy_helper

from engines.errors import ModelError
from engines.extent import Extent, Extents
from engines.shapes import stored_tensors
from engines.text import shown

LONGEST_ATTENTION: Final = 512
"""Keys that a query may attend to; a window of this project has 18."""

_KERNEL_AT: Final = {"Conv": 1, "ConvInteger": 1, "QLinearConv": 3}


def work_of(node: onnx.NodeProto, extents: Extents) -> int:
    """Return the multiplications of an operator, or the elements that it reads and writes.

    Parameters
    ----------
    node
        One operator.
    extents
        Of all values by name.
    """
    inputs = [extents[name] for name in node.input if name]
    outputs = [extents[name] for name in node.output if name]
    moved = sum(extent.elements for extent in (*inputs, *outputs))
    return max(moved, _multiplications(node, inputs, outputs[0].elements if outputs else 0))


def require_safe_divisions(model: onnx.ModelProto, extents: Extents, where: str) -> None:
    """Refuse divisions of whole numbers but by a stored number above zero.

    The least whole number divided by -1 has no result; ONNX Runtime leaves that to the
    processor, which ends the process.

    Raises
    ------
    ModelError
        Naming the operator.
    """
    stored = {tensor.name: tensor for tensor in stored_tensors(model.graph)}
    for node in model.graph.node:
        if node.op_type not in ("Div", "Mod") or not extents[node.input[1]].whole:
            continue
        divisor = stored.get(node.input[1])
        if divisor is None or not (numpy_helper.to_array(divisor) > 0).all():
            raise ModelError(
                f"{where}: operator {shown(node.op_type)} divides whole numbers by other than a "
                "stored number above 0"
            )


def require_plain_attention(model: onnx.ModelProto, extents: Extents, where: str) -> None:
    """Refuse attention of more than three inputs or one output, or over a long sequence.

    Its table of scores is held while it runs and is no value of the graph, so that the limits on
    values do not see it. With at most as many keys as :data:`LONGEST_ATTENTION`, the table is not
    larger than that many times the queries.

    Raises
    ------
    ModelError
        Saying what it has too much of.
    """
    for node in model.graph.node:
        if node.op_type != "Attention":
            continue
        if len(node.input) != 3 or not all(node.input) or len(node.output) != 1:
            raise ModelError(f"{where}: attention with masks or a memory is not allowed")
        length = _length(extents[node.input[1]])
        if length > LONGEST_ATTENTION:
            raise ModelError(
                f"{where}: attention over {length} keys; at most {LONGEST_ATTENTION} are accepted"
            )


def _length(keys: Extent) -> int:
    """Return the keys of a sequence, from (N, T, C) or (N, heads, T, C)."""
    return keys.shape[-2]


def _multiplications(node: onnx.NodeProto, inputs: list[Extent], answers: int) -> int:
    if node.op_type == "Attention":
        return 2 * inputs[0].elements * _length(inputs[1])
    if node.op_type in ("MatMul", "MatMulInteger", "QLinearMatMul"):
        return answers * (inputs[0].shape or (1,))[-1]
    if node.op_type == "Gemm":
        transposed = any(a.name == "transA" and a.i for a in node.attribute)
        return answers * inputs[0].shape[0 if transposed else 1]
    if node.op_type in _KERNEL_AT:
        return answers * math.prod(inputs[_KERNEL_AT[node.op_type]].shape[1:])
    if node.op_type == "ConvTranspose":
        return inputs[0].elements * math.prod(inputs[1].shape[1:])
    kernel = [a.ints for a in node.attribute if a.name == "kernel_shape"]
    return answers * math.prod(kernel[0]) if kernel else 0
