"""Learning rate of every step, as a function of the step alone (so that runs resume exactly)."""

import math
from typing import Protocol


class RateConfig(Protocol):
    """What a schedule follows; see :class:`offline.training.config.TrainingConfig`."""

    @property
    def epochs(self) -> int: ...  # noqa: D102
    @property
    def learning_rate(self) -> float: ...  # noqa: D102
    @property
    def schedule(self) -> str: ...  # noqa: D102
    @property
    def decay(self) -> float: ...  # noqa: D102
    @property
    def decay_every(self) -> int: ...  # noqa: D102
    @property
    def final_fraction(self) -> float: ...  # noqa: D102
    @property
    def warmup_steps(self) -> int: ...  # noqa: D102


def learning_rate(step: int, steps_per_epoch: int, config: RateConfig) -> float:
    """Return the learning rate of a 0-based step.

    Parameters
    ----------
    step
        Steps done before this one, over all epochs.
    steps_per_epoch
        Steps in one epoch.
    config
        Rate, schedule and warm-up.
    """
    warm = min(1.0, (step + 1) / config.warmup_steps) if config.warmup_steps else 1.0
    return config.learning_rate * warm * _factor(step, steps_per_epoch, config)


def _factor(step: int, steps_per_epoch: int, config: RateConfig) -> float:
    if config.schedule == "exponential":
        return float(config.decay ** (step // (steps_per_epoch * config.decay_every)))
    if config.schedule == "cosine":
        done = step / max(1, config.epochs * steps_per_epoch - 1)
        low = config.final_fraction
        return low + (1 - low) * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))
    return 1.0
