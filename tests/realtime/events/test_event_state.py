from hypothesis import given
from hypothesis import strategies as st

from realtime.events.messages import EventData, FaceFound, FaceLost, Phase, Snapshot, StreamEnd
from realtime.events.state import StreamState
from tests.realtime.events.event_makers import expression

events = st.one_of(
    st.builds(FaceFound, st.integers(0, 2), st.floats(0, 10)),
    st.builds(FaceLost, st.integers(0, 2), st.floats(0, 10)),
    st.builds(expression, st.sampled_from(Phase), st.sampled_from(["a", "b", "c"])),
)


def fold(*events_: EventData) -> Snapshot:
    state = StreamState()
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


def test_an_expression_is_open_until_it_ends_or_is_retracted() -> None:
    update = expression(Phase.UPDATE, score=0.9)
    assert fold(expression(Phase.NEW), update).open_expressions == (update,)
    for last in (Phase.END, Phase.RETRACTED):
        assert fold(expression(Phase.NEW), expression(last)).open_expressions == ()


def test_the_end_of_the_stream_is_remembered() -> None:
    end = StreamEnd("finished", 1.0, 30, 30)
    assert fold(end).ended == end


@given(st.lists(events), st.data())
def test_replaying_the_last_events_onto_their_own_snapshot_changes_nothing(
    stream: list[EventData], data: st.DataObject
) -> None:
    tail = data.draw(st.integers(0, len(stream)))
    once, again = StreamState(), StreamState()
    for event in stream:
        once.apply(event)
    for event in [*stream, *stream[tail:]]:
        again.apply(event)
    first, second = once.snapshot(0), again.snapshot(0)
    assert first.faces == second.faces
    assert set(first.open_expressions) == set(second.open_expressions)
