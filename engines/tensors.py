"""What the stored tensors of a model may be: within the file, and as large as they say."""

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import onnx
from onnx import TensorProto

from engines.errors import ModelError
from engines.text import shown

ITEM_BYTES: Final[Mapping[int, int]] = {
    TensorProto.BOOL: 1,
    TensorProto.INT8: 1,
    TensorProto.UINT8: 1,
    TensorProto.INT16: 2,
    TensorProto.UINT16: 2,
    TensorProto.FLOAT16: 2,
    TensorProto.BFLOAT16: 2,
    TensorProto.INT32: 4,
    TensorProto.UINT32: 4,
    TensorProto.FLOAT: 4,
    TensorProto.INT64: 8,
    TensorProto.UINT64: 8,
    TensorProto.DOUBLE: 8,
}
"""Data types that are accepted, and the bytes of one value; no text, no complex numbers."""

MOST_AXES: Final = 8

_LISTS: Final[Mapping[int, str]] = {
    TensorProto.FLOAT: "float_data",
    TensorProto.DOUBLE: "double_data",
    TensorProto.INT64: "int64_data",
    TensorProto.UINT32: "uint64_data",
    TensorProto.UINT64: "uint64_data",
}
_ALL_LISTS: Final = ("float_data", "int32_data", "string_data", "int64_data", "double_data",
                     "uint64_data")  # fmt: skip


def messages(model: onnx.ModelProto) -> Iterator[Any]:
    """Yield a protobuf message and every one within it, at any depth."""
    pending: list[Any] = [model]
    while pending:
        message = pending.pop()
        yield message
        for field, value in message.ListFields():
            if field.message_type is not None:
                pending += value if isinstance(value, Iterable) else [value]


def require_known(model: onnx.ModelProto, where: str) -> None:
    """Refuse fields that this version does not know, and text that is not UTF-8.

    Another reader of the same bytes may know the fields, and act on them.

    Raises
    ------
    ModelError
        Saying which.
    """
    size = model.ByteSize()
    model.DiscardUnknownFields()
    if model.ByteSize() != size:
        raise ModelError(f"{where}: it has fields that this version does not know; export it again")
    for message in messages(model):
        for field, value in message.ListFields():
            if field.type == field.TYPE_STRING:
                texts = [value] if isinstance(value, str | bytes) else value
                if not all(isinstance(text, str) for text in texts):
                    raise ModelError(f"{where}: {field.name} {shown(value)} is not UTF-8; damaged?")


def require_embedded(model: onnx.ModelProto, where: str) -> None:
    """Refuse a model of which any part, however deep, lies in another file.

    Raises
    ------
    ModelError
        Naming the tensor; the other file is not touched.
    """
    for message in messages(model):
        if isinstance(message, TensorProto) and (
            message.data_location != TensorProto.DEFAULT or message.external_data
        ):
            raise ModelError(
                f"{where}: weight {shown(message.name)} lies in another file; embed it"
            )


def require_whole(model: onnx.ModelProto, where: str) -> None:
    """Refuse stored tensors that are sparse, of odd types, or hold other than their shape says.

    Raises
    ------
    ModelError
        Naming the tensor.
    """
    for message in messages(model):
        if isinstance(message, onnx.SparseTensorProto):
            raise ModelError(
                f"{where}: weight {shown(message.values.name)} is sparse; make it dense"
            )
        if isinstance(message, TensorProto):
            _require_full(message, f"{where}: weight {shown(message.name)}")
    names = [tensor.name for tensor in model.graph.initializer]
    if len(set(names)) != len(names) or "" in names:
        raise ModelError(f"{where}: two weights have one name, or one has none")


def _require_full(tensor: TensorProto, where: str) -> None:
    if tensor.data_type not in ITEM_BYTES:
        raise ModelError(f"{where} is of data type {tensor.data_type}, which is not allowed")
    odd = len(tensor.dims) > MOST_AXES or any(size < 0 for size in tensor.dims)
    if odd or tensor.HasField("segment"):
        raise ModelError(f"{where} is damaged: shape {shown(list(tensor.dims))}")
    own = _LISTS.get(tensor.data_type, "int32_data")
    if any(len(getattr(tensor, name)) for name in _ALL_LISTS if name != own):
        raise ModelError(f"{where} is damaged: it holds values of two types")
    listed = len(getattr(tensor, own)) * ITEM_BYTES[tensor.data_type]
    wanted = math.prod(tensor.dims) * ITEM_BYTES[tensor.data_type]
    if sorted((len(tensor.raw_data), listed)) != [0, wanted]:
        raise ModelError(
            f"{where} is damaged: shape {shown(list(tensor.dims))} takes {wanted} bytes, it has "
            f"{len(tensor.raw_data) + listed}"
        )
