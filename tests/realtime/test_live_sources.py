"""Several sources in one live run: each has its own number, time and end."""

import itertools
import os
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from engines.errors import SourceError
from realtime import live
from realtime.events.messages import EventData, FaceFound, Hello, StreamState
from realtime.events.telemetry import Telemetry
from realtime.live import LiveOptions, run
from realtime.pipeline.timing import Stopwatch
from realtime.sources.condition import Condition
from realtime.sources.monitor import Monitor
from realtime.types import Frame
from tests.realtime.live_makers import Listener, ScriptedSource, threads_of_a_run
from tests.realtime.pipeline.pipeline_makers import (
    ScriptedBackend,
    ScriptedTracker,
    frames_at,
    manifest,
    ticks,
)


class _Model:
    def __init__(self) -> None:
        self.manifest = manifest()


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "load", lambda _: (_Model(), ScriptedBackend()))
    monkeypatch.setattr(live, "open_tracker", lambda *_: ScriptedTracker())


def ends_of(listener: Listener) -> dict[int, tuple[str, int]]:
    return {end.source: (end.reason, end.frames) for end in listener.ends}


def test_sources_that_run_together_have_their_numbers_and_their_own_ends() -> None:
    sources = [ScriptedSource(ticks(12)), ScriptedSource(ticks(30)), ScriptedSource(ticks(1))]
    listener = Listener()
    assert run(sources, LiveOptions(), [listener])
    assert ends_of(listener) == {0: ("finished", 12), 1: ("finished", 30), 2: ("finished", 1)}
    found = [event for event in listener.heard if isinstance(event, FaceFound)]
    assert sorted(event.source for event in found) == [0, 1, 2]
    assert {e.source for e in listener.heard if isinstance(e, Telemetry)} == {0, 1, 2}
    hello = listener.heard[0]
    assert isinstance(hello, Hello)
    assert len(hello.sources) == 3
    assert all(source.closed for source in sources)
    assert threads_of_a_run() == []


def test_a_source_that_is_lost_does_not_end_the_others_and_is_raised_at_their_end() -> None:
    lost = ScriptedSource(ticks(3), SourceError("the cable is out"))
    other, listener = ScriptedSource(ticks(40)), Listener()
    with pytest.raises(SourceError, match=r"^the cable is out$"):
        run([lost, other], LiveOptions(), [listener])
    assert ends_of(listener) == {0: ("lost", 3), 1: ("finished", 40)}


def test_several_sources_that_are_lost_are_one_line() -> None:
    sources = [ScriptedSource(ticks(n), SourceError(f"cable {n} is out")) for n in (2, 4)]
    with pytest.raises(SourceError, match=r"2 of 3 sources were lost: .*cable .* is out") as caught:
        run([*sources, ScriptedSource(ticks(3))], LiveOptions(), [])
    assert "cable 2 is out" in str(caught.value)
    assert "cable 4 is out" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_interrupt_ends_all_sources() -> None:
    interrupts = itertools.count()

    class Endless(ScriptedSource):
        def __iter__(self) -> Iterator[Frame]:
            for frame in frames_at(ticks(100_000)):
                if self.closed:
                    return
                # one only, whichever source comes first: a second one does not wait for an end
                if frame.index == 5 and next(interrupts) == 0:
                    os.kill(os.getpid(), signal.SIGINT)
                yield frame

    listener = Listener()
    sources = [Endless([], live=True), Endless([], live=True)]
    assert not run(sources, LiveOptions(), [listener])
    assert {number: reason for number, (reason, _) in ends_of(listener).items()} == {
        0: "interrupted",
        1: "interrupted",
    }
    assert all(source.closed for source in sources)
    assert threads_of_a_run() == []


def test_a_defect_in_one_source_ends_all_and_is_raised() -> None:
    class Endless(ScriptedSource):
        def __iter__(self) -> Iterator[Frame]:
            return itertools.takewhile(lambda _: not self.closed, frames_at(ticks(100_000)))

    broken = ScriptedSource(ticks(3), ZeroDivisionError("defect"))
    other = Endless([], live=True)
    with pytest.raises(ZeroDivisionError):
        run([other, broken], LiveOptions(), [])
    assert other.closed
    assert threads_of_a_run() == []


def test_seconds_limit_each_source_by_its_own_time() -> None:
    listener = Listener()
    run(
        [ScriptedSource(ticks(60)), ScriptedSource(ticks(60, first=900)), ScriptedSource(ticks(9))],
        LiveOptions(seconds=0.5),
        [listener],
    )
    assert ends_of(listener) == {0: ("stopped", 15), 1: ("stopped", 15), 2: ("finished", 9)}


def test_the_stages_of_all_sources_are_heard_by_one_listener() -> None:
    heard = Counter[str]()
    stopwatch = Stopwatch(lambda stage, _: heard.update([stage]))
    run([ScriptedSource(ticks(12)), ScriptedSource(ticks(9))], LiveOptions(), [],
        stopwatch=stopwatch)  # fmt: skip
    assert heard["total"] == 21
    assert stopwatch.medians_ms()["total"] > 0


def test_what_a_source_reports_is_an_event_and_none_comes_after_its_end() -> None:
    class Reporting(ScriptedSource):
        def __init__(self) -> None:
            super().__init__(ticks(6), live=True)
            self.monitor = Monitor("cam")
            self.listen = self.monitor.listen

        def __iter__(self) -> Iterator[Frame]:
            for frame in super().__iter__():
                if frame.index == 3:
                    self.monitor.lose(0.1, "the cable is out")
                yield frame

    source, listener, called = Reporting(), Listener(), list[EventData]()
    run([ScriptedSource(ticks(3)), source], LiveOptions(), [listener], called.append)
    state = StreamState(1, Condition.RECONNECTING, 0.1, "the cable is out")
    assert [event for event in listener.heard if isinstance(event, StreamState)] == [state]
    assert state in called
    source.monitor.miss(1.0, 1.0)
    source.monitor.connect()
    assert [event for event in listener.heard if isinstance(event, StreamState)] == [state]


def test_the_options_faces_reach_the_tracker_of_each_source(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def opened(_: object, max_faces: int) -> ScriptedTracker:
        asked.append(max_faces)
        return ScriptedTracker()

    monkeypatch.setattr(live, "open_tracker", opened)
    run([ScriptedSource(ticks(2)), ScriptedSource(ticks(2))], LiveOptions(max_faces=3), [])
    assert asked == [3, 3]
