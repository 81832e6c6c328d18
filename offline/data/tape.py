"""The windows of one video, each held once in memory."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.types import NODES, WINDOW

ROWS: Final = 2048
"""Ticks of one block: five megabytes for windows of 17 ticks."""

Features = NDArray[np.float32]


class WindowTape:
    """Windows by centre tick, in blocks that are joined one by one.

    At no time are there two copies of more than one block: twenty minutes (36 000 ticks) take the
    88 MB that they hold in windows of 17 ticks.

    Parameters
    ----------
    window
        Ticks of a window.
    """

    def __init__(self, window: int = WINDOW) -> None:
        self.window = window
        self._blocks: list[Features] = []
        self._scored: set[int] = set()

    def put(self, tick: int, window: Features) -> None:
        """Enter the window centred on a tick, float32 (window, 18, 2)."""
        self._reach(tick + 1)
        self._blocks[tick // ROWS][tick % ROWS] = window
        self._scored.add(tick)

    def cut(self, ticks: int) -> tuple[Features, NDArray[np.bool_]]:
        """Return the first ``ticks`` rows.

        Returns
        -------
        tuple
            float32 (ticks, window, 18, 2), zeros where there is no window, and bool (ticks,), where
            there is one. The first shares its memory with the tape.
        """
        self._reach(ticks)
        features = self._joined()[:ticks]
        scored = np.zeros(ticks, np.bool_)
        scored[[tick for tick in self._scored if tick < ticks]] = True
        return features, scored

    def windows(self) -> dict[int, Features]:
        """Return views of the windows by their tick."""
        return {tick: self._blocks[tick // ROWS][tick % ROWS] for tick in sorted(self._scored)}

    def _reach(self, ticks: int) -> None:
        while len(self._blocks) * ROWS < ticks:
            self._blocks.append(self._rows(ROWS))

    def _joined(self) -> Features:
        whole = self._rows(len(self._blocks) * ROWS)
        for index, block in enumerate(self._blocks):
            part = whole[index * ROWS : (index + 1) * ROWS]
            part[:] = block
            # frees the block before the next one is copied
            self._blocks[index] = part
        return whole

    def _rows(self, count: int) -> Features:
        return np.zeros((count, self.window, len(NODES), 2), np.float32)
