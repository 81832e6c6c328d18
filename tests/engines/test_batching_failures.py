"""What goes wrong for one caller stays with it."""

import signal
import threading

import numpy as np
import pytest

from engines.backend import Windows
from engines.batching import BatchingBackend
from engines.errors import ModelError
from engines.scores import Scores
from tests.engines.batching_makers import PATIENCE_S, Gated, queue_up, until, windows_of
from tests.engines.conftest import tiny_manifest


def shared_over(backend: Gated, most: int = 32) -> BatchingBackend:
    return BatchingBackend(backend, tiny_manifest(), most)


def test_an_error_reaches_exactly_the_callers_of_the_call_that_failed() -> None:
    failure = ModelError("the engine failed")
    backend = Gated(failures={2: failure})
    callers = queue_up(
        backend, shared_over(backend, most=2), [[0.1], [0.2], [0.3], [0.4], [0.5], [0.6]]
    )
    backend.release()
    errors = [caller.wait() for caller in callers]
    assert errors == [None, None, None, failure, failure, None]
    assert [len(call) for call in backend.calls] == [1, 2, 2, 1]


def test_a_caller_whose_first_part_failed_does_not_run_the_others() -> None:
    backend = Gated(failures={1: ModelError("the engine failed")})
    _, big, small = queue_up(
        backend, shared_over(backend, most=2), [[0.1], [0.2, 0.3, 0.4, 0.5], [0.6]]
    )
    backend.release()
    assert isinstance(big.wait(), ModelError)
    assert small.scores().values["whole"].tolist() == [np.float32(0.6)]
    assert [len(call) for call in backend.calls] == [1, 2, 1]


@pytest.mark.parametrize(
    ("windows", "why"),
    [
        (np.full((1, 17, 3, 2), np.nan, np.float32), "not finite"),
        (np.zeros((1, 17, 4, 2), np.float32), "float32"),
        (np.zeros((0, 17, 3, 2), np.float32), "N >= 1"),
        (np.zeros((1, 17, 3, 2)), "float64"),
    ],
)
def test_bad_windows_fail_their_own_caller_before_they_wait(windows: Windows, why: str) -> None:
    backend = Gated()
    shared = shared_over(backend)
    callers = queue_up(backend, shared, [[0.1], [0.2]])
    with pytest.raises(ValueError, match=why):
        shared.run(windows)
    backend.release()
    assert [caller.wait() for caller in callers] == [None, None]
    assert [len(call) for call in backend.calls] == [1, 1]


def test_a_backend_that_answers_too_few_windows_is_not_believed() -> None:
    class Short(Gated):
        def run(self, windows: Windows) -> Scores:
            return super().run(windows[:-1])

    with pytest.raises(ModelError, match="answered 1 windows of 2"):
        shared_over(Short(open_=True)).run(windows_of([0.1, 0.2]))


def test_closing_lets_the_call_in_progress_end_and_refuses_whoever_waits() -> None:
    backend = Gated()
    shared = shared_over(backend)
    running, *waiting = queue_up(backend, shared, [[0.1], [0.2], [0.3]])
    closing = threading.Thread(target=shared.close, daemon=True)
    closing.start()
    until(lambda: shared._closed)
    assert backend.closed_times == 0
    backend.release()
    closing.join(PATIENCE_S)
    assert running.scores().values["whole"].tolist() == [np.float32(0.1)]
    for caller in waiting:
        assert "the backend is closed" in str(caller.wait())
    assert (backend.closed_times, backend.closed_while_running) == (1, False)


def test_an_interrupted_leader_leaves_the_others_of_its_call_to_the_next() -> None:
    backend = Gated(failures={1: KeyboardInterrupt()})
    callers = queue_up(backend, shared_over(backend), [[0.1], [0.2], [0.3], [0.4]])
    backend.release()
    errors = [caller.wait() for caller in callers]
    assert sum(isinstance(error, KeyboardInterrupt) for error in errors) == 1
    answered = [caller for caller in callers if caller.error is None]
    for caller in answered:
        assert caller.scores().values["whole"].tolist() == [np.float32(caller.values[0])]
    assert [len(call) for call in backend.calls] == [1, 3, 2]


def interrupt_this_thread_when(waiting: int, shared: BatchingBackend) -> threading.Thread:
    main = threading.main_thread().ident or 0

    def interrupt() -> None:
        until(lambda: len(shared._callers) == waiting)
        signal.pthread_kill(main, signal.SIGINT)

    thread = threading.Thread(target=interrupt, daemon=True)
    thread.start()
    return thread


def test_an_interrupted_caller_that_waits_takes_only_its_own_windows_along() -> None:
    backend = Gated()
    shared = shared_over(backend)
    callers = queue_up(backend, shared, [[0.1], [0.2]])
    interrupting = interrupt_this_thread_when(3, shared)
    with pytest.raises(KeyboardInterrupt):
        shared.run(windows_of([0.3]))
    interrupting.join(PATIENCE_S)
    callers += queue_up(backend, shared, [[0.4]])
    backend.release()
    assert [caller.wait() for caller in callers] == [None] * 3
    assert backend.calls == [[np.float32(0.1)], [np.float32(0.2), np.float32(0.4)]]


def test_an_interrupt_during_a_call_costs_nobody_else_an_answer() -> None:
    """The second call holds the windows of two threads when the signal comes to one of them."""

    class TwoGates(Gated):
        """Its first call runs when it is let go; the second waits for the interrupt."""

        def __init__(self) -> None:
            super().__init__()
            self.first = threading.Event()

        def run(self, windows: Windows) -> Scores:
            if not self.calls:
                self.calls.append([])
                self.first.wait(PATIENCE_S)
                return Scores({"whole": windows[:, 0, 0, 0], "half": windows[:, 0, 0, 0] / 2})
            return super().run(windows)

    backend = TwoGates()
    shared = shared_over(backend)
    callers = queue_up(backend, shared, [[0.1], [0.2]])
    main = threading.main_thread().ident or 0

    def interrupt() -> None:
        until(lambda: len(shared._callers) == 3)
        backend.first.set()
        until(lambda: len(backend.calls) == 2)
        signal.pthread_kill(main, signal.SIGINT)
        until(lambda: len(shared._callers) < 2 or shared._leader is None)
        backend.release()

    interrupting = threading.Thread(target=interrupt, daemon=True)
    interrupting.start()
    with pytest.raises(KeyboardInterrupt):
        shared.run(windows_of([0.3]))
    interrupting.join(PATIENCE_S)
    assert [caller.wait() for caller in callers] == [None, None]
