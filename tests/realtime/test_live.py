"""One live run with a source that does as it is told."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from engines.errors import ModelError, SourceError
from realtime import live
from realtime.events.messages import EventData, FaceFound, Hello, StreamEnd
from realtime.events.telemetry import Telemetry
from realtime.live import LiveOptions, run
from realtime.pipeline import path
from realtime.pipeline.pacing import Pacing
from realtime.pipeline.path import CAMERA_ROOM
from realtime.pipeline.pipeline import Pipeline
from realtime.pipeline.timing import STAGES, Stopwatch
from realtime.types import HALF_WINDOW, Frame
from tests.realtime.live_makers import (
    Camera,
    FailingBackend,
    FailingTracker,
    Listener,
    OldFrames,
    ScriptedSource,
    threads_of_a_run,
)
from tests.realtime.pipeline.pipeline_makers import (
    ScriptedBackend,
    ScriptedTracker,
    frames_at,
    manifest,
    ticks,
)

LOAD = live.load


class _Model:
    def __init__(self) -> None:
        self.manifest = manifest()


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "load", lambda _: (_Model(), ScriptedBackend()))
    monkeypatch.setattr(live, "open_tracker", lambda *_: ScriptedTracker())


def test_a_source_that_is_read_in_full_ends_the_stream_as_finished() -> None:
    source, listener = ScriptedSource(ticks(12)), Listener()
    assert run(source, LiveOptions(), [listener])
    assert isinstance(listener.heard[0], Hello)
    assert listener.heard[-1] == StreamEnd("finished", 11 / 30, 12, 12)
    assert source.closed
    assert listener.closed


def test_a_lost_source_ends_the_stream_as_lost_with_its_reason_and_then_raises() -> None:
    source, listener = ScriptedSource(ticks(12), SourceError("the cable is out")), Listener()
    with pytest.raises(SourceError, match="the cable is out"):
        run(source, LiveOptions(), [listener])
    (end,) = listener.ends
    assert (end.reason, end.error, end.frames) == ("lost", "the cable is out", 12)
    assert listener.heard[-1] is end
    assert source.closed
    assert listener.closed


def test_an_interrupted_run_is_ended_and_says_so() -> None:
    class Interrupted(ScriptedSource):
        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                if frame.index == 5:
                    signal.raise_signal(signal.SIGINT)
                yield frame

    source, listener = Interrupted(ticks(12)), Listener()
    assert not run(source, LiveOptions(), [listener])
    assert [(end.reason, end.error) for end in listener.ends] == [("interrupted", None)]
    assert source.closed


def test_an_error_that_an_interrupt_causes_is_not_the_sources() -> None:
    class Torn(ScriptedSource):
        def __iter__(self) -> Iterator[Frame]:
            yield from frames_at(ticks(3))
            signal.raise_signal(signal.SIGINT)
            raise SourceError("read from a closed device")

    listener = Listener()
    assert not run(Torn([]), LiveOptions(), [listener])
    assert [(end.reason, end.error) for end in listener.ends] == [("interrupted", None)]


def test_seconds_limit_the_stream_time() -> None:
    listener = Listener()
    assert run(ScriptedSource(ticks(60)), LiveOptions(seconds=0.5), [listener])
    assert [(end.reason, end.frames) for end in listener.ends] == [("stopped", 15)]


def test_everyone_hears_the_same_events_and_the_callback_all_but_telemetry() -> None:
    called: list[EventData] = []
    one, other = Listener(), Listener()
    run(ScriptedSource(ticks(20)), LiveOptions(), [one, other], called.append)
    assert one.heard == other.heard
    assert called == [e for e in one.heard if not isinstance(e, Telemetry | Hello)]


@pytest.mark.parametrize("is_live", [True, False])
def test_only_a_live_source_has_a_wall_clock(is_live: bool) -> None:
    listener = Listener()
    run(ScriptedSource(ticks(3), live=is_live), LiveOptions(), [listener])
    hello = listener.heard[0]
    assert isinstance(hello, Hello)
    assert (hello.started_utc is not None) is is_live


def test_the_hello_says_what_runs_the_model_and_in_which_precision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    backend = ScriptedBackend()
    backend.name, backend.precision = "tensorrt-rtx", "fp16"
    monkeypatch.setattr(live, "load", lambda _: (_Model(), backend))
    listener = Listener()
    run(ScriptedSource(ticks(3)), LiveOptions(), [listener])
    hello = listener.heard[0]
    assert isinstance(hello, Hello)
    assert (hello.backend, hello.precision) == ("tensorrt-rtx", "fp16")


def test_a_model_that_cannot_be_used_leaves_nothing_open(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: LiveOptions) -> None:
        raise ModelError("no such model")

    monkeypatch.setattr(live, "load", refuse)
    source, listener = ScriptedSource(ticks(3)), Listener()
    with pytest.raises(ModelError):
        run(source, LiveOptions(), [listener])
    assert source.closed
    assert listener.closed
    assert listener.heard == []


def test_a_defect_in_the_tracker_ends_the_run_after_the_events_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "open_tracker", lambda *_: FailingTracker())
    source, listener, heard = ScriptedSource(ticks(40)), Listener(), Counter[str]()
    stopwatch = Stopwatch(lambda stage, _: heard.update([stage]))
    with pytest.raises(RuntimeError, match="the graph failed"):
        run(source, LiveOptions(), [listener], stopwatch=stopwatch)
    assert FaceFound(0, 0.0) in listener.heard
    assert heard["total"] == 10
    assert listener.ends == []
    assert source.closed
    assert listener.closed
    assert threads_of_a_run() == []


def test_a_model_that_fails_on_the_way_is_the_models_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(live, "load", lambda _: (_Model(), FailingBackend()))
    monkeypatch.setattr(live, "warm_up", lambda *_: None)
    source, listener = ScriptedSource(ticks(40)), Listener()
    with pytest.raises(ModelError, match="the model failed"):
        run(source, LiveOptions(), [listener])
    assert FaceFound(0, 0.0) in listener.heard
    assert source.closed
    assert threads_of_a_run() == []


@pytest.mark.parametrize("is_live", [True, False])
def test_no_thread_is_left_behind(is_live: bool) -> None:
    run(ScriptedSource(ticks(12), live=is_live), LiveOptions(), [])
    run(ScriptedSource(ticks(12), live=is_live), LiveOptions(seconds=0.2), [])
    assert threads_of_a_run() == []


def test_every_frame_of_a_file_is_processed_in_order_and_timed_in_every_stage() -> None:
    heard = Counter[str]()
    tracker = ScriptedTracker()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(live, "open_tracker", lambda *_: tracker)
        stopwatch = Stopwatch(lambda stage, _: heard.update([stage]))
        listener = Listener()
        run(ScriptedSource(ticks(30)), LiveOptions(), [listener], stopwatch=stopwatch)
    assert tracker.asked == list(range(30))
    assert [(end.frames, end.ticks) for end in listener.ends] == [(30, 30)]
    assert heard == dict.fromkeys(STAGES, 30) | {"model": 30 - HALF_WINDOW}


def test_a_camera_that_is_too_fast_has_no_more_frames_under_way_than_the_stages_hold() -> None:
    """The rest stays with the source, which keeps the newest."""
    stages = threading.Semaphore(0)
    source = Camera(60, stages)

    def slow(stage: str, _: float) -> None:
        if stage == "flow":
            stages.release()
            time.sleep(0.004)

    run(source, LiveOptions(), [], stopwatch=Stopwatch(slow))
    assert source.ahead <= CAMERA_ROOM + 1


def test_the_options_threads_reach_the_model_and_the_flow(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    monkeypatch.setattr(live, "load", LOAD)
    monkeypatch.setattr(live, "read_model", lambda _: _Model())
    monkeypatch.setattr(live, "require_contract", lambda *_, **__: None)

    def open_scripted(_: object, __: str, threads: int) -> ScriptedBackend:
        seen.append(threads)
        return ScriptedBackend()

    class Noted(Pipeline):
        def __init__(self, *arguments: Any, **options: Any) -> None:
            super().__init__(*arguments, **options)
            seen.append(self.features.threads)

    monkeypatch.setattr(live, "open_backend", open_scripted)
    monkeypatch.setattr(live, "Pipeline", Noted)
    run(ScriptedSource(ticks(3)), LiveOptions(threads=3), [])
    assert seen == [3, 3]


def test_a_file_is_played_at_its_own_speed_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(live.Stopper, "wait", lambda _, seconds: waits.append(seconds))
    monkeypatch.setattr(path, "Pacing", lambda wait: Pacing(wait, lambda: 0.0))
    released_s = time.monotonic()
    heard: list[float] = []
    stopwatch = Stopwatch(lambda stage, ms: heard.append(ms) if stage == "wait" else None)
    run(OldFrames(ticks(4)), LiveOptions(pace=True), [], stopwatch=stopwatch)
    # being played when it is due is what counts as its capture
    assert max(heard) <= (time.monotonic() - released_s) * 1e3
    assert waits == pytest.approx([1 / 30, 2 / 30, 3 / 30])
    run(ScriptedSource(ticks(4), live=True), LiveOptions(pace=True), [])
    assert len(waits) == 3
