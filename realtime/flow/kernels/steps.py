"""The values of windows' steps laid out as features."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def lay_steps(
    patches: NDArray[np.float32],
    motions: NDArray[np.float64],
    lids: NDArray[np.float32],
    to_canonical: NDArray[np.float32],
    depth_lever: float,
    eye_lever: float,
    out: NDArray[np.float32],
) -> None:
    """Write patches, lids and head motion of n windows' steps.

    Parameters
    ----------
    patches, motions, lids, to_canonical
        As in :func:`realtime.flow.step.step_features`, with p patches.
    depth_lever, eye_lever
        What yaw and pitch, and what roll and scale are multiplied by, canonical px.
    out
        float32 (n, >= p + 4, 2): the patches, then lids, shift, turn, roll and scale.
    """
    count = patches.shape[1]
    for n in range(len(patches)):
        scale = to_canonical[n]
        for axis in range(2):
            for p in range(count):
                out[n, p, axis] = patches[n, p, axis] * scale
            out[n, count, axis] = lids[n, axis]
            out[n, count + 1, axis] = motions[n, axis] * scale
            out[n, count + 2, axis] = motions[n, 4 + axis] * depth_lever
            out[n, count + 3, axis] = motions[n, 3 - axis] * eye_lever
