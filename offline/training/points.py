"""Point labels for training: from a file, or drawn from the labels that records have."""

import hashlib
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from engines.errors import UsageError
from engines.intervals import Interval
from offline.data.labels import tick_of
from offline.evaluation.instances import Instance
from offline.gim.labels import TickPoint
from offline.points.from_truth import DEFAULT_SIGMA, How, points_from_truth
from offline.points.points import Point, read_points

log = logging.getLogger(__name__)

NAMED: Final = 5
"""Videos that a message names before it says how many more there are."""


class Pointed(Protocol):
    """A record that points can be laid on."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def intervals(self) -> tuple[Interval, ...]: ...  # noqa: D102
    @property
    def timestamps_s(self) -> NDArray[np.float64] | None: ...  # noqa: D102


class PointSource(Protocol):
    """Where the points of a record come from. It can be pickled, for any process may train."""

    def of(self, record: Pointed) -> tuple[TickPoint, ...]:
        """Return a record's points; those outside it are left out, and the log names them.

        Raises
        ------
        UsageError
            If they cannot be laid on the record's ticks.
        """
        ...

    def describe(self) -> dict[str, object]:
        """Return what decides the points, for a run's configuration."""
        ...


@dataclass(frozen=True, slots=True)
class PointsFromTruth:
    """One point in each labelled expression; the rest of the label is not used.

    Attributes
    ----------
    how
        Where in the expression (:func:`offline.points.from_truth.points_from_truth`).
    seed
        Of the draws. A video's points depend on its name, its labels and the seed alone, so that
        they are the same in every fold.
    sigma
        Of ``gaussian``, in lengths of the expression.
    """

    how: How
    seed: int
    sigma: float = DEFAULT_SIGMA

    def of(self, record: Pointed) -> tuple[TickPoint, ...]:
        """Return a point for each labelled expression."""
        instances = [Instance.of(record.name, interval) for interval in record.intervals]
        drawn = points_from_truth(instances, self.how, self.seed, self.sigma)
        return tuple(TickPoint(point.frame, point.kind) for point in drawn)

    def describe(self) -> dict[str, object]:
        """Return how they are drawn."""
        spread = {"sigma": self.sigma} if self.how is How.GAUSSIAN else {}
        return {"from_truth": self.how.value, "seed": self.seed, **spread}


@dataclass(frozen=True, slots=True)
class PointsOfFile:
    """The points of a table.

    Attributes
    ----------
    name
        Of the file.
    digest
        SHA-256 of the points, whatever their order.
    frames
        Points by video.
    """

    name: str
    digest: str
    frames: Mapping[str, tuple[Point, ...]]

    @classmethod
    def read(cls, path: Path) -> "PointsOfFile":
        """Read a table of points.

        Raises
        ------
        UsageError
            If it cannot be read, or holds no point.
        """
        points = sorted(read_points(path))
        if not points:
            raise UsageError(f"{path}: holds no point; label a frame of each expression")
        frames: dict[str, list[Point]] = {}
        for point in points:
            frames.setdefault(point.video, []).append(point)
        text = "".join(f"{p.video}\0{p.frame}\0{p.kind.value}\n" for p in points)
        digest = hashlib.sha256(text.encode()).hexdigest()
        return cls(path.name, digest, {video: tuple(of) for video, of in frames.items()})

    def of(self, record: Pointed) -> tuple[TickPoint, ...]:
        """Return a record's points, each at the tick nearest to its frame's time."""
        points = self.frames.get(record.name, ())
        if not points:
            return ()
        if record.timestamps_s is None:
            raise UsageError(
                f"{record.name}: its feature file does not say when its frames were, so that "
                "points cannot be laid on it; extract it again"
            )
        times = record.timestamps_s.tolist()
        inside = [point for point in points if point.frame < len(times)]
        for point in points[len(inside) :]:
            log.warning(
                "%s: the point at frame %d is outside the video of %d frames; left out",
                record.name, point.frame, len(times),
            )  # fmt: skip
        return tuple(TickPoint(max(0, tick_of(p.frame, times)), p.kind) for p in inside)

    def describe(self) -> dict[str, object]:
        """Return the file's name and what it holds."""
        return {"file": self.name, "sha256": self.digest}

    def require_known(self, videos: Collection[str], where: str) -> None:
        """Name the videos of the table that are not there.

        Raises
        ------
        UsageError
            If none of them is.
        """
        unknown = [video for video in self.frames if video not in videos]
        if len(unknown) == len(self.frames):
            raise UsageError(
                f"{self.name}: none of its {len(unknown)} videos is in {where}, which has "
                f"{listed(sorted(videos))}; the table names a file without its suffix"
            )
        if unknown:
            log.warning("%s: no features of %s; their points are left out",
                        self.name, listed(unknown))  # fmt: skip


def points_source(path: Path | None, how: str | None, seed: int) -> PointSource | None:
    """Return what ``--points`` or ``--points-from-truth`` asks for; None for neither.

    Raises
    ------
    UsageError
        If both are given, or the file cannot be read.
    """
    if path is not None and how is not None:
        raise UsageError("--points and --points-from-truth exclude each other; give one")
    if path is not None:
        return PointsOfFile.read(path)
    return None if how is None else PointsFromTruth(How(how), seed)


def require_known_videos(points: PointSource | None, videos: Collection[str], where: str) -> None:
    """Name the videos of a table that are not there, where points come from a table.

    Raises
    ------
    UsageError
        If none of them is.
    """
    if isinstance(points, PointsOfFile):
        points.require_known(videos, where)


def listed(names: Sequence[str]) -> str:
    """Return some names in words: the first five, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")
