from dataclasses import replace

import numpy as np
import pytest

from engines.errors import ModelError
from engines.scores import Scores
from engines.stored_check import as_stored, check_path, read_check, write_check
from tests.engines.check_makers import MARKS, answer, decodable, decodable_graph, make_check, store
from tests.engines.conftest import MakeModel


def test_the_check_lies_beside_the_model_and_nothing_else_does(make_model: MakeModel) -> None:
    model = decodable(make_model)
    store(model)
    assert check_path(model.path) == model.path.parent / "tiny.check.npz"
    names = {path.name for path in model.path.parent.iterdir()}
    assert names == {"tiny.onnx", "tiny.check.npz"}


def test_what_is_read_is_what_was_written(make_model: MakeModel) -> None:
    model, written = decodable(make_model), make_check()
    write_check(model, written)
    check = read_check(model)
    np.testing.assert_array_equal(check.windows, written.windows)
    np.testing.assert_array_equal(check.sequence, written.sequence)
    assert (check.windows.dtype, check.sequence.dtype) == (np.float32, np.float32)
    for name in MARKS:
        np.testing.assert_array_equal(check.expected.values[name], written.expected.values[name])
        np.testing.assert_array_equal(
            check.sequence_expected.values[name], written.sequence_expected.values[name]
        )
    assert check.rules.nms_iou == model.manifest.decoder["nms_iou"]


def test_equal_checks_are_equal_files(make_model: MakeModel) -> None:
    model = decodable(make_model)
    store(model)
    first = check_path(model.path).read_bytes()
    store(model)
    assert check_path(model.path).read_bytes() == first


def test_a_sequence_that_half_precision_does_not_hold_is_not_written(
    make_model: MakeModel,
) -> None:
    model, check = decodable(make_model), make_check()
    finer = check.sequence + np.float32(1e-5)
    with pytest.raises(ValueError, match="as_stored"):
        write_check(model, replace(check, sequence=finer))
    rounded = as_stored(finer)
    write_check(model, replace(check, sequence=rounded, sequence_expected=answer(rounded)))


@pytest.mark.parametrize("part", ["expected", "sequence_expected"])
def test_outputs_that_are_not_the_models_are_not_written(make_model: MakeModel, part: str) -> None:
    check = make_check()
    told = getattr(check, part)
    lacking = Scores({"micro_apex": told.values["micro_apex"]})
    shorter = Scores({name: v[:-1] for name, v in told.values.items()})
    for wrong in (lacking, shorter):
        with pytest.raises(ValueError, match=f"a check needs {len(told)} values"):
            write_check(decodable(make_model), replace(check, **{part: wrong}))


def test_a_missing_check_is_an_error(make_model: MakeModel) -> None:
    with pytest.raises(ModelError, match="no stored outputs"):
        read_check(decodable(make_model))


def test_a_check_of_other_weights_is_refused(make_model: MakeModel) -> None:
    store(decodable(make_model))
    graph = decodable_graph()
    graph.graph.initializer[0].raw_data = np.array(1.25, np.float32).tobytes()
    with pytest.raises(ModelError, match="belongs to another graph; export the model again"):
        read_check(make_model(graph, outputs=MARKS))


def test_a_check_of_other_operators_is_refused(make_model: MakeModel) -> None:
    store(decodable(make_model))
    graph = decodable_graph()
    graph.graph.node[2].op_type = "HardSigmoid"
    with pytest.raises(ModelError, match="belongs to another graph; export the model again"):
        read_check(make_model(graph, outputs=MARKS))


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04cut"])
def test_a_damaged_check_is_refused(make_model: MakeModel, content: bytes) -> None:
    model = decodable(make_model)
    check_path(model.path).write_bytes(content)
    with pytest.raises(ModelError, match="cannot be read"):
        read_check(model)


def test_a_check_cut_anywhere_is_refused(make_model: MakeModel) -> None:
    model = decodable(make_model)
    store(model)
    path = check_path(model.path)
    whole = path.read_bytes()
    for place in np.linspace(60, len(whole) - 60, 25).astype(int):
        path.write_bytes(whole[:place])
        with pytest.raises(ModelError):
            read_check(model)


def test_a_check_that_holds_a_pickle_is_refused(make_model: MakeModel) -> None:
    model = decodable(make_model)
    np.savez(check_path(model.path), windows=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ModelError, match="cannot be read"):
        read_check(model)


def test_a_check_that_would_fill_the_memory_is_refused(make_model: MakeModel) -> None:
    model = decodable(make_model)
    np.savez_compressed(check_path(model.path), windows=np.zeros(20_000_000, np.float32))
    with pytest.raises(ModelError, match="above the limit"):
        read_check(model)


def rewrite(make_model: MakeModel, **changes: object) -> None:
    """Store a check with some of its arrays replaced, or left out where None."""
    model = decodable(make_model)
    store(model)
    with np.load(check_path(model.path)) as stored:
        arrays = dict(stored) | changes
    np.savez(check_path(model.path), **{n: a for n, a in arrays.items() if a is not None})
    read_check(model)


def test_a_check_of_the_earlier_layout_is_refused_saying_what_to_do(
    make_model: MakeModel,
) -> None:
    earlier = {"sequence": None} | {f"sequence_{name}": None for name in MARKS}
    with pytest.raises(ModelError, match=r"lacks .*'sequence'; export the model again"):
        rewrite(make_model, **earlier)


@pytest.mark.parametrize(
    "changes",
    [
        {"output_micro_apex": None},
        {"sequence_macro_onset": None},
        {"graph_sha256": None},
        {"output_micro_apex": np.zeros(3, np.float32)},
        {"sequence_micro_apex": np.zeros(120)},
        {"output_micro_apex": np.array(["a"] * 4)},
        {"windows": np.array(["a"] * 4)},
        {"sequence": np.zeros((2, 17, 3, 2), np.complex64)},
    ],
)
def test_a_check_that_lacks_or_mixes_arrays_is_refused(
    make_model: MakeModel, changes: dict[str, object]
) -> None:
    with pytest.raises(ModelError, match=r"lacks or mixes arrays: .*; export the model again"):
        rewrite(make_model, **changes)


def test_a_check_of_a_model_with_unusable_rules_is_refused(make_model: MakeModel) -> None:
    model = make_model(decodable_graph(), outputs=MARKS, decoder={"nms_iou": 7})
    store(model)
    with pytest.raises(ModelError, match="decoder rules cannot be used"):
        read_check(model)
