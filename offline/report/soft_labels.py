"""Pseudo-labels of single expressions over the intensity that a network gives (GIM, figure 4).

``soft_labels.npz`` in a run folder. It is optional; a report draws it.
"""

import zipfile
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from offline.atomic import replace_file

SOFT_LABELS: Final = "soft_labels.npz"
UNKNOWN: Final = -1
"""Stands for a tick that is not labelled."""


@dataclass(frozen=True, slots=True)
class SoftLabels:
    """N expressions, L ticks around the point of each.

    Attributes
    ----------
    video, kind
        str (N,): name of the video; ``micro`` or ``macro``.
    first
        int64 (N,): tick of the first of the L.
    point, apex
        int64 (N,): labelled tick and pseudo-apex.
    truth
        int64 (N, 3): onset, apex and offset as labelled; -1 where there is no such label.
    intensity
        float32 (N, L): as the network gives it; NaN where a tick is not scored or not there.
    soft
        float32 (N, L): the pseudo-label; NaN where a tick has none.

    Raises
    ------
    ValueError
        If shapes do not fit.
    """

    video: NDArray[np.str_]
    kind: NDArray[np.str_]
    first: NDArray[np.int64]
    point: NDArray[np.int64]
    apex: NDArray[np.int64]
    truth: NDArray[np.int64]
    intensity: NDArray[np.float32]
    soft: NDArray[np.float32]

    def __post_init__(self) -> None:
        count, shape = len(self.video), self.intensity.shape
        singles = (self.video, self.kind, self.first, self.point, self.apex)
        if any(one.shape != (count,) for one in singles) or self.truth.shape != (count, 3):
            raise ValueError("video, kind, first, point and apex are (N,), truth is (N, 3)")
        if len(shape) != 2 or shape[0] != count or self.soft.shape != shape:
            raise ValueError(f"intensity and soft are (N, L), not {shape} and {self.soft.shape}")

    def __len__(self) -> int:
        return len(self.video)


def save_soft_labels(path: Path, labels: SoftLabels) -> None:
    """Write a file of pseudo-labels as a whole; equal labels give equal files."""
    arrays = {f.name: getattr(labels, f.name) for f in fields(SoftLabels)}
    replace_file(path, lambda file: np.savez(file, **arrays))


def load_soft_labels(path: Path) -> SoftLabels | None:
    """Return the pseudo-labels of a file, or None where there is none.

    Raises
    ------
    UsageError
        If the file is damaged.
    """
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            labels = SoftLabels(**{f.name: stored[f.name] for f in fields(SoftLabels)})
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"{path}: holds no pseudo-labels ({reason}); delete it") from error
    return labels
