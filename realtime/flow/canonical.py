"""The canonical face: the frame resampled so that the outer eye corners are 96 px apart.

A face near or far, upright or tilted, so gives the same numbers. The resampling follows the face
only in jumps (an *anchor* holds until the face has moved away from it), because a transform that
followed the landmarks from frame to frame would add their jitter to every displacement.
"""

import math
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.flow.kernels.places import crop_points
from realtime.flow.parameters import FlowParameters

EYE_CENTRE: Final = (104.0, 80.0)
"""Where the middle between the outer eye corners lies in the crop, (x, y) canonical px."""

MAX_DRIFT_PX: Final = 14.0
"""Canonical px."""

MAX_SCALE_RATIO: Final = 1.1
MAX_ROLL_RAD: Final = 0.14

OUTER_EYES: Final = (36, 45)
# made once: a tuple would be converted for every frame
_OUTER_EYES: Final = np.array(OUTER_EYES)

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
    scale
        Crop px per frame px.
    """

    matrix: NDArray[np.float64]
    parameters: FlowParameters = field(default_factory=FlowParameters)
    scale: float = field(init=False)

    def __post_init__(self) -> None:
        scale = float(np.hypot(self.matrix[0, 0], self.matrix[0, 1]))
        object.__setattr__(self, "scale", scale)

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

    def to_crop(self, points: Points) -> NDArray[np.float32]:
        """Map points (N, 2) from px of the frame to px of the crop, float32 (N, 2)."""
        return np.asarray(crop_points(points, self.matrix))

    def holds(self, landmarks: Points) -> bool:
        """Say whether the face is still near enough to where the anchor expects it."""
        (x, y), distance, roll = eye_geometry(self.to_crop(landmarks))
        ratio, zoom = distance / self.parameters.eyes_px, self.parameters.zoom
        return bool(
            math.hypot(x / zoom - EYE_CENTRE[0], y / zoom - EYE_CENTRE[1]) <= MAX_DRIFT_PX
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
        x, y = x0 + (factor - 1) / 2, y0 + (factor - 1) / 2
        (a, b, right), (c, d, down) = self.matrix.tolist()
        return np.array(
            [[a * factor, b * factor, a * x + b * y + right],
             [c * factor, d * factor, c * x + d * y + down]]
        )  # fmt: skip

    def _box(self, shape: tuple[int, ...], factor: int) -> tuple[int, int, int, int]:
        """Return the crop's bounding box in the frame, clipped, a multiple of ``factor`` wide."""
        height, width = self.parameters.crop_size
        (a, b, right), (c, d, down) = self.matrix.tolist()
        corners = [(x - right, y - down) for x in (0, width) for y in (0, height)]
        # the inverse in closed form: a solver for any size takes longer to call, and has threads
        area = a * d - b * c
        x0, x1 = _span([(d * x - b * y) / area for x, y in corners], shape[1], factor)
        y0, y1 = _span([(a * y - c * x) / area for x, y in corners], shape[0], factor)
        return x0, y0, x1, y1


def _span(places: list[float], length: int, factor: int) -> tuple[int, int]:
    """Return the pixels from the first to the last place with a margin, inside the frame."""
    first = max(math.floor(min(places)) - factor - REACH_PX, 0)
    last = min(math.ceil(max(places)) + factor + REACH_PX, length)
    return first, first + max(last - first, 0) // factor * factor


def _grey(image: Image) -> Image:
    return image if image.ndim == 2 else np.asarray(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


def eye_geometry(landmarks: Points) -> tuple[tuple[float, float], float, float]:
    """Return the middle (x, y), distance (px) and roll (rad) of the outer eye corners."""
    (x0, y0), (x1, y1) = landmarks[_OUTER_EYES].tolist()
    dx, dy = x1 - x0, y1 - y0
    return ((x0 + x1) / 2, (y0 + y1) / 2), float(np.hypot(dx, dy)), math.atan2(dy, dx)


def eye_distance(landmarks: Points) -> float:
    """Return the distance of the outer eye corners, px."""
    (x0, y0), (x1, y1) = landmarks[_OUTER_EYES].tolist()
    return float(np.hypot(x1 - x0, y1 - y0))
