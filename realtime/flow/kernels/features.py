"""From a flow field to one step of a window: head motion out, ten patches pooled."""

import numpy as np
from numba import njit
from numpy.typing import NDArray

from realtime.flow.kernels.pooling import MAX_SAMPLES, NOSE_KEEP, PATCH_KEEP, main_direction
from realtime.flow.kernels.rigid import PARAMETERS, fit, predict
from realtime.flow.kernels.sampling import SIDE, box_samples, patch_samples, point_mean

PATCHES = 10
PATCH_EDGE_DEG = 30.0
NOSE_EDGE_DEG = 45.0


@njit(cache=True, nogil=True)
def nose_motion(flow: NDArray[np.float32], nose: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return head motion as the papers have it: one translation, from the nose box.

    The result is float64 (6,), the form of :func:`realtime.flow.kernels.rigid.fit`.
    """
    vectors = np.empty((MAX_SAMPLES, 2), np.float32)
    count = box_samples(flow, nose, vectors)
    out = np.zeros(PARAMETERS)
    out[0], out[1] = main_direction(vectors, count, NOSE_EDGE_DEG, NOSE_KEEP)
    return out


@njit(cache=True, nogil=True)
def rigid_motion(
    flow: NDArray[np.float32],
    rigid: NDArray[np.float32],
    centre: NDArray[np.float32],
    depth: NDArray[np.float32],
    trust: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return head motion as six parameters, float64 (6,), fitted to the flow at rigid points."""
    shifts = np.empty_like(rigid)
    for k in range(len(rigid)):
        shifts[k, 0], shifts[k, 1] = point_mean(flow, rigid[k])
    return fit(rigid - centre, depth, shifts, trust)


@njit(cache=True, nogil=True)
def pool_patches(
    flow: NDArray[np.float32],
    motion: NDArray[np.float64],
    patches: NDArray[np.float32],
    centre: NDArray[np.float32],
    depth: NDArray[np.float32],
    out: NDArray[np.float32],
) -> None:
    """Write the pooled displacement of the ten patches without the head's motion.

    Parameters
    ----------
    flow
        float32 (h, w, 2), px.
    motion
        float64 (6,), as the two functions above return it.
    patches, depth
        float32 (10, 2) and (10,), px of the crop.
    centre
        float32 (2,), where ``motion`` has its origin, px.
    out
        float32 (10, 2), px.
    """
    positions = np.empty((SIDE * SIDE, 2), np.float32)
    vectors = np.empty((SIDE * SIDE, 2), np.float32)
    for p in range(PATCHES):
        patch_samples(flow, patches[p], positions, vectors)
        for n in range(SIDE * SIDE):
            x, y = positions[n, 0] - centre[0], positions[n, 1] - centre[1]
            u, v = predict(motion, x, y, depth[p])
            vectors[n, 0] -= u
            vectors[n, 1] -= v
        out[p, 0], out[p, 1] = main_direction(vectors, SIDE * SIDE, PATCH_EDGE_DEG, PATCH_KEEP)
