"""The data type and shape of one value of a graph."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

import onnx
from onnx import TensorProto

from engines.errors import ModelError
from engines.tensors import ITEM_BYTES
from engines.text import shown

FRACTIONS: Final = frozenset(
    {TensorProto.FLOAT, TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE}
)
"""Data types of numbers that need not be whole."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Data type (of ``onnx.TensorProto``) and shape of one value."""

    kind: int
    shape: tuple[int, ...]

    @property
    def elements(self) -> int:
        """Number of elements."""
        return math.prod(self.shape)

    @property
    def size(self) -> int:
        """Bytes."""
        return self.elements * ITEM_BYTES[self.kind]

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers, or yes and no."""
        return self.kind not in FRACTIONS

    @classmethod
    def of_tensor(cls, tensor: TensorProto) -> Self:
        """Return that of a stored tensor."""
        return cls(tensor.data_type, tuple(tensor.dims))

    @classmethod
    def of_type(cls, kind: onnx.TypeProto, name: str, where: str) -> Self:
        """Return that of a value whose type was inferred.

        Raises
        ------
        ModelError
            If the type is not that of a tensor of numbers, or leaves a side open.
        """
        tensor = kind.tensor_type
        if tensor.elem_type not in ITEM_BYTES:
            raise ModelError(f"{where}: value {shown(name)} is not made of numbers")
        sides = tensor.shape.dim
        if not tensor.HasField("shape") or not all(side.HasField("dim_value") for side in sides):
            raise ModelError(
                f"{where}: the size of value {shown(name)} cannot be told from the graph; export "
                "it with fixed sizes but for the batch"
            )
        return cls(tensor.elem_type, tuple(side.dim_value for side in sides))

    def to_type(self) -> onnx.TypeProto:
        """Return it as a type of ONNX."""
        return onnx.helper.make_tensor_type_proto(self.kind, self.shape)


Extents = Mapping[str, Extent]
