"""Models whose manifest is absent, bad, or that of another one, and why each is refused."""

import numpy as np
import onnx

from engines.manifest import MANIFEST_KEY
from tests.engines import hostile_models as make
from tests.engines.conftest import tiny_graph
from tests.engines.hostile_models import MakeFile, rename_operator, tampered, with_manifest


def second_manifest(model: onnx.ModelProto) -> None:
    model.metadata_props.add(key=MANIFEST_KEY, value="{}")


def other_constant(model: onnx.ModelProto) -> None:
    model.graph.initializer[0].raw_data = np.array(1.25, np.float32).tobytes()


MANIFESTS: dict[str, tuple[MakeFile, str]] = {
    "no manifest": (make.of_bytes(tiny_graph().SerializeToString()), "has 0 manifests"),
    "two manifests": (tampered(second_manifest), "duplicate keys|has 2 manifests"),
    "other weights": (tampered(other_constant), "weights are not those of its manifest"),
    "another operator": (tampered(rename_operator("", "HardSigmoid")), "graph is not that of its"),
    "not JSON": (with_manifest(lambda text: text[:-1]), "manifest is not JSON"),
    "the layout before": (
        with_manifest(lambda text: text.replace('"schema": 2', '"schema": 1')),
        "schema 1 is not supported, this version reads 2; export it again",
    ),
    "an unknown key": (
        with_manifest(lambda text: text.replace('"name"', '"colour": "red", "name"')),
        "has unknown colour",
    ),
    "a key twice": (
        with_manifest(lambda text: text.replace('"name"', '"name": "other", "name"')),
        "has 'name' twice",
    ),
    "a wrong type": (
        with_manifest(lambda text: text.replace('"window": 17', '"window": "17"')),
        "window must be a whole number",
    ),
    "a number that is none": (
        with_manifest(lambda text: text.replace('"f1": 0.25', '"f1": NaN')),
        "NaN is not a finite number",
    ),
    "a number beyond all": (
        with_manifest(lambda text: text.replace('"f1": 0.25', '"f1": 1e999')),
        "1e999 is not a finite number",
    ),
    "a number of many digits": (
        with_manifest(lambda text: text.replace('"window": 17', f'"window": {"9" * 400}')),
        r"beyond 2\*\*53",
    ),
    "deep nesting": (
        with_manifest(lambda text: text.replace("0.25", "[" * 100_000 + "]" * 100_000)),
        "not JSON|nested",
    ),
    "nesting": (
        with_manifest(lambda text: text.replace("0.25", "[" * 20 + "]" * 20)),
        "nested more than 16 levels",
    ),
    "overlong": (
        with_manifest(lambda text: text.replace("0.25", f'"{"x" * 300_000}"')),
        "characters, more than",
    ),
    "an overlong name": (
        with_manifest(lambda text: text.replace('"tiny"', f'"{"x" * 500}"')),
        "text of 500 characters, more than 200",
    ),
    "a name that would clear the terminal": (
        with_manifest(lambda text: text.replace('"tiny"', r'"\u001b[2Jtiny"')),
        "control characters",
    ),
    "a name that is written backwards": (
        with_manifest(lambda text: text.replace('"tiny"', r'"\u202eynit"')),
        "control characters",
    ),
    "a figure that would clear the terminal": (
        with_manifest(lambda text: text.replace("0.25", r'{"\n": 1}')),
        "control characters",
    ),
    "half a character": (
        with_manifest(lambda text: text.replace('"tiny"', r'"\ud800"')),
        "control characters",
    ),
}
