"""What the dashboard shows between events."""

import time
from collections import deque
from dataclasses import dataclass, field, replace
from typing import Final

from realtime.events.telemetry import Telemetry
from realtime.flow.canonical import EYE_CENTRE, Anchor
from realtime.flow.parameters import FlowParameters
from realtime.flow.sites import PATCH_LANDMARKS
from realtime.pipeline.pipeline import FaceView, Pipeline
from realtime.types import FLOW_NODES, WINDOW, Face, FlowWindow

PERIOD_S: Final = 0.1
"""At most ten reports a second (design section 6)."""

FACE_OVAL: Final = (
    *(10, 338, 297, 332, 284, 251, 389, 356, 454, 323, 361, 288, 397, 365, 379, 378, 400, 377),
    *(152, 148, 176, 149, 150, 136, 172, 58, 132, 93, 234, 127, 162, 21, 54, 103, 67, 109, 10),
)
"""Mesh points of the face's outline, a closed line."""

CANONICAL: Final = FlowParameters(zoom=1)
"""A crop whose pixels are those of the canonical face."""

Points = tuple[tuple[float, float], ...]


LEAST_SPAN_S: Final = 0.25
"""A machine that was held up does much at one instant, which is no rate."""


@dataclass(slots=True)
class Rate:
    """Events per second over the latest two seconds."""

    _times: deque[float] = field(default_factory=deque)

    def count(self, now_s: float) -> None:
        """Record one event."""
        self._times.append(now_s)
        while now_s - self._times[0] > 2:
            self._times.popleft()

    @property
    def hz(self) -> float:
        """Events per second; 0 until a quarter of a second has been seen."""
        span_s = self._times[-1] - self._times[0] if self._times else 0.0
        return (len(self._times) - 1) / span_s if span_s >= LEAST_SPAN_S else 0.0


class Reporter:
    """Builds telemetry from a pipeline, ten times a second.

    Its scores are the highest since the last report: a micro-expression's peak is shorter than
    the time between two looks.
    """

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline
        self._frames = Rate()
        self._ticks = Rate()
        self._last_tick = -1
        self._due_s = 0.0

    def after_frame(self, drops: int) -> tuple[Telemetry, ...]:
        """Return telemetry if it is due, a report for each face in view; call it every frame.

        Where there is no face, there is one report without.
        """
        now = time.perf_counter()
        self._frames.count(now)
        tick = self._pipeline.view.tick
        for _ in range(self._last_tick, min(tick, self._last_tick + WINDOW)):
            self._ticks.count(now)
        self._last_tick = tick
        if now < self._due_s:
            return ()
        self._due_s = now + PERIOD_S
        return self._build(drops)

    def _build(self, drops: int) -> tuple[Telemetry, ...]:
        view, features = self._pipeline.view, self._pipeline.features
        head = self._pipeline.head
        bare = Telemetry(
            time_s=max(0.0, features.clock.time_s(view.tick) - head.lookahead_s),
            rates={"capture_hz": self._frames.hz, "tick_hz": self._ticks.hz},
            latency_ms=features.stopwatch.medians_ms(),
            drops=drops,
            repeated=features.clock.repeated,
            algorithmic_delay_s=round(head.delay_s, 4),
            source=self._pipeline.source,
        )
        shown = tuple(_with_face(bare, face, view.of(face.track)) for face in view.faces)
        return shown or (bare,)


def _with_face(bare: Telemetry, face: Face, view: FaceView) -> Telemetry:
    patches, outline = _shape(face)
    return replace(
        bare,
        face=face.track,
        scores=view.take_peaks(),
        patches=patches,
        shifts=_shifts(view.window),
        outline=outline,
    )


def _shape(face: Face) -> tuple[Points, Points]:
    """Return the patches and the outline on the canonical face, px from between the eyes."""
    anchor = Anchor.of(face.landmarks, CANONICAL)
    patches = anchor.to_crop(face.landmarks[list(PATCH_LANDMARKS)]) - EYE_CENTRE
    outline = anchor.to_crop(face.mesh[list(FACE_OVAL), :2]) - EYE_CENTRE
    return _points(patches.tolist()), _points(outline.tolist())


def _shifts(window: FlowWindow | None) -> Points:
    """Return how far each patch moved up to the centre of the newest window, px."""
    if window is None:
        return ((0.0, 0.0),) * len(FLOW_NODES)
    return _points(window.features[WINDOW // 2, : len(FLOW_NODES)].tolist())


def _points(values: list[list[float]]) -> Points:
    return tuple((round(x, 2), round(y, 2)) for x, y in values)
