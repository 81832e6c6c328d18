"""Tells a camera that works from one that delivers pictures of nothing."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.sources.condition import Condition

WATCHED_S: Final = 2.0
"""So long must pictures be the same, or black, before that counts, s."""

FEWEST: Final = 3
"""Pictures that must be the same, or black, however long the time between them."""

BLACK_MEAN: Final = 12.0
BLACK_SPREAD: Final = 6.0
"""A picture is black whose values, of 255, have a mean and a standard deviation below these: a
covered sensor shows its offset and its noise and nothing else."""

_ROWS: Final = 16
"""One row of so many is looked at first: of pictures that differ, some of them do."""

REASONS: Final = {
    Condition.FROZEN: "the same picture again and again: the camera hangs, or a still is shown",
    Condition.BLACK: "black pictures: a cap or shutter is on the lens, or there is no light",
}

Image = NDArray[np.uint8]


class PictureWatch:
    """Looks at every picture of a live source, in constant memory.

    Frozen is what is the same byte for byte: a sensor has noise, so that no two pictures of a
    working camera are. A black picture that is frozen too counts as black.
    """

    def __init__(self) -> None:
        self._before: Image | None = None
        self._same = _Run()
        self._black = _Run()

    def see(self, time_s: float, image: Image) -> Condition:
        """Take the next picture and return what the source delivers now.

        Parameters
        ----------
        time_s
            Its capture time; it grows.
        image
            uint8 RGB (H, W, 3); kept until the next one comes.
        """
        before, self._before = self._before, image
        same = before is not None and _is_same(before, image)
        # rows are whole pieces of memory: single values far apart would take as long as all of them
        black = self._black.lasts(time_s, _is_black(image[::_ROWS]))
        frozen = self._same.lasts(time_s, same)
        if black:
            return Condition.BLACK
        return Condition.FROZEN if frozen else Condition.LIVE


class _Run:
    """How long something has been the case."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self._count = 0

    def lasts(self, time_s: float, true: bool) -> bool:
        """Take whether it is the case now; return whether it has been for long enough."""
        if not true:
            self._since_s, self._count = None, 0
            return False
        if self._since_s is None:
            self._since_s = time_s
        self._count += 1
        return self._count >= FEWEST and time_s - self._since_s >= WATCHED_S


def _is_same(before: Image, now: Image) -> bool:
    if before.shape != now.shape:
        return False
    if not np.array_equal(before[::_ROWS], now[::_ROWS]):
        return False
    return bool(np.array_equal(before, now))


def _is_black(image: Image) -> bool:
    means, spreads = cv2.meanStdDev(np.ascontiguousarray(image))
    mean = float(means.mean())
    # of all values together: those within the colours, and that between them
    spread = float(np.hypot(np.sqrt(np.mean(spreads**2)), means.std()))
    return mean < BLACK_MEAN and spread < BLACK_SPREAD
