"""What a webcam adds to a picture: light, sensor noise, compression."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.synthesis.disturbances import Disturbances
from realtime.synthesis.state import Light

Image = NDArray[np.uint8]

NOISE_MARGIN: Final = 48
NOISE_SIGMA: Final = 1.5
BEST_QUALITY: Final = 95


class Sensor:
    """Turns a clean picture into what a cheap camera delivers.

    Noise is one field, drawn once and shifted for every frame: as random to the eye and to
    optical flow as a new one, at a twentieth of the cost.

    Parameters
    ----------
    rng
        For the noise.
    size
        Width and height, px.
    disturbances
        ``noise`` and ``compression`` are used.
    """

    def __init__(
        self, rng: np.random.Generator, size: tuple[int, int], disturbances: Disturbances
    ) -> None:
        self._rng = rng
        self._size = size
        sigma = NOISE_SIGMA * disturbances.noise
        shape = (size[1] + NOISE_MARGIN, size[0] + NOISE_MARGIN, 3)
        white = rng.standard_normal(shape, np.float32)
        shared = cv2.GaussianBlur(white, (0, 0), 0.6)
        grain = sigma * shared / max(float(shared.std()), 1e-6)
        self._noise = np.clip(np.rint(grain), -127, 127).astype(np.int8) if sigma else None
        strength = min(disturbances.compression, 2.0)
        self._quality = int(BEST_QUALITY - 30 * strength) if strength else None
        self._across = np.linspace(-0.5, 0.5, size[0], dtype=np.float32)[None, :]

    def expose(self, image: Image, light: Light) -> Image:
        """Return the picture under a light, with noise and compression, uint8 RGB (H, W, 3)."""
        image = self._lit(image, light)
        if self._noise is not None:
            x, y = self._rng.integers(0, NOISE_MARGIN, 2)
            grain = self._noise[y : y + self._size[1], x : x + self._size[0]]
            image = np.asarray(cv2.add(image, grain, dtype=cv2.CV_8U), np.uint8)
        return image if self._quality is None else self._compressed(image, self._quality)

    def _lit(self, image: Image, light: Light) -> Image:
        if light.gradient:
            gain = np.broadcast_to(1 + light.gradient * self._across, self._size[::-1])
            image = np.asarray(
                cv2.multiply(image, cv2.merge([gain] * 3), dtype=cv2.CV_8U), np.uint8
            )
        if light.gain == 1 and not light.warmth:
            return image
        gains = light.gain * np.array([1 + light.warmth, 1.0, 1 - light.warmth])
        table = np.clip(np.arange(256)[:, None] * gains + 0.5, 0, 255).astype(np.uint8)
        return np.asarray(cv2.LUT(image, table[None]), np.uint8)

    def _compressed(self, image: Image, quality: int) -> Image:
        _, packed = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        return np.asarray(cv2.imdecode(packed, cv2.IMREAD_COLOR), np.uint8)
