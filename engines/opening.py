"""Each backend by its name: whether this machine can run it, and a model loaded with it.

TensorRT and CUDA are imported when they are asked for, and cheap questions are asked first: its
library is large, and most machines have no GPU.
"""

from importlib import metadata
from typing import TYPE_CHECKING, Final

from engines.errors import ModelError, UsageError
from engines.precision import PRECISIONS, Precision

if TYPE_CHECKING:
    from engines.backend import Backend
    from engines.model_file import ModelFile

ONNXRUNTIME: Final = "onnxruntime"
CANDIDATES: Final = ("tensorrt-rtx", "tensorrt", ONNXRUNTIME)
"""All backends, the one that is preferred first."""


def why_not(name: str) -> str | None:
    """Return why this machine cannot run a backend, in one line; None where it can.

    Parameters
    ----------
    name
        One of :data:`CANDIDATES`.
    """
    if name == ONNXRUNTIME:
        return None
    from engines.tensorrt import availability  # noqa: PLC0415
    from engines.tensorrt.distribution import DISTRIBUTIONS  # noqa: PLC0415

    reason = availability.why_not(DISTRIBUTIONS[name])
    return None if reason is None else reason.removeprefix(f"{name}: ")


def version_of(name: str) -> str | None:
    """Return the version of a backend's package, unimported; None where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def gpu_of(name: str) -> str | None:
    """Return the GPU that a backend runs on, in words; None where it runs on none."""
    if name == ONNXRUNTIME:
        return None
    from engines.tensorrt.availability import find_gpu  # noqa: PLC0415
    from engines.tensorrt.cuda import load_cuda  # noqa: PLC0415
    from engines.tensorrt.distribution import DISTRIBUTIONS  # noqa: PLC0415

    distribution = DISTRIBUTIONS[name]
    try:
        return str(find_gpu(load_cuda(distribution), distribution))
    except ModelError:
        return None


def require_options(name: str, threads: int, precision: Precision | None) -> None:
    """Refuse options that a backend cannot honour.

    Raises
    ------
    UsageError
        If there is no such precision, the backend runs another one only, or ``threads`` is
        below one.
    """
    if threads < 1:
        raise UsageError(f"threads must be at least 1, not {threads}")
    if precision is not None and precision not in PRECISIONS:
        raise UsageError(
            f"precision {precision!r} is unknown; choose one of {', '.join(PRECISIONS)}"
        )
    if name == ONNXRUNTIME and precision not in (None, "fp32"):
        raise UsageError(f"backend {name} runs fp32, not {precision}; leave out --precision")


def load_backend(
    model: "ModelFile", name: str, threads: int, precision: Precision | None
) -> "Backend":
    """Load a model with the backend of a name; its answers are not checked here.

    Parameters
    ----------
    model
        A checked model file.
    name
        One of :data:`CANDIDATES`.
    threads
        CPU threads within one operator; of no use to a GPU.
    precision
        Number format; the backend's own where None: fp32 on the CPU, fp16 on a GPU.

    Raises
    ------
    UsageError
        If the backend does not run that precision, or ``threads`` is below one.
    ModelError
        If the model cannot be loaded.
    """
    require_options(name, threads, precision)
    if name == ONNXRUNTIME:
        from engines.onnxruntime_backend import OnnxRuntimeBackend  # noqa: PLC0415

        return OnnxRuntimeBackend(model, threads)
    from engines.tensorrt.distribution import DISTRIBUTIONS  # noqa: PLC0415
    from engines.tensorrt.opening import open_tensorrt  # noqa: PLC0415

    distribution = DISTRIBUTIONS[name]
    if precision is None:
        return open_tensorrt(model, distribution)
    return open_tensorrt(model, distribution, precision)
