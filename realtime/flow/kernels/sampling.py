"""Reading a flow field at the sites of a face, for the streaming flow."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from realtime.flow.kernels.displacement import STRIDE

SIDE = 6
"""Lattice points across a patch: those within 5 px of its centre, every second pixel."""


@njit(cache=True, nogil=True)
def patch_samples(
    flow: NDArray[np.float32],
    centre: NDArray[np.float32],
    positions: NDArray[np.float32],
    vectors: NDArray[np.float32],
) -> None:
    """Copy the flow of one patch.

    Parameters
    ----------
    flow
        float32 (h, w, 2), px.
    centre
        float32 (2,), (x, y) px.
    positions, vectors
        Out, float32 (36, 2): where each sample lies, px, and its displacement, px.
    """
    height, width = flow.shape[0], flow.shape[1]
    i0 = min(max(int(np.ceil((centre[0] - 5) / STRIDE)), 0), width - SIDE)
    j0 = min(max(int(np.ceil((centre[1] - 5) / STRIDE)), 0), height - SIDE)
    n = 0
    for j in range(j0, j0 + SIDE):
        for i in range(i0, i0 + SIDE):
            positions[n, 0] = i * STRIDE
            positions[n, 1] = j * STRIDE
            vectors[n, 0] = flow[j, i, 0]
            vectors[n, 1] = flow[j, i, 1]
            n += 1


@njit(cache=True, nogil=True)
def box_samples(
    flow: NDArray[np.float32], box: NDArray[np.float32], vectors: NDArray[np.float32]
) -> int:
    """Copy the flow inside a box (x0, y0, x1, y1, px) into ``vectors`` and return how many."""
    height, width = flow.shape[0], flow.shape[1]
    i0 = min(max(int(np.ceil(box[0] / STRIDE)), 0), width - 1)
    j0 = min(max(int(np.ceil(box[1] / STRIDE)), 0), height - 1)
    i1 = min(max(int(box[2] / STRIDE), i0), width - 1)
    j1 = min(max(int(box[3] / STRIDE), j0), height - 1)
    n = 0
    for j in range(j0, j1 + 1):
        for i in range(i0, i1 + 1):
            if n < vectors.shape[0]:
                vectors[n, 0] = flow[j, i, 0]
                vectors[n, 1] = flow[j, i, 1]
                n += 1
    return n


@njit(cache=True, nogil=True)
def point_mean(flow: NDArray[np.float32], point: NDArray[np.float32]) -> tuple[float, float]:
    """Return the mean displacement of the 3x3 lattice points around a point (x, y), px."""
    height, width = flow.shape[0], flow.shape[1]
    i = min(max(round(point[0] / STRIDE), 1), width - 2)
    j = min(max(round(point[1] / STRIDE), 1), height - 2)
    u = v = 0.0
    for b in range(j - 1, j + 2):
        for a in range(i - 1, i + 2):
            u += flow[b, a, 0]
            v += flow[b, a, 1]
    return u / 9, v / 9
