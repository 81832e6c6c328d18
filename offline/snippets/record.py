"""What training on snippets reads: two streams of one video with its labelled intervals."""

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Interval
from offline.data.records import FeatureRecord
from realtime.types import RATE_HZ

STREAMS: Final = 2


@dataclass(frozen=True, slots=True)
class SnippetRecord:
    """T consecutive snippets of one video that do not overlap, with truth.

    Attributes
    ----------
    name, subject
        The video, and the person in it.
    streams
        float32 (2, T, D): RGB and flow of I3D, fast and slow of SW-MRO. Zero where not valid.
    valid
        bool (T,), False where a snippet holds a gap or a lost face: never trained on or scored.
    edges
        float64 (T + 1,), ticks of the 30 Hz grid: snippet k covers [edges[k], edges[k + 1]).
    source
        How the features were made: ``sw-mro``, ``i3d``, or ``i3d-random-SEED``, which no report
        may pass over.
    intervals
        Labelled expressions, ticks.
    ignored
        Intervals that count neither for nor against (uncertain labels), ticks.
    timestamps_s
        float64 (frames,): of every frame of the file, relative to the first, s; None where it is
        not known. Point labels are laid on the grid by them.

    Raises
    ------
    ValueError
        If shapes or types do not agree, features are not finite, or edges do not increase.
    """

    name: str
    subject: str
    streams: NDArray[np.float32]
    valid: NDArray[np.bool_]
    edges: NDArray[np.float64]
    source: str
    intervals: tuple[Interval, ...]
    ignored: tuple[Interval, ...] = ()
    timestamps_s: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        if self.streams.ndim != 3 or len(self.streams) != STREAMS:
            raise ValueError(f"{self.name}: streams must be (2, T, D), not {self.streams.shape}")
        if self.streams.dtype != np.float32 or not np.isfinite(self.streams).all():
            raise ValueError(f"{self.name}: streams must be float32 and finite")
        if self.valid.shape != (self.snippets,) or self.valid.dtype != np.bool_:
            raise ValueError(f"{self.name}: valid must be bool (T,)")
        if self.edges.shape != (self.snippets + 1,) or self.edges.dtype != np.float64:
            raise ValueError(f"{self.name}: edges must be float64 (T + 1,)")
        if not np.isfinite(self.edges).all() or not (np.diff(self.edges) > 0).all():
            raise ValueError(f"{self.name}: edges must be finite and increase")
        if not self.source:
            raise ValueError(f"{self.name}: nothing says how its features were made")

    @property
    def snippets(self) -> int:
        """Number of snippets, T; 0 of a video that is shorter than one."""
        return self.streams.shape[1]

    @property
    def features(self) -> int:
        """Features of a snippet in each stream, D."""
        return self.streams.shape[2]

    @property
    def ticks(self) -> int:
        """Length of the video on the 30 Hz grid: of all frames where their times are known.

        Else it ends with its last snippet.
        """
        known = 0 if self.timestamps_s is None else ticks_of(self.timestamps_s)
        return max(known, int(np.ceil(self.edges[-1])))


Record: TypeAlias = FeatureRecord | SnippetRecord
"""Features of one video, of either sort."""


def ticks_of(timestamps_s: NDArray[np.float64]) -> int:
    """Return the length on the 30 Hz grid of a video whose frames have some times."""
    return round(float(timestamps_s[-1]) * RATE_HZ) + 1 if len(timestamps_s) else 0
