"""Two principal components of features, on a sample that holds every class."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offline.report.held_out import HeldOutFeatures

MOST_PER_CLASS = 300


@dataclass(frozen=True, slots=True)
class Projection:
    """Features on two components.

    Attributes
    ----------
    points
        float64 (N, 2).
    labels
        int64 (N,): 0 neutral, 1 macro, 2 micro.
    shares
        Share of the variance along each component, in [0, 1].
    """

    points: NDArray[np.float64]
    labels: NDArray[np.int64]
    shares: tuple[float, float]


def project(held_out: HeldOutFeatures, most_per_class: int = MOST_PER_CLASS) -> Projection | None:
    """Return an evenly spaced sample of each class on the first two components.

    The components are those of the sample, so that the many neutral frames do not choose them
    alone. The sign of a component, which is arbitrary, is the one that gives its largest loading
    a positive value: equal features give equal pictures.

    Returns
    -------
    Projection or None
        None where fewer than three frames, or fewer than two dimensions, are left.
    """
    rows = np.concatenate(
        [_evenly(np.flatnonzero(held_out.labels == label), most_per_class) for label in range(3)]
    )
    if len(rows) < 3 or held_out.features.shape[1] < 2:
        return None
    sample = held_out.features[rows].astype(np.float64)
    centred = sample - sample.mean(axis=0)
    _, strength, axes = np.linalg.svd(centred, full_matrices=False)
    largest = np.abs(axes[:2]).argmax(axis=1)
    axes = axes[:2] * np.sign(axes[[0, 1], largest])[:, None]
    variance = strength**2
    total = float(variance.sum()) or 1.0
    shares = (float(variance[0]) / total, float(variance[1]) / total)
    return Projection(centred @ axes.T, held_out.labels[rows], shares)


def _evenly(rows: NDArray[np.int64], most: int) -> NDArray[np.int64]:
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).round().astype(np.int64)]
