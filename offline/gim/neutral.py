"""Which unlabelled ticks are taken for neutral (equation 6)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from offline.gim.config import GimLossConfig
from offline.gim.labels import TickPoint


def far_ticks(points: Sequence[TickPoint], ticks: int, config: GimLossConfig) -> NDArray[np.bool_]:
    """Return the ticks that are too far from every point to be part of its expression.

    None where the configuration does not say how far that is.

    Parameters
    ----------
    points
        All points of a video of ``ticks`` ticks.

    Returns
    -------
    bool (ticks,)
    """
    far = np.full(ticks, config.knows_neutral)
    for point in points:
        reach = config.neutral_beyond(point.kind)
        far[max(point.tick - reach, 0) : point.tick + reach + 1] = False
    return far


def neutral_ticks(
    intensity: NDArray[np.float64],
    expression: NDArray[np.bool_],
    scored: NDArray[np.bool_],
    config: GimLossConfig,
    far: NDArray[np.bool_] | None = None,
) -> NDArray[np.bool_]:
    """Return the N_neut ticks of lowest intensity that are scored and have no pseudo-label.

    Where the configuration knows what is neutral whatever its intensity (:func:`far_ticks`), those
    ticks take their place, and ticks nearer to a point are neither neutral nor an expression.

    T of equation 6 is the number of scored ticks. Of equal intensities the earlier tick goes
    first.

    Parameters
    ----------
    intensity
        float64 (T,).
    expression, scored
        bool (T,).
    config
        May ask for more than equation 6 does.
    far
        bool (T,); without it equation 6 decides.

    Returns
    -------
    bool (T,)
    """
    if far is not None and config.knows_neutral:
        known: NDArray[np.bool_] = far & scored & ~expression
        return known
    free = np.flatnonzero(scored & ~expression)
    labelled = int(np.count_nonzero(expression))
    wanted = max(int(config.neutral_ratio * labelled), config.neutral_least)
    order = np.argsort(intensity[free], kind="stable")
    neutral = np.zeros(len(scored), np.bool_)
    neutral[free[order[:wanted]]] = True
    return neutral
