from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from realtime.events.messages import (
    EventData,
    FaceFound,
    FaceLost,
    Phase,
    Snapshot,
    SourceDescription,
    StreamEnd,
    StreamState,
)
from realtime.events.state import StreamFold
from realtime.sources.condition import Condition
from tests.realtime.events.event_makers import HELLO, expression

TWO = replace(HELLO, sources=(*HELLO.sources, SourceDescription("film.mp4")))
sources = st.integers(0, 1)
events = st.one_of(
    st.builds(FaceFound, st.integers(0, 2), st.floats(0, 10), sources),
    st.builds(FaceLost, st.integers(0, 2), st.floats(0, 10), sources),
    st.builds(expression, st.sampled_from(Phase), st.sampled_from(["a", "b", "c"])),
    st.builds(StreamState, sources, st.sampled_from(Condition), st.floats(0, 10)),
    st.builds(StreamEnd, st.just("finished"), st.floats(0, 10), *[st.just(3)] * 2, source=sources),
)


def fold(*events_: EventData) -> Snapshot:
    state = StreamFold()
    for event in events_:
        state.apply(event)
    return state.snapshot(len(events_))


def test_the_state_of_no_events_is_empty() -> None:
    assert fold() == Snapshot(0, (), (), None)


def test_a_face_is_in_the_state_from_found_to_lost() -> None:
    assert fold(FaceFound(4, 1.0), FaceFound(2, 2.0)).faces == (
        FaceFound(2, 2.0),
        FaceFound(4, 1.0),
    )
    assert fold(FaceFound(4, 1.0), FaceLost(4, 2.0), FaceLost(9, 2.0)).faces == ()


def test_faces_of_two_sources_with_one_number_are_two_faces() -> None:
    both = (FaceFound(0, 1.0, 0), FaceFound(0, 1.5, 1))
    assert fold(TWO, *both).faces == both
    assert fold(TWO, *both, FaceLost(0, 2.0, 0)).faces == both[1:]


def test_an_expression_is_open_until_it_ends_or_is_retracted() -> None:
    update = expression(Phase.UPDATE, score=0.9)
    assert fold(expression(Phase.NEW), update).open_expressions == (update,)
    for last in (Phase.END, Phase.RETRACTED):
        assert fold(expression(Phase.NEW), expression(last)).open_expressions == ()


def test_the_newest_state_of_each_source_is_in_the_state() -> None:
    told = (
        StreamState(1, Condition.BLACK, 1.0, "a cap is on the lens"),
        StreamState(0, Condition.RECONNECTING, 2.0),
        StreamState(1, Condition.LIVE, 3.0),
    )
    assert fold(TWO, *told).states == (told[1], told[2])


def test_the_end_of_the_stream_is_remembered() -> None:
    end = StreamEnd("finished", 1.0, 30, 30)
    assert fold(end).ended == end
    assert fold(end).ends == (end,)


def test_the_stream_has_ended_when_every_source_has() -> None:
    one, other = StreamEnd("lost", 9.0, 30, 30, "why", 1), StreamEnd("finished", 1.0, 3, 3)
    assert (fold(TWO, one).ended, fold(TWO, one).ends) == (None, (one,))
    assert (fold(TWO, one, other).ended, fold(TWO, one, other).ends) == (other, (other, one))


@given(st.lists(events), st.data())
def test_replaying_the_last_events_onto_their_own_snapshot_changes_nothing(
    stream: list[EventData], data: st.DataObject
) -> None:
    tail = data.draw(st.integers(0, len(stream)))
    once, again = StreamFold(), StreamFold()
    for event in [TWO, *stream]:
        once.apply(event)
    for event in [TWO, *stream, *stream[tail:]]:
        again.apply(event)
    first, second = once.snapshot(0), again.snapshot(0)
    assert (first.faces, first.states, first.ends) == (second.faces, second.states, second.ends)
    assert set(first.open_expressions) == set(second.open_expressions)
    assert first.ended == second.ended
