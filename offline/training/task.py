"""What a method brings to the training loop (:mod:`offline.training.loop`)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar, runtime_checkable

import torch
from torch import Tensor, nn

from offline.training.run_folder import RunFolder

Network = TypeVar("Network", bound=nn.Module)
Reads_contra = TypeVar("Reads_contra", bound=nn.Module, contravariant=True)

Losses: TypeAlias = tuple[Tensor, ...]
"""Scalars by the names of a task's ``parts``; the first one is what is minimised."""


class Task(Protocol[Reads_contra]):
    """What a network is trained for; everything follows from the number of the step."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of what a step returns; the first is ``total``."""
        ...

    def step(self, number: int) -> Callable[[Reads_contra], Losses]:
        """Prepare a 0-based step, in a thread of its own while earlier ones are computed.

        What is returned computes the losses of a network in training mode, in the main thread.
        """
        ...

    def metrics(self, means: Mapping[str, float]) -> dict[str, float]:
        """Return an epoch's metrics, from the mean of each part over its steps."""
        ...

    def keep(self, network: Callable[[], Reads_contra], run: RunFolder) -> None:
        """Write what the last epoch leaves behind besides weights.

        ``network`` makes a copy of what is saved, in evaluation mode.
        """
        ...


@runtime_checkable
class Remembers(Protocol):
    """A task that carries more from step to step than the network's weights."""

    def memory(self) -> dict[str, Tensor]:
        """Return what a checkpoint needs to hold."""
        ...

    def recall(self, memory: Mapping[str, Tensor]) -> None:
        """Go back to what a checkpoint held.

        Raises
        ------
        KeyError, ValueError
            If it is not of this task.
        """
        ...


class LoopConfig(Protocol):
    """What the loop needs to know; see :class:`offline.training.config.TrainingConfig`."""

    @property
    def epochs(self) -> int: ...  # noqa: D102
    @property
    def ema_decay(self) -> float: ...  # noqa: D102
    @property
    def gradient_clip(self) -> float: ...  # noqa: D102
    @property
    def validate_every(self) -> int: ...  # noqa: D102
    @property
    def plot_every(self) -> int: ...  # noqa: D102
    @property
    def keep_every(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Course(Generic[Network]):
    """What a method brings to the loop.

    Attributes
    ----------
    task
        Gives the losses of every step.
    optimizer
        Of all weights of the network.
    rate
        Learning rate of a 0-based step.
    steps_per_epoch
        At least 1.
    config
        How long, and what is kept.
    blank
        Makes a network like the one that is trained, with any weights.
    """

    task: Task[Network]
    optimizer: torch.optim.Optimizer
    rate: Callable[[int], float]
    steps_per_epoch: int
    config: LoopConfig
    blank: Callable[[], Network]
