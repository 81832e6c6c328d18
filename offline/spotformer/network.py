"""What all networks that read windows have in common, whatever they are trained for."""

from abc import abstractmethod

from torch import Tensor

from offline.methods.network import SpottingNetwork
from offline.spotformer.config import SpotFormerConfig


class WindowNetwork(SpottingNetwork):
    """A network that gives every window scores of its own.

    A video may be scored in batches of any size, and one window at a time as it comes in live.
    """

    @property
    @abstractmethod
    def inputs(self) -> SpotFormerConfig:
        """Which windows it reads, and its encoder."""

    @abstractmethod
    def encode(self, windows: Tensor) -> Tensor:
        """Return the feature (B, C) of float32 windows (B, W, K, 2), px."""

    @abstractmethod
    def probabilities(self, windows: Tensor, /) -> dict[str, Tensor]:
        """Return a vector (B,) of values in [0, 1] for each of its score names."""
