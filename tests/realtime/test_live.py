"""One live run with a source that does as it is told."""

import signal
from collections.abc import Iterator
from typing import Self

import pytest

from engines.errors import ModelError, SourceError
from realtime import live
from realtime.events.cloudevents import Envelope
from realtime.events.messages import EventData, Hello, StreamEnd
from realtime.events.telemetry import Telemetry
from realtime.live import LiveOptions, run
from realtime.sources.base import SourceInfo
from realtime.types import Frame
from tests.realtime.pipeline.pipeline_makers import (
    ScriptedBackend,
    ScriptedTracker,
    frames_at,
    manifest,
    ticks,
)


class ScriptedSource:
    """Yields frames, then raises or does something."""

    def __init__(
        self, times_s: list[float], error: Exception | None = None, live: bool = False
    ) -> None:
        self.info = SourceInfo("scripted", live, 160, 120)
        self.dropped = 0
        self.closed = False
        self._times_s = times_s
        self._error = error

    def __iter__(self) -> Iterator[Frame]:
        yield from frames_at(self._times_s)
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Listener:
    def __init__(self) -> None:
        self.heard: list[EventData] = []
        self.closed = False

    def write(self, envelope: Envelope) -> None:
        self.heard.append(envelope.data)

    def close(self) -> None:
        self.closed = True

    @property
    def ends(self) -> list[StreamEnd]:
        return [event for event in self.heard if isinstance(event, StreamEnd)]


class _Model:
    def __init__(self) -> None:
        self.manifest = manifest()


@pytest.fixture(autouse=True)
def scripted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "load", lambda _: (_Model(), ScriptedBackend()))
    monkeypatch.setattr(live, "open_tracker", lambda _: ScriptedTracker())


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


def test_a_file_is_played_at_its_own_speed_when_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr(live.Stopper, "wait", lambda _, seconds: waits.append(seconds))
    monkeypatch.setattr(live.Stopper, "elapsed_s", lambda _: 0.0)
    run(ScriptedSource(ticks(4)), LiveOptions(pace=True), [])
    assert waits == pytest.approx([1 / 30, 2 / 30, 3 / 30])
    run(ScriptedSource(ticks(4), live=True), LiveOptions(pace=True), [])
    assert len(waits) == 3
