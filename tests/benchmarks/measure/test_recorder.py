"""What is kept of a run."""

from datetime import UTC, datetime

import pytest

from benchmarks.measure.recorder import Recorder
from engines.intervals import Kind
from realtime.events.cloudevents import seal
from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    Hello,
    ModelInfo,
    Phase,
    StreamEnd,
    StreamGap,
)
from realtime.events.telemetry import Telemetry
from realtime.pipeline.timing import Stopwatch

HELLO = Hello(ModelInfo("tiny", "1", "spotformer"), 30, "onnxruntime", "fp32", 0.267, "clip.mp4")
SMILE = Expression("0-1", Phase.END, Kind.MACRO, 1.0, 1.5, 2.0, 0.9, 0)
END = StreamEnd("finished", 9.0, 271, 271)

TIME = "benchmarks.measure.recorder.time"


def tell(recorder: Recorder, *events: EventData) -> None:
    for number, event in enumerate(events, 1):
        plain = isinstance(event, Hello | Telemetry)
        recorder.write(
            seal(
                event,
                identity=str(number),
                source="urn:x",
                time=datetime.now(UTC),
                sequence=None if plain else number,
            )
        )


def test_every_duration_of_a_stopwatch_is_kept_by_stage() -> None:
    recorder = Recorder()
    watch = Stopwatch(recorder.heard)
    for value in range(1000):
        watch.add("flow", float(value))
    watch.add("total", 5.0)
    assert recorder.durations_ms("flow").tolist() == list(range(1000))
    assert recorder.durations_ms("total").tolist() == [5.0]
    assert recorder.durations_ms("model").size == 0


def test_a_frame_is_done_when_its_total_is_known_and_scored_when_the_model_ran() -> None:
    recorder = Recorder()
    recorder.heard("flow", 1.0)
    assert (recorder.done, recorder.first_scored_s, recorder.first_done_s) == (0, None, None)
    recorder.heard("model", 1.0)
    first_s = recorder.first_scored_s
    recorder.heard("total", 3.0)
    recorder.heard("model", 1.0)
    recorder.heard("total", 3.0)
    assert recorder.done == len(recorder.done_s) == 2
    assert recorder.first_scored_s == first_s
    assert recorder.first_done_s == recorder.done_s[0]
    assert recorder.last_done_s == recorder.done_s[1]


def test_events_are_counted_and_expressions_keep_when_they_came() -> None:
    recorder = Recorder()
    tell(
        recorder,
        HELLO,
        FaceFound(0, 0.1),
        StreamGap(1.0, 2.0, "none"),
        SMILE,
        Telemetry(1.0, repeated=3),
        Telemetry(2.0, repeated=7),
        END,
    )
    assert (recorder.hello, recorder.end) == (HELLO, END)
    assert (recorder.gaps, recorder.faces, recorder.repeated) == (1, 1, 7)
    assert [arrival.expression for arrival in recorder.arrivals] == [SMILE]


def test_a_recorder_that_keeps_nothing_still_counts() -> None:
    recorder = Recorder(keep=False)
    recorder.heard("total", 3.0)
    tell(recorder, HELLO, SMILE, StreamGap(1.0, 2.0, "none"))
    assert (recorder.done, recorder.gaps, recorder.arrivals) == (1, 1, [])
    assert recorder.durations_ms("total").size == recorder.done_s.size == 0
    assert recorder.last_done_s is not None


def test_cores_busy_is_processor_time_over_wall_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """One and a half seconds of work within one second."""
    recorder = Recorder()
    assert recorder.cores_busy is None
    for wall_s, busy_s in ((10.0, 2.0), (10.5, 2.7), (11.0, 3.5)):
        monkeypatch.setattr(f"{TIME}.monotonic", lambda wall_s=wall_s: wall_s)
        monkeypatch.setattr(f"{TIME}.process_time", lambda busy_s=busy_s: busy_s)
        recorder.heard("total", 1.0)
    assert recorder.cores_busy == pytest.approx(1.5)


def test_one_frame_has_no_cores_busy() -> None:
    recorder = Recorder()
    recorder.heard("total", 1.0)
    assert recorder.cores_busy is None


def test_closing_keeps_what_was_measured() -> None:
    recorder = Recorder()
    recorder.heard("flow", 2.0)
    recorder.close()
    assert recorder.durations_ms("flow") == pytest.approx([2.0])
