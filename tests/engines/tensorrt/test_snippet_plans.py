"""Plans of models that read the snippets of a video: any length, never padded."""

import ctypes
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import cast

import numpy as np
import onnx
import pytest

from engines.contracts import MOST_ROWS
from engines.errors import ModelError
from engines.tensorrt.backend import TensorRTBackend
from engines.tensorrt.compiler import Order, compile_graph
from engines.tensorrt.distribution import TENSORRT
from engines.tensorrt.half import to_half
from engines.tensorrt.key import SNIPPETS, BatchRange, PlanKey, batch_of
from engines.tensorrt.plan import Plan
from engines.tensorrt.progress import ProgressBar, make_monitor
from tests.engines.conftest import tiny_manifest
from tests.engines.snippet_model_makers import (
    CONTRACT,
    OUTPUTS,
    D,
    snippet_answer,
    snippet_manifest,
    some_snippets,
    store_snippet_check,
    write_snippet_model,
)
from tests.engines.tensorrt.fake_builder import FakeBuilderModule
from tests.engines.tensorrt.fake_gpu import FakeGpu
from tests.engines.tensorrt.fake_tensorrt import FLOAT, NOWHERE, FakeTensorRT

MOST = 100


def network(addresses: dict[str, int], shape: tuple[int, ...]) -> None:
    raw = ctypes.string_at(addresses["snippets"], FLOAT * int(np.prod(shape)))
    snippets = np.frombuffer(raw, np.float32).reshape(shape)
    for name, values in snippet_answer(snippets).values.items():
        ctypes.memmove(addresses[name], values.tobytes(), values.nbytes)


def open_fake(gpu: FakeGpu, *, rtx: bool = True) -> tuple[TensorRTBackend, FakeTensorRT]:
    trt = FakeTensorRT(gpu, rtx=rtx)
    trt.sizes = (1, 10, MOST)
    trt.tensors = {"snippets": ("input", "float", (-1, 2, D))}
    trt.tensors |= dict.fromkeys(OUTPUTS, ("output", "float", (-1,)))
    trt.network = network
    name = "tensorrt-rtx" if rtx else "tensorrt"
    key = PlanKey("0" * 64, name, "1.2.3", ("SM86",), "fp16", BatchRange(1, 10, MOST))
    plan = Plan(Path("fake.plan"), key, b"plan")
    backend = TensorRTBackend(trt, gpu.cuda(), snippet_manifest(), plan, device=0, cache=NOWHERE)
    return backend, trt


@pytest.mark.parametrize("rtx", [True, False])
def test_a_video_runs_in_one_call_of_its_own_length(rtx: bool) -> None:
    gpu = FakeGpu()
    backend, _ = open_fake(gpu, rtx=rtx)
    with backend:
        gpu.calls.clear()
        for count in (1, 3, 10, 33, MOST):
            snippets = some_snippets(count)
            scores = backend.run(snippets)
            for name, wanted in snippet_answer(snippets).values.items():
                np.testing.assert_allclose(scores.values[name], wanted, atol=1e-6)
        assert not backend.has_graph
    executed = [call for call in gpu.calls if call.startswith("execute ")]
    assert executed == ["execute 1", "execute 3", "execute 10", "execute 33", f"execute {MOST}"]
    assert gpu.held == {}


def test_a_video_longer_than_the_plan_takes_is_refused() -> None:
    backend, _ = open_fake(FakeGpu())
    with backend, pytest.raises(ModelError, match="101 snippets are more than the plan's 100"):
        backend.run(some_snippets(MOST + 1))


def test_kernels_are_not_compiled_for_each_length() -> None:
    backend, trt = open_fake(FakeGpu())
    backend.close()
    assert trt.config is not None
    assert trt.config.dynamic_shapes_kernel_specialization_strategy == "NONE"


def test_the_real_module_knows_the_strategy() -> None:
    real = pytest.importorskip("tensorrt_rtx")
    assert real.DynamicShapesKernelSpecializationStrategy.NONE.name == "NONE"


def test_a_plan_takes_one_snippet_to_the_longest_video_and_windows_as_before() -> None:
    assert batch_of(CONTRACT) == SNIPPETS == BatchRange(1, 256, MOST_ROWS)
    assert batch_of(CONTRACT, 50) == BatchRange(1, 50, 50)
    assert batch_of(CONTRACT, 2000) == BatchRange(1, 256, 2000)
    assert batch_of(tiny_manifest().input) == BatchRange(1, 1, 32)
    assert batch_of(tiny_manifest().input, 8) == BatchRange(1, 1, 8)


def test_the_profile_is_over_the_time_axis(tmp_path: Path) -> None:
    model = write_snippet_model(tmp_path)
    trt = FakeBuilderModule()
    key = PlanKey(model.sha256, "tensorrt", "1.2.3", ("SM86 Fake GPU",), "fp32", SNIPPETS)
    module = cast(ModuleType, trt)
    order = Order(module, TENSORRT, model, key, model.content)
    with ProgressBar("tiny", shown=False) as bar:
        compile_graph(order, make_monitor(module, bar, Event()))
    assert trt.shapes == [("snippets", (1, 2, D), (256, 2, D), (MOST_ROWS, 2, D))]


def test_half_precision_is_held_against_the_stored_check(tmp_path: Path) -> None:
    model = write_snippet_model(tmp_path)
    with pytest.raises(ModelError, match="has no stored check to hold fp16 against"):
        to_half(model)
    store_snippet_check(model)
    half = onnx.load_model_from_string(to_half(model))
    kinds = {tensor.data_type for tensor in half.graph.initializer}
    assert onnx.TensorProto.FLOAT16 in kinds
    assert half.graph.input[0].type.tensor_type.elem_type == onnx.TensorProto.FLOAT
