import signal
import threading
import time

import pytest

from realtime.stopping import Stopper

WAIT_S = 5.0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_for_a_stop_and_closes_the_source(number: signal.Signals) -> None:
    closed = threading.Event()
    with Stopper(closed.set) as stopper:
        assert not stopper.stopped
        signal.raise_signal(number)
        assert stopper.stopped
        assert closed.wait(WAIT_S)


def test_the_second_signal_interrupts() -> None:
    with Stopper(lambda: None):
        signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)


def test_the_source_is_closed_by_another_thread() -> None:
    """The interrupted one may hold the source's lock."""
    names: list[str] = []
    closed = threading.Event()

    def close() -> None:
        names.append(threading.current_thread().name)
        closed.set()

    with Stopper(close):
        signal.raise_signal(signal.SIGINT)
        assert closed.wait(WAIT_S)
    assert names == ["fes-stop"]


def test_a_run_that_ends_by_itself_does_not_close_the_source_again_and_gives_signals_back() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    closed = threading.Event()
    with Stopper(closed.set):
        assert signal.getsignal(signal.SIGINT) != before[0]
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before
    assert not closed.is_set()
    assert "fes-stop" not in [thread.name for thread in threading.enumerate()]


def test_a_wait_ends_when_a_stop_is_asked_for() -> None:
    with Stopper(lambda: None) as stopper:
        threading.Timer(0.05, stopper.stop).start()
        start = time.monotonic()
        stopper.wait(60)
        assert time.monotonic() - start < 30


def test_a_stopper_works_beside_the_main_thread_without_signals() -> None:
    closed = threading.Event()

    def run() -> None:
        with Stopper(closed.set) as stopper:
            stopper.stop()
            closed.wait(WAIT_S)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(WAIT_S)
    assert closed.is_set()
