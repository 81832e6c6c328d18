"""The flows that are compared, all behind the protocol of ``realtime.flow.bank``."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from realtime.flow.bank import PairBank, Steps
from realtime.flow.parameters import FlowParameters
from realtime.flow.reference import ReferenceBank, _Open, farneback
from realtime.flow.sites import Sites
from realtime.flow.step import Alignment
from realtime.flow.streaming import StreamingBank

CALLS: Final = "16 Farneback calls"
DIS: Final = "16 DIS calls"
REFERENCE: Final = "reference"
STREAMING: Final = "streaming"
FLOWS: Final = (CALLS, DIS, REFERENCE, STREAMING)

Image = NDArray[np.uint8]
Field = NDArray[np.float32]
PairFlow = Callable[[Image, Image, FlowParameters], Field]
"""First crop, second crop and parameters to the displacement, float32 (H, W, 2), px."""


@dataclass(slots=True)
class CallBank(ReferenceBank):
    """One call of a flow for each of sixteen pairs, with nothing that helps it.

    Pooling and the removal of head motion are the reference's own; its following of the nose and
    its second pass are left out.

    Attributes
    ----------
    pair_flow
        The flow.
    calls_s
        Time spent in it so far, s: that of a frame without the rest, which is slow Python here.
    """

    pair_flow: PairFlow = farneback
    calls_s: float = 0.0

    def _step(self, window: _Open, crop: Image) -> tuple[Field, NDArray[np.float64]]:
        window.steps += 1
        begin = time.perf_counter()
        flow = self.pair_flow(window.crop, crop, self.parameters)
        self.calls_s += time.perf_counter() - begin
        motion = self._motion(flow, window)
        patches = [self._pool(flow, motion, window, p) for p in range(len(window.sites.patches))]
        return np.array(patches), motion


class _Dis:
    """OpenCV's dense inverse search (Kroeger and others 2016), medium preset."""

    def __init__(self) -> None:
        self._solver = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def __call__(self, first: Image, second: Image, _parameters: FlowParameters) -> Field:
        start = np.zeros((*first.shape, 2), np.float32)
        return np.asarray(self._solver.calc(first, second, start), np.float32)


def dis_bank(alignment: Alignment) -> CallBank:
    """Return sixteen calls of DIS a frame."""
    return CallBank(alignment, pair_flow=_Dis())


@dataclass(slots=True)
class Runner:
    """The only place that knows how a bank is fed: one frame in, the patches of its pairs out.

    Attributes
    ----------
    bank
        What is measured.
    scales
        Canonical px per crop px of each window, by its first frame.
    """

    bank: PairBank
    scales: dict[int, float] = field(default_factory=dict)

    def push(self, crop: Image) -> Steps:
        """Take the next frame and return the steps that end at it."""
        return self.bank.push(crop)

    def open(self, start: int, sites: Sites) -> None:
        """Let the frame pushed last be the first of a window."""
        self.scales[start] = sites.to_canonical
        self.bank.open(start, sites)

    def canonical(self, steps: Steps) -> dict[int, Field]:
        """Return steps by their first frame: patches, float32 (10, 2), canonical px."""
        return {
            start: patches * np.float32(self.scales[start])
            for start, patches in zip(steps.starts.tolist(), steps.patches, strict=True)
        }

    @property
    def calls_s(self) -> float | None:
        """Time spent in calls of OpenCV so far, s; None where the whole push counts."""
        return self.bank.calls_s if isinstance(self.bank, CallBank) else None


def make_runners(alignment: Alignment) -> dict[str, Runner]:
    """Return the flows by name, in the order of ``FLOWS``."""
    banks: tuple[PairBank, ...] = (
        CallBank(alignment),
        dis_bank(alignment),
        ReferenceBank(alignment),
        StreamingBank(alignment),
    )
    return {name: Runner(bank) for name, bank in zip(FLOWS, banks, strict=True)}
