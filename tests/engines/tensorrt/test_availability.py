import subprocess
import sys
from types import ModuleType

import pytest

from engines.errors import ModelError
from engines.tensorrt import availability, cuda
from engines.tensorrt.availability import find_gpu, why_not
from engines.tensorrt.cuda import BINDINGS, Cuda, load_cuda
from engines.tensorrt.distribution import DISTRIBUTIONS, TENSORRT, TENSORRT_RTX, Distribution
from tests.engines.tensorrt.fake_gpu import CudaErrors, FakeGpu, FakeRuntime

ALL = pytest.mark.parametrize("distribution", DISTRIBUTIONS.values(), ids=DISTRIBUTIONS.keys())
NO_DRIVER = (CudaErrors.cudaErrorInsufficientDriver, None)


def fake_cuda(**changes: object) -> Cuda:
    return Cuda(FakeRuntime(FakeGpu(), **changes))  # type: ignore[arg-type]


def refusal(answering: Cuda, distribution: Distribution = TENSORRT_RTX) -> str:
    with pytest.raises(ModelError) as caught:
        find_gpu(answering, distribution)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@ALL
def test_this_machine_says_in_one_line_what_is_missing_or_runs_it(
    distribution: Distribution,
) -> None:
    reason = why_not(distribution)
    if reason is None:
        assert find_gpu(load_cuda(distribution), distribution).capability >= (7, 5)
    else:
        assert distribution.name in reason
        assert "\n" not in reason
        assert any(word in reason for word in ("install", "update", "use --backend", "nvidia-smi"))


def test_an_absent_tensorrt_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability, "load_cuda", lambda _: fake_cuda())
    absent = Distribution("tensorrt", "fes_absent_module", "fes[tensorrt]", ahead=False)
    assert why_not(absent) == "tensorrt is not installed; pip install 'fes[tensorrt]'"


@ALL
def test_an_absent_cuda_python_is_named_with_what_installs_it(
    distribution: Distribution, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> ModuleType:
        raise ModuleNotFoundError(f"No module named {name!r}", name="cuda")

    monkeypatch.setattr(cuda.importlib, "import_module", absent)
    with pytest.raises(ModelError) as caught:
        load_cuda(distribution)
    assert str(caught.value) == (
        f"{distribution.name} runs through cuda-python, which is not installed; "
        f"pip install '{distribution.extra}'"
    )


@pytest.mark.parametrize(
    "error",
    [
        ImportError("libcudart.so:\n cannot open"),
        ModuleNotFoundError("No module named 'x'", name="x"),
    ],
)
def test_a_broken_cuda_python_is_told_from_an_absent_one(
    error: ImportError, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(name: str) -> ModuleType:
        assert name == BINDINGS
        raise error

    monkeypatch.setattr(cuda.importlib, "import_module", broken)
    with pytest.raises(ModelError, match=r"is installed but does not load: [^\n]*$"):
        load_cuda(TENSORRT_RTX)


def test_no_driver_is_told_from_an_old_one() -> None:
    assert "no NVIDIA driver is installed; install one" in refusal(
        fake_cuda(count=NO_DRIVER, driver=0)
    )
    assert "driver serves CUDA 12.4, and CUDA 13 is needed; update the driver" in refusal(
        fake_cuda(count=NO_DRIVER, driver=12040)
    )


def test_bindings_that_raise_without_a_driver_library_mean_no_driver() -> None:
    class Raising(FakeRuntime):
        def cudaGetDeviceCount(self) -> tuple[CudaErrors, int]:  # noqa: N802
            raise RuntimeError("Failed to dlopen libcuda.so.1")

    answering = Cuda(Raising(FakeGpu(), driver=0))  # type: ignore[arg-type]
    assert "no NVIDIA driver is installed" in refusal(answering)


@pytest.mark.parametrize("count", [(CudaErrors.cudaErrorNoDevice, None), (CudaErrors(0), 0)])
def test_no_gpu_names_the_variable_that_hides_it(
    count: tuple[CudaErrors, int | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    assert "no NVIDIA GPU answers; " in refusal(fake_cuda(count=count))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert "no NVIDIA GPU answers (CUDA_VISIBLE_DEVICES is '')" in refusal(fake_cuda(count=count))


def test_a_gpu_that_does_not_answer_is_told_with_cudas_reason() -> None:
    text = refusal(fake_cuda(count=(CudaErrors.cudaErrorInvalidDevice, None)))
    assert "does not answer" in text
    assert "words for 101 (cudaErrorInvalidDevice)" in text


@ALL
@pytest.mark.parametrize("capability", [(6, 1), (7, 0)])
def test_a_gpu_before_turing_is_too_old(
    capability: tuple[int, int], distribution: Distribution
) -> None:
    text = refusal(fake_cuda(capability=capability), distribution)
    assert f"Fake GPU (SM{capability[0]}{capability[1]}) is too old" in text
    assert "7.5 or newer" in text


@pytest.mark.parametrize("capability", [(9, 0), (10, 0), (12, 1)])
def test_a_gpu_that_no_rtx_plan_is_built_for_is_left_to_the_other_distribution(
    capability: tuple[int, int],
) -> None:
    answering = fake_cuda(capability=capability)
    assert "only for SM75, SM80, SM86, SM89, SM120; use --backend tensorrt" in refusal(answering)
    assert find_gpu(answering, TENSORRT).capability == capability


@pytest.mark.parametrize("capability", [(7, 5), (8, 0), (8, 6), (8, 9), (12, 0)])
def test_a_gpu_that_is_served_is_returned_by_name(capability: tuple[int, int]) -> None:
    for distribution_ in DISTRIBUTIONS.values():
        gpu = find_gpu(fake_cuda(capability=capability), distribution_)
        assert (gpu.device, gpu.name, gpu.capability) == (0, "Fake GPU", capability)


def test_the_real_bindings_have_every_call_that_the_fake_has() -> None:
    real = pytest.importorskip(BINDINGS, reason="cuda-python is not installed")
    names = [name for name in dir(FakeRuntime) if name.startswith("cuda")]
    assert [name for name in names if not hasattr(real, name)] == []
    codes = {code.name: code.value for code in CudaErrors}
    assert codes == {name: getattr(real.cudaError_t, name).value for name in codes}
    assert hasattr(real.cudaMemcpyKind, "cudaMemcpyDeviceToHost")
    assert hasattr(real.cudaStreamCaptureMode, "cudaStreamCaptureModeThreadLocal")


def test_importing_the_backend_loads_neither_cuda_nor_tensorrt() -> None:
    program = (
        "import sys, engines.tensorrt.opening, engines.tensorrt.availability;"
        "print([name for name in sys.modules if name.split('.')[0] in"
        " ('cuda', 'tensorrt', 'tensorrt_rtx', 'torch')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout.strip()) == (0, "[]"), done.stderr


def test_a_failed_driver_query_still_ends_in_a_reason() -> None:
    class Mute(FakeRuntime):
        def cudaDriverGetVersion(self) -> tuple[CudaErrors, None]:  # noqa: N802
            return CudaErrors.cudaErrorInsufficientDriver, None

    answering = Cuda(Mute(FakeGpu(), count=NO_DRIVER))  # type: ignore[arg-type]
    assert "no NVIDIA driver is installed" in refusal(answering)
