"""What an ONNX graph may hold before it reaches any backend."""

from typing import Final

import onnx

from engines.contracts import InputContract
from engines.errors import ModelError
from engines.manifest import Manifest
from engines.operators import require_allowed, require_opset
from engines.tensors import require_embedded, require_known, require_whole
from engines.text import one_line, shown

INPUT_NAME: Final = InputContract.tensor
"""Of models that read windows."""

_LABELS: Final = {"producer_name", "producer_version", "domain", "model_version", "doc_string"}
_MODEL_PARTS: Final = _LABELS | {"ir_version", "opset_import", "graph", "metadata_props"}
_GRAPH_PARTS: Final = {"name", "node", "initializer", "input", "output", "value_info",
                       "doc_string", "metadata_props"}  # fmt: skip


def require_safe(model: onnx.ModelProto, where: str) -> None:
    """Refuse a graph that is malformed, reads other files or uses operators beyond those allowed.

    Nothing is run and no other file is touched.

    Raises
    ------
    ModelError
        With the first reason found.
    """
    require_known(model, where)
    require_opset(model, where)
    if model.functions:
        raise ModelError(f"{where}: the graph defines functions of its own; export it inlined")
    require_embedded(model, where)
    require_allowed(model.graph, where)
    require_whole(model, where)
    for message, parts in ((model, _MODEL_PARTS), (model.graph, _GRAPH_PARTS)):
        others = sorted({field.name for field, _ in message.ListFields()} - parts)
        if others:
            raise ModelError(f"{where}: {', '.join(others)} in an ONNX file is not allowed")
    try:
        onnx.checker.check_model(model)
    except Exception as error:  # errors of a C++ library, which share no narrower base
        raise ModelError(f"{where}: the graph is not valid ONNX: {one_line(error)}") from error


def require_interface(model: onnx.ModelProto, manifest: Manifest, where: str) -> None:
    """Refuse a graph whose input or outputs are not the manifest's.

    One float32 input ``windows`` (N, window, nodes, 2), or ``snippets`` (T, 2, D), and, per output
    name in the manifest's order, one float32 vector (N,), with N free.

    Raises
    ------
    ModelError
        Saying what differs.
    """
    name, expected = manifest.input.tensor, manifest.input.row
    inputs = [(i.name, _shape(i)) for i in model.graph.input]
    if inputs != [(name, (None, *expected))]:
        raise ModelError(
            f"{where}: the graph must have one float32 input {name!r} (N, "
            f"{', '.join(map(str, expected))}), not {shown(inputs)}"
        )
    outputs = [(o.name, _shape(o)) for o in model.graph.output]
    if outputs != [(name, (None,)) for name in manifest.outputs]:
        raise ModelError(
            f"{where}: the graph must have one float32 output (N,) for each of "
            f"{shown(manifest.outputs)}, not {shown(outputs)}"
        )


def _shape(value: onnx.ValueInfoProto) -> tuple[int | None, ...] | str:
    """Return a float32 value's shape, None where a dimension is free; else its type in words."""
    tensor = value.type.tensor_type
    if tensor.elem_type != onnx.TensorProto.FLOAT:
        names = {number: name.lower() for name, number in onnx.TensorProto.DataType.items()}
        return str(names.get(tensor.elem_type, "of an unknown type"))
    return tuple(d.dim_value if d.HasField("dim_value") else None for d in tensor.shape.dim)
