"""The canonical face: the frame resampled so that the outer eye corners are 96 px apart.

A face near or far, upright or tilted, so gives the same numbers. The resampling follows the face
only in jumps (an *anchor* holds until the face has moved away from it), because a transform that
followed the landmarks from frame to frame would add their jitter to every displacement.
"""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.flow.parameters import FlowParameters

EYE_CENTRE: Final = (104.0, 80.0)
"""Where the middle between the outer eye corners lies in the crop, (x, y) canonical px."""

MAX_DRIFT_PX: Final = 14.0
"""Canonical px."""

MAX_SCALE_RATIO: Final = 1.1
MAX_ROLL_RAD: Final = 0.14

OUTER_EYES: Final = (36, 45)

REACH_PX: Final = 2
"""Pixels beyond the crop that cubic sampling reads."""

Points = NDArray[np.float32] | NDArray[np.float64]
Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """A fixed similarity transform from the frame to the canonical crop.

    Attributes
    ----------
    matrix
        float64 (2, 3): crop = matrix @ (x, y, 1), px to px.
    parameters
        Of the flow: how large the crop is.
    """

    matrix: NDArray[np.float64]
    parameters: FlowParameters = field(default_factory=FlowParameters)

    @classmethod
    def of(cls, landmarks: Points, parameters: FlowParameters | None = None) -> "Anchor":
        """Return the anchor that puts these 68 landmarks (px of the frame) in canonical place."""
        parameters = parameters or FlowParameters()
        centre, distance, roll = eye_geometry(landmarks)
        scale = parameters.eyes_px / distance
        cos, sin = scale * np.cos(roll), scale * np.sin(roll)
        linear = np.array([[cos, sin], [-sin, cos]])
        shift = parameters.zoom * np.array(EYE_CENTRE) - linear @ centre
        return cls(np.column_stack([linear, shift]), parameters)

    @property
    def scale(self) -> float:
        """Crop px per frame px."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[0, 1]))

    def to_crop(self, points: Points) -> NDArray[np.float32]:
        """Map points (N, 2) from px of the frame to px of the crop, float32 (N, 2)."""
        return np.asarray(points @ self.matrix[:, :2].T + self.matrix[:, 2], np.float32)

    def holds(self, landmarks: Points) -> bool:
        """Say whether the face is still near enough to where the anchor expects it."""
        centre, distance, roll = eye_geometry(self.to_crop(landmarks))
        ratio, zoom = distance / self.parameters.eyes_px, self.parameters.zoom
        return bool(
            np.hypot(*(centre / zoom - EYE_CENTRE)) <= MAX_DRIFT_PX
            and 1 / MAX_SCALE_RATIO <= ratio <= MAX_SCALE_RATIO
            and abs(roll) <= MAX_ROLL_RAD
        )

    def crop(self, image: Image) -> Image:
        """Resample a frame to the crop.

        Parameters
        ----------
        image
            uint8, RGB (H, W, 3) or grey (H, W). Only the part that the crop needs is read.

        Returns
        -------
        uint8, (224, 208) by default
            Grey. What lies outside the frame repeats its border.
        """
        factor = max(1, int(1 / self.scale))
        x0, y0, x1, y1 = self._box(image.shape, factor)
        if x1 - x0 < factor or y1 - y0 < factor:
            # the crop lies beside the frame: its nearest border is all there is to repeat
            x0, y0, x1, y1 = 0, 0, image.shape[1], image.shape[0]
            factor = 1
        grey = _grey(image[y0:y1, x0:x1])
        if factor > 1:
            # bilinear sampling alone would alias, and aliasing looks like motion
            size = (grey.shape[1] // factor, grey.shape[0] // factor)
            grey = np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.uint8)
        return self._resample(grey, self._from_part(x0, y0, factor))

    def _resample(self, part: Image, matrix: NDArray[np.float64]) -> Image:
        mode = cv2.INTER_CUBIC if self.scale > 1 else cv2.INTER_LINEAR
        size = self.parameters.crop_size[::-1]
        out = cv2.warpAffine(part, matrix, size, flags=mode, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(out, np.uint8)

    def _from_part(self, x0: int, y0: int, factor: int) -> NDArray[np.float64]:
        """Return the matrix from a part of the frame, reduced by ``factor``, to the crop."""
        # the centre of a block is (factor - 1) / 2 px from the centre of its first pixel
        origin = np.array([x0, y0]) + (factor - 1) / 2
        shift = self.matrix[:, :2] @ origin + self.matrix[:, 2]
        return np.column_stack([self.matrix[:, :2] * factor, shift])

    def _box(self, shape: tuple[int, ...], factor: int) -> tuple[int, int, int, int]:
        """Return the crop's bounding box in the frame, clipped, a multiple of ``factor`` wide."""
        height, width = self.parameters.crop_size
        corners = np.array([[0, 0], [width, 0], [0, height], [width, height]])
        back = np.linalg.solve(self.matrix[:, :2], (corners - self.matrix[:, 2]).T).T
        low = np.maximum(np.floor(back.min(axis=0)).astype(int) - factor - REACH_PX, 0)
        high = np.ceil(back.max(axis=0)).astype(int) + factor + REACH_PX
        size = np.maximum(np.minimum(high, (shape[1], shape[0])) - low, 0) // factor * factor
        return int(low[0]), int(low[1]), int(low[0] + size[0]), int(low[1] + size[1])


def _grey(image: Image) -> Image:
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


def eye_geometry(landmarks: Points) -> tuple[NDArray[np.float64], float, float]:
    """Return the middle (2,), distance (px) and roll (rad) of the outer eye corners."""
    left, right = landmarks[list(OUTER_EYES)].astype(np.float64)
    dx, dy = right - left
    return (left + right) / 2, float(np.hypot(dx, dy)), float(np.arctan2(dy, dx))
