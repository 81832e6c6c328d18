"""Instances as arrays, so that a hundred thousand of them are compared in seconds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from engines.intervals import Kind
from offline.evaluation.instances import Instance

KIND_CODES: Final[Mapping[Kind | None, int]] = {Kind.MICRO: 0, Kind.MACRO: 1, None: -1}


@dataclass(frozen=True, slots=True)
class Columns:
    """N instances, one array an attribute.

    Attributes
    ----------
    video
        int64 (N,), position of the video among those compared.
    kind
        int64 (N,), a value of ``KIND_CODES``.
    onset, offset
        int64 (N,), inclusive frames.
    apex
        int64 (N,), frame; the onset where the apex is unknown or outside the interval.
    has_apex
        bool (N,), whether the apex is known and within the interval.
    score
        float64 (N,).
    """

    video: NDArray[np.int64]
    kind: NDArray[np.int64]
    onset: NDArray[np.int64]
    offset: NDArray[np.int64]
    apex: NDArray[np.int64]
    has_apex: NDArray[np.bool_]
    score: NDArray[np.float64]

    @classmethod
    def of(cls, instances: Sequence[Instance], videos: Mapping[str, int]) -> Self:
        """Return instances as arrays; ``videos`` gives the position of each video."""
        apexes = [i.sound_apex for i in instances]
        known = [
            i.onset if apex is None else apex for i, apex in zip(instances, apexes, strict=True)
        ]
        return cls(
            video=np.array([videos[i.video] for i in instances], np.int64),
            kind=np.array([KIND_CODES[i.kind] for i in instances], np.int64),
            onset=np.array([i.onset for i in instances], np.int64),
            offset=np.array([i.offset for i in instances], np.int64),
            apex=np.array(known, np.int64),
            has_apex=np.array([apex is not None for apex in apexes], np.bool_),
            score=np.array([i.score for i in instances], np.float64),
        )

    def __len__(self) -> int:
        return len(self.onset)

    @property
    def length(self) -> NDArray[np.int64]:
        """int64 (N,), frames, both ends counted."""
        return self.offset - self.onset + 1


def video_positions(*groups: Sequence[Instance]) -> dict[str, int]:
    """Return a position for every video of some instances, in order of their names."""
    names = sorted({instance.video for group in groups for instance in group})
    return {name: position for position, name in enumerate(names)}


def rows_by_video(columns: Columns) -> dict[int, NDArray[np.int64]]:
    """Return the rows of each video, in order of onset."""
    order = np.lexsort((columns.onset, columns.video))
    videos, starts = np.unique(columns.video[order], return_index=True)
    parts = np.split(order, starts[1:]) if len(videos) else []
    return dict(zip(videos.tolist(), parts, strict=True))
