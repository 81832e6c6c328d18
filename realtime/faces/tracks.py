"""From raw meshes to faces whose identity lasts while they stay in view."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.faces.landmarks import to_68
from realtime.types import MESH_POINTS, Face, Frame

MEMORY_S: Final = 0.5
"""A face that is back within this time, s, and near where it was, is the same one."""

_REACH: Final = 0.75
"""The farthest that a face moves between two sightings, in widths of the face."""


class Point(Protocol):
    """A MediaPipe landmark: x and y as shares of the frame, z on the scale of x."""

    @property
    def x(self) -> float: ...  # noqa: D102
    @property
    def y(self) -> float: ...  # noqa: D102
    @property
    def z(self) -> float: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class _Sighting:
    track: int
    centre: NDArray[np.float64]
    width: float
    seen_s: float


def to_mesh(points: Iterable[Point], width: int, height: int) -> NDArray[np.float32]:
    """Return MediaPipe's normalised landmarks in px, float32 (468, 3); irises are left out."""
    flat = np.array([(p.x, p.y, p.z) for p in points], np.float64)[:MESH_POINTS]
    return (flat * (width, height, width)).astype(np.float32)


class FaceTracks:
    """Gives each face of a frame the number of the nearest face seen shortly before.

    Numbers count up from 0 and are never used again.
    """

    def __init__(self) -> None:
        self._known: list[_Sighting] = []
        self._next = 0

    def faces(self, frame: Frame, meshes: Sequence[NDArray[np.float32]]) -> tuple[Face, ...]:
        """Return the faces of one frame, oldest track first.

        Parameters
        ----------
        frame
            The frame, later than those before.
        meshes
            float32 (468, 3) each, px of the frame. One that is not finite is left out.
        """
        finite = [mesh for mesh in meshes if np.isfinite(mesh).all()]
        sightings = self._identify(finite, frame.timestamp_s)
        height, width = frame.image.shape[:2]
        found = [
            Face(sighting.track, mesh, to_68(mesh), inside(mesh, width, height))
            for sighting, mesh in zip(sightings, finite, strict=True)
        ]
        return tuple(sorted(found, key=lambda face: face.track))

    def _identify(self, meshes: list[NDArray[np.float32]], now_s: float) -> list[_Sighting]:
        free = [known for known in self._known if now_s - known.seen_s <= MEMORY_S]
        places = [_place(mesh) for mesh in meshes]
        pairs = sorted(
            (float(np.linalg.norm(centre - known.centre)) / known.width, i, known.track)
            for i, (centre, _) in enumerate(places)
            for known in free
        )
        tracks: dict[int, int] = {}
        for distance, i, track in pairs:
            if distance <= _REACH and i not in tracks and track not in tracks.values():
                tracks[i] = track
        sightings = []
        for i, (centre, width) in enumerate(places):
            track = tracks[i] if i in tracks else self._new()
            sightings.append(_Sighting(track, centre, width, now_s))
        current = {sighting.track for sighting in sightings}
        self._known = sightings + [known for known in free if known.track not in current]
        return sightings

    def _new(self) -> int:
        self._next += 1
        return self._next - 1


def inside(mesh: NDArray[np.float32], width: int, height: int) -> float:
    """Return the share of a mesh that lies inside the frame, in [0, 1].

    MediaPipe tells only that a face is there, not how surely; a face that leaves the picture is
    what makes its mesh unreliable.
    """
    points = mesh[:, :2]
    return float(((points >= 0) & (points < (width, height))).all(axis=1).mean())


def _place(mesh: NDArray[np.float32]) -> tuple[NDArray[np.float64], float]:
    low, high = mesh[:, :2].min(axis=0), mesh[:, :2].max(axis=0)
    return (low + high).astype(np.float64) / 2, max(float(high[0] - low[0]), 1.0)
