"""What is published to the Lab Streaming Layer, and when that was on its clock."""

import json
import sys

import pytest

from engines.errors import UsageError
from realtime.events.cloudevents import seal
from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    Hello,
    Phase,
    Snapshot,
    StreamGap,
)
from realtime.lsl import streams
from realtime.lsl.clock import MEASURE_EVERY_S, LslClock
from realtime.lsl.markers import marker_text, moment_s, source_of
from realtime.lsl.outlets import LslOutlets
from realtime.witnesses import open_witnesses
from tests.realtime.events.event_makers import HELLO, MOMENT, NUMBERED, expression, telemetry


def test_time_is_mapped_by_the_reading_that_took_the_least() -> None:
    """The first reading takes no time; the others take seconds, and say something else."""
    times = iter([10.0, 10.0, 20.0, 22.0, *[30.0, 33.0] * 6, 11.0])
    readings = iter([110.0, 122.0, *[140.0] * 6])
    clock = LslClock(lambda: next(readings), lambda: next(times))
    assert clock.of(1.0) == 101.0


def test_time_is_measured_anew_when_the_clocks_have_parted() -> None:
    now = [0.0]
    ahead = [100.0]
    clock = LslClock(lambda: now[0] + ahead[0], lambda: now[0])
    assert clock.of(5.0) == 105.0
    ahead[0] = 250.0  # the machine slept, which one of them did not notice
    assert clock.of(5.0) == 105.0
    now[0] += MEASURE_EVERY_S + 1
    assert clock.of(5.0) == 255.0
    assert clock.now() == now[0] + 250.0


@pytest.mark.parametrize("data", NUMBERED)
def test_every_event_with_a_number_is_a_marker(data: EventData) -> None:
    assert moment_s(data) is not None
    envelope = seal(data, identity="1", source="urn:x", time=MOMENT, sequence=1)
    text = marker_text(envelope, lambda time_s: time_s + 100)
    assert text.isascii()
    document = json.loads(text)
    assert document["type"] == envelope.type
    assert document["sequence"] == 1
    assert ("lsl" in document) is isinstance(data, Expression)


@pytest.mark.parametrize("data", [HELLO, Snapshot(0), telemetry()])
def test_nothing_else_is_a_marker(data: EventData) -> None:
    assert moment_s(data) is None


def test_an_expression_is_marked_at_its_apex_and_a_gap_at_its_begin() -> None:
    assert moment_s(expression(Phase.END)) == 1.2
    assert moment_s(StreamGap(3.0, 3.5, "")) == 3.0
    assert source_of(FaceFound(0, 0.0, source=2)) == 2
    assert isinstance(HELLO, Hello)
    assert source_of(HELLO) == 0


def test_what_is_not_known_of_an_expression_is_null() -> None:
    opened = Expression("a", Phase.NEW, expression().kind, None, 1.2, None, 0.5, 0)
    envelope = seal(opened, identity="1", source="urn:x", time=MOMENT, sequence=1)
    times = json.loads(marker_text(envelope, lambda time_s: time_s))["lsl"]
    assert times == {"onset": None, "apex": 1.2, "offset": None}


@pytest.mark.parametrize("error", [ImportError("pylsl"), RuntimeError("no library\nsee docs")])
def test_without_the_package_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    class Broken:
        def find_spec(self, name: str, *_: object) -> None:
            if name == "pylsl":
                raise error

    monkeypatch.delitem(sys.modules, "pylsl", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(UsageError, match=r"fes\[lsl\]") as caught:
        open_witnesses(None, False, True)
    assert "\n" not in str(caught.value)


def test_events_before_the_streams_are_open_and_after_they_closed_go_nowhere() -> None:
    outlets = LslOutlets()
    envelope = seal(FaceFound(0, 0.0), identity="1", source="urn:x", time=MOMENT, sequence=1)
    outlets.write(envelope)
    outlets.close()
    outlets.write(envelope)
    outlets.close()
    assert streams.MARKERS == "fes events"
