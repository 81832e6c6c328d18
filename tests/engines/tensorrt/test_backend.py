import itertools
import logging
import threading
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.errors import ModelError
from engines.tensorrt.key import BatchRange
from engines.tensorrt.session import padded_sizes
from tests.engines.conftest import OUTPUTS, tiny_answer, tiny_windows
from tests.engines.tensorrt.fake_gpu import FakeGpu, FakeRuntime
from tests.engines.tensorrt.fake_tensorrt import open_fake


@pytest.mark.parametrize("rtx", [True, False])
@pytest.mark.parametrize("count", [1, 2, 3, 31, 32, 33, 50, 64, 97])
def test_answers_are_those_of_the_network_for_any_batch(count: int, rtx: bool) -> None:
    windows = tiny_windows(count)
    with open_fake(FakeGpu(), rtx=rtx) as backend:
        for _ in range(2):
            scores = backend.run(windows)
            assert set(scores.values) == set(OUTPUTS)
            for name in OUTPUTS:
                np.testing.assert_allclose(
                    scores.values[name], tiny_answer(windows, name), atol=1e-6
                )


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 40), st.lists(st.integers(1, 90), min_size=1, max_size=4))
def test_no_call_changes_the_answers_of_another(most: int, counts: list[int]) -> None:
    with open_fake(FakeGpu(), most=most) as backend:
        kept = [(tiny_windows(n), backend.run(tiny_windows(n))) for n in counts]
        for windows, scores in kept:
            for name in OUTPUTS:
                np.testing.assert_allclose(
                    scores.values[name], tiny_answer(windows, name), atol=1e-6
                )


def test_a_batch_above_the_largest_is_split_and_the_rest_is_padded() -> None:
    gpu = FakeGpu()
    with open_fake(gpu) as backend:
        gpu.calls.clear()
        backend.run(tiny_windows(32 + 32 + 5))
    sizes = [call for call in gpu.calls if call.startswith("execute ")]
    assert sizes == ["execute 32", "execute 32", "execute 8"]


def test_one_window_is_one_launch_of_a_graph_that_was_recorded_once() -> None:
    gpu = FakeGpu()
    with open_fake(gpu) as backend:
        assert backend.has_graph
        assert gpu.graphs == {}
        gpu.calls.clear()
        for _ in range(3):
            backend.run(tiny_windows(1))
    calls = Counter(gpu.calls)
    assert calls["launch"] == calls["wait"] - 1 == 3  # closing waits too
    assert not calls.keys() & {"begin capture", "execute", "copy", "malloc"}


def test_nothing_is_allocated_or_recorded_after_opening() -> None:
    gpu = FakeGpu()
    with open_fake(gpu) as backend:
        held = gpu.held
        for count in (1, 4, 70, 1):
            backend.run(tiny_windows(count))
        assert gpu.held == held


@pytest.mark.parametrize("rtx", [True, False])
def test_every_padded_size_runs_once_before_the_first_window(rtx: bool) -> None:
    gpu = FakeGpu()
    with open_fake(gpu, rtx=rtx, most=20):
        assert {f"execute {size}" for size in (1, 2, 4, 8, 16, 20)} <= set(gpu.calls)


def test_an_engine_that_cannot_be_recorded_runs_call_by_call(
    caplog: pytest.LogCaptureFixture,
) -> None:
    gpu = FakeGpu()
    windows = tiny_windows(1)
    with caplog.at_level(logging.INFO, "engines"), open_fake(gpu, capturable=False) as backend:
        assert not backend.has_graph
        got = backend.run(windows), backend.run(windows)
    assert "begin capture" not in gpu.calls
    for scores in got:
        np.testing.assert_allclose(
            scores.values["micro_apex"], tiny_answer(windows, "micro_apex"), atol=1e-6
        )
    assert caplog.text.count("no CUDA graph") == 1
    assert gpu.held == {}


def test_the_gpu_is_set_in_the_thread_that_runs() -> None:
    gpu = FakeGpu()
    with open_fake(gpu) as backend:
        gpu.calls.clear()
        thread = threading.Thread(target=backend.run, args=(tiny_windows(1),))
        thread.start()
        thread.join()
        assert gpu.calls[0] == "device 0"


@pytest.mark.parametrize(
    "windows",
    [
        tiny_windows(0),
        tiny_windows(1)[0],
        tiny_windows(1)[:, :16],
        tiny_windows(1).astype(np.float64),
    ],
)
def test_windows_of_another_shape_or_type_never_reach_the_gpu(windows: np.ndarray) -> None:
    gpu = FakeGpu()
    with open_fake(gpu) as backend:
        gpu.calls.clear()
        with pytest.raises(ValueError, match=r"windows must be float32 \(N, 17, 3, 2\)"):
            backend.run(windows)
        assert gpu.calls == []


def test_answers_that_are_no_probabilities_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with open_fake(FakeGpu()) as backend:
        monkeypatch.setattr(
            "tests.engines.tensorrt.fake_tensorrt.tiny_answer",
            lambda windows, _: np.full(len(windows), np.nan, np.float32),
        )
        with pytest.raises(ModelError, match="not a probability"):
            backend.run(tiny_windows(1))


STEPS = ("copy in", "network", "copy out")


@pytest.mark.parametrize("lacking", STEPS)
def test_a_graph_that_lacks_a_step_is_not_used(
    lacking: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    lose_step(monkeypatch, STEPS.index(lacking))
    windows = tiny_windows(1)
    gpu = FakeGpu()
    with open_fake(gpu) as backend:
        assert not backend.has_graph
        got = backend.run(windows).values["macro_apex"]
    np.testing.assert_allclose(got, tiny_answer(windows, "macro_apex"), atol=1e-6)
    assert caplog.text.count("does not answer as the calls that it recorded") == 1
    assert gpu.held == {}


def test_a_graph_that_leaves_old_answers_is_not_used_where_they_are_right_by_chance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lose_step(monkeypatch, STEPS.index("copy out"))
    monkeypatch.setattr(
        "tests.engines.tensorrt.fake_tensorrt.tiny_answer",
        lambda windows, _: np.full(len(windows), 0.25, np.float32),
    )
    with open_fake(FakeGpu()) as backend:
        assert not backend.has_graph


def lose_step(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Make graphs lose one of their steps at their first launch."""
    launch = FakeRuntime.cudaGraphLaunch

    def incomplete(self: FakeRuntime, executable: int, stream: int) -> object:
        work = self.gpu.executables[executable]
        if len(work) == len(STEPS):
            del work[step]
        return launch(self, executable, stream)

    monkeypatch.setattr(FakeRuntime, "cudaGraphLaunch", incomplete)


def test_name_and_precision_are_those_of_the_plan() -> None:
    with open_fake(FakeGpu(), rtx=False) as backend:
        assert (backend.name, backend.precision) == ("tensorrt", "fp16")


@given(st.integers(1, 8), st.integers(0, 80))
def test_padded_sizes_end_where_the_engine_does_and_at_most_double(least: int, more: int) -> None:
    sizes = padded_sizes(BatchRange(least, least, least + more))
    assert (sizes[0], sizes[-1]) == (least, least + more)
    assert all(a < b <= 2 * a for a, b in itertools.pairwise(sizes))
