"""Facial action units as smooth displacement fields around points of the face mesh.

Lengths are fractions of the distance between the outer eye corners (mesh points 33 and 263), so
one table serves every face. Names follow the Facial Action Coding System (Ekman and Friesen).
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray

CANONICAL_EYES_PX: Final = 96.0
"""Distance of the outer eye corners on the canonical face, px."""

SIDE_BLEND: Final = 0.07
"""Width over which one side of the face passes into the other, fraction of the eye distance."""

MIRROR: Final = {
    33: 263, 46: 276, 70: 300, 105: 334, 107: 336, 63: 293, 50: 280, 117: 346, 145: 374,
    48: 278, 98: 327, 37: 267, 39: 269, 61: 291, 84: 314, 181: 405, 205: 425, 204: 424,
}  # fmt: skip
"""Mesh points of the picture's left half and their partners; others lie on the midline."""


class Side(StrEnum):
    """Side of the picture on which an expression shows."""

    BOTH = "both"
    LEFT = "left"
    RIGHT = "right"

    @property
    def weights(self) -> tuple[float, float]:
        """Share of the left and of the right half."""
        return {"both": (1.0, 1.0), "left": (1.0, 0.0), "right": (0.0, 1.0)}[self.value]


@dataclass(frozen=True, slots=True)
class Bump:
    """A Gaussian bump of displacement.

    Attributes
    ----------
    point
        Mesh point of its centre, in the left half of the picture or on the midline.
    push
        Displacement at the centre: away from the midline, down.
    spread
        Standard deviations across and along the face.
    offset
        Shift of the centre: away from the midline, down.
    """

    point: int
    push: tuple[float, float]
    spread: tuple[float, float]
    offset: tuple[float, float] = (0.0, 0.0)


BUMPS: Final[dict[str, tuple[Bump, ...]]] = {
    "AU1": (
        Bump(107, (0.0, -1.0), (0.12, 0.12)),
        Bump(107, (0.0, -0.45), (0.17, 0.20), (0.04, -0.22)),
    ),
    "AU2": (
        Bump(105, (0.0, -0.9), (0.13, 0.12), (0.04, 0.0)),
        Bump(70, (0.05, -0.5), (0.12, 0.12)),
        Bump(105, (0.0, -0.4), (0.20, 0.20), (0.0, -0.22)),
    ),
    "AU4": (
        Bump(107, (-0.5, 0.85), (0.12, 0.12)),
        Bump(105, (-0.25, 0.45), (0.13, 0.12)),
        Bump(107, (-0.1, 0.25), (0.17, 0.18), (0.03, -0.2)),
    ),
    "AU5": (),
    "AU6": (
        Bump(117, (0.0, -0.9), (0.19, 0.15)),
        Bump(145, (0.0, -0.3), (0.14, 0.07), (0.0, 0.06)),
    ),
    "AU7": (Bump(145, (0.0, -0.2), (0.14, 0.06), (0.0, 0.05)),),
    "AU9": (
        Bump(48, (0.1, -0.9), (0.10, 0.12)),
        Bump(39, (0.0, -0.5), (0.16, 0.10), (0.0, -0.04)),
        Bump(107, (-0.25, 0.45), (0.10, 0.12), (0.0, 0.03)),
    ),
    "AU10": (
        Bump(39, (0.0, -1.0), (0.13, 0.10)),
        Bump(98, (0.12, -0.5), (0.13, 0.12), (0.05, 0.0)),
    ),
    "AU12": (
        Bump(61, (0.75, -0.75), (0.15, 0.15)),
        Bump(205, (0.25, -0.5), (0.18, 0.18), (0.04, -0.06)),
        Bump(0, (0.0, -0.12), (0.14, 0.08)),
    ),
    "AU14": (
        Bump(61, (0.9, -0.15), (0.11, 0.11), (0.02, 0.0)),
        Bump(205, (-0.15, 0.1), (0.12, 0.14), (0.08, 0.05)),
    ),
    "AU15": (
        Bump(61, (0.12, 1.0), (0.13, 0.13)),
        Bump(204, (0.0, 0.3), (0.13, 0.14), (0.04, 0.04)),
    ),
    "AU17": (
        Bump(199, (0.0, -1.0), (0.20, 0.15)),
        Bump(17, (0.0, -0.5), (0.18, 0.08)),
    ),
    "AU18": (
        Bump(61, (-1.0, 0.0), (0.13, 0.15)),
        Bump(17, (0.0, 0.2), (0.12, 0.08)),
        Bump(0, (0.0, -0.2), (0.12, 0.08)),
    ),
    "AU20": (Bump(61, (1.0, 0.25), (0.16, 0.15)), Bump(204, (0.4, 0.15), (0.14, 0.14))),
    "AU23": (
        Bump(61, (-0.7, 0.0), (0.12, 0.12)),
        Bump(0, (0.0, 0.5), (0.20, 0.07)),
        Bump(17, (0.0, -0.6), (0.20, 0.07)),
    ),
    "AU24": (
        Bump(0, (0.0, 0.8), (0.24, 0.08), (0.0, -0.02)),
        Bump(17, (0.0, -1.0), (0.24, 0.08), (0.0, 0.02)),
    ),
    "AU25": (),
    "AU26": (Bump(199, (0.0, 1.0), (0.42, 0.27), (0.0, 0.02)),),
    "AU43": (),
}
"""The smooth part of every action unit. Lids and lips that part are :mod:`openings`."""

ACTIONS: Final = tuple(BUMPS)


def no_actions() -> NDArray[np.float32]:
    """Return the neutral face: float32 zeros (len(ACTIONS), 2)."""
    return np.zeros((len(ACTIONS), 2), np.float32)


def unit_fields(points: NDArray[np.float32], mesh: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the displacement of each action unit at some points of an upright face.

    Parameters
    ----------
    points
        float32 (N, 2), px.
    mesh
        float32 (468, 3), px of the same frame, eye line level.

    Returns
    -------
    NDArray
        float32 (len(ACTIONS), 2, N, 2): action unit, side, point, (x, y). Scaled so that the
        mesh point which moves most moves by 1 when both sides act.
    """
    raw = _raw_fields(points, mesh)
    peak = np.linalg.norm(_raw_fields(mesh[:, :2], mesh).sum(axis=1), axis=2).max(axis=1)
    return np.asarray(raw / np.where(peak > 0, peak, 1)[:, None, None, None], np.float32)


def _raw_fields(points: NDArray[np.float32], mesh: NDArray[np.float32]) -> NDArray[np.float32]:
    fields = np.stack([_raw_field(bumps, points, mesh) for bumps in BUMPS.values()])
    eyes = float(mesh[263, 0] - mesh[33, 0])
    middle = float(mesh[[33, 263, 1, 152], 0].mean())
    across = (points[:, 0] - middle) / (SIDE_BLEND * eyes)
    left = 1 / (1 + np.exp(np.clip(across, -30, 30)))
    return np.stack([fields * left[:, None], fields * (1 - left)[:, None]], axis=1)


def _raw_field(
    bumps: tuple[Bump, ...], points: NDArray[np.float32], mesh: NDArray[np.float32]
) -> NDArray[np.float32]:
    total = np.zeros(points.shape, np.float32)
    for bump in bumps:
        if bump.point in MIRROR:
            total += _bump_at(bump, bump.point, -1.0, points, mesh)
            total += _bump_at(bump, MIRROR[bump.point], 1.0, points, mesh)
        else:
            total += _bump_at(bump, bump.point, 0.0, points, mesh)
    return total


def _bump_at(
    bump: Bump, point: int, outward: float, points: NDArray[np.float32], mesh: NDArray[np.float32]
) -> NDArray[np.float32]:
    eyes = float(mesh[263, 0] - mesh[33, 0])
    centre = mesh[point, :2] + eyes * np.asarray([outward * bump.offset[0], bump.offset[1]])
    distance = (points - centre) / (eyes * np.asarray(bump.spread))
    weight = np.exp(-0.5 * (distance**2).sum(axis=1))
    return np.asarray(weight[:, None] * [outward * bump.push[0], bump.push[1]], np.float32)
