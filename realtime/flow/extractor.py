"""Ticks and faces in, SW-MRO windows out."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.flow.bank import PairBank, Steps
from realtime.flow.canonical import Anchor
from realtime.flow.parameters import FlowParameters
from realtime.flow.posture import Posture, posture_nodes, posture_rows
from realtime.flow.reference import ReferenceBank
from realtime.flow.sites import Sites, canonical_lids
from realtime.flow.step import Alignment, step_features
from realtime.flow.streaming import StreamingBank
from realtime.flow.workers import Workers
from realtime.types import FLOW_NODES, NODES, WINDOW, Face, FlowWindow, require_window

MAX_BANKS: Final = 8
"""Anchors that may be alive at once; a face that moves faster than that has no clean window."""

FLOWS: Final = ("streaming", "reference")


class WindowExtractor:
    """SW-MRO of one face (SpotFormer section 3.1), one tick at a time.

    A window is given once its last tick is there, so half a window (8 ticks of 17) after its
    centre. The stream's first and last frame are repeated as often, as the paper pads; inside a
    stream nothing is padded: after :meth:`interrupt`, windows start anew.

    Parameters
    ----------
    alignment
        How head motion is removed.
    flow
        One of ``FLOWS``.
    threads
        How many share the windows of a frame.
    parameters
        Of the flow.
    window
        Ticks of a window, one of ``realtime.types.WINDOWS``.

    Raises
    ------
    ValueError
        If there is no such flow, or a window cannot have so many ticks.
    """

    def __init__(
        self,
        alignment: Alignment = Alignment.RIGID,
        flow: str = "streaming",
        threads: int = 1,
        parameters: FlowParameters | None = None,
        window: int = WINDOW,
    ) -> None:
        if flow not in FLOWS:
            raise ValueError(f"flow is one of {', '.join(FLOWS)}, not {flow!r}")
        self._alignment = alignment
        self._reference = flow == "reference"
        self._workers = Workers(threads)
        self._parameters = parameters or FlowParameters()
        self._banks: list[tuple[Anchor, PairBank]] = []
        self._spare: list[PairBank] = []
        self._last: tuple[int, NDArray[np.uint8], Face] | None = None
        self._posture = Posture()
        self._window = require_window(window)
        # a row a window, by its first tick modulo their number
        self._features = np.zeros((window, window, len(NODES), 2), np.float32)
        self._stood = np.zeros((window, len(FLOW_NODES), 2), np.float32)
        self._lids = np.zeros((window, 2), np.float32)
        self._to_canonical = np.ones(window, np.float32)

    def first(self, tick: int, image: NDArray[np.uint8], face: Face) -> list[FlowWindow]:
        """Take the stream's very first frame, preceded by half a window of copies of it."""
        for early in range(tick - self._window // 2, tick):
            self.push(early, image, face)
        return self.push(tick, image, face)

    def push(self, tick: int, image: NDArray[np.uint8], face: Face) -> list[FlowWindow]:
        """Take the next tick and return the windows that end at it.

        Parameters
        ----------
        tick
            One more than the tick before.
        image
            Its frame, uint8, RGB (H, W, 3) or grey (H, W).
        face
            The face on it.
        """
        if self._last is not None and tick != self._last[0] + 1:
            raise ValueError(f"tick {tick} does not follow {self._last[0]}: call interrupt first")
        self._last = (tick, image, face)
        self._ensure_anchor(face)
        lids = canonical_lids(face)
        steps = [bank.push(anchor.crop(image)) for anchor, bank in self._banks]
        done = self._store(tick, steps, lids)
        self._retire(self._banks[:-1])
        self._open(tick, face, lids)
        return done

    def interrupt(self) -> None:
        """Drop every window under way: a gap in the stream, or the face was lost."""
        for _, bank in self._banks:
            bank.clear()
            self._spare.append(bank)
        self._banks.clear()
        self._posture = Posture()
        self._last = None

    def finish(self) -> list[FlowWindow]:
        """End the stream: half a window of copies of its last frame complete the last windows."""
        if self._last is None:
            return []
        tick, image, face = self._last
        out = []
        for late in range(tick + 1, tick + 1 + self._window // 2):
            out += self.push(late, image, face)
        self.interrupt()
        return out

    def close(self) -> None:
        """Let threads end, if there are any."""
        self._workers.close()

    def _ensure_anchor(self, face: Face) -> None:
        if not self._banks or not self._banks[-1][0].holds(face.landmarks):
            if len(self._banks) == MAX_BANKS:
                self._retire(self._banks[:1], forced=True)
            self._banks.append((Anchor.of(face.landmarks, self._parameters), self._new_bank()))

    def _new_bank(self) -> PairBank:
        if self._spare:
            return self._spare.pop()
        if self._reference:
            return ReferenceBank(self._alignment, self._parameters, self._window)
        return StreamingBank(self._alignment, self._parameters, self._workers, self._window)

    def _retire(self, entries: list[tuple[Anchor, PairBank]], forced: bool = False) -> None:
        """Put banks without open windows aside: their memory serves the next anchor."""
        for entry in entries:
            if entry[1].idle or forced:
                entry[1].clear()
                self._spare.append(entry[1])
                self._banks.remove(entry)

    def _open(self, tick: int, face: Face, lids: NDArray[np.float32]) -> None:
        anchor, bank = self._banks[-1]
        sites = Sites.of(face, anchor)
        bank.open(tick, sites)
        row = tick % self._window
        self._features[row] = 0
        self._lids[row], self._to_canonical[row] = lids, sites.to_canonical
        self._stood[row] = self._posture.at(tick)

    def _store(self, tick: int, steps: list[Steps], lids: NDArray[np.float32]) -> list[FlowWindow]:
        """Enter the newest step of every open window; return the window that it completes."""
        starts = np.concatenate([part.starts for part in steps])
        patches = np.concatenate([part.patches for part in steps])
        motions = np.concatenate([part.motions for part in steps])
        rows = starts % self._window
        scale = self._to_canonical[rows]
        values = step_features(patches, motions, lids - self._lids[rows], scale)
        self._features[rows, tick - starts] = values
        self._posture.push(tick, starts, values[:, : len(FLOW_NODES)])
        if len(starts) == 0 or tick - starts.min() < self._window - 1:
            return []
        row = (tick + 1) % self._window
        features = self._features[row].copy()
        stood = self._stood[row] + features[:, : len(FLOW_NODES)]
        posture_rows(features)[:] = posture_nodes(stood)
        return [FlowWindow(tick - self._window // 2, features)]
