"""Whether this machine can run TensorRT plans, and if not, what is missing."""

import importlib.util
import os
from dataclasses import dataclass
from types import ModuleType
from typing import Final

from engines.errors import ModelError
from engines.tensorrt.cuda import NO_DEVICE, NO_DRIVER, Cuda, CudaError, load_cuda
from engines.tensorrt.distribution import Distribution, load
from engines.tensorrt.target import TARGETS, gpu_target

OLDEST: Final = (7, 5)
"""Compute capability of Turing, the oldest generation that TensorRT 10 and later serve."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU that CUDA answers for.

    Attributes
    ----------
    device
        CUDA's index of it.
    name
        Its product name.
    capability
        Its compute capability, such as (8, 6).
    """

    device: int
    name: str
    capability: tuple[int, int]

    def __str__(self) -> str:
        return f"{self.name} (SM{self.capability[0]}{self.capability[1]})"


def why_not(distribution: Distribution) -> str | None:
    """Return why this machine cannot run plans of a distribution, in one line; None if it can."""
    try:
        reach(distribution)
    except ModelError as error:
        return str(error)
    return None


def reach(distribution: Distribution) -> tuple[ModuleType, Cuda, Gpu]:
    """Return what running plans takes: the loaded TensorRT, CUDA's runtime, and the GPU.

    Raises
    ------
    ModelError
        Saying what is missing and what to do, in one line.
    """
    # its library is large: where no GPU answers, it is not loaded
    if importlib.util.find_spec(distribution.module) is None:
        load(distribution)
    cuda = load_cuda(distribution)
    gpu = find_gpu(cuda, distribution)
    return load(distribution), cuda, gpu


def find_gpu(cuda: Cuda, distribution: Distribution) -> Gpu:
    """Return the GPU that runs plans: the first one that ``CUDA_VISIBLE_DEVICES`` leaves.

    Raises
    ------
    ModelError
        If no driver or no GPU answers, or the distribution does not serve the GPU.
    """
    try:
        count = cuda.device_count()
    except CudaError as error:
        raise ModelError(f"{distribution.name}: {_no_answer(cuda, error)}") from error
    if count < 1:
        raise ModelError(f"{distribution.name}: {_no_gpu()}")
    gpu = Gpu(0, cuda.device_name(0), cuda.capability(0))
    _require_served(gpu, distribution)
    return gpu


def _require_served(gpu: Gpu, distribution: Distribution) -> None:
    if gpu.capability < OLDEST:
        raise ModelError(
            f"{distribution.name}: {gpu} is too old; it takes a GPU of compute capability "
            f"{OLDEST[0]}.{OLDEST[1]} or newer, or --backend onnxruntime"
        )
    if distribution.ahead and gpu_target(distribution, gpu.capability, gpu.name) not in TARGETS:
        raise ModelError(
            f"{distribution.name}: no plan can be built for {gpu}, only for {', '.join(TARGETS)}; "
            "use --backend tensorrt or onnxruntime"
        )


def _no_answer(cuda: Cuda, error: CudaError) -> str:
    if error.code == NO_DEVICE:
        return _no_gpu()
    if error.code not in NO_DRIVER:
        return f"the GPU does not answer: {error}; look at it with nvidia-smi"
    served = _served(cuda)
    if not served:
        return "no NVIDIA driver is installed; install one, or use --backend onnxruntime"
    needed = cuda.runtime_version() // 1000
    return (
        f"the NVIDIA driver serves CUDA {served // 1000}.{served % 1000 // 10}, and CUDA {needed} "
        "is needed; update the driver"
    )


def _served(cuda: Cuda) -> int:
    try:
        return cuda.driver_version()
    except CudaError:
        return 0


def _no_gpu() -> str:
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    hint = "" if visible is None else f" (CUDA_VISIBLE_DEVICES is {visible!r})"
    return f"no NVIDIA GPU answers{hint}; make one visible, or use --backend onnxruntime"
