"""The interface of the two flow implementations."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.flow.sites import Sites


@dataclass(frozen=True, slots=True)
class Step:
    """Displacement from one window's first frame to the newest frame.

    Attributes
    ----------
    start
        Number of the window's first frame, as given to :meth:`PairBank.open`.
    patches
        float32 (10, 2), px of the crop, head motion removed and pooled.
    motion
        float64 (6,): the head motion that was removed (see ``kernels.rigid``).
    """

    start: int
    patches: NDArray[np.float32]
    motion: NDArray[np.float64]


class PairBank(Protocol):
    """Flow from each of the latest 16 frames to the newest, all in one anchor's crop.

    A frame is pushed once. It then may be opened as the first frame of a window; every later push
    gives one :class:`Step` for each open window, until 16 have been given.
    """

    def push(self, crop: NDArray[np.uint8]) -> list[Step]:
        """Take the next frame, uint8 (224, 208), and return the steps that end at it."""
        ...

    def open(self, start: int, sites: Sites) -> None:
        """Let the frame pushed last be the first of a window."""
        ...

    @property
    def idle(self) -> bool:
        """True when no window is open."""
        ...
