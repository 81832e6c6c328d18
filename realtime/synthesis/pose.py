"""Rigid motion of the head in depth, faded into a still body, as displacement of neutral points.

The head turns about its centre under weak perspective; the body takes part in leaning and, less,
in sliding, and never turns.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.synthesis.action_units import CANONICAL_EYES_PX
from realtime.synthesis.state import HeadPose

Array = NDArray[np.float32]

VIEW_DISTANCE: Final = 7.0
"""Distance of the camera, in eye distances (about 0.6 m)."""

BODY_SHIFT: Final = 0.35
"""Share of the head's sliding that the shoulders make."""

BEHIND: Final = 0.35
"""Depth of the hair's outline behind the head's centre, fraction of the eye distance."""

BLUR, OUTER_BLUR = 0.09, 0.2
"""Reach of one mesh point's depth, and of one on the face's outline or beyond, where points are
too far apart for a short reach: a turned cheek would be scalloped."""
CHIN, FOREHEAD = 152, 10
OVAL: Final = (
    10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377,
    152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109,
)  # fmt: skip
"""Mesh points around the face."""


@dataclass(frozen=True, slots=True)
class Skull:
    """Depth and head share of a set of neutral points, with the head's centre.

    Attributes
    ----------
    points
        float32 (N, 2), px of the neutral frame.
    depth
        float32 (N,), px, negative to the camera.
    share
        float32 (N,): 1 on the head, 0 on the body.
    centre, ground
        (x, y) about which the head turns, and about which the person leans, px.
    eyes_px
        Distance of the outer eye corners, px.
    """

    points: Array
    depth: Array
    share: Array
    centre: tuple[float, float]
    ground: tuple[float, float]
    eyes_px: float

    def displacement(self, pose: HeadPose) -> Array:
        """Return how far a pose moves the points, float32 (N, 2), px."""
        turn = rotation(pose)
        x = self.points[:, 0] - np.float32(self.centre[0])
        y = self.points[:, 1] - np.float32(self.centre[1])
        reach = np.float32(VIEW_DISTANCE * self.eyes_px)
        far = turn[2, 0] * x + turn[2, 1] * y + turn[2, 2] * self.depth
        nearer = (reach + self.depth) / (reach + far)
        moved = np.empty_like(self.points)
        slide = self.share + np.float32(BODY_SHIFT) * (1 - self.share)
        for axis, neutral in enumerate((x, y)):
            turned = turn[axis, 0] * x + turn[axis, 1] * y + turn[axis, 2] * self.depth
            shift = np.float32(pose.shift_px[axis] * self.eyes_px / CANONICAL_EYES_PX)
            from_ground = self.points[:, axis] - np.float32(self.ground[axis])
            moved[:, axis] = self.share * (turned * nearer - neutral) + shift * slide
            moved[:, axis] += np.float32(pose.lean) * from_ground
        return moved


def rotation(pose: HeadPose) -> Array:
    """Return the rotation of a pose, float32 (3, 3): roll after pitch after yaw.

    Axes: x right, y down, z away from the camera.
    """
    yaw, pitch, roll = np.deg2rad([pose.yaw_deg, pose.pitch_deg, pose.roll_deg])
    about_y = np.array([[np.cos(yaw), 0, -np.sin(yaw)], [0, 1, 0], [np.sin(yaw), 0, np.cos(yaw)]])
    about_x = np.array(
        [[1, 0, 0], [0, np.cos(pitch), -np.sin(pitch)], [0, np.sin(pitch), np.cos(pitch)]]
    )
    about_z = np.array(
        [[np.cos(roll), -np.sin(roll), 0], [np.sin(roll), np.cos(roll), 0], [0, 0, 1]]
    )
    return np.asarray(about_z @ about_x @ about_y, np.float32)


def skull_of(points: Array, mesh: Array, frame: tuple[int, int]) -> Skull:
    """Return depth and head share of points, float32 (N, 2), around an upright mesh (468, 3).

    Outside the mesh the depth runs back to that of ears and hair. ``frame`` is (width, height).
    """
    eyes = float(mesh[263, 0] - mesh[33, 0])
    middle = mesh[[CHIN, FOREHEAD, 33, 263], :2].mean(axis=0)
    chin = float(mesh[CHIN, 1])
    fade = np.clip((points[:, 1] - (chin + 0.08 * eyes)) / (1.1 * eyes), 0, 1)
    share = 1 - fade * fade * (3 - 2 * fade)
    return Skull(
        points=points,
        depth=_depth(points, mesh, middle, eyes),
        share=np.asarray(share, np.float32),
        centre=(float(middle[0]), float(middle[1])),
        ground=(float(middle[0]), frame[1] * 1.1),
        eyes_px=eyes,
    )


def _depth(points: Array, mesh: Array, middle: Array, eyes: float) -> Array:
    """Depth by kernel regression on the mesh and on rings of anchors behind it."""
    oval = mesh[list(OVAL)]
    rings = [
        np.column_stack(
            [
                middle + radius * (oval[:, :2] - middle),
                oval[:, 2] + (BEHIND * eyes - oval[:, 2]) * back,
            ]
        )
        for radius, back in (
            (1.2, 0.3),
            (1.45, 0.7),
            (1.8, 1.0),
            (2.4, 1.0),
            (3.4, 1.0),
            (5.0, 1.0),
        )
    ]
    known = np.concatenate([mesh, *rings]).astype(np.float32)
    reach = np.full(len(known), OUTER_BLUR * eyes, np.float32)
    inner = np.ones(len(mesh), np.bool_)
    inner[list(OVAL)] = False
    reach[: len(mesh)][inner] = BLUR * eyes
    total = np.zeros(len(points), np.float32)
    weights = np.zeros(len(points), np.float32)
    for (x, y, value), radius in zip(known, reach, strict=True):
        far = ((points - np.asarray([x, y], np.float32)) ** 2).sum(axis=1) / radius**2
        weight = (1 + far) ** -3
        total += weight * value
        weights += weight
    return np.asarray(total / weights, np.float32)
