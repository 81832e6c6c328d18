"""TensorRT for tests, as much of it as is used, on :class:`FakeGpu`.

The network is that of :func:`tests.engines.conftest.tiny_answer`: it reads and writes where its
tensors lie, when the stream gets there.
"""

# names and parameters are TensorRT's
# ruff: noqa: N802, ARG002

import ctypes
import enum
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import numpy as np

from engines.tensorrt.backend import TensorRTBackend
from engines.tensorrt.key import BatchRange, PlanKey
from engines.tensorrt.plan import Plan
from tests.engines.conftest import NODES, OUTPUTS, WINDOW, tiny_answer, tiny_manifest
from tests.engines.tensorrt.fake_gpu import FakeGpu

FLOAT: Final = 4
Network = Callable[[dict[str, int], tuple[int, ...]], None]
"""Computes what lies at these addresses for an input of this shape."""
NOWHERE: Final = Path("/nonexistent/fes/fake.plan.cache")


class FakeContext:
    """Computes the tiny network where its tensors lie, when the stream gets there."""

    def __init__(
        self, gpu: FakeGpu, most: int, capturable: bool, network: "Network | None" = None
    ) -> None:
        self._gpu = gpu
        self._network = network or _network
        self._most = most
        self._capturable = capturable
        self._addresses: dict[str, int] = {}
        self._shape: tuple[int, ...] = ()
        gpu.contexts += 1

    def __del__(self) -> None:
        self._gpu.contexts -= 1
        self._gpu.calls.append("free context")

    def set_tensor_address(self, name: str, memory: int) -> bool:
        if self._gpu.fails("address"):
            return False
        self._addresses[name] = memory
        return True

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        if self._gpu.fails("shape") or not 1 <= shape[0] <= self._most:
            return False
        self._shape = shape
        return True

    def is_stream_capturable(self, stream: int) -> bool:
        return self._capturable

    def execute_async_v3(self, stream_handle: int) -> bool:
        if self._gpu.fails("execute"):
            return False
        self._gpu.calls.append(f"execute {self._shape[0]}")
        # what is recorded must not hold the context
        addresses, shape, network = dict(self._addresses), self._shape, self._network
        self._gpu.put(stream_handle, lambda: network(addresses, shape))
        return True


class FakeCache:
    """A runtime cache that knows its own format."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.loaded: bytes | None = None

    def deserialize(self, blob: bytes) -> bool:
        if not blob.startswith(b"kernels"):
            return False
        self.loaded = self.content = blob
        return True

    def serialize(self) -> bytes:
        return self.content


class FakeConfig:
    dynamic_shapes_kernel_specialization_strategy: object = "LAZY"

    def __init__(self, cache: FakeCache) -> None:
        self._cache = cache

    def create_runtime_cache(self) -> FakeCache:
        return self._cache

    def set_runtime_cache(self, cache: FakeCache) -> bool:
        return cache is self._cache


class FakeEngine:
    """An engine whose tensors and sizes tests may change."""

    def __init__(self, trt: "FakeTensorRT") -> None:
        self._trt = trt
        trt.gpu.engines += 1

    def __del__(self) -> None:
        self._trt.gpu.engines -= 1
        self._trt.gpu.calls.append("free engine")

    @property
    def num_io_tensors(self) -> int:
        return len(self._trt.tensors)

    def get_tensor_name(self, index: int) -> str:
        return list(self._trt.tensors)[index]

    def get_tensor_mode(self, name: str) -> str:
        return self._trt.tensors[name][0]

    def get_tensor_dtype(self, name: str) -> str:
        return self._trt.tensors[name][1]

    def get_tensor_shape(self, name: str) -> tuple[int, ...]:
        return self._trt.tensors[name][2]

    def get_tensor_profile_shape(self, name: str, profile_index: int) -> list[tuple[int, ...]]:
        return [(size, *self._trt.tensors[name][2][1:]) for size in self._trt.sizes]

    def create_runtime_config(self) -> FakeConfig:
        self._trt.config = FakeConfig(self._trt.cache)
        return self._trt.config

    def create_execution_context(self, runtime_config: object = None) -> FakeContext | None:
        if self._trt.gpu.fails("context"):
            return None
        assert (runtime_config is not None) == hasattr(
            self._trt, "DynamicShapesKernelSpecializationStrategy"
        )
        trt = self._trt
        return FakeContext(trt.gpu, trt.sizes[-1], trt.capturable, trt.network)


class FakeLogger:
    Severity = enum.Enum("Severity", "INTERNAL_ERROR ERROR WARNING INFO")

    def __init__(self) -> None:
        pass


class Validity(enum.Enum):
    VALID = 0
    SUBOPTIMAL = 1
    INVALID = 2


class Diagnostics(enum.IntFlag):
    VERSION_MISMATCH = 1
    UNSUPPORTED_CC = 2


class FakeTensorRT:
    """The module ``tensorrt_rtx``, or ``tensorrt`` with ``rtx=False``."""

    ILogger = FakeLogger
    DataType = SimpleNamespace(FLOAT="float", HALF="half")
    TensorIOMode = SimpleNamespace(INPUT="input", OUTPUT="output")
    EngineValidity = Validity
    EngineInvalidityDiagnostics = Diagnostics
    __version__ = "1.2.3"

    def __init__(self, gpu: FakeGpu, *, rtx: bool = True, capturable: bool = True) -> None:
        self.gpu = gpu
        self.rtx = rtx
        self.capturable = capturable
        self.cache = FakeCache(b"kernels of this start")
        self.config: FakeConfig | None = None
        self.validity: tuple[Validity, int] = (Validity.VALID, 0)
        self.sizes: tuple[int, ...] = (1, 1, 32)
        self.network: Network = _network
        self.tensors = {"windows": ("input", "float", (-1, WINDOW, len(NODES), 2))}
        self.tensors |= dict.fromkeys(OUTPUTS, ("output", "float", (-1,)))
        if rtx:
            self.DynamicShapesKernelSpecializationStrategy = SimpleNamespace(
                EAGER="EAGER", NONE="NONE"
            )

    def Runtime(self, logger: FakeLogger) -> SimpleNamespace:
        def deserialize(content: bytes) -> FakeEngine | None:
            if self.gpu.fails("deserialize") or content == b"broken":
                logger.log(FakeLogger.Severity.ERROR, "the magic tag is wrong")
                logger.log(FakeLogger.Severity.ERROR, "so nothing works")
                return None
            return FakeEngine(self)

        runtime = SimpleNamespace(deserialize_cuda_engine=deserialize)
        if self.rtx:
            runtime.get_engine_validity = self._validity
        return runtime

    def _validity(self, buffer: bytes) -> tuple[Validity, int]:
        return self.validity


def fake_plan(content: bytes = b"plan", *, rtx: bool = True, most: int = 32) -> Plan:
    key = PlanKey(
        "0" * 64,
        "tensorrt-rtx" if rtx else "tensorrt",
        "1.2.3",
        ("SM86",),
        "fp16",
        BatchRange(1, 1, most),
    )
    return Plan(Path("fake.plan"), key, content)


def open_fake(
    gpu: FakeGpu, *, rtx: bool = True, capturable: bool = True, most: int = 32
) -> TensorRTBackend:
    """Open a backend on a fake GPU, with a cache that is nowhere."""
    trt = FakeTensorRT(gpu, rtx=rtx, capturable=capturable)
    trt.sizes = (1, 1, most)
    plan = fake_plan(rtx=rtx, most=most)
    return TensorRTBackend(trt, gpu.cuda(), tiny_manifest(), plan, device=0, cache=NOWHERE)


def _network(addresses: dict[str, int], shape: tuple[int, ...]) -> None:
    count = int(np.prod(shape))
    raw = ctypes.string_at(addresses["windows"], FLOAT * count)
    windows = np.frombuffer(raw, np.float32).reshape(shape)
    for name in OUTPUTS:
        answer = tiny_answer(windows, name).tobytes()
        ctypes.memmove(addresses[name], answer, len(answer))
