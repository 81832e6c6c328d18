"""The places of a window's first frame on the crop, in one pass over the mesh."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def crop_points(
    points: NDArray[np.float32] | NDArray[np.float64], matrix: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Map the first two columns of points (n, >= 2) by a matrix (2, 3), float32 (n, 2)."""
    out = np.empty((len(points), 2), np.float32)
    for k in range(len(points)):
        x, y = np.float64(points[k, 0]), np.float64(points[k, 1])
        out[k, 0] = matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]
        out[k, 1] = matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]
    return out


@njit(cache=True, nogil=True)
def crop_mesh(
    mesh: NDArray[np.float32],
    matrix: NDArray[np.float64],
    scale: np.float32,
    middle: np.float32,
) -> NDArray[np.float32]:
    """Map a mesh to the crop.

    Parameters
    ----------
    mesh
        float32 (468, 3), px of the frame.
    matrix, scale
        float64 (2, 3), px to px, and crop px per frame px.
    middle
        Depth that becomes zero, px of the crop.

    Returns
    -------
    float32 (468, 3)
        px of the crop.
    """
    out = np.empty((len(mesh), 3), np.float32)
    places = crop_points(mesh, matrix)
    for k in range(len(mesh)):
        out[k, 0], out[k, 1] = places[k, 0], places[k, 1]
        out[k, 2] = mesh[k, 2] * scale - middle
    return out


@njit(cache=True, nogil=True)
def gathered(
    rows: NDArray[np.float32], chosen: NDArray[np.intp]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the places (n, 2) and the depths (n,) of chosen rows of a mesh (m, 3)."""
    places, depth = np.empty((len(chosen), 2), np.float32), np.empty(len(chosen), np.float32)
    for n in range(len(chosen)):
        places[n, 0], places[n, 1], depth[n] = rows[chosen[n]]
    return places, depth


@njit(cache=True, nogil=True)
def box_around(
    landmarks: NDArray[np.float32],
    chosen: NDArray[np.intp],
    wide: NDArray[np.intp],
    margin: float,
) -> NDArray[np.float32]:
    """Return the box of chosen landmarks, widened by a share of the distance between two others.

    Parameters
    ----------
    landmarks
        float32 (68, 2), px.
    chosen, wide
        Their indices; ``wide`` has two.
    margin
        Share of half the distance.

    Returns
    -------
    float32 (4,)
        x0, y0, x1, y1, px.
    """
    dx = landmarks[wide[1], 0] - landmarks[wide[0], 0]
    dy = landmarks[wide[1], 1] - landmarks[wide[0], 1]
    room = np.float32(margin * np.hypot(dx, dy) / 2)
    out = np.empty(4, np.float32)
    for axis in range(2):
        low = high = landmarks[chosen[0], axis]
        for k in chosen:
            low, high = min(low, landmarks[k, axis]), max(high, landmarks[k, axis])
        out[axis], out[axis + 2] = low - room, high + room
    return out


@njit(cache=True, nogil=True)
def mean_point(points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean of points (n, 2), n at least 1, float32 (2,)."""
    out = np.zeros(2, np.float32)
    for k in range(len(points)):
        out[0] += points[k, 0]
        out[1] += points[k, 1]
    out /= np.float32(len(points))
    return out
