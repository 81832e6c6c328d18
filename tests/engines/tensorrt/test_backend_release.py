import gc

import numpy as np
import pytest

from engines.errors import ModelError
from engines.tensorrt.backend import TensorRTBackend
from tests.engines.conftest import tiny_answer, tiny_windows
from tests.engines.tensorrt.fake_gpu import CudaErrors, FakeGpu, FakeRuntime
from tests.engines.tensorrt.fake_tensorrt import open_fake


def run_both(backend: TensorRTBackend) -> None:
    """Score one window, which takes the graph, and more than one call takes."""
    backend.run(tiny_windows(1))
    backend.run(tiny_windows(40))


def failing_calls(opening: bool) -> dict[int, str]:
    """Return each call that can fail, by its number, while opening or in two runs after it."""
    gpu = FakeGpu()
    with open_fake(gpu) as backend:
        first = gpu.fallible
        run_both(backend)
        last = gpu.fallible
    names = [name for name in gpu.calls if name in FALLIBLE]
    numbers = range(first) if opening else range(first, last)
    return {number + 1: names[number] for number in numbers}


FALLIBLE = {
    "malloc",
    "stream",
    "wait",
    "copy",
    "begin capture",
    "end capture",
    "instantiate",
    "launch",
    "address",
    "shape",
    "execute",
    "context",
    "deserialize",
}


@pytest.mark.parametrize(
    ("number", "call"), [pytest.param(k, v, id=f"{k}-{v}") for k, v in failing_calls(True).items()]
)
def test_everything_is_freed_whichever_call_of_opening_fails(number: int, call: str) -> None:
    gpu = FakeGpu(fail_at=number)
    opened = try_to_open(gpu)
    assert gpu.failed == call
    if isinstance(opened, ModelError):
        # while the error still holds the frames that it went through
        assert opened.__traceback__ is not None
        assert gpu.held == {}
        assert "fake.plan" in str(opened)
        assert "\n" not in str(opened)
        return
    # a recording that fails costs the graph, not the backend
    assert not opened.has_graph
    assert "forget" in gpu.calls
    windows = tiny_windows(1)
    got = opened.run(windows).values["macro_apex"]
    np.testing.assert_allclose(got, tiny_answer(windows, "macro_apex"), atol=1e-6)
    opened.close()
    assert gpu.held == {}


def try_to_open(gpu: FakeGpu) -> TensorRTBackend | ModelError:
    try:
        return open_fake(gpu)
    except ModelError as error:
        return error


def test_only_a_failed_recording_is_survived() -> None:
    survived = set()
    for number, call in failing_calls(True).items():
        opened = try_to_open(FakeGpu(fail_at=number))
        if not isinstance(opened, ModelError):
            opened.close()
            survived.add(call)
    assert survived == {"begin capture", "copy", "shape", "execute", "end capture", "instantiate"}


@pytest.mark.parametrize(
    ("number", "call"), [pytest.param(k, v, id=f"{k}-{v}") for k, v in failing_calls(False).items()]
)
def test_a_run_that_fails_says_so_and_leaves_a_backend_that_works_and_closes(
    number: int, call: str
) -> None:
    gpu = FakeGpu(fail_at=number)
    backend = open_fake(gpu)
    with pytest.raises(ModelError, match="model tiny on tensorrt-rtx: "):
        run_both(backend)
    assert gpu.failed == call
    # no copy is under way that the next call would write below
    assert not any(gpu.streams.values())
    windows = tiny_windows(5)
    np.testing.assert_allclose(
        backend.run(windows).values["micro_apex"], tiny_answer(windows, "micro_apex"), atol=1e-6
    )
    backend.close()
    assert gpu.held == {}


def test_closing_frees_the_graph_then_contexts_then_memory_then_stream_then_engine() -> None:
    gpu = FakeGpu()
    backend = open_fake(gpu)
    gpu.calls.clear()
    backend.close()
    assert gpu.calls == [
        "device 0",
        "destroy graph",
        "wait",
        *["free context"] * 2,
        *["free"] * 4,
        "destroy stream",
        "free engine",
    ]
    assert gpu.held == {}


def test_a_closed_backend_refuses_to_run_and_closes_again() -> None:
    gpu = FakeGpu()
    backend = open_fake(gpu)
    backend.close()
    calls = list(gpu.calls)
    backend.close()
    assert gpu.calls == calls
    assert not backend.has_graph
    with pytest.raises(ValueError, match="closed"):
        backend.run(tiny_windows(1))


def test_a_backend_that_is_collected_frees_everything() -> None:
    gpu = FakeGpu()
    backend = open_fake(gpu)
    backend.run(tiny_windows(3))
    assert gpu.held
    del backend
    gc.collect()
    assert gpu.held == {}


def test_a_resource_that_cannot_be_freed_does_not_keep_the_others(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpu = FakeGpu()
    backend = open_fake(gpu)
    refused = (CudaErrors.cudaErrorInvalidDevice,)
    monkeypatch.setattr(FakeRuntime, "cudaGraphExecDestroy", lambda *_: refused)
    backend.close()
    assert gpu.held == {"executables": 1}
    assert "cudaGraphExecDestroy failed" in caplog.text


def test_a_device_that_cannot_be_set_is_an_error_with_nothing_held(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gpu = FakeGpu()
    lost = (CudaErrors.cudaErrorInvalidDevice,)
    monkeypatch.setattr(FakeRuntime, "cudaSetDevice", lambda *_: lost)
    with pytest.raises(ModelError, match=r"fake\.plan: CUDA: cudaSetDevice failed: words for 101"):
        open_fake(gpu)
    assert gpu.held == {}
