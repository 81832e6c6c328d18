"""Renders a portrait in a given state, with the true position of every mesh point."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.synthesis.action_units import ACTIONS, CANONICAL_EYES_PX
from realtime.synthesis.framing import OVERSAMPLING, Stage, set_stage
from realtime.synthesis.interior import coverage, eyeball_source, mouth_colours, mouth_source
from realtime.synthesis.openings import (
    LEFT_EYE,
    MOUTH,
    RIGHT_EYE,
    Opening,
    Parted,
    eye_opening,
    mouth_opening,
)
from realtime.synthesis.portraits import Portrait
from realtime.synthesis.pose import rotation
from realtime.synthesis.state import FaceState
from realtime.synthesis.warp import SmoothWarp, sample

Array = NDArray[np.float32]
Box = tuple[slice, slice]

JAW_AT_LIPS: Final = 0.35
"""Share of the jaw's drop that the smooth field makes at the lip line; parting makes the rest."""

UPPER_LID: Final = 0.9
"""Share of a closing eye that the upper lid covers."""

GROWTH_PX: Final = 3


@dataclass(frozen=True, slots=True)
class RenderedFrame:
    """One picture with its truth.

    Attributes
    ----------
    image
        uint8 RGB (H, W, 3).
    mesh
        float32 (468, 3): true positions, px of the frame; z negative to the camera.
    expression_shift
        float32 (468, 2): what the scripted expression adds to the positions, px of the frame.
    """

    image: NDArray[np.uint8]
    mesh: Array
    expression_shift: Array


class Renderer:
    """Draws one portrait in any state; equal states give equal bytes.

    Parameters
    ----------
    portrait
        Whom to draw.
    size
        Width and height of the frame, px.
    """

    def __init__(self, portrait: Portrait, size: tuple[int, int] = (640, 480)) -> None:
        self.stage: Stage = set_stage(portrait, size)
        mesh = self.stage.mesh
        self._warp = SmoothWarp(self.stage)
        self._eyes = (eye_opening(mesh, LEFT_EYE), eye_opening(mesh, RIGHT_EYE))
        self._mouth = mouth_opening(mesh)
        rows = (LEFT_EYE, RIGHT_EYE, MOUTH)
        openings = (*self._eyes, self._mouth)
        self._skin_points = tuple(map(_skin_points, (mesh,) * 3, openings, rows))
        self._pixels = self.stage.eyes_px / CANONICAL_EYES_PX
        self._brightness = self._skin_brightness()

    def render(self, state: FaceState) -> RenderedFrame:
        """Draw one state."""
        actions = state.expression + state.distractor
        rest = self._warp.pose_field(state.pose) + self._warp.action_field(state.distractor)
        field = rest + self._warp.action_field(state.expression)
        openings = self._openings(actions, state.closure)
        flat = self._positions(field, openings)
        shift = np.zeros_like(flat)
        if state.expression.any():
            shift = flat - self._positions(rest, self._openings(state.distractor, state.closure))
        spun = (self.stage.mesh - self.stage.mesh.mean(axis=0)) @ rotation(state.pose).T
        depth = spun[:, 2] + self.stage.mesh[:, 2].mean()
        image = self._draw(self._warp.backwards(field, state.pose.lean), flat, openings, state)
        return RenderedFrame(image, np.column_stack([flat, depth]).astype(np.float32), shift)

    def displacement(self, actions: Array) -> Array:
        """Return how far action units alone move the mesh, float32 (468, 2), canonical px.

        ``actions`` is float32 (len(ACTIONS), 2), canonical px.
        """
        moved = self._positions(self._warp.action_field(actions), self._openings(actions, (0, 0)))
        return np.asarray((moved - self.stage.mesh[:, :2]) / self._pixels, np.float32)

    def _openings(self, actions: Array, closure: tuple[float, float]) -> tuple[Parted, ...]:
        parts = dict(zip(ACTIONS, self._pixels * actions, strict=True))
        lids = []
        for side, eye in enumerate(self._eyes):
            height = max(eye.height_px, 1e-3)
            travel = parts["AU43"][side] + 0.5 * parts["AU7"][side] - parts["AU5"][side]
            closed = float(np.clip(closure[side] + travel / height, -0.4, 1)) * height
            lids.append(Parted(eye, -UPPER_LID * closed, -(1 - UPPER_LID) * max(closed, 0)))
        drop, part = float(parts["AU26"].mean()), float(parts["AU25"].mean())
        up = 0.5 * part + JAW_AT_LIPS * drop
        lips = Parted(self._mouth, up, 0.5 * part + (1 - JAW_AT_LIPS) * drop)
        return (*lids, lips)

    def _positions(self, field: Array, openings: tuple[Parted, ...]) -> Array:
        neutral = self.stage.mesh[:, :2].copy()
        for parted, (near, below) in zip(openings, self._skin_points, strict=True):
            if parted.up_px or parted.down_px:
                neutral[near, 1] = parted.moved(neutral[near], below)
        return np.asarray(neutral + self._warp.at(field, neutral), np.float32)

    def _draw(
        self, places: Array, flat: Array, openings: tuple[Parted, ...], state: FaceState
    ) -> NDArray[np.uint8]:
        gaze = (state.gaze_px[0] * self._pixels, state.gaze_px[1] * self._pixels)
        layers: list[tuple[Box, Array, Array]] = []
        for parted in openings:
            is_mouth = parted.opening is self._mouth
            if not (parted.up_px or parted.down_px or (any(gaze) and not is_mouth)):
                continue
            box = self._box(parted, flat)
            x, y = places[box][..., 0].copy(), places[box][..., 1].copy()
            source = mouth_source(parted, x, y) if is_mouth else eyeball_source(parted, x, y, gaze)
            inside = self._sample(source)[..., :3].astype(np.float32)
            if is_mouth:
                inside = mouth_colours(parted, x, y, inside, self._brightness)
            layers.append((box, inside, coverage(parted, x, y)[..., None]))
            places[box][..., 1] = parted.skin(x, y)
        return self._compose(self._sample(places), layers)

    def _compose(
        self, person: NDArray[np.uint8], layers: list[tuple[Box, Array, Array]]
    ) -> NDArray[np.uint8]:
        picture = np.asarray(cv2.cvtColor(person, cv2.COLOR_RGBA2RGB), np.uint8)
        for box, inside, share in layers:
            mixed = picture[box] * (1 - share) + inside * share
            picture[box] = np.clip(mixed + 0.5, 0, 255).astype(np.uint8)
        outline = cv2.extractChannel(person, 3).astype(np.float32) * np.float32(1 / 255)
        return np.asarray(
            cv2.blendLinear(picture, self.stage.backdrop, outline, 1 - outline), np.uint8
        )

    def _sample(self, places: Array) -> NDArray[np.uint8]:
        where = (places + self.stage.margin) * OVERSAMPLING + np.float32((OVERSAMPLING - 1) / 2)
        return np.asarray(sample(self.stage.texture, where), np.uint8)

    def _box(self, parted: Parted, flat: Array) -> Box:
        """Rows and columns of the frame that hold all skin near an opening, wherever it moved."""
        x0, y0, x1, y1 = parted.opening.box(abs(parted.up_px) + abs(parted.down_px))
        near = self.stage.mesh[:, :2]
        inside = (near[:, 0] >= x0) & (near[:, 0] <= x1) & (near[:, 1] >= y0) & (near[:, 1] <= y1)
        points = flat[inside]
        low = np.floor(points.min(axis=0)).astype(int) - 4 * GROWTH_PX
        high = np.ceil(points.max(axis=0)).astype(int) + 4 * GROWTH_PX
        width, height = self.stage.size
        return (
            slice(max(0, low[1]), min(height, high[1])),
            slice(max(0, low[0]), min(width, high[0])),
        )

    def _skin_brightness(self) -> float:
        mesh, stage = self.stage.mesh, self.stage
        spots = (mesh[[50, 280, 205, 425], :2] + stage.margin) * OVERSAMPLING
        rows, columns = spots[:, 1].astype(int), spots[:, 0].astype(int)
        return float(stage.texture[rows, columns, :3].mean()) / 255


def _skin_points(
    mesh: Array, opening: Opening, rows: tuple[tuple[int, ...], tuple[int, ...]]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Mesh points that an opening can move, and which of them belong to its lower edge."""
    middle = np.interp(mesh[:, 0], opening.xs, (opening.upper + opening.lower) / 2)
    below = np.asarray(mesh[:, 1] > middle)
    below[list(rows[0])] = False
    below[list(rows[1][1:-1])] = True
    near = np.flatnonzero(np.interp(mesh[:, 0], opening.xs, opening.profile) > 0)
    return near, below[near]
