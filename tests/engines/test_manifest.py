import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import ModelError
from engines.manifest import Manifest, require_contract
from tests.engines.conftest import EXTRACTOR, NODES, tiny_manifest

TEXTS = st.text().filter(str.isprintable)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=8,
)  # fmt: skip
TABLES = st.dictionaries(TEXTS, JSON_VALUES, max_size=3)


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
        ("schema", 1, "schema 1 is not supported, this version reads 2; export it again"),
        ("schema", 3, "schema 3 is not supported"),
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
        ("input.rate_hz", 0, "rate_hz must be above 0"),
        ("input.rate_hz", "30", "rate_hz must be a number"),
        ("input.window", 1001, "window must be a whole number from 1 to 1000"),
        ("input.extractor", ..., "input lacks extractor"),
        ("input.extractor", 0, "extractor must be a whole number"),
        ("input.extractor", 2.0, "extractor must be a whole number"),
        ("input.gain", 1, "input has unknown gain"),
        ("input.alignment", "chin", "alignment is 'nose' or 'rigid'"),
        ("weights_sha256", "abc", "not a SHA-256"),
        ("graph_sha256", "A" * 64, "not a SHA-256"),
        ("graph_sha256", ..., "lacks graph_sha256"),
        ("name", "a\nb", "manifest holds control characters"),
        ("name", "x" * 201, "name is text of 201 characters, more than 200"),
        ("outputs", ["a", "b\x1b[2J"], "manifest holds control characters"),
        ("metrics", {"note": "x" * 2001}, "text of 2001 characters, more than 2000"),
        ("metrics", {"a\tb": 1}, "control characters"),
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
    require_contract(
        tiny_manifest(),
        window=17,
        rate_hz=30,
        nodes=(*NODES, "jaw"),
        eye_distance_px=96,
        extractor=EXTRACTOR,
    )


@pytest.mark.parametrize(
    ("window", "rate_hz", "nodes", "eyes_px", "extractor", "reason"),
    [
        (16, 30, NODES, 96, 2, "window is 17, this pipeline's is 16"),
        (17, 25, NODES, 96, 2, "rate_hz is 30, this pipeline's is 25"),
        (17, 30, NODES[:2], 96, 2, "has no node lids"),
        (17, 30, NODES, 100, 2, "eye_distance_px is 96, this pipeline's is 100"),
        (17, 30, NODES, 96, 3, "extractor is 2, this pipeline's is 3"),
    ],
)
def test_a_model_for_another_contract_is_refused(
    window: int,
    rate_hz: float,
    nodes: tuple[str, ...],
    eyes_px: float,
    extractor: int,
    reason: str,
) -> None:
    with pytest.raises(ModelError, match=reason):
        require_contract(
            tiny_manifest(),
            window=window,
            rate_hz=rate_hz,
            nodes=nodes,
            eye_distance_px=eyes_px,
            extractor=extractor,
        )
