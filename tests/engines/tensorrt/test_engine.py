import logging
import subprocess
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from engines.errors import ModelError
from engines.tensorrt import api
from engines.tensorrt.backend import TensorRTBackend
from engines.tensorrt.engine import Engine
from engines.tensorrt.messages import collect_messages, take_error
from tests.engines.conftest import tiny_manifest, tiny_windows
from tests.engines.tensorrt.fake_gpu import FakeGpu
from tests.engines.tensorrt.fake_tensorrt import (
    NOWHERE,
    Diagnostics,
    FakeLogger,
    FakeTensorRT,
    Validity,
    fake_plan,
)


def open_with(
    trt: FakeTensorRT, content: bytes = b"plan", cache: Path = NOWHERE
) -> TensorRTBackend:
    plan = fake_plan(content, rtx=trt.rtx)
    return TensorRTBackend(trt, trt.gpu.cuda(), tiny_manifest(), plan, device=0, cache=cache)


def refusal(trt: FakeTensorRT, content: bytes = b"plan") -> str:
    with pytest.raises(ModelError) as caught:
        open_with(trt, content)
    text = str(caught.value)
    assert text.startswith("plan fake.plan: ")
    assert "\n" not in text
    assert trt.gpu.held == {}
    return text


def test_a_plan_that_tensorrt_cannot_load_is_refused_with_the_first_of_its_reasons() -> None:
    text = refusal(FakeTensorRT(FakeGpu()), b"broken")
    assert "cannot load it: the magic tag is wrong; build it again" in text


@pytest.mark.parametrize(
    ("bits", "words"),
    [
        (Diagnostics.UNSUPPORTED_CC, " (unsupported cc)"),
        (Diagnostics.VERSION_MISMATCH, " (version mismatch)"),
        (3, " (version mismatch, unsupported cc)"),
        (0, ""),
    ],
)
def test_a_plan_for_another_gpu_or_version_is_refused_before_it_is_loaded(
    bits: int, words: str
) -> None:
    trt = FakeTensorRT(FakeGpu())
    trt.validity = (Validity.INVALID, bits)
    assert f"does not take it here{words}; build it again" in refusal(trt)
    assert "deserialize" not in trt.gpu.calls


def test_a_plan_that_suits_less_well_runs_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    trt = FakeTensorRT(FakeGpu())
    trt.validity = (Validity.SUBOPTIMAL, 0)
    with caplog.at_level(logging.INFO, "engines"), open_with(trt):
        assert "slower than one built for this GPU" in caplog.text


@pytest.mark.parametrize(
    ("name", "tensor"),
    [
        ("windows", ("input", "half", (-1, 17, 3, 2))),
        ("windows", ("input", "float", (-1, 17, 4, 2))),
        ("windows", ("input", "float", (1, 17, 3, 2))),
        ("micro_apex", ("output", "half", (-1,))),
        ("micro_apex", ("output", "float", (-1, 1))),
        ("macro_apex", ("input", "float", (-1,))),
        ("other", ("output", "float", (-1,))),
        ("micro_apex", None),
        ("windows", None),
    ],
)
def test_an_engine_whose_tensors_are_not_the_manifests_is_refused(
    name: str, tensor: tuple[str, str, tuple[int, ...]] | None
) -> None:
    trt = FakeTensorRT(FakeGpu())
    trt.tensors.pop(name, None)
    if tensor is not None:
        trt.tensors[name] = tensor
    text = refusal(trt)
    assert f"tensor {name!r} is " in text
    assert "the manifest of tiny says " in text


def test_the_order_of_an_engines_tensors_is_free() -> None:
    trt = FakeTensorRT(FakeGpu())
    trt.tensors = dict(reversed(trt.tensors.items()))
    with open_with(trt) as backend:
        assert list(backend.run(tiny_windows(2)).values) == list(tiny_manifest().outputs)


@pytest.mark.parametrize("sizes", [(1, 1, 16), (2, 2, 32), (1, 8, 32)])
def test_an_engine_for_other_batches_than_its_key_says_is_refused(sizes: tuple[int, ...]) -> None:
    trt = FakeTensorRT(FakeGpu())
    trt.sizes = sizes
    text = refusal(trt)
    assert f"takes batches of {sizes[0]}, {sizes[1]}, {sizes[2]}, and its key says" in text


def test_a_runtime_that_does_not_start_is_an_error_of_one_line() -> None:
    trt = FakeTensorRT(FakeGpu())

    def broken(_: object) -> object:
        raise TypeError("factory function\nreturned nullptr")

    trt.Runtime = broken  # type: ignore[method-assign,assignment]
    assert "TensorRT does not start (TypeError)" in refusal(trt)


def test_rtx_compiles_kernels_at_once_and_the_other_distribution_is_not_asked() -> None:
    rtx = FakeTensorRT(FakeGpu())
    open_with(rtx).close()
    assert rtx.config is not None
    assert rtx.config.dynamic_shapes_kernel_specialization_strategy == "EAGER"
    other = FakeTensorRT(FakeGpu(), rtx=False)
    open_with(other).close()
    assert other.config is None


def test_kernels_are_kept_for_the_next_start(tmp_path: Path) -> None:
    path = tmp_path / "plans" / "fake.plan.cache"
    first = FakeTensorRT(FakeGpu())
    open_with(first, cache=path).close()
    assert path.read_bytes() == b"kernels of this start"
    second = FakeTensorRT(FakeGpu())
    open_with(second, cache=path).close()
    assert second.cache.loaded == b"kernels of this start"
    assert list(path.parent.iterdir()) == [path]


def test_an_unchanged_cache_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "fake.plan.cache"
    open_with(FakeTensorRT(FakeGpu()), cache=path).close()
    before = path.stat()
    open_with(FakeTensorRT(FakeGpu()), cache=path).close()
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("content", [b"", b"garbage", b"kernel" * 3])
def test_a_damaged_cache_is_left_out_said_so_and_replaced(
    content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "fake.plan.cache"
    path.write_bytes(content)
    trt = FakeTensorRT(FakeGpu())
    trt.cache.deserialize = lambda blob: blob == b"whole"  # type: ignore[method-assign]
    with open_with(trt, cache=path) as backend:
        backend.run(tiny_windows(1))
    assert caplog.text.count("damaged or of another machine") == 1
    assert path.read_bytes() == b"kernels of this start"


def test_a_cache_that_cannot_be_written_costs_a_log_line_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    trt = FakeTensorRT(FakeGpu())
    with open_with(trt, cache=blocked / "fake.plan.cache") as backend:
        backend.run(tiny_windows(1))
    assert "cannot be written" in caplog.text
    assert trt.gpu.held == {}


def test_no_cache_is_written_when_opening_fails(tmp_path: Path) -> None:
    path = tmp_path / "fake.plan.cache"
    trt = FakeTensorRT(FakeGpu(fail_at=12))
    with pytest.raises(ModelError):
        open_with(trt, cache=path)
    assert list(tmp_path.iterdir()) == []


def test_messages_give_the_cause_and_forget_it() -> None:
    messages = collect_messages(SimpleNamespace(ILogger=FakeLogger))  # type: ignore[arg-type]
    assert isinstance(messages, FakeLogger)
    assert take_error(messages) == ""
    messages.log(FakeLogger.Severity.WARNING, "of no concern")
    messages.log(FakeLogger.Severity.ERROR, "the\ncause")
    messages.log(FakeLogger.Severity.INTERNAL_ERROR, "an effect")
    assert take_error(messages) == ": the cause"
    assert take_error(messages) == ""


@pytest.fixture(scope="module")
def real() -> ModuleType:
    return pytest.importorskip("tensorrt_rtx", reason="tensorrt-rtx is not installed")


def test_the_real_module_has_all_that_is_used_of_it(real: ModuleType) -> None:
    for protocol, name in (
        (api.ExecutionContext, "IExecutionContext"),
        (api.RuntimeCache, "IRuntimeCache"),
        (api.RuntimeConfig, "IRuntimeConfig"),
        (api.CudaEngine, "ICudaEngine"),
        (api.Runtime, "Runtime"),
    ):
        used = {word for word in vars(protocol) if not word.startswith("_")}
        used |= {word for word in protocol.__annotations__ if not word.startswith("_")}
        assert used
        assert used <= set(dir(getattr(real, name))), name
    assert real.DynamicShapesKernelSpecializationStrategy.EAGER.name == "EAGER"
    assert real.EngineValidity.INVALID.name == "INVALID"
    assert {d.name for d in Diagnostics} <= set(real.EngineInvalidityDiagnostics.__members__)
    assert hasattr(real.IExecutionContext, "is_stream_capturable")


@pytest.mark.parametrize("content", [b"", b"not a plan", b"ptrt" * 4096])
def test_the_real_tensorrt_refuses_what_is_no_plan(real: ModuleType, content: bytes) -> None:
    with pytest.raises(ModelError) as caught:
        Engine(real, fake_plan(content))
    assert str(caught.value) == (
        "plan fake.plan: TensorRT does not take it here (malformed engine); "
        "build it again with fes-engine build"
    )


def test_a_collection_of_an_older_runtime_does_not_stop_the_next_one(real: ModuleType) -> None:
    script = (
        "import gc, sys, tensorrt_rtx as trt\n"
        "from engines.tensorrt.engine import Engine\n"
        "from engines.errors import ModelError\n"
        "from tests.engines.tensorrt.fake_tensorrt import fake_plan\n"
        "class Knot: pass\n"
        "for _ in range(3):\n"
        "    knot = Knot()\n"
        "    knot.itself, knot.held = knot, trt.Runtime(trt.Logger())\n"
        "    del knot\n"
        "    gc.set_threshold(1, 1, 1)\n"
        "    try:\n"
        "        Engine(trt, fake_plan(b'not a plan'))\n"
        "    except ModelError:\n"
        "        print('refused')\n"
        "    gc.set_threshold(700, 10, 10)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.split() == ["refused"] * 3
