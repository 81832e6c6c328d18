"""Sizes told without running a graph, against what ONNX Runtime then makes of it."""

from collections.abc import Sequence

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper

from engines.errors import ModelError
from engines.extent import Extent
from engines.graph import INPUT_NAME
from engines.model_file import read_model
from engines.registry import default_model_path
from engines.shapes import Sizes
from tests.engines.conftest import tiny_graph


def told(model: onnx.ModelProto, batch: int) -> dict[str, Extent]:
    return Sizes(model, "model").at(batch, lambda _, __: None)


def run_whole(model: onnx.ModelProto, windows: np.ndarray) -> dict[str, tuple[int, ...]]:
    """Shapes of all values of a graph, by running it with each as an output."""
    open_graph = onnx.ModelProto()
    open_graph.CopyFrom(model)
    del open_graph.graph.output[:]
    names = [name for node in model.graph.node for name in node.output if name]
    extents = told(model, len(windows))
    for name in names:
        kind = extents[name].kind
        open_graph.graph.output.append(helper.make_tensor_value_info(name, kind, None))
    options = ort.SessionOptions()
    options.log_severity_level = 3
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = ort.InferenceSession(
        open_graph.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )
    values = session.run(names, {INPUT_NAME: windows})
    return {name: value.shape for name, value in zip(names, values, strict=True)}


@pytest.mark.parametrize("batch", [1, 5, 32])
def test_every_size_in_the_default_model_is_the_one_that_comes_up(batch: int) -> None:
    file = read_model(default_model_path())
    model = onnx.load_model_from_string(file.content)
    window, nodes = file.manifest.input.window, len(file.manifest.input.nodes)
    shapes = run_whole(model, np.zeros((batch, window, nodes, 2), np.float32))
    extents = told(model, batch)
    assert shapes == {name: extents[name].shape for name in shapes}


def number(name: str, value: object) -> onnx.NodeProto:
    tensor = numpy_helper.from_array(np.asarray(value, np.int64))
    return helper.make_node("Constant", [], [name], value=tensor)


def op(kind: str, inputs: str, **attributes: object) -> onnx.NodeProto:
    return helper.make_node(kind, inputs.split(), ["sides"], **attributes)


SHAPE = helper.make_node("Shape", ["windows"], ["shape"])
ARITHMETIC: dict[str, Sequence[onnx.NodeProto]] = {
    "sum": [number("a", 2), op("Add", "shape a")],
    "difference": [number("a", 1), op("Sub", "shape a")],
    "product": [number("a", [1, 1, 2, 1]), op("Mul", "shape a")],
    "quotient": [number("a", 2), op("Div", "shape a")],
    "remainder": [number("a", 5), op("Mod", "shape a")],
    "joined": [number("a", [2, 3]), op("Concat", "a shape", axis=0)],
    "picked": [number("a", [3, 0]), op("Gather", "shape a", axis=0)],
    "reversed": [
        number("from", [-1]), number("to", [-(2**62)]), number("axes", [0]), number("step", [-1]),
        op("Slice", "shape from to axes step"),
    ],
    "middle": [number("from", [1]), number("to", [-1]), op("Slice", "shape from to")],
    "replaced": [
        number("a", 17), helper.make_node("Equal", ["shape", "a"], ["is"]), number("b", [4]),
        op("Where", "is b shape"),
    ],
    "crossed": [
        number("by", [2, 2]), helper.make_node("Reshape", ["shape", "by"], ["square"]),
        helper.make_node("Transpose", ["square"], ["turned"], perm=[1, 0]), number("flat", [-1]),
        op("Reshape", "turned flat"),
    ],
    "counted": [number("a", 2), number("b", 9), number("c", 3), op("Range", "a b c")],
    "filled": [number("a", [3]), op("ConstantOfShape", "a",
               value=numpy_helper.from_array(np.array([2])))],
    "spread": [number("a", 3), number("b", [2]), op("Expand", "a b")],
    "narrowed": [
        number("a", 3), helper.make_node("Add", ["shape", "a"], ["more"]),
        helper.make_node("Cast", ["more"], ["small"], to=TensorProto.INT8),
        op("Cast", "small", to=TensorProto.INT64),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", ARITHMETIC)
def test_numbers_that_a_graph_computes_from_shapes_are_those_of_onnx_runtime(name: str) -> None:
    model = tiny_graph()
    fill = helper.make_node("ConstantOfShape", ["sides"], ["filled"])
    model.graph.node.extend([SHAPE, *ARITHMETIC[name], fill])
    shapes = run_whole(model, np.zeros((6, 17, 3, 2), np.float32))
    assert told(model, 6)["filled"].shape == shapes["filled"]


def test_a_size_that_follows_from_the_input_s_values_is_not_told() -> None:
    model = tiny_graph()
    cast = helper.make_node("Cast", ["mean"], ["sides"], to=TensorProto.INT64)
    model.graph.node.extend([cast, helper.make_node("ConstantOfShape", ["sides"], ["filled"])])
    with pytest.raises(ModelError, match="size of value 'filled' cannot be told"):
        told(model, 2)


def test_shapes_that_do_not_fit_each_other_are_refused() -> None:
    model = tiny_graph()
    model.graph.node.append(helper.make_node("MatMul", ["windows", "windows"], ["product"]))
    with pytest.raises(ModelError, match="'MatMul' cannot take what it is given"):
        told(model, 2)


def test_nothing_after_a_value_that_is_refused_is_looked_at() -> None:
    seen: list[str] = []

    def stop(name: str, _: Extent) -> None:
        seen.append(name)
        if name == "mean":
            raise ModelError("too much")

    with pytest.raises(ModelError, match="too much"):
        Sizes(tiny_graph(), "model").at(1, stop)
    assert seen[-1] == "mean"
    assert not any(name.startswith("raw") for name in seen)
