"""Events for tests."""

from datetime import UTC, datetime

from engines.intervals import Kind
from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    FaceLost,
    Hello,
    ModelInfo,
    Phase,
    StreamEnd,
    StreamGap,
    StreamState,
)
from realtime.events.telemetry import Telemetry
from realtime.sources.condition import Condition

MOMENT = datetime(2024, 2, 29, 12, 0, 0, 125000, UTC)
HELLO = Hello(
    ModelInfo("tiny", "1.2.0", "spotformer"), 30, "onnxruntime", "fp32", 0.267, "synthetic",
    started_utc="2024-02-29T12:00:00.125Z", nodes=("brow", "mouth"), synthetic=True,
)  # fmt: skip


def expression(phase: Phase = Phase.NEW, name: str = "e1", score: float = 0.75) -> Expression:
    ended = phase is Phase.END
    return Expression(
        name, phase, Kind.MICRO, 1.0, 1.2, 1.4, score, face=0,
        onset_utc="2024-02-29T12:00:01.125Z", compute_delay_ms=12.5,
        algorithmic_delay_s=0.267 if ended else None,
    )  # fmt: skip


def telemetry(time_s: float = 2.0, face: int | None = 0) -> Telemetry:
    return Telemetry(
        time_s=time_s,
        face=face,
        scores={"micro_apex": 0.25},
        patches=((-40.0, -30.0), (25.0, 61.0)),
        shifts=((0.5, -1.0), (0.0, 0.0)),
        outline=((0.0, -100.0), (70.0, 0.0), (0.0, 100.0)),
        rates={"capture_hz": 29.97},
        latency_ms={"flow": 4.5},
        drops=3,
        repeated=1,
        preview=True,
    )


NUMBERED: tuple[EventData, ...] = (
    FaceFound(0, 0.0),
    expression(Phase.NEW),
    expression(Phase.UPDATE),
    expression(Phase.END),
    expression(Phase.RETRACTED, "e2"),
    StreamGap(3.0, 3.5, "no frames"),
    StreamState(0, Condition.RECONNECTING, 3.5, "the cable is out"),
    FaceLost(0, 4.0),
    StreamEnd("lost", 5.0, 150, 149, "the camera went away"),
)
