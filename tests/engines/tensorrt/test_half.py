import numpy as np
import onnx
import onnxruntime as ort
import pytest
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.transformers.float16 import convert_float_to_float16

from engines.errors import ModelError
from engines.model_file import ModelFile, read_model
from engines.precision import TOLERANCES
from engines.registry import default_model_path
from engines.tensorrt.half import SIZES_PX, probe_windows, to_half
from tests.engines.check_makers import decodable, store
from tests.engines.conftest import (
    NODES,
    OUTPUTS,
    WINDOW,
    MakeModel,
    tiny_answer,
    tiny_manifest,
    tiny_windows,
)

Step = tuple[str, float | None]


def chain(steps: list[Step]) -> onnx.ModelProto:
    """The mean of a window through operators, each with one constant or none."""
    nodes = [helper.make_node("ReduceMean", ["windows"], ["t0"], axes=[1, 2, 3], keepdims=0)]
    weights = []
    for index, (operator, constant) in enumerate(steps):
        inputs = [f"t{index}"]
        if constant is not None:
            inputs.append(f"w{index}")
            weights.append(numpy_helper.from_array(np.array(constant, np.float32), f"w{index}"))
        nodes.append(helper.make_node(operator, inputs, [f"t{index + 1}"]))
    nodes += [helper.make_node("Sigmoid", [f"t{len(steps)}"], [name]) for name in OUTPUTS]
    graph = helper.make_graph(
        nodes,
        "chain",
        [helper.make_tensor_value_info("windows", TensorProto.FLOAT, ["N", WINDOW, len(NODES), 2])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N"]) for name in OUTPUTS],
        weights,
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)


def types_within(graph: onnx.GraphProto) -> set[int]:
    return {tensor.data_type for tensor in graph.initializer}


def test_weights_are_half_and_input_and_outputs_are_single(make_model: MakeModel) -> None:
    half = onnx.load_model_from_string(to_half(make_model()))
    onnx.checker.check_model(half, full_check=True)
    assert types_within(half.graph) == {TensorProto.FLOAT16}
    ends = [*half.graph.input, *half.graph.output]
    assert {end.type.tensor_type.elem_type for end in ends} == {TensorProto.FLOAT}
    assert [end.name for end in ends] == ["windows", *OUTPUTS]


def test_the_half_graph_answers_as_the_closed_form_within_the_tolerance(
    make_model: MakeModel,
) -> None:
    windows, tolerance = tiny_windows(32), TOLERANCES["fp16"]
    session = ort.InferenceSession(to_half(make_model()))
    for name, got in zip(OUTPUTS, session.run(list(OUTPUTS), {"windows": windows}), strict=True):
        wanted = tiny_answer(windows, name)
        assert got.dtype == np.float32
        assert (np.abs(got - wanted) <= tolerance.absolute + tolerance.relative * wanted).all()


def test_the_model_itself_is_left_as_it_was(make_model: MakeModel) -> None:
    model = make_model()
    before = model.sha256
    assert to_half(model) == to_half(model)
    assert model.sha256 == before


def test_the_probe_reaches_from_a_hundredth_of_a_pixel_to_a_hundred() -> None:
    windows = probe_windows(tiny_manifest())
    assert windows.dtype == np.float32
    assert windows.shape == (len(SIZES_PX), WINDOW, len(NODES), 2)
    np.testing.assert_allclose(
        np.abs(windows).max(axis=(1, 2, 3)), np.geomspace(0.01, 100, 9), rtol=1e-6
    )
    assert (windows[:, 0] == 0).all()


@pytest.mark.parametrize(
    "steps",
    [
        [("Mul", 1e5), ("Mul", 1e-5)],
        [("Add", 60000.0), ("Add", 8000.0), ("Sub", 68000.0)],
        [("Abs", None), ("Mul", 1000.0), ("Pow", 2.0), ("Sqrt", None), ("Mul", 1e-3)],
    ],
)
def test_a_graph_that_overflows_half_precision_is_refused(
    steps: list[Step], make_model: MakeModel
) -> None:
    with pytest.raises(ModelError, match=r"in fp16: 't\d' overflows .* take fp32"):
        to_half(make_model(chain(steps)))


def test_an_overflow_that_the_cpu_does_not_show_is_found_all_the_same(
    make_model: MakeModel,
) -> None:
    """ONNX Runtime computes a product of halves in fp32, which a GPU does not."""
    model = make_model(chain([("Mul", 5e4), ("Mul", 2e-5)]))
    windows = probe_windows(model.manifest)
    half = convert_float_to_float16(onnx.load_model_from_string(model.content), keep_io_types=True)
    sessions = [ort.InferenceSession(c) for c in (model.content, half.SerializeToString())]
    single, on_cpu = (np.array(s.run(None, {"windows": windows})) for s in sessions)
    np.testing.assert_allclose(on_cpu, single, rtol=0.02, atol=0.002)
    with pytest.raises(ModelError, match="overflows"):
        to_half(model)


def test_a_graph_that_half_precision_blurs_is_refused(make_model: MakeModel) -> None:
    steps: list[Step] = [("Add", 1000.0), ("Sub", 1000.0), ("Mul", 20.0)]
    with pytest.raises(ModelError, match="in fp16: output 'micro_apex' differs"):
        to_half(make_model(chain(steps)))


def test_a_stored_check_that_it_agrees_with_is_passed(make_model: MakeModel) -> None:
    model = decodable(make_model)
    store(model)
    assert len(to_half(model)) > 0


def test_a_stored_check_that_it_does_not_agree_with_refuses_it(make_model: MakeModel) -> None:
    model = decodable(make_model)
    store(model, shift=0.1)
    with pytest.raises(ModelError, match=r"onnxruntime in fp16: output .* differs from the stored"):
        to_half(model)


def test_a_damaged_stored_check_refuses_it(make_model: MakeModel) -> None:
    model = decodable(make_model)
    model.path.with_suffix(".check.npz").write_bytes(b"?")
    with pytest.raises(ModelError, match="check"):
        to_half(model)


def test_a_graph_that_cannot_be_converted_is_a_model_error(make_model: MakeModel) -> None:
    model = make_model()
    graph = onnx.load_model_from_string(model.content)
    graph.graph.node[0].op_type = "NoSuchOperator"
    broken = ModelFile(model.path, model.manifest, graph.SerializeToString())
    with pytest.raises(ModelError, match=r"cannot be converted: .*; take fp32") as caught:
        to_half(broken)
    assert "\n" not in str(caught.value)


def test_the_default_model_passes_with_its_stored_expressions() -> None:
    content = to_half(read_model(default_model_path()))
    half = onnx.load_model_from_string(content)
    onnx.checker.check_model(half)
    assert TensorProto.FLOAT16 in types_within(half.graph)
