"""A stage on a thread of its own: in order, lossless, bounded, and gone when it should be."""

import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.pipeline.ahead import Ahead

WAIT_S = 5.0


def eventually() -> Iterator[None]:
    end_s = time.monotonic() + WAIT_S
    while time.monotonic() < end_s:
        yield
        time.sleep(0.002)
    pytest.fail("did not happen in time")


def alive(name: str) -> bool:
    return name in [thread.name for thread in threading.enumerate()]


@given(st.lists(st.integers(), max_size=30), st.integers(1, 5))
def test_every_item_comes_once_and_in_order(items: list[int], capacity: int) -> None:
    with Ahead(items, capacity, "stage") as stage:
        assert list(stage) == items


def test_two_stages_in_a_row_change_nothing() -> None:
    with (
        Ahead(range(200), 2, "one") as one,
        Ahead((2 * n for n in one), 3, "two", one.close) as two,
    ):
        assert list(two) == list(range(0, 400, 2))


@pytest.mark.parametrize("capacity", [1, 2, 4])
def test_no_more_items_wait_than_there_is_room_for(capacity: int) -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for n in range(100):
            made.append(n)
            yield n

    with Ahead(numbers(), capacity, "stage") as stage:
        taken = iter(stage)
        next(taken)
        for _ in eventually():
            if len(made) == capacity + 2:
                break
        time.sleep(0.05)
        # one was taken, one is in the hands of the thread
        assert len(made) == capacity + 2


def test_it_works_while_nobody_takes() -> None:
    reached = threading.Event()

    def numbers() -> Iterator[int]:
        yield 1
        reached.set()
        yield 2

    with Ahead(numbers(), 2, "stage") as stage:
        assert reached.wait(WAIT_S)
        assert list(stage) == [1, 2]


@pytest.mark.parametrize("error", [ValueError("defect"), KeyboardInterrupt(), MemoryError()])
def test_an_error_comes_after_the_items_before_it(error: BaseException) -> None:
    def numbers() -> Iterator[int]:
        yield from range(3)
        raise error

    taken: list[int] = []
    with Ahead(numbers(), 4, "stage") as stage, pytest.raises(type(error)) as caught:
        taken.extend(stage)
    assert taken == [0, 1, 2]
    assert caught.value is error


def test_no_thread_is_left_when_it_ends_by_itself() -> None:
    with Ahead(range(3), 2, "fes-test-end") as stage:
        list(stage)
    assert not alive("fes-test-end")


def test_no_thread_is_left_when_whoever_takes_gives_up() -> None:
    def give_up() -> None:
        with Ahead(iter(int, 1), 2, "fes-test-stop") as stage:
            for _ in stage:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        give_up()
    assert not alive("fes-test-stop")


def test_close_ends_a_source_that_is_waited_for() -> None:
    gate = threading.Event()

    def silent() -> Iterator[int]:
        yield 1
        gate.wait()

    with Ahead(silent(), 2, "fes-test-gate", gate.set) as stage:
        assert next(iter(stage)) == 1
    assert gate.is_set()
    assert not alive("fes-test-gate")


def test_close_wakes_whoever_waits() -> None:
    gate = threading.Event()

    def silent() -> Iterator[int]:
        gate.wait()
        yield from ()

    with Ahead(silent(), 2, "stage", gate.set) as stage:
        threading.Timer(0.05, stage.close).start()
        assert list(stage) == []


def test_close_may_be_repeated() -> None:
    with Ahead(range(3), 2, "stage") as stage:
        stage.close()
        stage.close()
