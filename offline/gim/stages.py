"""From easy to hard: which pseudo-labels an epoch is taught with (section 3.6.2)."""

from engines.intervals import Kind
from offline.gim.config import GimLossConfig
from offline.gim.labels import Stage


def stage_of(epoch: int, config: GimLossConfig) -> Stage:
    """Return the stage of an epoch, counted from 0."""
    if epoch < config.hard_epochs:
        return Stage.HARD
    return Stage.WARM if epoch < config.hard_epochs + config.warm_epochs else Stage.GIM


def theta(epoch: int, config: GimLossConfig) -> float:
    """Return θ of equation 3 in an epoch, counted from 0.

    It starts to fall in the first epoch of stage 3, the first that uses it.
    """
    done = max(epoch - config.hard_epochs - config.warm_epochs, 0)
    share = min(done / config.theta_epochs, 1.0) if config.theta_epochs else 1.0
    return config.theta_start + share * (config.theta_end - config.theta_start)


def warm_reach(epoch: int, kind: Kind, config: GimLossConfig) -> int:
    """Return how far stage 2 labels to both sides in an epoch, ticks.

    Half of k_s2 in the first half of the stage, then all of it.
    """
    reach = config.k_s2(kind)
    early = epoch - config.hard_epochs < config.warm_epochs // 2
    return max(reach // 2, min(reach, 1)) if early else reach
