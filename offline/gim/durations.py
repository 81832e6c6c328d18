"""Where an expression peaks and how long it lasts, from the intensity around its label."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Kind
from offline.gim.config import GimLossConfig
from offline.gim.labels import TickPoint

Ticks = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the network says about the T ticks of a record.

    Attributes
    ----------
    intensity
        float64 (T,).
    x
        float64 (T, C).
    scored
        bool (T,).
    """

    intensity: NDArray[np.float64]
    x: NDArray[np.float64]
    scored: NDArray[np.bool_]

    def around(self, centre: int, reach: float) -> Ticks:
        """Return the scored ticks from ``centre - reach`` to ``centre + reach``, ascending."""
        whole = int(reach)
        first, last = max(centre - whole, 0), min(centre + whole, len(self.scored) - 1)
        return first + np.flatnonzero(self.scored[first : last + 1])


@dataclass(frozen=True, slots=True)
class Span:
    """The ticks that one point labels.

    Attributes
    ----------
    centre
        Tick whose feature is μ.
    ticks
        int64 (n,): scored ticks of K_i, ascending, at least one.
    duration
        δ L_i of equation 4, ticks, at least 1.
    share
        Of K_i that is inside the record and scored, above 0.
    """

    centre: int
    ticks: Ticks
    duration: float
    share: float


def anchor(point: TickPoint, evidence: Evidence, config: GimLossConfig) -> int | None:
    """Return the scored tick nearest to a point, the earlier of two, if one is in I_i."""
    ticks = evidence.around(point.tick, config.k_c(point.kind) / 4)
    if not len(ticks):
        return None
    return int(ticks[np.argmin(np.abs(ticks - point.tick))])


def reach_around(centre: int, reach: int, evidence: Evidence) -> Span:
    """Return the span of stages 1 and 2: as if δ L_i were twice the reach."""
    return _span(centre, float(2 * reach), evidence)


def estimate(point: TickPoint, evidence: Evidence, config: GimLossConfig, theta: float) -> Span:
    """Return the span that GIM finds around a point.

    Parameters
    ----------
    point
        With a scored tick in I_i.
    evidence
        The intensity is read.
    config
        k_c, δ and the limits of the expanded duration.
    theta
        Threshold of equation 3.
    """
    apex = pseudo_apex(point, evidence, config)
    least = config.shortest * config.k_c(point.kind)
    expanded = config.delta * rough_duration(apex, point.kind, evidence, config, theta)
    return _span(apex, float(np.clip(expanded, least, config.longest(point.kind))), evidence)


def pseudo_apex(point: TickPoint, evidence: Evidence, config: GimLossConfig) -> int:
    """Return the tick of highest intensity in I_i (equation 1).

    Of equal intensities the one nearest to the label wins, then the earlier.
    """
    ticks = evidence.around(point.tick, config.k_c(point.kind) / 4)
    ticks = ticks[np.argsort(np.abs(ticks - point.tick), kind="stable")]
    return int(ticks[np.argmax(evidence.intensity[ticks])])


def rough_duration(
    apex: int, kind: Kind, evidence: Evidence, config: GimLossConfig, theta: float
) -> int:
    """Return how many ticks of J_i are more intense than θ (equation 3)."""
    ticks = evidence.around(apex, config.k_c(kind) / 2)
    return int(np.count_nonzero(evidence.intensity[ticks] > theta))


def mine(tick: int, kind: Kind, evidence: Evidence, config: GimLossConfig, theta: float) -> Span:
    """Return the run of ticks above θ around a labelled tick, with at least stage 1's reach."""
    first = last = tick
    within = set(evidence.around(tick, config.k_c(kind) / 2).tolist())
    sure = set(evidence.around(tick, config.k_s1(kind)).tolist())
    wanted = {t for t in within if evidence.intensity[t] > theta} | sure
    while first - 1 in wanted:
        first -= 1
    while last + 1 in wanted:
        last += 1
    ticks = np.arange(first, last + 1)
    return Span(tick, ticks, float(len(ticks)), 1.0)


def _span(centre: int, duration: float, evidence: Evidence) -> Span:
    # Without the margin, a product such as 1.2 x 5 could fall just short of a whole number.
    half = int(duration / 2 + 1e-9)
    ticks = evidence.around(centre, half)
    return Span(centre, ticks, max(duration, 1.0), len(ticks) / (2 * half + 1))
