"""What all networks that read windows have in common, whatever they are trained for."""

from abc import ABC, abstractmethod

from torch import Tensor, nn

from offline.spotformer.config import SpotFormerConfig


class WindowNetwork(nn.Module, ABC):
    """A network that gives every window scores of its own.

    A video may be scored in batches of any size, and one window at a time as it comes in live.
    """

    @property
    @abstractmethod
    def method(self) -> str:
        """Name of the method that it is trained by (:mod:`offline.methods`)."""

    @property
    @abstractmethod
    def score_names(self) -> tuple[str, ...]:
        """Names of its scores, in the order of a model file's outputs."""

    @property
    @abstractmethod
    def inputs(self) -> SpotFormerConfig:
        """Which windows it reads, and its encoder."""

    @abstractmethod
    def encode(self, windows: Tensor) -> Tensor:
        """Return the feature (B, C) of float32 windows (B, W, K, 2), px."""

    @abstractmethod
    def probabilities(self, windows: Tensor) -> dict[str, Tensor]:
        """Return a vector (B,) of values in [0, 1] for each of its score names."""

    @property
    def parameters_count(self) -> int:
        """Number of trained values."""
        return sum(parameter.numel() for parameter in self.parameters())
