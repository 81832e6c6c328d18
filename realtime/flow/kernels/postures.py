"""A face's slow average position, from the pairs that end at the newest tick."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def mean_path(
    ticks: NDArray[np.int64],
    known: NDArray[np.float32],
    left: NDArray[np.float32],
    tick: int,
    starts: NDArray[np.int64],
    moved: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write the mean of a posture's paths to the newest tick; zeros where there is none.

    Parameters
    ----------
    ticks, known
        int64 (m,) and float32 (m, n, 2): postures, that of tick t in row t modulo m.
    left
        float32 (<= m,): what is left of a posture after 0, 1, ... ticks; older ones are not read.
    tick
        The newest.
    starts, moved
        int64 (k,) and float32 (k, n, 2): where the paths begin, and the displacement since then.
    out
        float32 (n, 2).
    """
    out[:] = 0
    paths = 0
    for k in range(len(starts)):
        age, row = tick - starts[k], starts[k] % len(ticks)
        if not 0 < age < len(left) or ticks[row] != starts[k]:
            continue
        paths += 1
        for n in range(len(out)):
            for axis in range(2):
                out[n, axis] += known[row, n, axis] * left[age] + moved[k, n, axis]
    if paths > 0:
        out /= np.float32(paths)


@njit(cache=True, nogil=True)
def summarise(patches: NDArray[np.float32], out: NDArray[np.float32]) -> None:
    """Write the four nodes (m, 4, 2) of ten patches (m, 10, 2).

    They are described at :func:`realtime.flow.posture.posture_nodes`.
    """
    three, two = np.float32(3), np.float32(2)
    for k in range(len(out)):
        p, nodes = patches[k], out[k]
        for axis in range(2):
            nodes[0, axis] = (p[0, axis] + p[1, axis] + p[2, axis]) / three
            nodes[1, axis] = (p[3, axis] + p[4, axis] + p[5, axis]) / three
        nodes[2, 0], nodes[2, 1] = (p[8, 0] - p[6, 0]) / two, (p[8, 1] + p[6, 1]) / two
        nodes[3, 0], nodes[3, 1] = p[7, 1], p[9, 1]
