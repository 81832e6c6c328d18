"""A GPU for tests: as much of CUDA's runtime as is used.

Work that is put into a stream is done when the stream is waited for, not before, so that a test
sees a missing wait. Memory is real, and freeing what is not there is an error. The k-th call
that can fail fails on demand.
"""

# names and parameters are those of cuda-python
# ruff: noqa: N802, N815, ARG002

import ctypes
import enum
from collections.abc import Callable
from types import SimpleNamespace
from typing import Final

from engines.tensorrt.cuda import Cuda

Work = Callable[[], None]


class CudaErrors(enum.IntEnum):
    cudaSuccess = 0
    cudaErrorMemoryAllocation = 2
    cudaErrorInsufficientDriver = 35
    cudaErrorNoDevice = 100
    cudaErrorInvalidDevice = 101
    cudaErrorStreamCaptureInvalidated = 901


OK: Final = CudaErrors.cudaSuccess


class FakeGpu:
    """What both fakes share: memory, streams, graphs, the log of calls, and failures."""

    def __init__(self, fail_at: int | None = None) -> None:
        self.fail_at = fail_at
        self.fallible = 0
        self.failed: str | None = None
        self.calls: list[str] = []
        self.memory: dict[int, ctypes.Array[ctypes.c_char]] = {}
        self.streams: dict[int, list[Work]] = {}
        self.recording: dict[int, list[Work] | None] = {}
        self.graphs: dict[int, list[Work]] = {}
        self.executables: dict[int, list[Work]] = {}
        self.engines = 0
        self.contexts = 0
        self._handle = 1000

    @property
    def held(self) -> dict[str, int]:
        """Count what was not given back, by kind."""
        kinds = {
            "memory": len(self.memory),
            "streams": len(self.streams),
            "graphs": len(self.graphs),
            "executables": len(self.executables),
            "engines": self.engines,
            "contexts": self.contexts,
        }
        return {kind: count for kind, count in kinds.items() if count}

    def fails(self, call: str) -> bool:
        self.calls.append(call)
        self.fallible += 1
        if self.fallible == self.fail_at:
            self.failed = call
            return True
        return False

    def handle(self) -> int:
        self._handle += 1
        return self._handle

    def put(self, stream: int, work: Work) -> None:
        record = self.recording.get(stream, self.streams[stream])
        if record is not None:
            record.append(work)

    def cuda(self) -> Cuda:
        return Cuda(FakeRuntime(self))  # type: ignore[arg-type]


class FakeRuntime:
    """``cuda.bindings.runtime``: each call returns its error code first."""

    cudaError_t = CudaErrors
    cudaStreamNonBlocking = 1
    cudaMemcpyKind = SimpleNamespace(cudaMemcpyHostToDevice=1, cudaMemcpyDeviceToHost=2)
    cudaStreamCaptureMode = SimpleNamespace(cudaStreamCaptureModeThreadLocal=1)
    cudaDeviceAttr = SimpleNamespace(
        cudaDevAttrComputeCapabilityMajor=75, cudaDevAttrComputeCapabilityMinor=76
    )

    def __init__(
        self,
        gpu: FakeGpu | None = None,
        *,
        capability: tuple[int, int] = (8, 6),
        count: tuple[CudaErrors, int | None] = (OK, 1),
        driver: int = 13000,
    ) -> None:
        self.gpu = gpu or FakeGpu()
        self.capability = capability
        self.count = count
        self.driver = driver

    def cudaGetErrorString(self, code: CudaErrors) -> tuple[CudaErrors, bytes]:
        return OK, f"words for {int(code)}".encode()

    def cudaDriverGetVersion(self) -> tuple[CudaErrors, int]:
        return OK, self.driver

    def cudaRuntimeGetVersion(self) -> tuple[CudaErrors, int]:
        return OK, 13000

    def cudaGetDeviceCount(self) -> tuple[CudaErrors, int | None]:
        return self.count

    def cudaGetDeviceProperties(self, device: int) -> tuple[CudaErrors, SimpleNamespace]:
        return OK, SimpleNamespace(name=b"Fake GPU" + b"\0" * 8)

    def cudaDeviceGetAttribute(self, name: int, device: int) -> tuple[CudaErrors, int]:
        return OK, self.capability[name - 75]

    def cudaMemGetInfo(self) -> tuple[CudaErrors, int, int]:
        return OK, 1, 2

    def cudaGetLastError(self) -> tuple[CudaErrors]:
        self.gpu.calls.append("forget")
        return (OK,)

    def cudaSetDevice(self, device: int) -> tuple[CudaErrors]:
        self.gpu.calls.append(f"device {device}")
        return (OK,)

    def cudaMalloc(self, size: int) -> tuple[CudaErrors, int | None]:
        if self.gpu.fails("malloc"):
            return CudaErrors.cudaErrorMemoryAllocation, None
        block = (ctypes.c_char * size)()
        address = ctypes.addressof(block)
        self.gpu.memory[address] = block
        return OK, address

    cudaMallocHost = cudaMalloc

    def cudaFree(self, address: int) -> tuple[CudaErrors]:
        self.gpu.calls.append("free")
        del self.gpu.memory[address]
        return (OK,)

    cudaFreeHost = cudaFree

    def cudaStreamCreateWithFlags(self, flags: int) -> tuple[CudaErrors, int | None]:
        if self.gpu.fails("stream"):
            return CudaErrors.cudaErrorMemoryAllocation, None
        stream = self.gpu.handle()
        self.gpu.streams[stream] = []
        return OK, stream

    def cudaStreamDestroy(self, stream: int) -> tuple[CudaErrors]:
        self.gpu.calls.append("destroy stream")
        del self.gpu.streams[stream]
        return (OK,)

    def cudaStreamSynchronize(self, stream: int) -> tuple[CudaErrors]:
        if self.gpu.fails("wait"):
            return (CudaErrors.cudaErrorMemoryAllocation,)
        pending, self.gpu.streams[stream] = self.gpu.streams[stream], []
        for work in pending:
            work()
        return (OK,)

    def cudaMemcpyAsync(
        self, target: int, source: int, size: int, kind: int, stream: int
    ) -> tuple[CudaErrors]:
        if self.gpu.fails("copy"):
            return (CudaErrors.cudaErrorMemoryAllocation,)
        self.gpu.put(stream, lambda: ctypes.memmove(target, source, size) and None)
        return (OK,)

    def cudaStreamBeginCapture(self, stream: int, mode: int) -> tuple[CudaErrors]:
        if self.gpu.fails("begin capture"):
            return (CudaErrors.cudaErrorStreamCaptureInvalidated,)
        self.gpu.recording[stream] = []
        return (OK,)

    def cudaStreamEndCapture(self, stream: int) -> tuple[CudaErrors, int | None]:
        record = self.gpu.recording.pop(stream)
        if self.gpu.fails("end capture") or record is None:
            return CudaErrors.cudaErrorStreamCaptureInvalidated, None
        graph = self.gpu.handle()
        self.gpu.graphs[graph] = record
        return OK, graph

    def cudaGraphDestroy(self, graph: int) -> tuple[CudaErrors]:
        del self.gpu.graphs[graph]
        return (OK,)

    def cudaGraphInstantiate(self, graph: int, flags: int) -> tuple[CudaErrors, int | None]:
        if self.gpu.fails("instantiate"):
            return CudaErrors.cudaErrorMemoryAllocation, None
        executable = self.gpu.handle()
        self.gpu.executables[executable] = list(self.gpu.graphs[graph])
        return OK, executable

    def cudaGraphExecDestroy(self, executable: int) -> tuple[CudaErrors]:
        self.gpu.calls.append("destroy graph")
        del self.gpu.executables[executable]
        return (OK,)

    def cudaGraphLaunch(self, executable: int, stream: int) -> tuple[CudaErrors]:
        if self.gpu.fails("launch"):
            return (CudaErrors.cudaErrorMemoryAllocation,)
        for work in self.gpu.executables[executable]:
            self.gpu.put(stream, work)
        return (OK,)
