"""The interface of the two flow implementations."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from realtime.flow.sites import Sites


@dataclass(frozen=True, slots=True)
class Steps:
    """Displacements from the first frames of n windows to the newest frame, oldest window first.

    Attributes
    ----------
    starts
        int64 (n,): numbers of the first frames, as given to :meth:`PairBank.open`.
    patches
        float32 (n, 10, 2), px of the crop, head motion removed and pooled.
    motions
        float64 (n, 6): the head motion that was removed (see ``kernels.rigid``).
    """

    starts: NDArray[np.int64]
    patches: NDArray[np.float32]
    motions: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.starts)


NO_STEPS = Steps(np.empty(0, np.int64), np.empty((0, 10, 2), np.float32), np.empty((0, 6)))


class PairBank(Protocol):
    """Flow from each of the latest frames to the newest, all in one anchor's crop.

    A frame is pushed once. It then may be opened as the first frame of a window of w ticks; every
    later push gives one step for each open window, until w - 1 have been given.
    """

    def push(self, crop: NDArray[np.uint8]) -> Steps:
        """Take the next frame and return the steps that end at it.

        Parameters
        ----------
        crop
            uint8, of the parameters' size; the streaming bank refuses others (ValueError).
        """
        ...

    def open(self, start: int, sites: Sites) -> None:
        """Let the frame pushed last be the first of a window."""
        ...

    def clear(self) -> None:
        """Forget everything, and keep the memory for another anchor."""
        ...

    @property
    def idle(self) -> bool:
        """True when no window is open."""
        ...
