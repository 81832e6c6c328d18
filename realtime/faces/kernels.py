"""What is asked of every mesh, one pass each: numpy would make twenty small calls of it."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True, nogil=True)
def survey(
    mesh: NDArray[np.float32], width: int, height: int, left_eye: int, right_eye: int
) -> tuple[bool, float, float, float, float, float, float]:
    """Look at every point of a mesh once.

    Parameters
    ----------
    mesh
        float32 (468, 3), px of the frame; the caller has checked the shape.
    width, height
        Of the frame, px.
    left_eye, right_eye
        Mesh indices of the outer corners of the eyes.

    Returns
    -------
    tuple
        Whether every number is finite, the distance of the two corners (px), the share of the
        points inside the frame, and the mesh's x0, y0, x1, y1 (px).
    """
    finite, inside = True, 0
    x0, y0, x1, y1 = mesh[0, 0], mesh[0, 1], mesh[0, 0], mesh[0, 1]
    for k in range(len(mesh)):
        x, y = mesh[k, 0], mesh[k, 1]
        finite &= np.isfinite(x) and np.isfinite(y) and np.isfinite(mesh[k, 2])
        inside += 0 <= x < width and 0 <= y < height
        x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
    eyes = np.hypot(mesh[right_eye, 0] - mesh[left_eye, 0], mesh[right_eye, 1] - mesh[left_eye, 1])
    return finite, eyes, inside / len(mesh), x0, y0, x1, y1


@njit(cache=True, nogil=True)
def apertures(mesh: NDArray[np.float32], pairs: NDArray[np.intp]) -> tuple[float, float]:
    """Return the mean distance of upper and lower lid of either eye, px.

    Parameters
    ----------
    mesh
        float32 (468, 3), px; the caller has checked the shape.
    pairs
        Mesh indices, intp (2, n, 2): eye, place along the lid, (upper, lower).
    """
    out = np.zeros(2, np.float32)
    for eye in range(2):
        for k in range(pairs.shape[1]):
            upper, lower = pairs[eye, k]
            dx, dy = mesh[upper, 0] - mesh[lower, 0], mesh[upper, 1] - mesh[lower, 1]
            out[eye] += np.sqrt(dx * dx + dy * dy)
        out[eye] /= np.float32(pairs.shape[1])
    return out[0], out[1]


@njit(cache=True, nogil=True)
def unpack(
    data: NDArray[np.uint8],
    point_bytes: int,
    keys: NDArray[np.uint8],
    keys_at: NDArray[np.intp],
    floats_at: NDArray[np.intp],
    out: NDArray[np.uint32],
) -> bool:
    """Take the bits of the floats out of points of one size each.

    Parameters
    ----------
    data
        uint8 (n * point_bytes,).
    keys, keys_at
        uint8 (k,) and intp (k,): which byte every point has where.
    floats_at
        intp (3,): where its little-endian float32 begin.
    out
        uint32 (n, 3): their bits.

    Returns
    -------
    bool
        False as soon as a point has another byte where a key belongs.
    """
    for n in range(len(out)):
        point = data[n * point_bytes : (n + 1) * point_bytes]
        for k in range(len(keys)):
            if point[keys_at[k]] != keys[k]:
                return False
        for k in range(len(floats_at)):
            bits = np.uint32(0)
            for byte in range(4):
                bits |= np.uint32(point[floats_at[k] + byte]) << np.uint32(8 * byte)
            out[n, k] = bits
    return True


@njit(cache=True, nogil=True)
def scaled(
    points: NDArray[np.float32], factors: tuple[float, float, float], rows: int
) -> NDArray[np.float32]:
    """Return the first rows of points (>= rows, 3), each column times its factor, float32."""
    out = np.empty((rows, 3), np.float32)
    for n in range(rows):
        for axis in range(3):
            out[n, axis] = np.float64(points[n, axis]) * factors[axis]
    return out
