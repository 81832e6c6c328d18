"""Ticks and faces in, SW-MRO windows out."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.flow.bank import PairBank, Step
from realtime.flow.canonical import Anchor
from realtime.flow.posture import Posture, posture_nodes, posture_rows
from realtime.flow.reference import ReferenceBank
from realtime.flow.sites import Sites, canonical_lids
from realtime.flow.step import Alignment, step_features
from realtime.flow.streaming import StreamingBank
from realtime.types import FLOW_NODES, HALF_WINDOW, NODES, WINDOW, Face, FlowWindow

EXTRACTOR_VERSION: Final = 1
"""Raised whenever the same frames would give other features."""

MAX_BANKS: Final = 8
"""Anchors that may be alive at once; a face that moves faster than that has no clean window."""

BankFactory = Callable[[Alignment], PairBank]
BANKS: Final[dict[str, BankFactory]] = {"streaming": StreamingBank, "reference": ReferenceBank}


@dataclass(slots=True)
class _Window:
    features: NDArray[np.float32]
    to_canonical: float
    lids: NDArray[np.float32]
    posture: NDArray[np.float32]


@dataclass(slots=True)
class WindowExtractor:
    """SW-MRO of one face (SpotFormer section 3.1), one tick at a time.

    A window is given once its last tick is there, so 8 ticks after its centre. The stream's first
    and last frame are repeated 8 times, as the paper pads; inside a stream nothing is padded:
    after :meth:`interrupt`, windows start anew.

    Attributes
    ----------
    alignment
        How head motion is removed.
    flow
        ``streaming`` or ``reference``.
    """

    alignment: Alignment = Alignment.RIGID
    flow: str = "streaming"
    _banks: list[tuple[Anchor, PairBank]] = field(default_factory=list)
    _windows: dict[int, _Window] = field(default_factory=dict)
    _posture: Posture = field(default_factory=Posture)
    _last: tuple[int, NDArray[np.uint8], Face] | None = None

    def first(self, tick: int, image: NDArray[np.uint8], face: Face) -> list[FlowWindow]:
        """Take the stream's very first frame, preceded by 8 copies of itself."""
        for early in range(tick - HALF_WINDOW, tick):
            self.push(early, image, face)
        return self.push(tick, image, face)

    def push(self, tick: int, image: NDArray[np.uint8], face: Face) -> list[FlowWindow]:
        """Take the next tick's frame, RGB or grey, and face; return the windows that end here."""
        if self._last is not None and tick != self._last[0] + 1:
            raise ValueError(f"tick {tick} does not follow {self._last[0]}: call interrupt first")
        self._last = (tick, image, face)
        self._ensure_anchor(face)
        lids = canonical_lids(face)
        steps = [s for anchor, bank in self._banks for s in bank.push(anchor.crop(image))]
        self._posture.push(tick, [self._moved(step) for step in steps])
        done = [window for step in steps for window in self._store(tick, step, lids)]
        self._banks = [entry for entry in self._banks[:-1] if not entry[1].idle] + self._banks[-1:]
        self._open(tick, face, lids)
        return done

    def interrupt(self) -> None:
        """Drop every window under way: a gap in the stream, or the face was lost."""
        self._banks.clear()
        self._windows.clear()
        self._posture = Posture()
        self._last = None

    def finish(self) -> list[FlowWindow]:
        """End the stream: 8 copies of its last frame complete the last windows."""
        if self._last is None:
            return []
        tick, image, face = self._last
        out = []
        for late in range(tick + 1, tick + 1 + HALF_WINDOW):
            out += self.push(late, image, face)
        self.interrupt()
        return out

    def _ensure_anchor(self, face: Face) -> None:
        if not self._banks or not self._banks[-1][0].holds(face.landmarks):
            self._banks.append((Anchor.of(face.landmarks), BANKS[self.flow](self.alignment)))
        if len(self._banks) > MAX_BANKS:
            self._banks.pop(0)

    def _open(self, tick: int, face: Face, lids: NDArray[np.float32]) -> None:
        anchor, bank = self._banks[-1]
        sites = Sites.of(face, anchor)
        bank.open(tick, sites)
        features = np.zeros((WINDOW, len(NODES), 2), np.float32)
        self._windows[tick] = _Window(features, sites.to_canonical, lids, self._posture.at(tick))
        self._windows.pop(tick - WINDOW, None)

    def _moved(self, step: Step) -> tuple[int, NDArray[np.float32]]:
        scale = np.float32(self._windows[step.start].to_canonical)
        return step.start, step.patches * scale

    def _store(self, tick: int, step: Step, lids: NDArray[np.float32]) -> list[FlowWindow]:
        window = self._windows[step.start]
        row = tick - step.start
        window.features[row] = step_features(
            step.patches, step.motion, lids - window.lids, window.to_canonical
        )
        if row < WINDOW - 1:
            return []
        del self._windows[step.start]
        stood = window.posture + window.features[:, : len(FLOW_NODES)]
        posture_rows(window.features)[:] = posture_nodes(stood)
        return [FlowWindow(step.start + HALF_WINDOW, window.features)]
