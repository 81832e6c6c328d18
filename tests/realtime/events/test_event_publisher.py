from concurrent.futures import ThreadPoolExecutor

import pytest

from engines.intervals import Kind
from realtime.events.cloudevents import Envelope
from realtime.events.messages import FaceFound, Mark, StreamEnd
from realtime.events.publisher import Publisher
from tests.realtime.events.event_makers import HELLO, NUMBERED, telemetry


class Memory:
    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.closed = 0

    def write(self, envelope: Envelope) -> None:
        self.envelopes.append(envelope)

    def close(self) -> None:
        self.closed += 1


def test_hello_comes_first_and_every_sink_gets_the_same_envelopes() -> None:
    one, two = Memory(), Memory()
    with Publisher(HELLO, [one, two]) as publisher:
        for data in NUMBERED:
            publisher.publish(data)
    assert one.envelopes[0].type == "fes.hello"
    assert one.envelopes == two.envelopes
    assert (one.closed, two.closed) == (1, 1)


def test_telemetry_takes_no_number_so_dropping_it_leaves_no_hole() -> None:
    sink = Memory()
    publisher = Publisher(HELLO, [sink])
    for data in NUMBERED:
        publisher.publish(telemetry())
        publisher.publish(data)
    numbers = [e.sequence for e in sink.envelopes if e.sequence is not None]
    assert numbers == list(range(1, len(NUMBERED) + 1))
    assert publisher.sequence == len(NUMBERED)


def test_no_two_events_of_a_run_share_an_id() -> None:
    sink = Memory()
    publisher = Publisher(HELLO, [sink])
    for data in (*NUMBERED, telemetry(), telemetry()):
        publisher.publish(data)
    names = [envelope.text.split('"id":"')[1].split('"')[0] for envelope in sink.envelopes]
    assert len(set(names)) == len(NUMBERED) + 3


def test_two_runs_have_two_sources() -> None:
    assert Publisher(HELLO).source != Publisher(HELLO).source
    assert Publisher(HELLO, source="urn:mine").source == "urn:mine"


def test_numbers_have_no_hole_and_no_double_when_threads_publish_together() -> None:
    sink = Memory()
    publisher = Publisher(HELLO, [sink])
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: publisher.publish(FaceFound(n, 0.0)), range(400)))
    assert [e.sequence for e in sink.envelopes[1:]] == list(range(1, 401))


def test_a_mark_is_refused_once_its_own_source_has_ended() -> None:
    sink = Memory()
    publisher = Publisher(HELLO, [sink])
    publisher.publish(StreamEnd("finished", 1.0, 30, 30, source=0))
    mark = publisher.publish(Mark(Kind.MICRO, 0.5, 15, "2024-02-29T12:00:04Z", source=1))
    with pytest.raises(ValueError, match="the stream has ended"):
        publisher.publish(Mark(Kind.MICRO, 0.5, 15, "2024-02-29T12:00:04Z", source=0))
    assert sink.envelopes[-1] == mark
    assert publisher.sequence == 2
