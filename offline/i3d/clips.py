"""Pictures in, clips of both inputs out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from offline.i3d.flow import TvL1, as_input
from offline.i3d.pictures import MARGIN, Picture


@dataclass(frozen=True, slots=True)
class Clip:
    """One snippet as the networks see it.

    Attributes
    ----------
    rgb
        float32 (3, frames, CROP, CROP) in [-1, 1].
    flow
        float32 (2, frames, CROP, CROP) in [-1, 1]: from each frame to the next one; that after the
        last is the first of the next snippet.
    """

    rgb: NDArray[np.float32]
    flow: NDArray[np.float32]


class ClipCutter:
    """Cuts pictures into snippets that do not overlap; a video's last one only ends a flow.

    Parameters
    ----------
    frames
        Of a snippet.
    """

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._solver = TvL1()
        self._last: Picture | None = None
        self._rgb: list[NDArray[np.float32]] = []
        self._flow: list[NDArray[np.float32]] = []

    def push(self, picture: Picture) -> Clip | None:
        """Take the next picture and return the snippet that its flow completes, if any.

        Raises
        ------
        FlowError
            If the flow to it cannot be computed.
        """
        last, self._last = self._last, picture
        if last is None:
            return None
        flow = self._solver.between(last.grey, picture.grey)[MARGIN:-MARGIN, MARGIN:-MARGIN]
        self._rgb.append(last.rgb)
        self._flow.append(np.moveaxis(as_input(flow), -1, 0))
        if len(self._rgb) < self._frames:
            return None
        clip = Clip(np.stack(self._rgb, axis=1), np.stack(self._flow, axis=1))
        self._rgb, self._flow = [], []
        return clip
