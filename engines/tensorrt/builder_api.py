"""What building uses of TensorRT's Python interface; its modules carry no types."""

from collections.abc import Callable
from typing import Protocol

from engines.tensorrt.api import HostMemory
from engines.tensorrt.progress import Monitor


class Profile(Protocol):
    """The range of shapes that a plan takes."""

    def set_shape(
        self,
        input: str,  # noqa: A002 - TensorRT's name
        min: tuple[int, ...],  # noqa: A002
        opt: tuple[int, ...],
        max: tuple[int, ...],  # noqa: A002
    ) -> None:
        """Set an input's smallest, usual and largest shape."""
        ...


class Config(Protocol):
    """How to build."""

    progress_monitor: Monitor
    num_compute_capabilities: int

    def clear_flag(self, flag: object) -> None:
        """Switch a builder flag off."""
        ...

    def set_compute_capability(self, compute_capability: object, index: int) -> bool:
        """Set one of the GPU generations to build for."""
        ...

    def add_optimization_profile(self, profile: Profile) -> int:
        """Add a range of shapes."""
        ...


class Attention(Protocol):
    """Attention as one operation."""

    decomposable: bool


class Layer(Protocol):
    """One layer of a network."""

    type: object
    attention: Attention


class Network(Protocol):
    """A network that a parser fills."""

    num_layers: int

    def get_layer(self, index: int) -> Layer:
        """Return a layer, as the base class of all."""
        ...


class Builder(Protocol):
    """What turns networks into plans."""

    def create_network(self, flags: int) -> Network:
        """Return an empty network."""
        ...

    def create_builder_config(self) -> Config:
        """Return a configuration with TensorRT's own defaults."""
        ...

    def create_optimization_profile(self) -> Profile:
        """Return an empty profile."""
        ...

    def build_serialized_network(self, network: Network, config: Config) -> HostMemory | None:
        """Return a plan; None, with lines in the log, where it cannot be built."""
        ...


class ParserError(Protocol):
    """One thing that the parser did not understand."""

    def desc(self) -> str:
        """Return the reason."""
        ...

    def node_name(self) -> str:
        """Return the name of the node in question."""
        ...

    def node_operator(self) -> str:
        """Return its operator."""
        ...


class Parser(Protocol):
    """What turns an ONNX file into a network."""

    num_errors: int
    get_error: Callable[[int], ParserError]

    def parse(self, model: bytes) -> bool:
        """Fill the network; False where errors were found."""
        ...
