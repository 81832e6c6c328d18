from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from engines import limits
from engines.batching import BatchingBackend
from engines.contracts import MOST_ROWS
from engines.errors import ModelError
from engines.limits import require_bounded
from engines.model_file import read_model
from engines.onnxruntime_backend import OnnxRuntimeBackend
from engines.registry import open_backend
from engines.scores import Scores
from engines.selfcheck import BATCHES, parts_of, verify
from engines.stored_check import check_path, read_check, write_check
from tests.engines.conftest import tiny_graph
from tests.engines.snippet_model_makers import (
    OUTPUTS,
    Floats,
    moving,
    snippet_answer,
    snippet_check,
    snippet_graph,
    snippet_manifest,
    some_snippets,
    store_snippet_check,
    write_snippet_model,
)


@pytest.mark.parametrize("count", [1, 2, 3, 32, 250, MOST_ROWS])
def test_a_video_of_any_length_is_scored_as_a_whole(tmp_path: Path, count: int) -> None:
    snippets = some_snippets(count)
    with OnnxRuntimeBackend(write_snippet_model(tmp_path)) as backend:
        scores = backend.run(snippets)
    assert tuple(scores.values) == OUTPUTS
    for name, wanted in snippet_answer(snippets).values.items():
        np.testing.assert_allclose(scores.values[name], wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("snippets", "reason"),
    [
        (some_snippets(0), r"snippets must be float32 \(N, 2, 6\) with N >= 1"),
        (some_snippets(3)[:, :1], r"not float32 \(3, 1, 6\)"),
        (some_snippets(3).astype(float), "not float64"),
        (np.full((2, 2, 6), np.nan, np.float32), "snippets hold a value that is not finite"),
        (np.zeros((MOST_ROWS + 1, 2, 6), np.float32), "4097 snippets in one call, more than 4096"),
    ],
)
def test_what_is_no_video_is_refused(tmp_path: Path, snippets: Floats, reason: str) -> None:
    with (
        OnnxRuntimeBackend(write_snippet_model(tmp_path)) as backend,
        pytest.raises(ValueError, match=reason),
    ):
        backend.run(snippets)


def answering(name: str, operator: str, constant: float) -> onnx.ModelProto:
    """The tiny graph, one output of which goes through one operator more."""
    model = snippet_graph()
    for node in model.graph.node:
        node.output[:] = [f"raw_{o}" if o == name else o for o in node.output]
        node.input[:] = [f"raw_{i}" if i == name else i for i in node.input]
    model.graph.node.append(helper.make_node(operator, [f"raw_{name}", "more"], [name]))
    model.graph.initializer.append(numpy_helper.from_array(np.array(constant, np.float32), "more"))
    return model


def test_attention_is_a_probability_and_the_other_scores_are_any_number(tmp_path: Path) -> None:
    snippets = some_snippets(20)
    with OnnxRuntimeBackend(
        write_snippet_model(tmp_path, answering("macro", "Mul", 100.0))
    ) as backend:
        macro = backend.run(snippets).values["macro"]
        assert macro.min() < -1
        assert macro.max() > 1
    for graph, name in ((answering("attention", "Add", 1.0), "attention"),):
        with (
            OnnxRuntimeBackend(write_snippet_model(tmp_path, graph)) as backend,
            pytest.raises(ModelError, match=f"output '{name}' holds what is not a probability"),
        ):
            backend.run(snippets)
    with (
        OnnxRuntimeBackend(write_snippet_model(tmp_path, answering("micro", "Div", 0.0))) as broken,
        pytest.raises(ModelError, match="output 'micro' holds what is not a finite number"),
    ):
        broken.run(snippets)


def test_a_graph_whose_input_is_not_the_manifests_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"one float32 input 'snippets' \(N, 2, 6\)"):
        write_snippet_model(tmp_path, snippet_graph(features=7))
    with pytest.raises(ModelError, match="one float32 input 'snippets'"):
        write_snippet_model(tmp_path, tiny_graph())


def wide(columns: int) -> onnx.ModelProto:
    """The tiny graph, and beside it every snippet times a long row of numbers."""
    model = snippet_graph()
    row = numpy_helper.from_array(np.array([columns], np.int64), "columns")
    model.graph.initializer.append(row)
    model.graph.node.extend(
        [
            helper.make_node("Unsqueeze", ["fast", "last"], ["column"]),
            helper.make_node("ConstantOfShape", ["columns"], ["long"]),
            helper.make_node("Mul", ["column", "long"], ["table"]),
        ]
    )
    model.graph.initializer.append(numpy_helper.from_array(np.array([1], np.int64), "last"))
    return model


def test_memory_is_bounded_for_the_longest_video(tmp_path: Path) -> None:
    # 4096 rows of 8192 numbers of 4 bytes are what one value may take
    write_snippet_model(tmp_path, wide(8192))
    with pytest.raises(ModelError, match="with 4096 snippets value 'table' has shape"):
        write_snippet_model(tmp_path, wide(8193))


def test_work_and_all_values_have_limits_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, reason in (("MOST_VIDEO_WORK", "4096 snippets take"), ("MOST_VIDEO_BYTES", "more")):
        with monkeypatch.context() as patch:
            patch.setattr(limits, name, 1000)
            with pytest.raises(ModelError, match=reason):
                require_bounded(snippet_graph(), "model", joint=True)
            require_bounded(tiny_graph(), "model")
    require_bounded(snippet_graph(), "model", joint=True)


def test_a_graph_that_computes_shapes_from_the_length_is_refused(tmp_path: Path) -> None:
    model = snippet_graph()
    model.graph.node.extend(
        [
            helper.make_node("Shape", ["fast"], ["length"]),
            helper.make_node("Mul", ["length", "length"], ["square"]),
            helper.make_node("ConstantOfShape", ["square"], ["many"]),
        ]
    )
    with pytest.raises(ModelError, match="it computes shapes from the number of snippets"):
        write_snippet_model(tmp_path, model)


def test_the_check_is_cut_into_videos_and_its_sequence_is_one(tmp_path: Path) -> None:
    model = write_snippet_model(tmp_path)
    store_snippet_check(model)
    check = read_check(model)
    assert (check.joint, check.ticks_per_row) == (True, 8.0)
    calls: list[int] = []

    class Listening(OnnxRuntimeBackend):
        def run(self, windows: Floats) -> Scores:
            calls.append(len(windows))
            return super().run(windows)

    with Listening(model) as backend:
        agreement = verify(backend, check)
    assert calls == [1, 2, 5, 32, 1, 2, 2, len(moving())]
    assert agreement.windows == 45 + len(moving())
    # one long motion and one short one, in ticks of 8 per snippet
    assert [(str(e.kind), e.onset, e.offset) for e in agreement.events] == [
        ("macro", 80, 111),
        ("micro", 240, 247),
    ]


def test_parts_are_of_all_sizes_and_lose_nothing() -> None:
    snippets = some_snippets(100)
    parts = list(parts_of(snippets))
    assert [len(part) for part in parts][:4] == list(BATCHES)
    np.testing.assert_array_equal(np.concatenate(parts), snippets)


@pytest.mark.parametrize("shift", [0.01, np.nan])
def test_answers_that_differ_are_refused(tmp_path: Path, shift: float) -> None:
    model = write_snippet_model(tmp_path)
    store_snippet_check(model, shift)
    with pytest.raises(ModelError, match="output 'attention' differs from the stored one"):
        open_backend(model, "onnxruntime")


def test_large_scores_may_differ_by_as_many_digits(tmp_path: Path) -> None:
    model = write_snippet_model(tmp_path, answering("macro", "Mul", 1000.0))
    check = snippet_check()
    large = {
        n: v * np.float32(1000 if n == "macro" else 1) for n, v in check.expected.values.items()
    }
    told = {
        n: v * np.float32(1000 if n == "macro" else 1)
        for n, v in check.sequence_expected.values.items()
    }
    moved = {n: v + np.float32(0.02 if n == "macro" else 0) for n, v in large.items()}
    write_check(model, replace(check, expected=Scores(moved), sequence_expected=Scores(told)))
    with OnnxRuntimeBackend(model) as backend:
        # of the order of 1e-5 of the largest
        assert verify(backend, read_check(model)).worst.absolute > 1e-2
    moved = {n: v + np.float32(0.2 if n == "macro" else 0) for n, v in large.items()}
    write_check(model, replace(check, expected=Scores(moved), sequence_expected=Scores(told)))
    with (
        OnnxRuntimeBackend(model) as backend,
        pytest.raises(ModelError, match="output 'macro' differs from the stored one"),
    ):
        verify(backend, read_check(model))


def test_each_video_goes_alone_through_a_shared_backend(tmp_path: Path) -> None:
    model = write_snippet_model(tmp_path)
    snippets = some_snippets(100)
    with BatchingBackend(OnnxRuntimeBackend(model), model.manifest) as backend:
        scores = backend.run(snippets)
    for name, wanted in snippet_answer(snippets).values.items():
        np.testing.assert_allclose(scores.values[name], wanted, atol=1e-5)


def test_a_model_is_read_back_with_its_contract(tmp_path: Path) -> None:
    model = write_snippet_model(tmp_path)
    assert read_model(model.path).manifest == model.manifest
    assert model.manifest.input == snippet_manifest().input
    assert not check_path(model.path).exists()


def test_an_output_that_is_not_one_number_per_snippet_is_refused(tmp_path: Path) -> None:
    model = snippet_graph()
    model.graph.output[1].CopyFrom(
        helper.make_tensor_value_info("micro", TensorProto.FLOAT, ["T", 2])
    )
    with pytest.raises(ModelError, match=r"one float32 output|not valid ONNX"):
        write_snippet_model(tmp_path, model)
