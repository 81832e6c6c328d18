import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import ModelError
from engines.manifest import Manifest, require_contract
from tests.engines.conftest import NODES, tiny_manifest

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)  # fmt: skip
TABLES = st.dictionaries(st.text(), JSON_VALUES, max_size=3)


@given(TABLES, TABLES, TABLES)
def test_a_manifest_survives_a_round_trip_through_json(
    decoder: dict[str, object], training: dict[str, object], metrics: dict[str, object]
) -> None:
    manifest = tiny_manifest(decoder=decoder, training=training, metrics=metrics)
    assert Manifest.from_json(manifest.to_json()) == manifest


def broken(path: str, value: object) -> str:
    data = json.loads(tiny_manifest().to_json())
    *above, last = path.split(".")
    table = data
    for key in above:
        table = table[key]
    if value is ...:
        del table[last]
    else:
        table[last] = value
    return json.dumps(data)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("schema", 2, "schema 2 is not supported"),
        ("schema", ..., "schema None is not supported"),
        ("schema", True, "schema True is not supported"),
        ("name", ..., "lacks name"),
        ("name", "", "name must be text"),
        ("colour", "red", "unknown colour"),
        ("licence", 3, "licence must be text"),
        ("outputs", [], "outputs must be a list"),
        ("outputs", ["a", "a"], "outputs must hold different names"),
        ("outputs", ["a", 1], "outputs must hold different names"),
        ("decoder", [], "decoder must be a JSON object"),
        ("input", 4, "input is not a JSON object"),
        ("input.window", 17.5, "window must be a whole number"),
        ("input.window", True, "window must be a whole number"),
        ("input.rate_hz", 0, "rate_hz must be finite and above 0"),
        ("input.rate_hz", "30", "rate_hz must be a number"),
        ("input.gain", 1, "input has unknown gain"),
        ("input.alignment", "chin", "alignment is 'nose' or 'rigid'"),
        ("weights_sha256", "abc", "not a SHA-256"),
    ],
)
def test_a_manifest_that_cannot_be_honoured_is_refused_with_the_reason(
    path: str, value: object, reason: str
) -> None:
    with pytest.raises(ModelError, match=reason) as caught:
        Manifest.from_json(broken(path, value), "model m.onnx")
    assert str(caught.value).startswith("model m.onnx: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "{", "null", "[]", '{"schema": NaN}', "[" * 100_000])
def test_text_that_is_no_manifest_is_refused(text: str) -> None:
    with pytest.raises(ModelError):
        Manifest.from_json(text)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), object()])
def test_a_figure_that_json_cannot_hold_is_not_stored(value: object) -> None:
    with pytest.raises(ValueError, match=r"JSON|serializable"):
        tiny_manifest(metrics={"f1": value}).to_json()


def test_a_model_for_this_pipeline_may_use_some_of_its_nodes() -> None:
    require_contract(tiny_manifest(), window=17, rate_hz=30, nodes=(*NODES, "jaw"))


@pytest.mark.parametrize(
    ("window", "rate_hz", "nodes", "reason"),
    [
        (16, 30, NODES, "window is 17, this pipeline's is 16"),
        (17, 25, NODES, "rate_hz is 30, this pipeline's is 25"),
        (17, 30, NODES[:2], "has no node lids"),
    ],
)
def test_a_model_for_another_contract_is_refused(
    window: int, rate_hz: float, nodes: tuple[str, ...], reason: str
) -> None:
    with pytest.raises(ModelError, match=reason):
        require_contract(tiny_manifest(), window=window, rate_hz=rate_hz, nodes=nodes)
