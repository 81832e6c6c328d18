"""What training and evaluation read: features of one video with its labelled intervals."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Interval
from realtime.types import NODES, WINDOW


@dataclass(frozen=True, slots=True)
class FeatureRecord:
    """SW-MRO windows of one video on the 30 Hz grid, with truth.

    Attributes
    ----------
    name, subject
        The video, and the person in it.
    features
        float32 (T, window, 18, 2), px on the canonical face; row t is the window centred on tick
        t.
    scored
        bool (T,), False where a window spans a gap or has no face: never trained on or scored.
    intervals
        Labelled expressions, ticks.
    ignored
        Intervals that count neither for nor against (uncertain labels), ticks.
    window
        Ticks in a window, as it was measured.
    timestamps_s
        float64 (frames,): of every frame of the file, relative to the first, s; None where it is
        not known. Point labels are laid on the grid by them.
    """

    name: str
    subject: str
    features: NDArray[np.float32]
    scored: NDArray[np.bool_]
    intervals: tuple[Interval, ...]
    ignored: tuple[Interval, ...] = ()
    window: int = WINDOW
    timestamps_s: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        ticks = len(self.features)
        shape = (ticks, self.window, len(NODES), 2)
        if self.features.shape != shape or self.features.dtype != np.float32:
            raise ValueError(
                f"{self.name}: features must be float32 (T, {self.window}, {len(NODES)}, 2), "
                f"not {self.features.dtype} {self.features.shape}"
            )
        if self.scored.shape != (ticks,) or self.scored.dtype != np.bool_:
            raise ValueError(f"{self.name}: scored must be bool (T,)")

    @property
    def ticks(self) -> int:
        """Length of the video on the 30 Hz grid, T."""
        return len(self.scored)


class Recipe(Protocol):
    """An endless supply of training records, such as the feature simulator."""

    def draw(self, rng: np.random.Generator) -> FeatureRecord:
        """Return a new record; equal generators give equal records."""
        ...
