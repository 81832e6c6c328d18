"""What all trained networks have in common, whatever they read and are trained for."""

from abc import ABC, abstractmethod

from torch import Tensor, nn


class SpottingNetwork(nn.Module, ABC):
    """A network that gives rows of input named scores."""

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
    def inputs(self) -> object:
        """What it reads."""

    @abstractmethod
    def probabilities(self, rows: Tensor, /) -> dict[str, Tensor]:
        """Return a vector (B,) for each of its score names, of B rows of input."""

    @property
    def parameters_count(self) -> int:
        """Number of trained values."""
        return sum(parameter.numel() for parameter in self.parameters())
