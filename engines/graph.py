"""What an ONNX graph may hold before it reaches any backend."""

from collections.abc import Iterator
from typing import Final

import onnx

from engines.errors import ModelError
from engines.manifest import Manifest

OPSETS: Final = range(13, 24)
"""Versions of the standard operator set that are accepted."""

STANDARD_DOMAINS: Final = ("", "ai.onnx")
INPUT_NAME: Final = "windows"
VECTOR: Final = 2


def require_safe(model: onnx.ModelProto, where: str) -> None:
    """Refuse a graph that is malformed, reads other files or needs operators of its own.

    Raises
    ------
    ModelError
        With the first reason found.
    """
    _require_opset(model, where)
    if model.functions:
        raise ModelError(f"{where}: the graph defines functions of its own; export it inlined")
    for graph in _graphs(model.graph):
        _require_plain(graph, where)
    try:
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, ValueError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"{where}: the graph is not valid ONNX: {reason}") from error


def require_interface(model: onnx.ModelProto, manifest: Manifest, where: str) -> None:
    """Refuse a graph whose input or outputs are not the manifest's.

    One float32 input ``windows`` (N, window, nodes, 2) and, per output name in the manifest's
    order, one float32 vector (N,), with N free.

    Raises
    ------
    ModelError
        Saying what differs.
    """
    expected = (manifest.input.window, len(manifest.input.nodes), VECTOR)
    inputs = [(i.name, _shape(i)) for i in model.graph.input]
    if inputs != [(INPUT_NAME, (None, *expected))]:
        raise ModelError(
            f"{where}: the graph must have one float32 input {INPUT_NAME!r} (N, "
            f"{', '.join(map(str, expected))}), not {inputs}"
        )
    outputs = [(o.name, _shape(o)) for o in model.graph.output]
    if outputs != [(name, (None,)) for name in manifest.outputs]:
        raise ModelError(
            f"{where}: the graph must have one float32 output (N,) for each of "
            f"{', '.join(manifest.outputs)}, not {outputs}"
        )


def _require_opset(model: onnx.ModelProto, where: str) -> None:
    for opset in model.opset_import:
        if opset.domain not in STANDARD_DOMAINS:
            raise ModelError(f"{where}: operator set {opset.domain!r} is not allowed")
    versions = [o.version for o in model.opset_import]
    if len(versions) != 1 or versions[0] not in OPSETS:
        raise ModelError(
            f"{where}: needs operator set {OPSETS[0]} to {OPSETS[-1]}, not {versions}; "
            "export it again"
        )


def _require_plain(graph: onnx.GraphProto, where: str) -> None:
    for node in graph.node:
        if node.domain not in STANDARD_DOMAINS:
            raise ModelError(f"{where}: operator {node.domain}.{node.op_type} is not allowed")
    for tensor in _tensors(graph):
        if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
            raise ModelError(f"{where}: weight {tensor.name!r} lies in another file; embed it")


def _tensors(graph: onnx.GraphProto) -> Iterator[onnx.TensorProto]:
    yield from graph.initializer
    for sparse in graph.sparse_initializer:
        yield from (sparse.values, sparse.indices)
    for node in graph.node:
        for attribute in node.attribute:
            yield from (attribute.t, *attribute.tensors)
            for sparse in (attribute.sparse_tensor, *attribute.sparse_tensors):
                yield from (sparse.values, sparse.indices)


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    """Yield a graph and, within control-flow operators, all below it."""
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            inner = [attribute.g] if attribute.HasField("g") else []
            for below in (*inner, *attribute.graphs):
                yield from _graphs(below)


def _shape(value: onnx.ValueInfoProto) -> tuple[int | None, ...] | str:
    """Return a float32 value's shape, None where a dimension is free; else its type in words."""
    tensor = value.type.tensor_type
    if tensor.elem_type != onnx.TensorProto.FLOAT:
        return str(onnx.TensorProto.DataType.Name(tensor.elem_type)).lower()
    return tuple(d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim)
