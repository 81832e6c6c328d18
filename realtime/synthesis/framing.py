"""A portrait set up in front of a webcam: texture, outline, background and mesh of the frame."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.synthesis.backdrop import fill_behind, widen_backdrop, widen_person
from realtime.synthesis.portraits import EYE_LEFT, EYE_RIGHT, Portrait

OVERSAMPLING: Final = 2
"""Texture pixels per frame pixel: bilinear sampling then keeps sub-pixel motion exact."""

SMALLEST_EYES: Final = 0.22
"""Least distance of the outer eye corners, fraction of the frame's height."""

CHIN: Final = 152
EYE_LEVEL: Final = 0.43
SHARE_OF_HEIGHT: Final = 0.9


@dataclass(frozen=True, slots=True)
class Stage:
    """What the renderer samples from.

    Attributes
    ----------
    texture
        uint8 (h, w, 4): the person, RGB and outline, twice the frame's resolution, with a margin.
    backdrop
        uint8 RGB (H, W, 3): what is behind the person.
    mesh
        float32 (468, 3), px of the frame, of the neutral face with its eye line level.
    margin
        Frame px that the texture reaches beyond the frame on every side.
    """

    texture: NDArray[np.uint8]
    backdrop: NDArray[np.uint8]
    mesh: NDArray[np.float32]
    margin: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the frame, px."""
        return self.backdrop.shape[1], self.backdrop.shape[0]

    @property
    def eyes_px(self) -> float:
        """Distance of the outer eye corners in the neutral frame, px."""
        return float(self.mesh[EYE_LEFT, 0] - self.mesh[EYE_RIGHT, 0])


def set_stage(portrait: Portrait, size: tuple[int, int]) -> Stage:
    """Place a portrait in a frame of ``size`` (width, height), px, as a webcam would see it."""
    width, height = size
    margin = height // 6
    pad = max(portrait.image.shape[:2])
    place = _placement(portrait, size)
    behind = widen_backdrop(fill_behind(portrait.image, portrait.matte), pad)
    person = np.dstack([portrait.image, portrait.matte * 255]).astype(np.uint8)
    person = widen_person(person, pad, float(portrait.mesh[CHIN, 1]))
    inner = place @ _moved(-pad, -pad)
    backdrop = _warp(behind, inner, size)
    outer = _moved(0.5, 0.5) @ np.diag([OVERSAMPLING, OVERSAMPLING, 1.0]) @ _moved(margin, margin)
    full = (OVERSAMPLING * (width + 2 * margin), OVERSAMPLING * (height + 2 * margin))
    texture = _warp(person, outer @ inner, full)
    return Stage(texture, backdrop, _placed_mesh(portrait.mesh, place), margin)


def _placement(portrait: Portrait, size: tuple[int, int]) -> NDArray[np.float64]:
    width, height = size
    eyes = portrait.mesh[[EYE_RIGHT, EYE_LEFT], :2].astype(np.float64)
    (dx, dy), middle = eyes[1] - eyes[0], eyes.mean(axis=0)
    rows = portrait.image.shape[0]
    cut = float(portrait.matte[0].mean()) > 0.05
    share = (1.04 if cut else SHARE_OF_HEIGHT) * height / rows
    scale = max(SMALLEST_EYES * height / portrait.eyes_px, share)
    turn = -np.arctan2(dy, dx)
    cosine, sine = scale * np.cos(turn), scale * np.sin(turn)
    linear = np.array([[cosine, -sine], [sine, cosine]])
    nose = portrait.mesh[1, :2].astype(np.float64)
    x = width / 2 - (linear @ (0.5 * (middle + nose)))[0]
    bottom = (linear @ [middle[0], rows])[1]
    y = max(EYE_LEVEL * height - (linear @ middle)[1], height - bottom)
    return np.array([[cosine, -sine, x], [sine, cosine, y], [0, 0, 1]])


def _placed_mesh(mesh: NDArray[np.float32], place: NDArray[np.float64]) -> NDArray[np.float32]:
    flat = mesh[:, :2] @ place[:2, :2].T + place[:2, 2]
    scale = float(np.hypot(place[0, 0], place[1, 0]))
    return np.column_stack([flat, scale * mesh[:, 2]]).astype(np.float32)


def _moved(x: float, y: float) -> NDArray[np.float64]:
    return np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], np.float64)


def _warp(
    image: NDArray[np.uint8], matrix: NDArray[np.float64], size: tuple[int, int]
) -> NDArray[np.uint8]:
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    if scale < 0.7:
        # reduce first: bicubic sampling alone would alias
        small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        exact = np.array([small.shape[1] / image.shape[1], small.shape[0] / image.shape[0]])
        grow = _moved(-0.5, -0.5) @ np.diag([*(1 / exact), 1.0]) @ _moved(0.5, 0.5)
        image, matrix = np.asarray(small, np.uint8), matrix @ grow
    warped = cv2.warpAffine(
        image, matrix[:2], size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(warped, np.uint8)
