import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper, numpy_helper

from engines import model_file
from engines.errors import ModelError
from engines.hashes import hash_graph, hash_weights
from engines.manifest import MANIFEST_KEY
from engines.model_file import attach_manifest, read_model, write_model
from tests.engines.conftest import MakeModel, tiny_graph, tiny_manifest


def save(path: Path, model: onnx.ModelProto) -> Path:
    path.write_bytes(model.SerializeToString())
    return path


def signed() -> onnx.ModelProto:
    model = tiny_graph()
    attach_manifest(model, tiny_manifest())
    return model


GOOD = signed().SerializeToString()


def refused(path: Path, reason: str) -> None:
    with pytest.raises(ModelError, match=reason) as caught:
        read_model(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_written_model_reads_back_with_its_manifest(make_model: MakeModel) -> None:
    written = make_model()
    read = read_model(written.path)
    assert read == written
    assert read.manifest.name == "tiny"
    assert read.sha256 == hashlib.sha256(written.path.read_bytes()).hexdigest()


def test_the_hash_of_weights_is_the_documented_one() -> None:
    digest = hashlib.sha256()
    for name, value in (("weight_macro_apex", -0.5), ("weight_micro_apex", 1.5)):
        for part in (name.encode(), b"1:", np.array(value, "<f4").tobytes()):
            digest.update(len(part).to_bytes(8, "little") + part)
    assert hash_weights(tiny_graph()) == digest.hexdigest()


def test_the_hash_of_the_graph_covers_all_that_is_computed_and_nothing_else() -> None:
    plain = hash_graph(tiny_graph())
    labelled = tiny_graph()
    labelled.producer_name = "somebody"
    labelled.doc_string = "words"
    attach_manifest(labelled, tiny_manifest())
    assert hash_graph(labelled) == plain
    for change in (
        lambda m: setattr(m.graph.node[-1], "op_type", "Tanh"),
        lambda m: setattr(m.graph.node[0].attribute[0], "name", "axis"),
        lambda m: setattr(m.graph.initializer[0], "raw_data", b"\0\0\0\0"),
        lambda m: setattr(m.opset_import[0], "version", 18),
        lambda m: m.graph.node[1].input.reverse(),
    ):
        model = tiny_graph()
        change(model)
        assert hash_graph(model) != plain


def test_a_changed_constant_is_refused_though_the_weights_are_the_same(tmp_path: Path) -> None:
    model = signed()
    model.graph.node[0].attribute[0].ints[0] = 2
    assert hash_weights(model) == hash_weights(signed())
    refused(save(tmp_path / "m.onnx", model), "graph is not that of its manifest")


def test_a_second_manifest_replaces_the_first() -> None:
    model = signed()
    model.metadata_props.add(key="other", value="stays")
    attach_manifest(model, tiny_manifest(version="2"))
    found = [p for p in model.metadata_props if p.key == MANIFEST_KEY]
    assert len(found) == 1
    assert '"version": "2"' in found[0].value
    assert "other" in {p.key for p in model.metadata_props}


def test_a_changed_weight_is_refused(tmp_path: Path) -> None:
    model = signed()
    model.graph.initializer[0].raw_data = np.array(1.25, np.float32).tobytes()
    refused(save(tmp_path / "m.onnx", model), "weights are not those of its manifest")


def test_a_weight_cut_short_is_refused(tmp_path: Path) -> None:
    model = signed()
    model.graph.initializer[0].raw_data = b"\0\0"
    refused(save(tmp_path / "m.onnx", model), "damaged|not valid")


def test_a_file_without_a_manifest_is_refused(tmp_path: Path) -> None:
    refused(save(tmp_path / "m.onnx", tiny_graph()), "has 0 manifests")


def test_two_manifests_are_refused(tmp_path: Path) -> None:
    model = signed()
    model.metadata_props.add(key=MANIFEST_KEY, value="{}")
    refused(save(tmp_path / "m.onnx", model), "duplicate keys in metadata_props")


@pytest.mark.parametrize("content", [b"", b"not a model", b"\x80\x04K\x01.", bytes(64)])
def test_a_file_that_is_not_onnx_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    refused(path, "not an ONNX file")


def test_a_truncated_file_is_refused(make_model: MakeModel) -> None:
    path = make_model().path
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ModelError):
        read_model(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    refused(tmp_path / "none.onnx", "no such file")
    refused(tmp_path, "is a folder")


def test_a_file_above_the_size_limit_is_refused(
    make_model: MakeModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_model().path
    monkeypatch.setattr(model_file, "MAX_BYTES", 100)
    refused(path, "above the limit of 100")


def test_weights_in_another_file_are_refused_and_that_file_is_not_read(tmp_path: Path) -> None:
    model = signed()
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../secret")
    refused(save(tmp_path / "m.onnx", model), "'weight_micro_apex' lies in another file")


def test_weights_in_another_file_are_found_inside_control_flow_too(tmp_path: Path) -> None:
    tensor = numpy_helper.from_array(np.zeros(1, np.float32), "hidden")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../secret")
    constant = helper.make_node("Constant", [], ["c"], value=tensor)
    output = helper.make_tensor_value_info("c", TensorProto.FLOAT, [1])
    branch = helper.make_graph([constant], "branch", [], [output])
    model = signed()
    model.graph.node.append(
        helper.make_node("If", ["flag"], ["x"], then_branch=branch, else_branch=branch)
    )
    refused(save(tmp_path / "m.onnx", model), "'hidden' lies in another file")


def test_an_operator_outside_the_standard_set_is_refused(tmp_path: Path) -> None:
    model = signed()
    model.graph.node[0].domain = "com.example"
    refused(
        save(tmp_path / "m.onnx", model), "operator 'ReduceMean' of 'com.example' is not allowed"
    )


def test_an_operator_set_of_its_own_is_refused(tmp_path: Path) -> None:
    model = signed()
    model.opset_import.add(domain="com.example", version=1)
    refused(save(tmp_path / "m.onnx", model), "operator set 'com.example' is not allowed")


@pytest.mark.parametrize("version", [7, 99])
def test_an_operator_set_out_of_range_is_refused(tmp_path: Path, version: int) -> None:
    model = signed()
    model.opset_import[0].version = version
    refused(save(tmp_path / "m.onnx", model), "needs operator set 13 to 23")


def test_functions_in_the_file_are_refused(tmp_path: Path) -> None:
    model = signed()
    model.functions.add(name="f")
    refused(save(tmp_path / "m.onnx", model), "functions of its own")


def test_a_graph_that_is_not_valid_is_refused(tmp_path: Path) -> None:
    model = signed()
    model.graph.node.reverse()
    refused(save(tmp_path / "m.onnx", model), "not valid ONNX")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"outputs": ("macro_apex", "micro_apex")}, "one float32 output"),
        ({"outputs": ("micro_apex",)}, "one float32 output"),
    ],
)
def test_a_manifest_that_disagrees_with_its_graph_is_not_written(
    tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    path = tmp_path / "m.onnx"
    with pytest.raises(ModelError, match=reason):
        write_model(path, tiny_graph(), tiny_manifest(**changes))
    assert list(tmp_path.iterdir()) == []


def test_a_graph_with_another_window_is_refused(tmp_path: Path) -> None:
    model = signed()
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 16
    refused(save(tmp_path / "m.onnx", model), "one float32 input 'windows'")


def test_a_graph_for_a_fixed_batch_is_refused(tmp_path: Path) -> None:
    model = signed()
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    refused(save(tmp_path / "m.onnx", model), "one float32 input 'windows'")


def test_a_graph_of_another_precision_at_its_edges_is_refused(tmp_path: Path) -> None:
    model = signed()
    model.graph.input[0].type.tensor_type.elem_type = TensorProto.FLOAT16
    refused(save(tmp_path / "m.onnx", model), "float16")


DAMAGE = st.one_of(
    st.tuples(st.just("cut"), st.integers(0, len(GOOD) - 1), st.just(0)),
    st.tuples(st.just("flip"), st.integers(0, len(GOOD) - 1), st.integers(1, 255)),
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(DAMAGE)
def test_a_damaged_file_is_refused_or_has_the_weights_and_graph_of_the_whole_one(
    tmp_path: Path, damage: tuple[str, int, int]
) -> None:
    kind, at, flips = damage
    content = GOOD[:at] if kind == "cut" else GOOD[:at] + bytes([GOOD[at] ^ flips]) + GOOD[at + 1 :]
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    reason = ""
    try:
        read = read_model(path)
    except ModelError as error:
        reason = str(error)
    assert reason.isprintable()
    if reason:
        return
    assert kind == "flip"
    assert read.manifest.weights_sha256 == hash_weights(tiny_graph())
    assert hash_graph(onnx.load_model_from_string(read.content)) == hash_graph(tiny_graph())
