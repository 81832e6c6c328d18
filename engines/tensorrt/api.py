"""What is used of TensorRT's Python interface; its modules carry no types."""

from collections.abc import Sequence
from typing import Protocol


class HostMemory(Protocol):
    """Memory that TensorRT owns; it has Python's buffer interface."""

    def __buffer__(self, flags: int, /) -> memoryview: ...


class ExecutionContext(Protocol):
    """One use of an engine, with activations of its own."""

    def set_input_shape(self, name: str, shape: tuple[int, ...]) -> bool:
        """Set the shape of an input whose batch is free."""
        ...

    def set_tensor_address(self, name: str, memory: int) -> bool:
        """Set where a tensor lies on the GPU."""
        ...

    def execute_async_v3(self, stream_handle: int) -> bool:
        """Put the network into a stream."""
        ...


class RuntimeCache(Protocol):
    """Kernels that TensorRT-RTX compiled on this machine."""

    def deserialize(self, blob: bytes) -> bool:
        """Take over stored kernels; False where they are damaged or of another machine."""
        ...

    def serialize(self) -> HostMemory:
        """Return the kernels for storing."""
        ...


class RuntimeConfig(Protocol):
    """How contexts are made."""

    dynamic_shapes_kernel_specialization_strategy: object

    def create_runtime_cache(self) -> RuntimeCache:
        """Return an empty cache."""
        ...

    def set_runtime_cache(self, cache: RuntimeCache) -> bool:
        """Use a cache in the contexts to be made."""
        ...


class CudaEngine(Protocol):
    """A plan in memory, ready to run."""

    @property
    def num_io_tensors(self) -> int:
        """How many inputs and outputs it has."""
        ...

    def get_tensor_name(self, index: int) -> str:
        """Return an input's or output's name."""
        ...

    def get_tensor_mode(self, name: str) -> object:
        """Return whether a tensor is an input or an output."""
        ...

    def get_tensor_dtype(self, name: str) -> object:
        """Return a tensor's number format."""
        ...

    def get_tensor_shape(self, name: str) -> Sequence[int]:
        """Return a tensor's shape, -1 where a dimension is free."""
        ...

    def get_tensor_profile_shape(self, name: str, profile_index: int) -> Sequence[Sequence[int]]:
        """Return an input's smallest, usual and largest shape."""
        ...

    def create_runtime_config(self) -> RuntimeConfig:
        """Return a configuration for contexts."""
        ...

    def create_execution_context(
        self, runtime_config: RuntimeConfig = ...
    ) -> ExecutionContext | None:
        """Return a new context."""
        ...


class Runtime(Protocol):
    """What turns plans into engines."""

    def deserialize_cuda_engine(self, serialized_engine: bytes) -> CudaEngine | None:
        """Return the engine of a plan; None, with lines in the log, where it cannot."""
        ...

    def get_engine_validity(self, buffer: bytes) -> tuple[object, int]:
        """Return whether a plan suits this machine, and what is against it, as bits."""
        ...
