"""What PWES learns from: runs of snippets of a video, with the points that lie in them."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.contracts import MOST_ROWS
from engines.intervals import Interval, Kind
from offline.gim.labels import TickPoint
from offline.mcwes.inputs import runs, usable
from offline.snippets.record import SnippetRecord

log = logging.getLogger(__name__)

COLUMNS: Final = {kind: column for column, kind in enumerate(Kind)}
"""Column of a kind, as in a T-CAM."""


@dataclass(frozen=True, slots=True)
class PointedVideo:
    """T consecutive snippets of one video, all of which tell something.

    Attributes
    ----------
    name
        Of the video.
    snippets
        float32 (T, 2, D).
    points
        bool (T, 2), columns micro and macro: where a point lies.
    truth
        bool (T, 2): where the middle of a snippet is inside a labelled expression. For figures
        alone: no loss and no label reads it.
    """

    name: str
    snippets: NDArray[np.float32]
    points: NDArray[np.bool_]
    truth: NDArray[np.bool_]

    @property
    def length(self) -> int:
        """T."""
        return len(self.points)

    @property
    def kinds(self) -> set[Kind]:
        """Kinds that have a point."""
        return {kind for kind, column in COLUMNS.items() if self.points[:, column].any()}


def videos_of(record: SnippetRecord, points: Sequence[TickPoint]) -> tuple[PointedVideo, ...]:
    """Return the runs of usable snippets of a record, each as a video of its own.

    A snippet is not usable where it is not valid, or holds a tick of an uncertain label. The log
    names the points that lie in no usable snippet.

    Parameters
    ----------
    record
        A video, with or without truth.
    points
        Of the record.
    """
    kept = usable(record)
    laid, complaints = lay_points(points, record.edges, kept, record.name)
    for line in complaints:
        log.warning("%s", line)
    snippets = np.ascontiguousarray(record.streams.transpose(1, 0, 2))
    truth = inside(record.edges, record.intervals)
    return tuple(
        PointedVideo(record.name, snippets[first:last], laid[first:last], truth[first:last])
        for first, last in runs(kept, MOST_ROWS)
    )


def lay_points(
    points: Sequence[TickPoint],
    edges: NDArray[np.float64],
    kept: NDArray[np.bool_],
    name: str,
) -> tuple[NDArray[np.bool_], list[str]]:
    """Return the snippets that hold points, and what is wrong with the points that are left out.

    Parameters
    ----------
    points
        Of a video.
    edges
        float64 (T + 1,), ticks: snippet k covers [edges[k], edges[k + 1]).
    kept
        bool (T,), which snippets are usable.
    name
        Of the video, for the messages.

    Returns
    -------
    laid
        bool (T, 2), columns micro and macro; two points of a kind in one snippet are one.
    complaints
        One line each; empty if all is well.
    """
    laid = np.zeros((len(kept), len(Kind)), np.bool_)
    complaints: list[str] = []
    for point in sorted(points, key=lambda p: (p.tick, p.kind)):
        place = int(np.searchsorted(edges, point.tick, side="right")) - 1
        where = f"{name}: {point.kind} point at tick {point.tick}"
        if not 0 <= place < len(kept):
            complaints.append(
                f"{where}, but its {len(kept)} snippets end at tick {edges[-1]:g}; left out"
            )
        elif not kept[place]:
            complaints.append(f"{where} lies in a gap or an uncertain label; left out")
        else:
            laid[place, COLUMNS[point.kind]] = True
    return laid, complaints


def inside(edges: NDArray[np.float64], intervals: Sequence[Interval]) -> NDArray[np.bool_]:
    """Return the snippets whose middle lies in an interval of each kind, bool (T, 2)."""
    middle = (edges[:-1] + edges[1:]) / 2
    held = np.zeros((len(middle), len(Kind)), np.bool_)
    for one in intervals:
        held[:, COLUMNS[one.kind]] |= (one.onset <= middle) & (middle < one.offset + 1)
    return held
