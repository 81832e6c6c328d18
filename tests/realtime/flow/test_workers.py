"""Sharing work between threads."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.flow.kernels.windows import Scratch
from realtime.flow.workers import Workers


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 5), st.integers(0, 40))
def test_every_window_is_worked_on_exactly_once(threads: int, count: int) -> None:
    workers, seen = Workers(threads), np.zeros(count, int)

    def work(part: slice, _: Scratch) -> None:
        seen[part] += 1

    workers.split(work, count)
    workers.close()
    assert (seen == 1).all()


def test_parts_differ_by_one_at_most() -> None:
    workers, sizes = Workers(3), []
    workers.split(lambda part, _: sizes.append(part.stop - part.start), 16)
    workers.close()
    assert sorted(sizes) == [5, 5, 6]


def test_every_part_has_room_of_its_own() -> None:
    workers, rooms = Workers(4), []
    workers.split(lambda _, room: rooms.append(room), 16)
    workers.close()
    assert not any(
        np.shares_memory(one, other)
        for k, room in enumerate(rooms)
        for rest in rooms[k + 1 :]
        for one, other in zip(room, rest, strict=True)
    )
    assert len(rooms) == 4


def test_parts_run_at_the_same_time() -> None:
    """Each part waits for the others: with fewer threads this would not end."""
    workers, together = Workers(3), threading.Barrier(3, timeout=60)

    def work(_: slice, __: Scratch) -> None:
        together.wait()

    workers.split(work, 3)
    workers.close()
    assert not together.broken


def test_one_thread_means_the_callers_own() -> None:
    before, names = threading.active_count(), set()
    workers = Workers(1)
    workers.split(lambda _, __: names.add(threading.current_thread()), 16)
    assert names == {threading.current_thread()}
    assert threading.active_count() == before
    workers.close()


def test_a_single_window_is_not_worth_a_thread() -> None:
    before, names = threading.active_count(), set()
    workers = Workers(4)
    workers.split(lambda _, __: names.add(threading.current_thread()), 1)
    assert names == {threading.current_thread()}
    assert threading.active_count() == before
    workers.close()


@pytest.mark.parametrize("bad", [0, 3, 8, 15])
@pytest.mark.parametrize("threads", [1, 2, 3])
def test_an_error_in_any_part_reaches_the_caller_when_all_parts_are_done(
    threads: int, bad: int
) -> None:
    workers, running = Workers(threads), set()

    def work(part: slice, _: Scratch) -> None:
        running.add(part.start)
        try:
            if bad in range(16)[part]:
                raise ArithmeticError("no flow here")
            threading.Event().wait(0.02)
        finally:
            running.discard(part.start)

    with pytest.raises(ArithmeticError, match="no flow here"):
        workers.split(work, 16)
    assert not running
    workers.close()


def test_closing_ends_the_threads_and_may_be_done_twice() -> None:
    before = threading.active_count()
    workers = Workers(3)
    workers.split(lambda _, __: None, 16)
    assert threading.active_count() > before
    workers.close()
    workers.close()
    assert threading.active_count() == before


@pytest.mark.parametrize("threads", [0, -1])
def test_no_thread_at_all_is_refused(threads: int) -> None:
    with pytest.raises(ValueError, match="one thread at least"):
        Workers(threads)
