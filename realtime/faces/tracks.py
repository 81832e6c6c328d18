"""From raw meshes to faces whose identity lasts while they stay in view."""

import logging
from collections.abc import Iterable, Sequence
from functools import cache, partial
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.faces.identity import Candidate, Identities
from realtime.faces.kernels import scaled, survey
from realtime.faces.landmarks import OUTER_EYES, check_mesh, to_68
from realtime.faces.looks import look_of
from realtime.types import MESH_POINTS, Face, Frame

log = logging.getLogger(__name__)

MIN_EYES_PX: Final = 16.0
"""A face whose outer eye corners are nearer to each other counts as none.

The canonical face (96 px) would be this one enlarged more than six times: a micro-expression's
half pixel there is less than a tenth of a pixel here, which no camera tells from noise. It is also
how a head looks that is turned into profile, whose far eye the mesh invents.
"""


class Point(Protocol):
    """A MediaPipe landmark: x and y as shares of the frame, z on the scale of x."""

    @property
    def x(self) -> float: ...  # noqa: D102
    @property
    def y(self) -> float: ...  # noqa: D102
    @property
    def z(self) -> float: ...  # noqa: D102


class _Extent(NamedTuple):
    """What :func:`realtime.faces.kernels.survey` tells of a mesh."""

    finite: bool
    eyes_px: float
    inside: float
    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def centre(self) -> tuple[float, float]:
        return (self.x0 + self.x1) / 2, (self.y0 + self.y1) / 2

    @property
    def width(self) -> float:
        return max(self.x1 - self.x0, 1.0)


def to_mesh(points: Iterable[Point], width: int, height: int) -> NDArray[np.float32]:
    """Return MediaPipe's normalised landmarks in px, float32 (468, 3); irises are left out."""
    flat = np.array([(p.x, p.y, p.z) for p in points], np.float32)
    return in_px(flat.reshape(-1, 3), width, height)


def in_px(points: NDArray[np.float32], width: int, height: int) -> NDArray[np.float32]:
    """Return MediaPipe's normalised landmarks, float32 (n, 3), as :func:`to_mesh` does."""
    factors = float(width), float(height), float(width)
    return np.asarray(scaled(points, factors, min(len(points), MESH_POINTS)))


def as_input(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return a picture as MediaPipe reads it in place: it copies what could be written to."""
    whole = np.ascontiguousarray(image).view()
    whole.flags.writeable = False
    return whole


class FaceTracks:
    """Gives each face of a frame its number (:mod:`realtime.faces.identity`)."""

    def __init__(self) -> None:
        self._identities = Identities()
        self._said: set[str] = set()

    def faces(self, frame: Frame, meshes: Sequence[NDArray[np.float32]]) -> tuple[Face, ...]:
        """Return the faces of one frame, oldest track first.

        Parameters
        ----------
        frame
            The frame, later than those before.
        meshes
            float32 (468, 3) each, px of the frame. One that is not finite, too small, or outside
            the picture is left out; the log says so once. So is a second one on the same face.
        """
        height, width = frame.image.shape[:2]
        surveyed = [(mesh, _extent(mesh, width, height)) for mesh in meshes]
        usable = [(mesh, extent) for mesh, extent in surveyed if self._is_usable(extent)]
        candidates = [
            Candidate(extent.centre, extent.width, cache(partial(look_of, frame.image, mesh)))
            for mesh, extent in usable
        ]
        tracks = self._identities.identify(candidates, frame.timestamp_s)
        found = [
            Face(track, mesh, to_68(mesh), extent.inside)
            for track, (mesh, extent) in zip(tracks, usable, strict=True)
            if track is not None
        ]
        return tuple(sorted(found, key=lambda face: face.track))

    def _is_usable(self, extent: _Extent) -> bool:
        why = _why_unusable(extent)
        if why and why not in self._said:
            self._said.add(why)
            log.warning("a face counts as none: %s", why)
        return not why


def _extent(mesh: NDArray[np.float32], width: int, height: int) -> _Extent:
    check_mesh(mesh)
    return _Extent(*survey(mesh, width, height, *OUTER_EYES))


def _why_unusable(extent: _Extent) -> str:
    """Return why a mesh is no face to work with, or nothing."""
    if not extent.finite:
        return "its points are not finite"
    if extent.eyes_px < MIN_EYES_PX:
        return (
            f"its eyes are less than {MIN_EYES_PX:g} px apart, so it is too small or turned away "
            "(come nearer, or give a larger picture)"
        )
    return "" if extent.inside else "it is outside the picture"


def inside(mesh: NDArray[np.float32], width: int, height: int) -> float:
    """Return the share of a mesh that lies inside the frame, in [0, 1].

    MediaPipe tells only that a face is there, not how surely; a face that leaves the picture is
    what makes its mesh unreliable.
    """
    return _extent(mesh, width, height).inside
