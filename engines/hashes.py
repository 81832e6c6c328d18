"""Hashes by which a manifest knows its graph."""

import hashlib
import sys
from typing import Final

import onnx
from onnx import numpy_helper

COMPUTED: Final = ("ir_version", "opset_import", "graph")
"""The fields of a model that say what is computed; the others are labels."""


def hash_weights(model: onnx.ModelProto) -> str:
    """Return the SHA-256 over the graph's initialisers, hexadecimal.

    Each in the order of its name: name, data type, shape, and values in little-endian C order,
    every part with its length in front.

    Raises
    ------
    ValueError
        If an initialiser holds other than its shape says.
    """
    digest = hashlib.sha256()
    for tensor in sorted(model.graph.initializer, key=lambda t: t.name):
        values = numpy_helper.to_array(tensor)
        little = values if sys.byteorder == "little" else values.byteswap()
        head = f"{tensor.data_type}:{','.join(map(str, tensor.dims))}"
        for part in (tensor.name.encode(), head.encode(), little.tobytes()):
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
    return digest.hexdigest()


def hash_graph(model: onnx.ModelProto) -> str:
    """Return the SHA-256 over everything that decides what a model computes, hexadecimal.

    That is the model's serialisation by field number with its IR version, operator sets and
    graph, weights and constants included, but without metadata and the names of who made it.
    """
    bare = onnx.ModelProto()
    bare.CopyFrom(model)
    for field, _ in model.ListFields():
        if field.name not in COMPUTED:
            bare.ClearField(field.name)
    return hashlib.sha256(bare.SerializeToString(deterministic=True)).hexdigest()
