"""What a model says about a batch of windows."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Scores:
    """Named probabilities of a batch of windows.

    Attributes
    ----------
    values
        One float32 vector of shape (N,) per output name, each value in [0, 1]. SpotFormer has
        ``{micro,macro}_{onset,offset,apex,expression}``.

    Raises
    ------
    ValueError
        If a vector is not float32, not one-dimensional, or of another length than the others.
    """

    values: Mapping[str, NDArray[np.float32]]

    def __post_init__(self) -> None:
        lengths = set()
        for name, vector in self.values.items():
            if vector.dtype != np.float32 or vector.ndim != 1:
                raise ValueError(f"scores {name!r} must be float32 (N,), not {vector.dtype}")
            lengths.add(len(vector))
        if len(lengths) > 1:
            raise ValueError(f"scores of one batch differ in length: {sorted(lengths)}")

    def __len__(self) -> int:
        return len(next(iter(self.values.values()), ()))

    def at(self, row: int) -> dict[str, float]:
        """Return the scores of one window by name."""
        return {name: float(vector[row]) for name, vector in self.values.items()}
