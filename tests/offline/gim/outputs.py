"""Network outputs made from probabilities, and pseudo-labels of them."""

from collections.abc import Sequence

import numpy as np
import torch

from engines.intervals import Kind
from offline.gim.config import GimLossConfig
from offline.gim.labels import PseudoLabels, TickPoint
from offline.gim.model import GimOutputs
from offline.gim.pseudo_labels import pseudo_labels

GIM_EPOCH = 5
"""First epoch of stage 3."""


def outputs_of(
    intensity: Sequence[float],
    action: Sequence[tuple[float, float]] | None = None,
    x: Sequence[Sequence[float]] | None = None,
    feature: Sequence[Sequence[float]] | None = None,
) -> GimOutputs:
    """Return float64 outputs; what is not given is 0.5 and zeros."""
    ticks = len(intensity)
    zeros = torch.zeros(ticks, 1, dtype=torch.float64)
    return GimOutputs(
        torch.tensor(intensity, dtype=torch.float64).logit(),
        torch.tensor(action or [(0.5, 0.5)] * ticks, dtype=torch.float64).reshape(-1, 2).logit(),
        zeros if x is None else torch.tensor(x, dtype=torch.float64),
        zeros if feature is None else torch.tensor(feature, dtype=torch.float64),
    )


def label(
    outputs: GimOutputs,
    *points: tuple[int, Kind],
    epoch: int = GIM_EPOCH,
    scored: np.ndarray | None = None,
    seed: int = 0,
    **changes: object,
) -> PseudoLabels:
    """Return the pseudo-labels of points (tick, kind), the settings being the paper's but some."""
    return pseudo_labels(
        outputs,
        [TickPoint(tick, kind) for tick, kind in points],
        np.ones(len(outputs.x), bool) if scored is None else scored,
        GimLossConfig(**changes),
        epoch,
        np.random.default_rng(seed),
    )


def curve(ticks: int, peaks: dict[int, float] | None = None) -> list[float]:
    """Return an intensity of 0.1 with other values at some ticks."""
    values = [0.1] * ticks
    for tick, value in (peaks or {}).items():
        values[tick] = value
    return values
