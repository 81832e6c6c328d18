"""Graphs that hold what no graph may, and why each is refused."""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from tests.engines import hostile_models as make
from tests.engines.hostile_models import (
    Change,
    MakeFile,
    adds_constant,
    constant,
    rename_operator,
    resigned,
    tampered,
)


def set_opset(version: int) -> Change:
    return lambda model: setattr(model.opset_import[0], "version", version)


def claim(*dims: int) -> Change:
    def change(model: onnx.ModelProto) -> None:
        del model.graph.initializer[0].dims[:]
        model.graph.initializer[0].dims.extend(dims)

    return change


def repeated_weight(model: onnx.ModelProto) -> None:
    model.graph.initializer.append(model.graph.initializer[0])


def own_function(model: onnx.ModelProto) -> None:
    node = helper.make_node("Relu", ["a"], ["b"])
    opset = [helper.make_opsetid("", 17)]
    model.functions.append(helper.make_function("", "Sigmoid", ["a"], ["b"], [node], opset))


def training_info(model: onnx.ModelProto) -> None:
    model.training_info.add().algorithm.name = "step"


def sparse(model: onnx.ModelProto) -> None:
    """Four bytes of values in a tensor of a tebibyte."""
    value = model.graph.sparse_initializer.add(dims=[2**40])
    value.values.CopyFrom(numpy_helper.from_array(np.ones(1, np.float32), "wide"))
    value.indices.CopyFrom(numpy_helper.from_array(np.zeros(1, np.int64), "at"))


PLACES = ("initializer", "attribute", "attribute list", "sparse initializer", "sparse attribute",
          "subgraph", "function")  # fmt: skip
ELSEWHERE = {
    f"values of the {place} in {location}": (
        tampered(make.within(place, location)),
        "functions of its own" if place == "function" else "'hidden' lies in another file",
    )
    for place in PLACES
    for location in (make.OTHER, f"../{make.OTHER}", "/dev/zero")
}

GRAPHS: dict[str, tuple[MakeFile, str]] = {
    "no operators": (tampered(lambda m: m.graph.ClearField("node")), "empty graph"),
    "opset 12": (resigned(set_opset(12)), r"operator set 13 to 23, not \[12\]"),
    "opset 99": (resigned(set_opset(99)), r"operator set 13 to 23, not \[99\]"),
    "a later file format": (
        resigned(lambda model: setattr(model, "ir_version", 99)),
        "not valid ONNX",
    ),
    "an operator set of its own": (
        resigned(lambda m: m.opset_import.extend([helper.make_opsetid("com.example", 1)])),
        "operator set 'com.example' is not allowed",
    ),
    "a custom operator": (
        resigned(rename_operator("com.example", "Sigmoid")),
        "operator 'Sigmoid' of 'com.example' is not allowed",
    ),
    "an operator of ONNX Runtime's own": (
        resigned(rename_operator("com.microsoft", "FusedMatMul")),
        "of 'com.microsoft' is not allowed",
    ),
    "an operator that nobody knows": (
        resigned(rename_operator("", "NoSuchOperator")),
        "operator 'NoSuchOperator' is not allowed",
    ),
    "a name that would clear the terminal": (
        resigned(rename_operator("", "\x1b[2J\nerror: all is well")),
        r"operator '\\x1b\[2J\\nerror: all is well' is not allowed",
    ),
    "functions of its own": (resigned(own_function), "functions of its own"),
    "a training step": (resigned(training_info), "training_info"),
    "branches": (
        resigned(lambda m: make.add(m, make.branching(constant("h", [0], "float32")))),
        "operator 'If' is not allowed",
    ),
    "a loop": (resigned(rename_operator("", "Loop")), "operator 'Loop' is not allowed"),
    "a scan": (resigned(rename_operator("", "Scan")), "operator 'Scan' is not allowed"),
    "chance": (
        resigned(adds_constant(helper.make_node("RandomNormal", [], ["bomb"], shape=[3]))),
        "operator 'RandomNormal' is not allowed",
    ),
    "a graph in an attribute of a plain operator": (
        resigned(lambda m: m.graph.node[0].attribute.add(name="body", type=5)),
        "attribute 'body' of kind GRAPH",
    ),
    "a repeated weight": (resigned(repeated_weight), "two weights have one name"),
    "a sparse weight of a tebibyte": (tampered(sparse), "'wide' is sparse"),
    "a weight cut short": (
        tampered(lambda m: setattr(m.graph.initializer[0], "raw_data", b"\0\0")),
        "'weight_micro_apex' is damaged",
    ),
    "a weight that claims a tebibyte": (tampered(claim(2**40)), "'weight_micro_apex' is damaged"),
    "a weight of negative size": (tampered(claim(-1, -1)), "'weight_micro_apex' is damaged"),
    "a weight of text": (
        tampered(lambda m: setattr(m.graph.initializer[0], "data_type", TensorProto.STRING)),
        "data type 8",
    ),
    "two operators with one output": (
        resigned(lambda m: m.graph.node.append(m.graph.node[-1])),
        "not valid ONNX",
    ),
    "an output that is not in the graph": (
        resigned(lambda m: m.graph.node[-1].output.__setitem__(0, "elsewhere")),
        "not valid ONNX",
    ),
    "an output that the manifest has not": (
        resigned(lambda m: setattr(m.graph.output[0], "name", "raw_micro_apex")),
        "one float32 output",
    ),
    "another window": (
        resigned(lambda m: setattr(m.graph.input[0].type.tensor_type.shape.dim[1], "dim_value", 9)),
        "one float32 input",
    ),
}
