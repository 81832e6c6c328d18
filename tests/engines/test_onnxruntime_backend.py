from pathlib import Path

import numpy as np
import pytest

from engines.errors import ModelError, UsageError
from engines.onnxruntime_backend import OnnxRuntimeBackend
from tests.engines.conftest import OUTPUTS, MakeModel, tiny_answer, tiny_graph, tiny_windows

TASKS = Path("/proc/self/task")


@pytest.mark.parametrize("count", [1, 2, 9])
def test_outputs_are_what_the_graph_says_for_any_batch(make_model: MakeModel, count: int) -> None:
    windows = tiny_windows(count)
    with OnnxRuntimeBackend(make_model()) as backend:
        scores = backend.run(windows)
    assert set(scores.values) == set(OUTPUTS)
    for name in OUTPUTS:
        np.testing.assert_allclose(scores.values[name], tiny_answer(windows, name), atol=1e-6)


def test_a_window_scores_the_same_alone_and_in_a_batch(make_model: MakeModel) -> None:
    windows = tiny_windows(5)
    backend = OnnxRuntimeBackend(make_model())
    together = backend.run(windows)
    for row in range(5):
        alone = backend.run(windows[row : row + 1])
        assert alone.at(0) == pytest.approx(together.at(row), abs=1e-6)


@pytest.mark.parametrize(
    "windows",
    [
        tiny_windows(0),
        tiny_windows(1)[0],
        tiny_windows(1)[:, :16],
        tiny_windows(1)[:, :, :2],
        tiny_windows(1).astype(np.float64),
    ],
)
def test_windows_of_another_shape_or_type_are_refused(
    make_model: MakeModel, windows: np.ndarray
) -> None:
    with pytest.raises(ValueError, match=r"windows must be float32 \(N, 17, 3, 2\)"):
        OnnxRuntimeBackend(make_model()).run(windows)


def test_windows_that_are_not_finite_are_refused(make_model: MakeModel) -> None:
    windows = tiny_windows(2)
    windows[1, 3, 0, 1] = np.nan
    with pytest.raises(ValueError, match="not finite"):
        OnnxRuntimeBackend(make_model()).run(windows)


def test_answers_that_are_no_probabilities_are_refused(make_model: MakeModel) -> None:
    model = make_model(tiny_graph(squash="Exp"))
    with pytest.raises(ModelError, match="not a probability"):
        OnnxRuntimeBackend(model).run(np.full((1, 17, 3, 2), 4, np.float32))


def test_a_closed_backend_refuses_to_run(make_model: MakeModel) -> None:
    backend = OnnxRuntimeBackend(make_model())
    backend.close()
    backend.close()
    with pytest.raises(ValueError, match="closed"):
        backend.run(tiny_windows(1))


def test_no_threads_are_refused(make_model: MakeModel) -> None:
    with pytest.raises(UsageError, match="threads must be at least 1, not 0"):
        OnnxRuntimeBackend(make_model(), threads=0)


@pytest.mark.skipif(not TASKS.is_dir(), reason="threads are counted on Linux")
@pytest.mark.parametrize("threads", [1, 3])
def test_the_caller_and_no_more_than_the_threads_asked_for_do_the_work(
    make_model: MakeModel, threads: int
) -> None:
    model = make_model()
    before = len(list(TASKS.iterdir()))
    with OnnxRuntimeBackend(model, threads) as backend:
        backend.run(tiny_windows(4))
        assert len(list(TASKS.iterdir())) - before == threads - 1


def test_it_computes_in_single_precision(make_model: MakeModel) -> None:
    with OnnxRuntimeBackend(make_model()) as backend:
        assert backend.precision == "fp32"
