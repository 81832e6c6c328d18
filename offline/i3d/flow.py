"""TV-L1 optical flow (Zach, Pock and Bischof 2007) as the input of I3D."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

LAMBDA: Final = 0.15
"""Weight of the data against smoothness (MC-WES section 3.2)."""

LIMIT_PX: Final = 20.0
"""Displacement at which flow is clipped, as it was for the weights."""


class FlowError(Exception):
    """A flow that could not be computed; its text says why."""


class TvL1:
    """Flow between pictures; other parameters are OpenCV's."""

    def __init__(self) -> None:
        self._solver = cv2.optflow.DualTVL1OpticalFlow.create(lambda_=LAMBDA)

    def between(self, first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the displacement of each pixel of the first picture.

        Parameters
        ----------
        first, second
            uint8 (H, W), grey.

        Returns
        -------
        float32 (H, W, 2)
            x right, y down, px.

        Raises
        ------
        FlowError
            If OpenCV refuses the pictures, or finds no finite displacement.
        """
        out = np.zeros((*first.shape, 2), np.float32)
        try:
            flow = np.asarray(self._solver.calc(first, second, out), np.float32)
        except cv2.error as error:
            raise FlowError(str(error).strip().splitlines()[0]) from error
        if not np.isfinite(flow).all():
            raise FlowError("its displacements are not finite")
        return flow


def as_input(flow: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return flow in px, of any shape, clipped to 20 px either way and scaled to [-1, 1]."""
    return np.clip(flow, -LIMIT_PX, LIMIT_PX) / np.float32(LIMIT_PX)
