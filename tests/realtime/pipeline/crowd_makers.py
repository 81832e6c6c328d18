"""Faces whose lids spell out an expression, and a model that reads it from each window."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.scores import Scores
from realtime.types import HALF_WINDOW, NODES, Face, Frame
from tests.realtime.flow.flow_makers import make_face
from tests.realtime.pipeline.pipeline_makers import NAMES, ScriptedBackend, ScriptedTracker

EYES_PX: Final = 40.0
CANONICAL_EYES_PX: Final = 96.0
REST: Final = 0.08
STEP: Final = 0.02
"""Lid apertures, in distances of the eyes: at rest, and what one mark adds to it for a tick."""

MARKS: Final = ("onset", "apex", "offset")


@dataclass(frozen=True, slots=True)
class Person:
    """A face with one micro-expression at these ticks, in view from ``first`` to ``last``."""

    onset: int
    apex: int
    offset: int
    first: int = 0
    last: int = 10**6

    def lid(self, tick: int) -> float:
        ticks = (self.onset, self.apex, self.offset)
        return REST + STEP * (1 + ticks.index(tick)) if tick in ticks else REST


class CrowdTracker(ScriptedTracker):
    """Shows people by their tracks; at 30 Hz, so that a frame's index is its tick."""

    def __init__(self, people: Mapping[int, Person], ticks_a_frame: int = 1) -> None:
        super().__init__()
        self._people = people
        self._ticks_a_frame = ticks_a_frame

    def track(self, frame: Frame) -> tuple[Face, ...]:
        tick = frame.index * self._ticks_a_frame
        return tuple(
            replace(make_face((60 + 20 * track, 45), EYES_PX, lid=person.lid(tick)), track=track)
            for track, person in self._people.items()
            if person.first <= tick <= person.last
        )


class LidReader(ScriptedBackend):
    """Scores a window by what it holds: how far the lids are opened at its centre."""

    def __init__(self) -> None:
        super().__init__()
        self.batches: list[int] = []

    def run(self, windows: NDArray[np.float32]) -> Scores:
        self.batches.append(len(windows))
        opened = windows[:, HALF_WINDOW, NODES.index("lids"), 0]
        mark = np.round(opened / (STEP * CANONICAL_EYES_PX))
        # as unlike each other as the windows are: a mixed-up row would be another score
        sure = np.clip(0.9 + opened / 1000, 0, 1).astype(np.float32)
        values = {name: np.zeros(len(windows), np.float32) for name in NAMES}
        for number, name in enumerate(MARKS, start=1):
            values[f"micro_{name}"] = np.where(mark == number, sure, 0).astype(np.float32)
        return Scores(values)
