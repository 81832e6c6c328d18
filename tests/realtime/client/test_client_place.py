from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from realtime.client.client import Item
from realtime.client.notices import Missed
from realtime.client.place import Place
from realtime.events.cloudevents import Envelope, seal
from realtime.events.messages import FaceFound

MOMENT = datetime(2024, 1, 1, tzinfo=UTC)


def event(number: int) -> Envelope:
    return seal(FaceFound(number, 0.0), identity="a", source="b", time=MOMENT, sequence=number)


@given(st.integers(0, 20), st.lists(st.integers(1, 40)))
def test_whatever_comes_nothing_is_passed_on_twice_or_backwards_and_no_hole_is_hidden(
    since: int, numbers: list[int]
) -> None:
    place = Place(since, "b")
    passed: list[Item] = []
    for number in numbers:
        passed += place.take(event(number))
    told = since
    for item in passed:
        if isinstance(item, Missed):
            assert item.first == told + 1 <= item.last
            told = item.last
        else:
            assert isinstance(item, Envelope)
            assert item.sequence == told + 1
            told = item.sequence
    assert told == max([since, *numbers])
    assert place.since == told
