"""Where brows and mouth stand against their own slow average.

A window of 17 ticks sees motion, not position: the start of one expression can look like the end
of another, and a held smile like a face at rest. Posture is the patches' displacement summed over
time and slowly forgotten. Its increments are those of the flow, so it has the flow's precision; it
needs no neutral frame.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.types import FLOW_NODES, RATE_HZ

MEMORY_S: Final = 4.0
"""Time constant of forgetting: the longest macro-expression, s."""

KEEP: Final = float(np.exp(-1 / (MEMORY_S * RATE_HZ)))
"""What is left of a posture after one tick."""

PATHS: Final = 8
"""A posture is the mean over the pairs that end at it from up to this many ticks before, which
averages their noise."""

Points = NDArray[np.float32]


class Posture:
    """Posture of the ten patches, tick by tick, in constant memory."""

    def __init__(self) -> None:
        self._known: dict[int, Points] = {}

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
        paths = [
            self._known[start] * np.float32(KEEP ** (tick - start)) + shift
            for start, shift in zip(starts.tolist(), moved, strict=True)
            if tick - start <= PATHS and start in self._known
        ]
        here = np.mean(paths, axis=0) if paths else np.zeros((len(FLOW_NODES), 2))
        self._known[tick] = here.astype(np.float32)
        self._known.pop(tick - PATHS - 1, None)

    def at(self, tick: int) -> Points:
        """Return the posture at one of the latest ticks, float32 (10, 2), canonical px."""
        return self._known[tick]


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
    left, right = patches[..., 0:3, :].mean(axis=-2), patches[..., 3:6, :].mean(axis=-2)
    corner_left, corner_right = patches[..., 6, :], patches[..., 8, :]
    apart = (corner_right[..., 0] - corner_left[..., 0]) / 2
    low = (corner_right[..., 1] + corner_left[..., 1]) / 2
    corners = np.stack([apart, low], axis=-1)
    lips = np.stack([patches[..., 7, 1], patches[..., 9, 1]], axis=-1)
    return np.asarray(np.stack([left, right, corners, lips], axis=-2), np.float32)


def posture_rows(features: Points) -> Points:
    """Return the view of the posture nodes in features (..., 18, 2)."""
    rows: Points = features[..., len(FLOW_NODES) + 4 :, :]
    return rows
