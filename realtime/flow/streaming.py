"""The streaming flow: what depends on one frame is done once, and each pair starts near its end.

A frame is expanded once per pyramid level. The flow from the previous frame to the newest is found
from coarse to fine; every older pair then only appends that step and is refined once, where the
patches need it.
"""

from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.flow.bank import Step
from realtime.flow.canonical import CROP_HEIGHT, CROP_WIDTH
from realtime.flow.kernels.displacement import STRIDE, advance, refine, upsample
from realtime.flow.kernels.expansion import RADIUS, expand, expansion_weights
from realtime.flow.kernels.features import nose_motion, pool_patches, rigid_motion
from realtime.flow.kernels.rigid import texture_weights
from realtime.flow.parameters import FlowParameters
from realtime.flow.sites import Sites
from realtime.flow.step import Alignment
from realtime.types import WINDOW

MARGIN_PX: Final = 10
"""Flow is computed this far around the outermost site: half the averaging window and a bit."""

STEP_ROUNDS: Final = (3, 2, 2)
"""Refinements of the newest step per level, coarsest first."""

PAIR_ROUNDS: Final = 1

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(slots=True)
class _Scratch:
    rows: Floats
    moments: Floats
    sums: Floats

    @classmethod
    def new(cls) -> "_Scratch":
        height, width = CROP_HEIGHT // STRIDE + 1, CROP_WIDTH // STRIDE + 1
        return cls(
            np.empty((3, CROP_WIDTH + 2 * RADIUS), np.float32),
            np.empty((height, width, 5), np.float32),
            np.empty((width, 5), np.float32),
        )


@dataclass(slots=True)
class _Open:
    start: int
    sites: Sites
    centre: Floats
    box: NDArray[np.int32]
    levels: list[Floats]
    trust: NDArray[np.float64]
    flow: Floats
    steps: int = 0


@dataclass(slots=True)
class StreamingBank:
    """The fast flow (see :class:`realtime.flow.bank.PairBank`)."""

    alignment: Alignment
    parameters: FlowParameters = field(default_factory=FlowParameters)
    _weights: Floats = field(init=False)
    _scratch: _Scratch = field(default_factory=_Scratch.new)
    _levels: list[Floats] | None = None
    _windows: list[_Open] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._weights = expansion_weights(self.parameters.poly_sigma_px)

    def push(self, crop: Image) -> list[Step]:
        """Take the next frame and return the steps that end at it."""
        previous, self._levels = self._levels, self._expand(crop)
        if previous is None or not self._windows:
            return []
        step = self._newest_step(previous, self._levels)
        steps = [self._extend(window, step, self._levels[0]) for window in self._windows]
        self._windows = [window for window in self._windows if window.steps < WINDOW - 1]
        return steps

    def open(self, start: int, sites: Sites) -> None:
        """Let the frame pushed last be the first of a window."""
        if self._levels is None:
            raise ValueError("push a frame before opening a window on it")
        flow = np.zeros(_lattice_shape(self._levels[0]), np.float32)
        centre = sites.rigid.mean(axis=0, dtype=np.float32)
        trust = texture_weights(self._levels[0], sites.rigid, self.parameters.window_px // 2)
        box = site_box(sites)
        self._windows.append(_Open(start, sites, centre, box, self._levels, trust, flow))

    @property
    def idle(self) -> bool:
        """True when no window is open."""
        return not self._windows

    def _expand(self, crop: Image) -> list[Floats]:
        image, levels = crop, []
        for level in range(self.parameters.levels):
            if level > 0:
                image = np.asarray(cv2.pyrDown(image), np.uint8)
            out = np.empty((*image.shape, 5), np.float32)
            rows = self._scratch.rows[:, : image.shape[1] + 2 * RADIUS]
            expand(image, self._weights, rows, out)
            levels.append(out)
        return levels

    def _newest_step(self, first: list[Floats], second: list[Floats]) -> Floats:
        """Return the flow from the previous frame to the newest, on the finest lattice."""
        flow = np.zeros(_lattice_shape(first[-1]), np.float32)
        for level in reversed(range(len(first))):
            if level < len(first) - 1:
                coarse, flow = flow, np.empty(_lattice_shape(first[level]), np.float32)
                upsample(coarse, flow)
            box = np.array([0, flow.shape[0], 0, flow.shape[1]], np.int32)
            for _ in range(STEP_ROUNDS[len(first) - 1 - level]):
                self._refine(first[level], second[level], flow, box)
        return flow

    def _refine(self, first: Floats, second: Floats, flow: Floats, box: NDArray[np.int32]) -> None:
        radius = self.parameters.window_px // (2 * STRIDE)
        refine(first, second, flow, box, radius, self._scratch.moments, self._scratch.sums)

    def _extend(self, window: _Open, step: Floats, newest: Floats) -> Step:
        window.steps += 1
        advance(window.flow, step, window.box)
        for _ in range(PAIR_ROUNDS):
            self._refine(window.levels[0], newest, window.flow, window.box)
        sites = window.sites
        if self.alignment is Alignment.NOSE:
            motion = nose_motion(window.flow, sites.nose)
        else:
            motion = rigid_motion(
                window.flow, sites.rigid, window.centre, sites.rigid_depth, window.trust
            )
        patches = np.empty((len(sites.patches), 2), np.float32)
        pool_patches(window.flow, motion, sites.patches, window.centre, sites.patch_depth, patches)
        return Step(window.start, patches, motion)


def _lattice_shape(expansion: Floats) -> tuple[int, int, int]:
    height, width = expansion.shape[:2]
    return (height + STRIDE - 1) // STRIDE, (width + STRIDE - 1) // STRIDE, 2


def site_box(sites: Sites) -> NDArray[np.int32]:
    """Return the part of the lattice that the sites need: y0, y1, x0, x1, ends excluded."""
    points = np.concatenate([sites.patches, sites.rigid, sites.nose.reshape(2, 2)])
    low = np.floor((points.min(axis=0) - MARGIN_PX) / STRIDE).astype(int)
    high = np.ceil((points.max(axis=0) + MARGIN_PX) / STRIDE).astype(int) + 1
    width, height = CROP_WIDTH // STRIDE, CROP_HEIGHT // STRIDE
    x0, x1 = np.clip([low[0], high[0]], 0, width)
    y0, y1 = np.clip([low[1], high[1]], 0, height)
    return np.array([y0, max(y1, y0), x0, max(x1, x0)], np.int32)
