"""The reference flow: OpenCV's Farneback on the whole crop, as the paper says. Slow; the oracle."""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.flow.bank import NO_STEPS, Steps
from realtime.flow.headfield import depth_map, head_field, pixel_places, sampled, warped
from realtime.flow.kernels.block import share_of, structures_of
from realtime.flow.kernels.expansion import expansion_of
from realtime.flow.kernels.rigid import fit, texture_weights
from realtime.flow.parameters import FlowParameters
from realtime.flow.pooling import main_direction
from realtime.flow.sites import HEAD_TRUST, Sites
from realtime.flow.step import Alignment
from realtime.types import WINDOW, require_window

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
    depth: Field
    steps: int = 0


@dataclass(slots=True)
class ReferenceBank:
    """An OpenCV call a step and more (see :class:`realtime.flow.bank.PairBank`): sixteen a frame.

    With the nose's translation, the crop follows the nose by whole pixels, as published. With
    rigid head motion there is a second pass: the newest crop is warped by the first fit, and
    what is left is measured again and added.

    Attributes
    ----------
    alignment
        How head motion is removed.
    parameters
        Of the flow.
    window
        Ticks of a window, one of ``realtime.types.WINDOWS``.
    """

    alignment: Alignment
    parameters: FlowParameters = field(default_factory=FlowParameters)
    window: int = WINDOW
    _latest: Image | None = None
    _windows: list[_Open] = field(default_factory=list)

    def __post_init__(self) -> None:
        require_window(self.window)

    def push(self, crop: Image) -> Steps:
        """Take the next frame and return the steps that end at it."""
        self._latest = crop
        if not self._windows:
            return NO_STEPS
        results = [self._step(window, crop) for window in self._windows]
        starts = np.array([window.start for window in self._windows], np.int64)
        patches, motions = (np.array(part) for part in zip(*results, strict=True))
        self._windows = [window for window in self._windows if window.steps < self.window - 1]
        return Steps(starts, patches.astype(np.float32), motions)

    def open(self, start: int, sites: Sites) -> None:
        """Let the frame pushed last be the first of a window."""
        if self._latest is None:
            raise ValueError("push a frame before opening a window on it")
        expansion = expansion_of(self._latest, self.parameters.poly_sigma_px)
        window = self.parameters.window_px
        structures = np.empty((len(sites.rigid), 3), np.float32)
        structures_of(expansion, sites.rigid, window, structures)
        trust = texture_weights(structures, share_of(window))
        depth = depth_map(sites.mesh, self._latest.shape)
        self._windows.append(_Open(start, sites, self._latest, trust * HEAD_TRUST, depth))

    def clear(self) -> None:
        """Forget everything."""
        self._windows.clear()
        self._latest = None

    @property
    def idle(self) -> bool:
        """True when no window is open."""
        return not self._windows

    def _step(self, window: _Open, crop: Image) -> tuple[Field, NDArray[np.float64]]:
        window.steps += 1
        flow = aligned_flow(window.crop, crop, window.sites.nose, self.parameters)
        motion = self._motion(flow, window)
        if self.alignment is Alignment.RIGID:
            flow = self._second_pass(window, crop, motion)
            motion = self._motion(flow, window)
        patches = [self._pool(flow, motion, window, p) for p in range(len(window.sites.patches))]
        return np.array(patches), motion

    def _motion(self, flow: Field, window: _Open) -> NDArray[np.float64]:
        sites = window.sites
        if self.alignment is Alignment.NOSE:
            out = np.zeros(6)
            out[:2] = nose_vector(flow, sites.nose)
            return out
        shifts = np.array([around(flow, point, 0)[0, 0] for point in sites.rigid])
        centred = sites.rigid - sites.centre
        eyes = self.parameters.eyes_px
        return np.asarray(fit(centred, sites.rigid_depth, shifts, window.trust, eyes))

    def _second_pass(self, window: _Open, crop: Image, motion: NDArray[np.float64]) -> Field:
        """Return the whole displacement: what is left after a warp by the fit, and the warp."""
        eyes, centre = self.parameters.eyes_px, window.sites.centre
        places = pixel_places(crop.shape)
        head = head_field(motion, places, centre, window.depth, eyes)
        left = farneback(window.crop, warped(crop, places + head), self.parameters)
        reached = places + left
        depth = sampled(window.depth, reached)
        return left + head_field(motion, reached, centre, depth, eyes)

    def _pool(
        self, flow: Field, motion: NDArray[np.float64], window: _Open, p: int
    ) -> NDArray[np.float64]:
        """Return patch p's displacement without the head's, pooled by main direction."""
        sites, radius = window.sites, self.parameters.patch_radius_px
        vectors = around(flow, sites.patches[p], radius)
        places = around(pixel_places(flow.shape[:2]), sites.patches[p], radius)
        depth = np.full(places.shape[:2], sites.patch_depth[p])
        head = head_field(motion, places, sites.centre, depth, self.parameters.eyes_px)
        return main_direction((vectors - head).reshape(-1, 2), 30, 0.60)


def farneback(first: Image, second: Image | Field, parameters: FlowParameters) -> Field:
    """Return OpenCV's Farneback flow, float32 (H, W, 2), px."""
    start = np.zeros((*first.shape, 2), np.float32)
    flow = cv2.calcOpticalFlowFarneback(
        first.astype(second.dtype),
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


def around(plane: Field, point: NDArray[np.float32], radius: int) -> Field:
    """Return the square of a field (H, W, n) around a point (x, y), moved inside its border."""
    height, width = plane.shape[:2]
    x, y = np.round(point).astype(int)
    x0 = int(np.clip(x, radius, width - 1 - radius)) - radius
    y0 = int(np.clip(y, radius, height - 1 - radius)) - radius
    return plane[y0 : y0 + 2 * radius + 1, x0 : x0 + 2 * radius + 1]


def _shifted(image: Image, shift: NDArray[np.float64]) -> Image:
    matrix = np.array([[1, 0, -shift[0]], [0, 1, -shift[1]]])
    size = (image.shape[1], image.shape[0])
    out = cv2.warpAffine(image, matrix, size, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(out, np.uint8)
