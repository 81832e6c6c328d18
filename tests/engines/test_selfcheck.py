from pathlib import Path

import numpy as np
import pytest

from engines.errors import ModelError
from engines.model_file import ModelFile
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.registry import open_backend
from engines.scores import Scores
from engines.selfcheck import check_path, read_check, verify, write_check
from tests.engines.conftest import OUTPUTS, MakeModel, tiny_answer, tiny_graph, tiny_windows


def store(model: ModelFile, shift: float = 0.0) -> None:
    windows = tiny_windows()
    answers = {n: tiny_answer(windows, n) + np.float32(shift) for n in OUTPUTS}
    write_check(model, windows, Scores(answers))


def test_a_backend_that_agrees_passes_and_tells_the_difference(make_model: MakeModel) -> None:
    model = make_model()
    store(model, shift=5e-5)
    agreement = verify(OnnxRuntimeBackend(model), read_check(model))
    assert agreement.windows == len(tiny_windows())
    assert agreement.worst == pytest.approx(5e-5, abs=1e-6)


@pytest.mark.parametrize("shift", [0.001, np.nan])
def test_a_backend_that_disagrees_is_refused(make_model: MakeModel, shift: float) -> None:
    model = make_model()
    store(model, shift)
    with pytest.raises(ModelError, match="differs from the stored one"):
        verify(OnnxRuntimeBackend(model), read_check(model))
    with pytest.raises(ModelError, match="differs from the stored one"):
        open_backend(model)


@pytest.mark.parametrize("name", OUTPUTS)
def test_one_stored_value_that_is_not_a_number_is_enough_to_be_refused(
    make_model: MakeModel, name: str
) -> None:
    model, windows = make_model(), tiny_windows()
    answers = {n: tiny_answer(windows, n) for n in OUTPUTS}
    answers[name][1] = np.nan
    write_check(model, windows, Scores(answers))
    with pytest.raises(ModelError, match=f"output '{name}' differs"):
        verify(OnnxRuntimeBackend(model), read_check(model))


def test_the_check_lies_beside_the_model(make_model: MakeModel) -> None:
    model = make_model()
    store(model)
    assert check_path(model.path) == model.path.parent / "tiny.check.npz"
    assert check_path(model.path).is_file()


def test_a_missing_check_is_an_error(make_model: MakeModel) -> None:
    with pytest.raises(ModelError, match="no stored outputs"):
        read_check(make_model())


def test_a_check_of_other_weights_is_refused(make_model: MakeModel) -> None:
    store(make_model())
    graph = tiny_graph()
    graph.graph.initializer[0].raw_data = np.array(1.25, np.float32).tobytes()
    with pytest.raises(ModelError, match="belongs to other weights"):
        read_check(make_model(graph))


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04cut"])
def test_a_damaged_check_is_refused(make_model: MakeModel, content: bytes) -> None:
    model = make_model()
    check_path(model.path).write_bytes(content)
    with pytest.raises(ModelError, match="cannot be read"):
        read_check(model)


def test_a_check_that_holds_a_pickle_is_refused(make_model: MakeModel, tmp_path: Path) -> None:
    model = make_model()
    np.savez(check_path(model.path), windows=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ModelError, match="cannot be read"):
        read_check(model)


def test_a_check_that_lacks_an_output_is_refused(make_model: MakeModel) -> None:
    model = make_model()
    weights = np.array(model.manifest.weights_sha256)
    np.savez(check_path(model.path), windows=tiny_windows(), weights_sha256=weights)
    with pytest.raises(ModelError, match="output_micro_apex"):
        read_check(model)


def test_outputs_that_are_not_the_models_are_not_stored(make_model: MakeModel) -> None:
    windows = tiny_windows()
    with pytest.raises(ValueError, match="a check needs 4 values"):
        write_check(
            make_model(), windows, Scores({"micro_apex": tiny_answer(windows, "micro_apex")})
        )
