"""Where brows and mouth stand against their own slow average.

A window of 17 ticks sees motion, not position: the start of one expression can look like the end
of another, and a held smile like a face at rest. Posture is the patches' displacement summed over
time and slowly forgotten. Its increments are those of the flow, so it has the flow's precision; it
needs no neutral frame.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.flow.kernels.postures import mean_path, summarise
from realtime.types import FLOW_NODES, RATE_HZ

MEMORY_S: Final = 4.0
"""Time constant of forgetting: the longest macro-expression, s."""

KEEP: Final = float(np.exp(-1 / (MEMORY_S * RATE_HZ)))
"""What is left of a posture after one tick."""

PATHS: Final = 8
"""A posture is the mean over the pairs that end at it from up to this many ticks before, which
averages their noise."""

Points = NDArray[np.float32]

_LEFT: Final = (KEEP ** np.arange(PATHS + 1)).astype(np.float32)
"""What is left of a posture after 0, 1, ... ticks."""

_NEVER: Final = np.iinfo(np.int64).min


class Posture:
    """Posture of the ten patches, tick by tick, in constant memory."""

    def __init__(self) -> None:
        # a row a tick, by the tick modulo their number
        self._known = np.zeros((PATHS + 1, len(FLOW_NODES), 2), np.float32)
        self._ticks = np.full(PATHS + 1, _NEVER)

    def push(self, tick: int, starts: NDArray[np.int64], moved: Points) -> None:
        """Take the pairs that end at a tick.

        Parameters
        ----------
        tick
            The newest tick.
        starts
            int64 (n,), earlier ticks.
        moved
            The displacement since then, float32 (n, 10, 2), canonical px.
        """
        row = tick % (PATHS + 1)
        mean_path(self._ticks, self._known, _LEFT, tick, starts, moved, self._known[row])
        self._ticks[row] = tick

    def at(self, tick: int) -> Points:
        """Return the posture at one of the latest ticks, float32 (10, 2), canonical px."""
        row = tick % (PATHS + 1)
        if self._ticks[row] != tick:
            raise KeyError(f"no posture is known of tick {tick}")
        here: Points = self._known[row].copy()
        return here


def posture_nodes(patches: Points) -> Points:
    """Summarise ten patches in four nodes.

    Parameters
    ----------
    patches
        float32 (..., 10, 2), canonical px.

    Returns
    -------
    float32 (..., 4, 2)
        Left brow, right brow (means of three), mouth corners (how far apart, how low), and how
        low the upper and the lower lip are.
    """
    out = np.empty((*patches.shape[:-2], 4, 2), np.float32)
    flat = np.ascontiguousarray(patches, np.float32).reshape(-1, *patches.shape[-2:])
    summarise(flat, out.reshape(-1, 4, 2))
    return out


def posture_rows(features: Points) -> Points:
    """Return the view of the posture nodes in features (..., 18, 2)."""
    rows: Points = features[..., len(FLOW_NODES) + 4 :, :]
    return rows
