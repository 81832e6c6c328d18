"""Small whole numbers that a graph computes from its shapes, worked out without running it.

Exported graphs compute some of their shapes: ``x.expand(-1, 4)`` becomes seven operators. Only
what decides about shapes is worked out, and only vectors of a few numbers.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import numpy_helper

from engines.extent import Extent

SMALL: Final = 64
"""Elements of a vector that may matter for shapes."""

Numbers = NDArray[np.int64]
"""Values of any whole data type, wrapped as in that; yes and no are one and zero."""

_Fold = Callable[[onnx.NodeProto, Sequence[Numbers], Extent], Numbers]


def small_numbers(tensor: onnx.TensorProto) -> Numbers | None:
    """Return a stored tensor's values where they are few and whole, else None."""
    extent = Extent.of_tensor(tensor)
    if not extent.whole or extent.elements > SMALL:
        return None
    return _wrapped(numpy_helper.to_array(tensor), extent)


def fold(node: onnx.NodeProto, values: Sequence[Numbers | None], out: Extent) -> Numbers | None:
    """Return what an operator gives for known small inputs; None where that is not known here.

    Parameters
    ----------
    node
        The operator; its shapes were found to fit.
    values
        Those of its inputs that are known.
    out
        Of its output.
    """
    rule = _FOLDS.get(node.op_type)
    known = [value for value in values if value is not None]
    if rule is None or len(known) != len(values) or not out.whole or out.elements > SMALL:
        return None
    try:
        with np.errstate(all="ignore"):
            result = rule(node, known, out)
    except (ArithmeticError, IndexError, TypeError, ValueError):
        return None
    return _wrapped(result, out) if result.shape == out.shape else None


def to_tensor(numbers: Numbers, extent: Extent, name: str) -> onnx.TensorProto:
    """Return numbers as a tensor of their own data type."""
    dtype = onnx.helper.tensor_dtype_to_np_dtype(extent.kind)
    return numpy_helper.from_array(numbers.astype(dtype), name)


def _wrapped(values: NDArray[np.generic], extent: Extent) -> Numbers:
    """Let values overflow as they do in their own data type."""
    return values.astype(onnx.helper.tensor_dtype_to_np_dtype(extent.kind)).astype(np.int64)


def _attribute(node: onnx.NodeProto, name: str, default: int = 0) -> int:
    return next((int(a.i) for a in node.attribute if a.name == name), default)


def _constant(node: onnx.NodeProto, _: Sequence[Numbers], __: Extent) -> Numbers:
    (attribute,) = node.attribute
    return np.array(attribute.i if attribute.name == "value_int" else attribute.ints, np.int64)


def _filled(node: onnx.NodeProto, _: Sequence[Numbers], out: Extent) -> Numbers:
    value = numpy_helper.to_array(node.attribute[0].t) if node.attribute else np.zeros(1, np.int64)
    return np.full(out.shape, value.reshape(()))


def _permuted(node: onnx.NodeProto, values: Sequence[Numbers], _: Extent) -> Numbers:
    order = next((tuple(a.ints) for a in node.attribute if a.name == "perm"), None)
    return np.transpose(values[0], order)


def _sliced(_: onnx.NodeProto, values: Sequence[Numbers], __: Extent) -> Numbers:
    data, starts, ends, *rest = values
    axes = rest[0] if rest else np.arange(len(starts))
    steps = rest[1] if len(rest) > 1 else np.ones(len(starts), np.int64)
    parts = [slice(None)] * data.ndim
    for axis, start, end, step in zip(axes, starts, ends, steps, strict=True):
        parts[axis] = slice(int(start), int(end), int(step))
    return data[tuple(parts)]


def _reshaped(_: onnx.NodeProto, values: Sequence[Numbers], out: Extent) -> Numbers:
    return values[0].reshape(out.shape)


def _divided(node: onnx.NodeProto, values: Sequence[Numbers], __: Extent) -> Numbers:
    if not all((value >= 0).all() for value in values):
        raise ValueError("ONNX rounds towards zero, NumPy down")
    return np.floor_divide(*values) if node.op_type == "Div" else np.mod(*values)


def _of(function: Callable[..., Numbers]) -> _Fold:
    return lambda _, values, __: function(*values)


_FOLDS: Final[Mapping[str, _Fold]] = {
    "Add": _of(np.add),
    "Cast": _reshaped,
    "Concat": lambda node, values, _: np.concatenate(values, _attribute(node, "axis")),
    "Constant": _constant,
    "ConstantOfShape": _filled,
    "Div": _divided,
    "Equal": lambda _, values, __: np.equal(*values).astype(np.int64),
    "Expand": lambda _, values, out: np.broadcast_to(values[0], out.shape),
    "Gather": lambda node, v, _: np.take(v[0], v[1].astype(int), _attribute(node, "axis")),
    "Identity": _reshaped,
    "Mod": _divided,
    "Mul": _of(np.multiply),
    "Range": lambda _, values, out: values[0] + values[2] * np.arange(out.elements),
    "Reshape": _reshaped,
    "Slice": _sliced,
    "Squeeze": _reshaped,
    "Sub": _of(np.subtract),
    "Transpose": _permuted,
    "Unsqueeze": _reshaped,
    "Where": _of(np.where),
}
