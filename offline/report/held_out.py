"""Features of frames or snippets of a held-out subject: what head or classifier reads.

``features.npz`` in the folder of a fold: ``features`` float32 (N, C), ``labels`` int64 (N,) with
0 neutral, 1 macro, 2 micro. It is optional; a report shows it on two principal components
(SpotFormer, figure 7).
"""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from offline.atomic import replace_file

FEATURES: Final = "features.npz"


@dataclass(frozen=True, slots=True)
class HeldOutFeatures:
    """Features of frames, or of snippets, with their class.

    Attributes
    ----------
    features
        float32 (N, C).
    labels
        int64 (N,): 0 neutral, 1 macro, 2 micro.

    Raises
    ------
    ValueError
        If shapes or values cannot be right.
    """

    features: NDArray[np.float32]
    labels: NDArray[np.int64]

    def __post_init__(self) -> None:
        if self.features.ndim != 2 or self.labels.shape != (len(self.features),):
            raise ValueError(
                f"features (N, C) and labels (N,) are needed, not {self.features.shape} "
                f"and {self.labels.shape}"
            )
        if not np.isfinite(self.features).all():
            raise ValueError("features are not finite")
        if not np.isin(self.labels, (0, 1, 2)).all():
            raise ValueError("labels are 0 (neutral), 1 (macro) or 2 (micro)")


def save_features(path: Path, held_out: HeldOutFeatures) -> None:
    """Write a file of features as a whole; equal features give equal files."""
    replace_file(
        path, lambda file: np.savez(file, features=held_out.features, labels=held_out.labels)
    )


def load_features(path: Path) -> HeldOutFeatures | None:
    """Return the features of a file, or None where there is none.

    Raises
    ------
    UsageError
        If the file is damaged.
    """
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as stored:
            features, labels = stored["features"], stored["labels"]
        return HeldOutFeatures(features.astype(np.float32), labels.astype(np.int64))
    except (OSError, KeyError, ValueError, EOFError, zipfile.BadZipFile) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise UsageError(f"{path}: holds no features ({reason}); delete it") from error
