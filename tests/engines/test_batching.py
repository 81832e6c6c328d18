"""Callers that wait are served together, each with its own rows, first come first served."""

import time
from concurrent.futures import ThreadPoolExecutor
from math import ceil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.backend import Windows
from engines.batching import MOST, BatchingBackend
from engines.model_file import read_model
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.registry import default_model_path
from engines.scores import Scores
from tests.engines.batching_makers import Caller, Gated, queue_up, until, windows_of
from tests.engines.conftest import MakeModel, tiny_manifest, tiny_windows

GROUPS = st.lists(st.integers(1, 7), min_size=1, max_size=8)


def shared_over(backend: Gated, most: int = MOST) -> BatchingBackend:
    return BatchingBackend(backend, tiny_manifest(), most)


def numbered(sizes: list[int]) -> list[list[float]]:
    """Groups of these sizes; no two windows hold the same value, and every value is exact."""
    ends = np.cumsum(sizes)
    return [
        [n / 256 for n in range(end - size, end)] for size, end in zip(sizes, ends, strict=True)
    ]


def test_it_says_what_runs_underneath() -> None:
    shared = shared_over(Gated())
    assert (shared.name, shared.precision) == ("gated", "fp16")


def test_a_caller_alone_runs_at_once_with_its_own_batch() -> None:
    backend = Gated(open_=True)
    with shared_over(backend) as shared:
        for values in ([0.5], [0.25, 0.75]):
            assert shared.run(windows_of(values)).values["whole"].tolist() == values
    assert backend.calls == [[0.5], [0.25, 0.75]]


def test_whoever_comes_during_a_call_is_served_together_by_the_next_one() -> None:
    backend = Gated()
    shared = shared_over(backend)
    callers = queue_up(backend, shared, [[0.1], [0.2], [0.3, 0.4], [0.5]])
    backend.release()
    for caller in callers:
        caller.wait()
    assert [len(call) for call in backend.calls] == [1, 4]


@settings(max_examples=25, deadline=None)
@given(GROUPS, st.integers(1, 8))
def test_every_caller_gets_its_own_rows_in_as_few_calls_as_there_can_be(
    sizes: list[int], most: int
) -> None:
    backend = Gated()
    callers = queue_up(backend, shared_over(backend, most), numbered(sizes))
    backend.release()
    for caller in callers:
        scores = caller.scores().values
        assert scores["whole"].tolist() == caller.values
        assert scores["half"].tolist() == [value / 2 for value in caller.values]
    assert max(len(call) for call in backend.calls) <= most
    first = len(backend.calls[0])
    assert len(backend.calls) == 1 + ceil((sum(sizes) - first) / most)
    assert backend.overlaps == 0


@settings(max_examples=25, deadline=None)
@given(GROUPS, st.integers(1, 8))
def test_nobody_waits_for_more_calls_than_those_before_it_and_itself_fill(
    sizes: list[int], most: int
) -> None:
    """Counted in calls: the one in progress, and what the windows up to its own last one need."""
    backend = Gated()
    callers = queue_up(backend, shared_over(backend, most), numbered(sizes))
    backend.release()
    for caller in callers:
        caller.wait()
    assert sum(backend.calls, []) == sum(numbered(sizes), [])  # noqa: RUF017 - a few numbers
    call_of = {value: n for n, call in enumerate(backend.calls) for value in call}
    waiting = -len(backend.calls[0])
    for caller in callers:
        waiting += len(caller.values)
        assert call_of[caller.values[-1]] == ceil(waiting / most)


def test_threads_that_hammer_it_all_get_their_own_rows() -> None:
    class Slow(Gated):
        def run(self, windows: Windows) -> Scores:
            time.sleep(0.0005)
            return super().run(windows)

    backend, most, turns = Slow(open_=True), 5, 40
    shared = shared_over(backend, most)
    groups = numbered([1 + n % 3 for n in range(8)]) * turns

    def whole(values: list[float]) -> list[float]:
        answer: list[float] = shared.run(windows_of(values)).values["whole"].tolist()
        return answer

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(whole, groups)) == groups
    assert backend.overlaps == 0
    assert max(len(call) for call in backend.calls) <= most
    assert sum(len(call) for call in backend.calls) == sum(map(len, groups))


def test_a_batch_above_the_limit_is_split_and_lets_others_in_between() -> None:
    backend = Gated()
    shared = shared_over(backend, most=4)
    big, small = queue_up(backend, shared, numbered([10, 1]))
    backend.release()
    assert big.scores().values["whole"].tolist() == big.values
    assert small.scores().values["whole"].tolist() == small.values
    assert [len(call) for call in backend.calls] == [4, 4, 3]


@pytest.mark.parametrize("most", [0, -1])
def test_a_limit_below_one_is_refused(most: int) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        shared_over(Gated(), most)


def test_a_single_window_gets_bit_for_bit_what_the_backend_answers(make_model: MakeModel) -> None:
    model = make_model()
    windows = tiny_windows(1)
    with OnnxRuntimeBackend(model) as alone:
        expected = alone.run(windows)
    with BatchingBackend(OnnxRuntimeBackend(model), model.manifest) as shared:
        got = shared.run(windows)
    for name, vector in expected.values.items():
        np.testing.assert_array_equal(got.values[name], vector)


@pytest.mark.parametrize("count", [2, 3, 8, 31, 32])
def test_a_windows_score_does_not_depend_on_its_company(count: int) -> None:
    """To float32 rounding: other kernels may add in another order for another batch."""
    model = read_model(default_model_path())
    shape = (count, model.manifest.input.window, len(model.manifest.input.nodes), 2)
    windows = np.random.default_rng(count).normal(0, 1.5, shape).astype(np.float32)
    with OnnxRuntimeBackend(model) as backend:
        together = backend.run(windows)
        for row in range(count):
            alone = backend.run(windows[row : row + 1]).at(0)
            assert together.at(row) == pytest.approx(alone, abs=1e-6)


def test_it_is_a_backend_that_closes_what_is_underneath() -> None:
    backend = Gated(open_=True)
    with shared_over(backend) as shared:
        Caller(shared, [0.5]).wait()
    until(lambda: backend.closed_times == 1)
    shared.close()
    with pytest.raises(ValueError, match="closed"):
        shared.run(windows_of([0.5]))
    assert backend.calls == [[0.5]]
