"""The canonical face: the frame resampled so that the outer eye corners are 96 px apart.

A face near or far, upright or tilted, so gives the same numbers. The resampling follows the face
only in jumps (an *anchor* holds until the face has moved away from it), because a transform that
followed the landmarks from frame to frame would add their jitter to every displacement.
"""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

EYE_DISTANCE_PX: Final = 96.0
"""Distance of the outer eye corners (landmarks 36 and 45) on the canonical face, px."""

CROP_HEIGHT: Final = 224
CROP_WIDTH: Final = 208
EYE_CENTRE: Final = (104.0, 80.0)
"""Where the middle between the outer eye corners lies in the crop, (x, y) px."""

MAX_DRIFT_PX: Final = 14.0
MAX_SCALE_RATIO: Final = 1.1
MAX_ROLL_RAD: Final = 0.14

OUTER_EYES: Final = (36, 45)

Points = NDArray[np.float32] | NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Anchor:
    """A fixed similarity transform from the frame to the canonical crop.

    Attributes
    ----------
    matrix
        float64 (2, 3): crop = matrix @ (x, y, 1), px to px.
    """

    matrix: NDArray[np.float64]

    @classmethod
    def of(cls, landmarks: NDArray[np.float32]) -> "Anchor":
        """Return the anchor that puts these 68 landmarks (px of the frame) in canonical place."""
        centre, distance, roll = eye_geometry(landmarks)
        scale = EYE_DISTANCE_PX / distance
        cos, sin = scale * np.cos(roll), scale * np.sin(roll)
        linear = np.array([[cos, sin], [-sin, cos]])
        shift = np.array(EYE_CENTRE) - linear @ centre
        return cls(np.column_stack([linear, shift]))

    @property
    def scale(self) -> float:
        """Crop px per frame px."""
        return float(np.hypot(self.matrix[0, 0], self.matrix[0, 1]))

    def to_crop(self, points: Points) -> NDArray[np.float32]:
        """Map points (N, 2) from px of the frame to px of the crop, float32 (N, 2)."""
        return np.asarray(points @ self.matrix[:, :2].T + self.matrix[:, 2], np.float32)

    def holds(self, landmarks: NDArray[np.float32]) -> bool:
        """Say whether the face is still near enough to where the anchor expects it."""
        centre, distance, roll = eye_geometry(self.to_crop(landmarks))
        ratio = distance / EYE_DISTANCE_PX
        return bool(
            np.hypot(*(centre - EYE_CENTRE)) <= MAX_DRIFT_PX
            and 1 / MAX_SCALE_RATIO <= ratio <= MAX_SCALE_RATIO
            and abs(roll) <= MAX_ROLL_RAD
        )

    def crop(self, grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Resample a grey frame, uint8 (H, W), to the crop, uint8 (224, 208).

        What lies outside the frame repeats its border.
        """
        source, matrix = self._reduced(grey)
        mode = cv2.INTER_CUBIC if self.scale > 1 else cv2.INTER_LINEAR
        size = (CROP_WIDTH, CROP_HEIGHT)
        out = cv2.warpAffine(source, matrix, size, flags=mode, borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(out, np.uint8)

    def _reduced(self, grey: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], NDArray[np.float64]]:
        """Average blocks of pixels first where the crop is much smaller than the face.

        Bilinear sampling alone would alias, and aliasing looks like motion.
        """
        factor = int(1 / self.scale)
        if factor < 2:
            return grey, self.matrix
        x0, y0, x1, y1 = self._box(grey.shape, factor)
        if x1 - x0 < factor or y1 - y0 < factor:
            return grey, self.matrix
        size = ((x1 - x0) // factor, (y1 - y0) // factor)
        small = cv2.resize(grey[y0:y1, x0:x1], size, interpolation=cv2.INTER_AREA)
        linear = self.matrix[:, :2] * factor
        # the centre of a block is (factor - 1) / 2 px from the centre of its first pixel
        origin = np.array([x0, y0]) + (factor - 1) / 2
        shift = self.matrix[:, :2] @ origin + self.matrix[:, 2]
        return np.asarray(small, np.uint8), np.column_stack([linear, shift])

    def _box(self, shape: tuple[int, ...], factor: int) -> tuple[int, int, int, int]:
        """Return the crop's bounding box in the frame, clipped, a multiple of ``factor`` wide."""
        corners = np.array([[0, 0], [CROP_WIDTH, 0], [0, CROP_HEIGHT], [CROP_WIDTH, CROP_HEIGHT]])
        back = np.linalg.solve(self.matrix[:, :2], (corners - self.matrix[:, 2]).T).T
        low = np.maximum(np.floor(back.min(axis=0)).astype(int) - factor, 0)
        high = np.minimum(np.ceil(back.max(axis=0)).astype(int) + factor, (shape[1], shape[0]))
        size = np.maximum(high - low, 0) // factor * factor
        return int(low[0]), int(low[1]), int(low[0] + size[0]), int(low[1] + size[1])


def eye_geometry(landmarks: Points) -> tuple[NDArray[np.float64], float, float]:
    """Return the middle (2,), distance (px) and roll (rad) of the outer eye corners."""
    left, right = landmarks[list(OUTER_EYES)].astype(np.float64)
    dx, dy = right - left
    return (left + right) / 2, float(np.hypot(dx, dy)), float(np.arctan2(dy, dx))
