"""Sessions to export: with odd names, an expression that never ended, two cameras, nothing."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from engines.intervals import Kind
from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    FaceLost,
    Hello,
    Mark,
    ModelInfo,
    Phase,
    SourceDescription,
    StreamEnd,
    StreamGap,
    StreamState,
)
from realtime.events.publisher import Publisher
from realtime.events.telemetry import Telemetry
from realtime.recording.recording import Recording
from realtime.sources.base import SourceInfo
from realtime.sources.condition import Condition
from realtime.types import Frame
from tests.realtime.pipeline.pipeline_makers import manifest
from tests.realtime.recording.session_makers import pictures

START = datetime(2024, 2, 29, 12, 0, 0, 125000, UTC)
ODD = 'Jürgen & 花子 <"cam\t1">'
LATER_S = 2.5


def expression(
    name: str, phase: Phase, times: tuple[float | None, float, float | None],
    kind: Kind = Kind.MICRO, source: int = 0, face: int = 0,
) -> Expression:  # fmt: skip
    onset, apex, offset = times
    return Expression(
        name, phase, kind, onset, apex, offset, 0.75, face, onset_utc="2024-02-29T12:00:01.125Z",
        compute_delay_ms=12.5, algorithmic_delay_s=0.3 if phase is Phase.END else None,
        source=source,
    )  # fmt: skip


def telemetry(time_s: float, source: int = 0, face: int | None = 0) -> Telemetry:
    scores = {"micro_apex": 0.25, "macro_apex": time_s / 100}
    return Telemetry(
        time_s, face, {} if face is None else scores, ((1.0, 2.0),), ((0.5, -1.0),),
        ((0.0, 1.0), (2.0, 3.0)), {"capture_hz": 30.0}, {"flow": 4.5}, 3, 1, source=source,
    )  # fmt: skip


EVENTS: tuple[EventData, ...] = (
    FaceFound(0, 0.0),
    telemetry(0.5),
    expression("0-0-0", Phase.NEW, (1.0, 1.2, 1.4)),
    expression("0-0-0", Phase.END, (1.0, 1.25, 1.5)),
    telemetry(1.5),
    expression("0-0-1", Phase.NEW, (1.5, 2.0, None), Kind.MACRO),
    expression("0-0-1", Phase.RETRACTED, (1.5, 2.0, None), Kind.MACRO),
    Mark(Kind.MICRO, 1.2, 36, "2024-02-29T12:00:01.325Z"),
    expression("1-4-0", Phase.END, (0.5, 1.0, 2.0), Kind.MACRO, source=1, face=4),
    StreamState(1, Condition.FROZEN, 3.0, "the same picture for 5 s"),
    StreamGap(3.0, 3.5, "no frame for two ticks or more"),
    FaceLost(0, 4.0),
    telemetry(4.0, face=None),
    # the process was killed before this one ended
    expression("0-0-2", Phase.NEW, (4.5, 4.75, 5.0)),
    StreamEnd("lost", 5.5, 165, 164, "the camera went away", source=1),
)


def record_study(
    folder: Path,
    events: tuple[EventData, ...] = EVENTS,
    names: tuple[str, str] = (ODD, "=cmd|calc"),
    live: bool = True,
) -> Path:
    """Record a session of two sources; the second camera began 2.5 s after the first."""
    starts = (START, START + timedelta(seconds=LATER_S))
    infos = [SourceInfo(name, live, 64, 48, 30.0) for name in names]
    recording = Recording(folder)
    recording.begin(
        manifest(), [(i, s if live else None) for i, s in zip(infos, starts, strict=True)], {}
    )
    sources = tuple(SourceDescription(info.name) for info in infos)
    model = ModelInfo("tiny", "1.2.0", "spotformer")
    hello = Hello(model, 30, "onnxruntime", "fp32", 0.267, names[0], sources=sources)
    image = pictures(1)[0].image
    with Publisher(hello, [recording]) as publisher:
        # stream time 0 of source 0 was at 100 s of the monotonic clock
        recording.saw(0, Frame(0, 0.5, image, 100.5))
        recording.saw(1, Frame(0, 0.25, image, 102.75))
        for event in events:
            publisher.publish(event)
    return folder
