"""The streaming flow: what depends on one frame is done once, and each pair starts near its end.

A frame is expanded once and kept for a window, 17 frames by default. The step from the previous
frame to the newest is found on reduced images, coarse to fine, everywhere; every older pair then
follows that step and is measured once more at full size, where head points and patches are.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.flow.bank import NO_STEPS, Steps
from realtime.flow.kernels.displacement import STRIDE, refine, upsample
from realtime.flow.kernels.expansion import RADIUS, expand, expansion_filters, pad
from realtime.flow.kernels.rigid import PARAMETERS
from realtime.flow.kernels.windows import Scratch, Windows, begin, extend
from realtime.flow.parameters import FlowParameters
from realtime.flow.sites import HEAD_POINTS, HEAD_TRUST, PATCH_LANDMARKS, Sites
from realtime.flow.step import Alignment
from realtime.flow.workers import Workers
from realtime.types import WINDOW, require_window

STEP_ROUNDS: Final = (3, 2)
"""Refinements of the newest step on the coarsest level and on the others."""

Image = NDArray[np.uint8]
Floats = NDArray[np.float32]


class _Level:
    """One reduced image: its expansion in the previous and the newest frame, and the step."""

    def __init__(self, height: int, width: int) -> None:
        self.before = np.zeros((5, height, width), np.float32)
        self.now = np.zeros((5, height, width), np.float32)
        rows, columns = (height + STRIDE - 1) // STRIDE, (width + STRIDE - 1) // STRIDE
        self.flow = np.zeros((rows, columns, 2), np.float32)
        self.box = np.array([0, rows, 0, columns], np.int32)


@dataclass(frozen=True, slots=True)
class _Open:
    start: int
    frame: int


class StreamingBank:
    """The fast flow (see :class:`realtime.flow.bank.PairBank`).

    Parameters
    ----------
    alignment
        How head motion is removed.
    parameters
        Of the flow.
    workers
        Who shares the windows of a frame; the calling thread alone by default.
    window
        Ticks of a window, one of ``realtime.types.WINDOWS``.
    """

    def __init__(
        self,
        alignment: Alignment,
        parameters: FlowParameters | None = None,
        workers: Workers | None = None,
        window: int = WINDOW,
    ) -> None:
        self._parameters = parameters or FlowParameters()
        self._rigid = alignment is Alignment.RIGID
        self._workers = workers or Workers()
        self._filters = expansion_filters(self._parameters.poly_sigma_px)
        height, width = self._parameters.crop_size
        self._window = require_window(window)
        self._windows = Windows.new(
            window, (height, width), len(HEAD_POINTS), self._parameters.window_px,
            self._parameters.patch_radius_px, self._rigid,
        )  # fmt: skip
        self._padded = np.zeros((height + 2 * RADIUS, width + 2 * RADIUS), np.float32)
        self._lines = np.zeros((3, width + 2 * RADIUS), np.float32)
        coarse = range(1, max(2, self._parameters.levels))
        self._levels = [_Level(height >> level, width >> level) for level in coarse]
        lattice = self._levels[0].flow.shape
        self._moments = np.zeros((*lattice[:2], 5), np.float32)
        self._sums = np.zeros((lattice[1], 5), np.float32)
        self._open: deque[_Open] = deque()
        self._frames = 0

    def push(self, crop: Image) -> Steps:
        """Take the next frame and return the steps that end at it."""
        if crop.shape != self._parameters.crop_size:
            # the kernels would write beyond their arrays
            size = "{} x {}".format(*self._parameters.crop_size)
            raise ValueError(f"a crop has {size} px here, not {crop.shape}")
        self._frames += 1
        self._expand(crop, self._windows.newest)
        self._expand_reduced(crop)
        if not self._open:
            return NO_STEPS
        self._find_step()
        steps = self._extend()
        if self._frames - self._open[0].frame == self._window:
            self._open.popleft()
        return steps

    def open(self, start: int, sites: Sites) -> None:
        """Let the frame pushed last be the first of a window."""
        if self._frames == 0:
            raise ValueError("push a frame before opening a window on it")
        row = (self._frames - 1) % self._window
        windows = self._windows
        windows.patches[row], windows.patch_depth[row] = sites.patches, sites.patch_depth
        windows.rigid[row], windows.rigid_depth[row] = sites.rigid, sites.rigid_depth
        windows.centre[row], windows.centred[row] = sites.centre, sites.rigid - sites.centre
        windows.nose[row] = sites.nose
        begin(windows, row, self._parameters.window_px)
        windows.trust[row] *= HEAD_TRUST
        self._open.append(_Open(start, self._frames - 1))

    def clear(self) -> None:
        """Forget everything, and keep the memory for another anchor."""
        self._open.clear()
        self._frames = 0

    @property
    def idle(self) -> bool:
        """True when no window is open."""
        return not self._open

    def _expand(self, image: Image, out: Floats) -> None:
        height, width = image.shape
        padded = self._padded[: height + 2 * RADIUS, : width + 2 * RADIUS]
        pad(image, padded)
        expand(padded, self._filters, self._lines, out)

    def _expand_reduced(self, image: Image) -> None:
        for level in self._levels:
            image = np.asarray(cv2.pyrDown(image, dstsize=level.now.shape[:0:-1]), np.uint8)
            level.before, level.now = level.now, level.before
            self._expand(image, level.now)

    def _find_step(self) -> None:
        """Find the flow from the previous frame to the newest, on the reduced images' lattices."""
        coarser: _Level | None = None
        for level in reversed(self._levels):
            if coarser is None:
                level.flow[:] = 0
            else:
                upsample(coarser.flow, level.flow)
            radius = self._parameters.window_px // (2 * STRIDE)
            for _ in range(STEP_ROUNDS[coarser is not None]):
                refine(
                    level.before, level.now, level.flow, level.box, radius, self._moments,
                    self._sums,
                )  # fmt: skip
            coarser = level

    def _extend(self) -> Steps:
        count = len(self._open)
        rows = np.array([window.frame % self._window for window in self._open], np.int64)
        starts = np.array([window.start for window in self._open], np.int64)
        patches = np.empty((count, len(PATCH_LANDMARKS), 2), np.float32)
        motions = np.empty((count, PARAMETERS))

        def work(part: slice, scratch: Scratch) -> None:
            p = self._parameters
            extend(
                self._windows, rows[part], self._levels[0].flow, 1 / (2 * STRIDE),
                p.window_px, p.patch_radius_px, p.eyes_px, self._rigid, scratch,
                patches[part], motions[part],
            )  # fmt: skip

        self._workers.split(work, count)
        return Steps(starts, patches, motions)
