"""The reference flow: OpenCV's Farneback on the whole crop, as the paper says. Slow; the oracle."""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.flow.bank import Step
from realtime.flow.kernels.expansion import expansion_of
from realtime.flow.kernels.rigid import fit, texture_weights
from realtime.flow.parameters import FlowParameters
from realtime.flow.pooling import main_direction
from realtime.flow.sites import PATCH_RADIUS_PX, Sites
from realtime.flow.step import Alignment
from realtime.types import WINDOW

MAX_SHIFTS: Final = 4
"""The crop follows the nose by whole pixels at most this often (papers/NOTES.md)."""

Image = NDArray[np.uint8]
Field = NDArray[np.float32]


@dataclass(slots=True)
class _Open:
    start: int
    sites: Sites
    crop: Image
    trust: NDArray[np.float64]
    steps: int = 0


@dataclass(slots=True)
class ReferenceBank:
    """Sixteen OpenCV calls a frame (see :class:`realtime.flow.bank.PairBank`)."""

    alignment: Alignment
    parameters: FlowParameters = field(default_factory=FlowParameters)
    _latest: Image | None = None
    _windows: list[_Open] = field(default_factory=list)

    def push(self, crop: Image) -> list[Step]:
        """Take the next frame and return the steps that end at it."""
        self._latest = crop
        steps = [self._step(window) for window in self._windows]
        self._windows = [window for window in self._windows if window.steps < WINDOW - 1]
        return steps

    def open(self, start: int, sites: Sites) -> None:
        """Let the frame pushed last be the first of a window."""
        if self._latest is None:
            raise ValueError("push a frame before opening a window on it")
        expansion = expansion_of(self._latest, self.parameters.poly_sigma_px)
        trust = texture_weights(expansion, sites.rigid, self.parameters.window_px // 2)
        self._windows.append(_Open(start, sites, self._latest, trust))

    @property
    def idle(self) -> bool:
        """True when no window is open."""
        return not self._windows

    def _step(self, window: _Open) -> Step:
        if self._latest is None:
            raise ValueError("push a frame first")
        window.steps += 1
        flow = aligned_flow(window.crop, self._latest, window.sites.nose, self.parameters)
        motion = self._motion(flow, window)
        patches = [_pool(flow, motion, window.sites, p) for p in range(len(window.sites.patches))]
        return Step(window.start, np.array(patches, np.float32), motion)

    def _motion(self, flow: Field, window: _Open) -> NDArray[np.float64]:
        sites = window.sites
        if self.alignment is Alignment.NOSE:
            out = np.zeros(6)
            out[:2] = nose_vector(flow, sites.nose)
            return out
        shifts = np.array([_around(flow, point, 3).mean(axis=(0, 1)) for point in sites.rigid])
        centred = sites.rigid - sites.rigid.mean(axis=0)
        return np.asarray(fit(centred, sites.rigid_depth, shifts.astype(np.float32), window.trust))


def farneback(first: Image, second: Image, parameters: FlowParameters) -> Field:
    """Return OpenCV's Farneback flow, float32 (H, W, 2), px."""
    start = np.zeros((*first.shape, 2), np.float32)
    flow = cv2.calcOpticalFlowFarneback(
        first,
        second,
        start,
        0.5,
        parameters.levels,
        parameters.window_px,
        parameters.iterations,
        parameters.poly_radius_px,
        parameters.poly_sigma_px,
        0,
    )
    return np.asarray(flow, np.float32)


def aligned_flow(
    first: Image, second: Image, nose: NDArray[np.float32], parameters: FlowParameters
) -> Field:
    """Return the flow measured on a second crop that follows the nose by whole pixels.

    The shift of the crop is part of the result, so what comes back is the whole displacement,
    float32 (H, W, 2), px.
    """
    shift = np.zeros(2)
    flow = farneback(first, second, parameters)
    for _ in range(MAX_SHIFTS):
        rest = nose_vector(flow, nose)
        if rest @ rest <= 1:
            break
        shift += np.round(rest)
        flow = farneback(first, _shifted(second, shift), parameters)
    return flow + shift.astype(np.float32)


def nose_vector(flow: Field, nose: NDArray[np.float32]) -> NDArray[np.float64]:
    """Return the pooled displacement of the nose box, float64 (2,), px (equation 1)."""
    height, width = flow.shape[:2]
    x0, y0 = np.clip(np.ceil(nose[:2]).astype(int), 0, (width - 1, height - 1))
    x1, y1 = np.clip(np.floor(nose[2:]).astype(int), (x0, y0), (width - 1, height - 1))
    return main_direction(flow[y0 : y1 + 1, x0 : x1 + 1].reshape(-1, 2), 45, 0.88)


def _shifted(image: Image, shift: NDArray[np.float64]) -> Image:
    matrix = np.array([[1, 0, -shift[0]], [0, 1, -shift[1]]])
    size = (image.shape[1], image.shape[0])
    out = cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.uint8)


def _pool(flow: Field, motion: NDArray[np.float64], sites: Sites, p: int) -> NDArray[np.float64]:
    """Return patch p's displacement without the head's, pooled by main direction."""
    vectors = _around(flow, sites.patches[p], PATCH_RADIUS_PX)
    x, y = _grid(flow, sites.patches[p], PATCH_RADIUS_PX) - sites.rigid.mean(axis=0)[:, None, None]
    tx, ty, scale, roll, yaw, pitch = motion
    z = sites.patch_depth[p]
    head = np.stack(
        [tx + scale * x - roll * y + yaw * z, ty + scale * y + roll * x + pitch * z], axis=-1
    )
    return main_direction((vectors - head).reshape(-1, 2), 30, 0.60)


def _corner(flow: Field, point: NDArray[np.float32], radius: int) -> tuple[int, int]:
    height, width = flow.shape[:2]
    x, y = np.round(point).astype(int)
    return (
        int(np.clip(x, radius, width - 1 - radius)) - radius,
        int(np.clip(y, radius, height - 1 - radius)) - radius,
    )


def _around(flow: Field, point: NDArray[np.float32], radius: int) -> Field:
    x, y = _corner(flow, point, radius)
    return flow[y : y + 2 * radius + 1, x : x + 2 * radius + 1]


def _grid(flow: Field, point: NDArray[np.float32], radius: int) -> NDArray[np.float64]:
    x, y = _corner(flow, point, radius)
    side = np.arange(2 * radius + 1)
    return np.array(np.meshgrid(x + side, y + side), np.float64)
