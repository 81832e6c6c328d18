"""A look at a protobuf file's bytes before they are parsed.

Two bytes can stand for an empty node or attribute, which takes a hundred in memory: a file of 64
MiB could fill gigabytes while it is parsed. So its parts are counted first, with no more memory
than the file's own.
"""

from typing import Any, Final

import onnx

from engines.errors import ModelError

MOST_PARTS: Final = 300_000
"""Fields in a file; the default model has four thousand."""

_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_WIDTHS: Final = {_FIXED64: 8, _FIXED32: 4}


def require_few_parts(content: bytes, where: str, most: int = MOST_PARTS) -> None:
    """Refuse bytes that are not an ONNX file from end to end, or one of very many parts.

    Raises
    ------
    ModelError
        Saying which.
    """
    parts = 0
    pending: list[tuple[Any, int, int]] = [(onnx.ModelProto.DESCRIPTOR, 0, len(content))]
    while pending:
        kind, start, end = pending.pop()
        while start < end:
            parts += 1
            if parts > most:
                raise ModelError(f"{where}: the file has more than {most} parts")
            try:
                number, start, stop = _field(content, start)
            except (IndexError, ValueError) as error:
                raise _damaged(where) from error
            if stop > end:
                raise _damaged(where)
            field = kind.fields_by_number.get(number)
            if field is not None and field.message_type is not None:
                pending.append((field.message_type, start, stop))
            start = stop


def _field(content: bytes, at: int) -> tuple[int, int, int]:
    """Return a field's number, and where its value starts and ends."""
    tag, at = _varint(content, at)
    wire = tag & 7
    if wire == _BYTES:
        size, at = _varint(content, at)
        return tag >> 3, at, at + size
    if wire == _VARINT:
        # not a message, whatever its number says: what is within is not looked at
        return 0, at, _varint(content, at)[1]
    if wire in _WIDTHS:
        return 0, at, at + _WIDTHS[wire]
    raise ValueError("a kind of field that ONNX files do not have")


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = content[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("a number of more than ten bytes")


def _damaged(where: str) -> ModelError:
    return ModelError(f"{where}: not an ONNX file, or a damaged one")
