"""Which unlabelled ticks are taken for neutral (equation 6)."""

import numpy as np
from numpy.typing import NDArray

from offline.gim.config import GimLossConfig


def neutral_ticks(
    intensity: NDArray[np.float64],
    expression: NDArray[np.bool_],
    scored: NDArray[np.bool_],
    config: GimLossConfig,
) -> NDArray[np.bool_]:
    """Return the N_neut ticks of lowest intensity that are scored and have no pseudo-label.

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

    Returns
    -------
    bool (T,)
    """
    free = np.flatnonzero(scored & ~expression)
    labelled = int(np.count_nonzero(expression))
    wanted = max(int(config.neutral_ratio * labelled), config.neutral_least)
    order = np.argsort(intensity[free], kind="stable")
    neutral = np.zeros(len(scored), np.bool_)
    neutral[free[order[:wanted]]] = True
    return neutral
