"""Main-direction pooling written as the papers have it: slow, obvious, the oracle."""

import numpy as np
from numpy.typing import NDArray


def main_direction(
    vectors: NDArray[np.float32] | NDArray[np.float64], first_edge_deg: float, keep: float
) -> NDArray[np.float64]:
    """Return one vector that stands for a patch (MDMO; SpotFormer equation 1, and its NOTES).

    Parameters
    ----------
    vectors
        (n, 2), px, n at least 1.
    first_edge_deg
        First of the four bins' edges: 30 for the patches, 45 for the nose.
    keep
        Fraction of the fullest bin that stays, largest magnitudes first.

    Returns
    -------
    float64 (2,)
        Unit direction of the kept vectors' sum times their mean magnitude, px.
    """
    exact = vectors.astype(np.float64)
    angle = np.degrees(np.arctan2(exact[:, 1], exact[:, 0])) % 360
    edges = [first_edge_deg, 180 - first_edge_deg, 180 + first_edge_deg, 360 - first_edge_deg]
    bins = np.digitize(angle, edges) % 4
    fullest = exact[bins == np.argmax(np.bincount(bins, minlength=4))]
    magnitude = np.hypot(fullest[:, 0], fullest[:, 1])
    kept = max(1, int(np.ceil(keep * len(fullest) - 1e-9)))
    order = np.argsort(-magnitude, kind="stable")[:kept]
    total = fullest[order].sum(axis=0)
    length = np.hypot(*total)
    if length < 1e-12:
        return np.zeros(2)
    return np.asarray(total / length * magnitude[order].mean())
