"""The few calls of CUDA's runtime that running a plan takes, through NVIDIA's ``cuda-python``.

The package is imported when a GPU is wanted, never before. Addresses and handles are plain
integers here; whoever gets one gives it back.
"""

import ctypes
import importlib
from types import ModuleType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import ModelError
from engines.tensorrt.distribution import Distribution

BINDINGS: Final = "cuda.bindings.runtime"
NO_DRIVER: Final = ("cudaErrorInsufficientDriver", "cudaErrorStubLibrary")
NO_DEVICE: Final = "cudaErrorNoDevice"
FLOAT_BYTES: Final = 4


class CudaError(ModelError):
    """A CUDA call that failed.

    Attributes
    ----------
    code
        CUDA's name of the error, such as ``cudaErrorMemoryAllocation``.
    """

    def __init__(self, call: str, code: str, reason: str) -> None:
        super().__init__(f"CUDA: {call} failed: {reason} ({code})")
        self.code = code


class Cuda:
    """CUDA's runtime, with errors as exceptions.

    Parameters
    ----------
    runtime
        The module ``cuda.bindings.runtime``.

    Raises
    ------
    CudaError
        By every method whose call fails.
    """

    def __init__(self, runtime: ModuleType) -> None:
        self._runtime = runtime

    def driver_version(self) -> int:
        """Return the newest CUDA that the driver serves, 12040 for 12.4; 0 without a driver."""
        return self._number("cudaDriverGetVersion")

    def runtime_version(self) -> int:
        """Return the CUDA that the bindings were made for, such as 13000 for 13.0."""
        return self._number("cudaRuntimeGetVersion")

    def device_count(self) -> int:
        """Return how many GPUs this process may use."""
        return self._number("cudaGetDeviceCount")

    def device_name(self, device: int) -> str:
        """Return a GPU's product name."""
        (properties,) = self._call("cudaGetDeviceProperties", device)
        name = properties.name  # type: ignore[attr-defined]
        return bytes(name).split(b"\0")[0].decode(errors="replace").strip()

    def capability(self, device: int) -> tuple[int, int]:
        """Return a GPU's compute capability, such as (8, 6)."""
        names = self._runtime.cudaDeviceAttr
        major = names.cudaDevAttrComputeCapabilityMajor
        minor = names.cudaDevAttrComputeCapabilityMinor
        return (
            self._number("cudaDeviceGetAttribute", major, device),
            self._number("cudaDeviceGetAttribute", minor, device),
        )

    def set_device(self, device: int) -> None:
        """Make a GPU the calling thread's own; the other calls of that thread then mean it."""
        self._call("cudaSetDevice", device)

    def free_memory(self) -> int:
        """Return the free memory of the thread's GPU, bytes."""
        return self._number("cudaMemGetInfo")

    def allocate(self, size: int) -> int:
        """Return the address of ``size`` bytes on the GPU."""
        return self._number("cudaMalloc", size)

    def free(self, address: int) -> None:
        """Give back what :meth:`allocate` returned."""
        self._call("cudaFree", address)

    def allocate_pinned(self, size: int) -> int:
        """Return the address of ``size`` bytes in the host's page-locked memory."""
        return self._number("cudaMallocHost", size)

    def free_pinned(self, address: int) -> None:
        """Give back what :meth:`allocate_pinned` returned."""
        self._call("cudaFreeHost", address)

    def create_stream(self) -> int:
        """Return a stream that does not wait for the default one."""
        return self._number("cudaStreamCreateWithFlags", self._runtime.cudaStreamNonBlocking)

    def destroy_stream(self, stream: int) -> None:
        """Give back what :meth:`create_stream` returned."""
        self._call("cudaStreamDestroy", stream)

    def wait(self, stream: int) -> None:
        """Wait until everything in a stream is done."""
        self._call("cudaStreamSynchronize", stream)

    def copy_to_device(self, device: int, host: int, size: int, stream: int) -> None:
        """Put a copy of ``size`` bytes to the GPU into a stream; the host's are page-locked."""
        kind = self._runtime.cudaMemcpyKind.cudaMemcpyHostToDevice
        self._call("cudaMemcpyAsync", device, host, size, kind, stream)

    def copy_to_host(self, host: int, device: int, size: int, stream: int) -> None:
        """Put a copy of ``size`` bytes from the GPU into a stream; the host's are page-locked."""
        kind = self._runtime.cudaMemcpyKind.cudaMemcpyDeviceToHost
        self._call("cudaMemcpyAsync", host, device, size, kind, stream)

    def begin_capture(self, stream: int) -> None:
        """Record what is put into a stream from now on, instead of doing it."""
        # another thread may allocate meanwhile; the global mode would make that call fail
        mode = self._runtime.cudaStreamCaptureMode.cudaStreamCaptureModeThreadLocal
        self._call("cudaStreamBeginCapture", stream, mode)

    def end_capture(self, stream: int) -> int:
        """Stop recording and return the graph; the stream works again, also after an error."""
        return self._number("cudaStreamEndCapture", stream)

    def destroy_graph(self, graph: int) -> None:
        """Give back what :meth:`end_capture` returned."""
        self._call("cudaGraphDestroy", graph)

    def instantiate(self, graph: int) -> int:
        """Return an executable form of a graph, which no longer needs the graph."""
        return self._number("cudaGraphInstantiate", graph, 0)

    def launch(self, executable: int, stream: int) -> None:
        """Put a whole graph into a stream."""
        self._call("cudaGraphLaunch", executable, stream)

    def destroy_executable(self, executable: int) -> None:
        """Give back what :meth:`instantiate` returned."""
        self._call("cudaGraphExecDestroy", executable)

    def forget_error(self) -> None:
        """Clear the thread's last error, which a later call would report as its own."""
        self._runtime.cudaGetLastError()

    def _number(self, call: str, *arguments: object) -> int:
        # handles are objects of the bindings, which hold nothing but the number
        return int(self._call(call, *arguments)[0])  # type: ignore[call-overload,no-any-return]

    def _call(self, call: str, *arguments: object) -> tuple[object, ...]:
        try:
            code, *values = getattr(self._runtime, call)(*arguments)
        except RuntimeError as error:  # some versions raise where no driver library is found
            raise CudaError(call, NO_DRIVER[0], " ".join(str(error).split())) from error
        if code != self._runtime.cudaError_t.cudaSuccess:
            reason = self._runtime.cudaGetErrorString(code)[1]
            raise CudaError(call, str(code.name), bytes(reason).decode(errors="replace"))
        return tuple(values)


def load_cuda(distribution: Distribution) -> Cuda:
    """Import ``cuda-python``.

    Raises
    ------
    ModelError
        If it is not installed, or is installed and does not load.
    """
    try:
        return Cuda(importlib.import_module(BINDINGS))
    except ModuleNotFoundError as error:
        if not BINDINGS.startswith(error.name or BINDINGS):
            raise _broken(distribution, error) from error
        raise ModelError(
            f"{distribution.name} runs through cuda-python, which is not installed; "
            f"pip install '{distribution.extra}'"
        ) from None
    except Exception as error:  # its loader opens shared libraries and raises what it likes
        raise _broken(distribution, error) from error


def host_view(address: int, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return float32 memory at an address as an array of a shape; it must outlive the array."""
    size = FLOAT_BYTES * int(np.prod(shape))
    memory = (ctypes.c_char * size).from_address(address)
    return np.frombuffer(memoryview(memory), np.float32).reshape(shape)


def _broken(distribution: Distribution, error: Exception) -> ModelError:
    reason = " ".join(str(error).split())[:200] or type(error).__name__
    return ModelError(
        f"cuda-python is installed but does not load: {reason}; "
        f"pip install --force-reinstall '{distribution.extra}'"
    )
