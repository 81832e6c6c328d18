"""Plans that run on a real GPU; ``make test-gpu``. Plans are built into a folder of their own."""

import gc
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engines.backend import Windows
from engines.errors import ModelError
from engines.model_file import ModelFile, read_model
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.precision import PRECISIONS, TOLERANCES, Precision
from engines.registry import default_model_path, open_backend
from engines.selfcheck import verify
from engines.stored_check import read_check
from engines.tensorrt.availability import Gpu
from engines.tensorrt.backend import TensorRTBackend
from engines.tensorrt.cuda import Cuda
from engines.tensorrt.distribution import Distribution, load, version_of
from engines.tensorrt.opening import open_tensorrt
from engines.tensorrt.store import find_plan
from engines.tensorrt.target import gpu_target

pytestmark = pytest.mark.gpu

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="module")
def model() -> ModelFile:
    return read_model(default_model_path())


@pytest.fixture(scope="module")
def plans(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("plans")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FES_PLANS", str(folder))
        yield folder


@pytest.fixture(scope="module")
def windows(model: ModelFile) -> Windows:
    """The stored check windows, repeated to the largest batch that is tested."""
    stored = read_check(model).windows
    return np.concatenate([stored] * (-(-50 // len(stored))))[:50]


@pytest.fixture(scope="module", params=PRECISIONS)
def precision(request: pytest.FixtureRequest, runnable: Distribution, gpu: Gpu) -> Precision:
    chosen: Precision = request.param
    if runnable.ahead and chosen == "fp32" and gpu.capability == (7, 5):
        pytest.skip("tensorrt-rtx builds no fp32 matrix products for Turing")
    return chosen


@pytest.fixture(scope="module")
def backend(
    model: ModelFile, runnable: Distribution, precision: Precision, plans: Path
) -> Iterator[TensorRTBackend]:
    with open_tensorrt(model, runnable, precision) as opened:
        yield opened


@pytest.mark.parametrize("count", [1, 3, 32, 50])
def test_scores_are_those_of_onnx_runtime_within_the_precisions_tolerance(
    count: int, backend: TensorRTBackend, model: ModelFile, windows: Windows
) -> None:
    got = backend.run(windows[:count])
    with OnnxRuntimeBackend(model) as reference:
        expected = reference.run(windows[:count])
    tolerance = TOLERANCES[backend.precision]
    for name in model.manifest.outputs:
        np.testing.assert_allclose(
            got.values[name],
            expected.values[name],
            rtol=tolerance.relative,
            atol=tolerance.absolute,
            err_msg=name,
        )


def test_the_stored_check_passes_with_equal_events(
    backend: TensorRTBackend, model: ModelFile
) -> None:
    check = read_check(model)
    agreement = verify(backend, check)
    assert agreement.windows >= len(check.windows)


def test_every_window_of_a_batch_scores_as_it_does_alone(
    backend: TensorRTBackend, windows: Windows
) -> None:
    together = backend.run(windows[:11])
    tolerance = TOLERANCES[backend.precision]
    for row in range(11):
        alone = backend.run(windows[row : row + 1])
        for name, vector in together.values.items():
            assert alone.values[name][0] == pytest.approx(
                vector[row], rel=tolerance.relative, abs=tolerance.absolute
            )


def test_one_window_runs_as_a_cuda_graph(backend: TensorRTBackend) -> None:
    assert backend.has_graph


def test_a_graph_answers_as_the_plain_calls_do(
    backend: TensorRTBackend,
    model: ModelFile,
    runnable: Distribution,
    windows: Windows,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engines.tensorrt.session.capture", lambda *_: None)
    with open_tensorrt(model, runnable, backend.precision) as plain:
        assert not plain.has_graph
        for row in range(20):
            window = windows[row : row + 1]
            replayed, called = backend.run(window), plain.run(window)
            for name, vector in called.values.items():
                np.testing.assert_allclose(replayed.values[name], vector, atol=1e-6)


def test_answers_of_a_graph_do_not_depend_on_the_calls_before(
    backend: TensorRTBackend, windows: Windows
) -> None:
    first = backend.run(windows[:1])
    backend.run(windows)
    backend.run(windows[1:2])
    again = backend.run(windows[:1])
    for name, vector in first.values.items():
        np.testing.assert_allclose(again.values[name], vector, atol=1e-6)


def test_ten_thousand_calls_take_no_more_memory(
    backend: TensorRTBackend, cuda: Cuda, windows: Windows
) -> None:
    backend.run(windows)
    before = cuda.free_memory()
    for call in range(10_000):
        backend.run(windows[: 1 + call % 3])
    assert before - cuda.free_memory() < 2 * MEBIBYTE


def test_closing_gives_the_memory_back(
    model: ModelFile, runnable: Distribution, precision: Precision, cuda: Cuda, plans: Path
) -> None:
    # what CUDA itself and the libraries keep once used is kept before the count begins
    for _ in range(2):
        open_tensorrt(model, runnable, precision).close()
    gc.collect()
    before = cuda.free_memory()
    for _ in range(5):
        open_tensorrt(model, runnable, precision).close()
    gc.collect()
    assert before - cuda.free_memory() < 2 * MEBIBYTE


def test_a_closed_backend_refuses_to_run(
    model: ModelFile, runnable: Distribution, windows: Windows, plans: Path
) -> None:
    opened = open_tensorrt(model, runnable)
    opened.close()
    opened.close()
    with pytest.raises(ValueError, match="closed"):
        opened.run(windows[:1])


def test_the_second_start_builds_nothing_and_finds_its_kernels(
    backend: TensorRTBackend,
    model: ModelFile,
    runnable: Distribution,
    plans: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = sorted(plans.iterdir())
    with caplog.at_level(logging.INFO, "engines"):
        open_tensorrt(model, runnable, backend.precision).close()
    assert "building" not in caplog.text
    assert "no compiled kernels" not in caplog.text
    assert "damaged" not in caplog.text
    assert sorted(plans.iterdir()) == before


def test_a_backend_that_is_named_is_the_one_that_runs(
    model: ModelFile, runnable: Distribution, plans: Path
) -> None:
    with open_backend(model, runnable.name) as opened:
        assert (opened.name, opened.precision) == (runnable.name, "fp16")


def test_auto_prefers_the_gpu(model: ModelFile, runnable: Distribution, plans: Path) -> None:
    with open_backend(model, "auto") as opened:
        assert opened.name in ("tensorrt-rtx", "tensorrt")


def test_a_plan_cut_short_is_refused(
    model: ModelFile, runnable: Distribution, cuda: Cuda, gpu: Gpu, plans: Path, tmp_path: Path
) -> None:
    # past the project's own hash check: TensorRT's refusal must be an error, and not the end
    open_tensorrt(model, runnable).close()
    target = gpu_target(runnable, gpu.capability, gpu.name)
    trt = load(runnable)
    plan = find_plan(model, runnable, version_of(trt), target, "fp16")
    assert plan is not None
    cut = replace(plan, content=plan.content[: len(plan.content) // 2])
    with pytest.raises(ModelError, match="build it again"):
        TensorRTBackend(
            trt, cuda, model.manifest, cut, device=gpu.device, cache=tmp_path / "cut.cache"
        )
