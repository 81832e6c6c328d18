import json
from dataclasses import asdict, fields, replace

import pytest

from engines.contracts import InputContract, SnippetContract, read_contract
from engines.decoding import read_rules
from engines.errors import ModelError
from engines.manifest import Manifest, windows_of
from tests.engines.conftest import NODES, WINDOW, tiny_manifest
from tests.engines.snippet_model_makers import CONTRACT, I3D, POOLED, RULES, snippet_manifest


def told(contract: SnippetContract) -> dict[str, object]:
    """The contract as a file holds it."""
    return json.loads(json.dumps(asdict(contract)))


MANIFESTS = (snippet_manifest(), snippet_manifest(input=I3D), tiny_manifest())


@pytest.mark.parametrize("manifest", MANIFESTS)
def test_a_manifest_of_either_kind_survives_a_round_trip(manifest: Manifest) -> None:
    assert Manifest.from_json(manifest.to_json()) == manifest


def test_a_contract_of_windows_is_written_as_before() -> None:
    told = json.loads(tiny_manifest().to_json())["input"]
    assert set(told) == {
        "window", "rate_hz", "nodes", "eye_distance_px", "alignment", "extractor"
    }  # fmt: skip
    assert {f.name for f in fields(InputContract)} == set(told)


def test_a_contract_says_what_one_call_is_given() -> None:
    assert (POOLED.tensor, POOLED.row, POOLED.joint) == ("windows", (WINDOW, len(NODES), 2), False)
    assert (CONTRACT.tensor, CONTRACT.row, CONTRACT.joint) == ("snippets", (2, 6), True)
    assert (POOLED.ticks_per_row, CONTRACT.ticks_per_row) == (1.0, 8.0)
    # 32 frames at 200 Hz are 0.16 s
    assert I3D.ticks_per_row == pytest.approx(4.8)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "clips"}, "kind is 'snippets' or absent, not 'clips'"),
        ({"kind": 1}, "kind must be text"),
        ({"source": "optical"}, "source is 'sw-mro', 'i3d' or 'i3d-random-SEED', not 'optical'"),
        ({"source": "i3d-random-"}, "source is 'sw-mro', 'i3d'"),
        ({"source": "i3d"}, "windows are those that sw-mro pools; other sources have none"),
        ({"windows": None}, "windows are those that sw-mro pools"),
        ({"windows": {"window": 17}}, "input windows lacks rate_hz"),
        ({"rate_hz": 25.0}, "rate_hz 25 is not that of its windows, 30"),
        ({"features": 0}, "features must be a whole number from 1 to 4096, not 0"),
        ({"features": 4097}, "features must be a whole number from 1 to 4096, not 4097"),
        ({"frames": 1001}, "frames must be a whole number from 1 to 1000"),
        ({"extractor": True}, "extractor must be a whole number"),
        ({"ticks": 8}, "has unknown ticks"),
    ],
)
def test_a_contract_that_cannot_be_honoured_is_refused(
    change: dict[str, object], reason: str
) -> None:
    with pytest.raises(ModelError, match=reason):
        read_contract(told(CONTRACT) | change, "model m: input")


def test_a_snippet_shorter_than_a_tick_is_refused() -> None:
    with pytest.raises(ModelError, match="a snippet of 1 frames is shorter than a tick"):
        read_contract(told(replace(I3D, frames=1)), "model m: input")


def test_the_windows_that_snippets_are_pooled_from_are_told() -> None:
    assert windows_of(tiny_manifest()) == windows_of(snippet_manifest()) == POOLED
    with pytest.raises(ModelError, match=r"snippets of i3d-random-7, .* --source i3d, and"):
        windows_of(snippet_manifest(input=replace(I3D, source="i3d-random-7")))


@pytest.mark.parametrize("method", ["mc-wes", "pwes"])
def test_rules_of_snippets_are_read_for_methods_that_score_snippets(method: str) -> None:
    rules = read_rules(snippet_manifest(method=method))
    assert rules == RULES


def test_a_method_that_does_not_go_with_its_input_is_refused() -> None:
    with pytest.raises(ModelError, match="method mc-wes does not go with input of windows"):
        read_rules(snippet_manifest(input=POOLED))
    marks = tuple(f"{k}_{m}" for k in ("micro", "macro") for m in ("onset", "offset", "apex"))
    with pytest.raises(ModelError, match="method spotformer does not go with input of snippets"):
        read_rules(snippet_manifest(method="spotformer", outputs=marks, decoder={}))
    with pytest.raises(ModelError, match="its decoder reads background, which are not among"):
        read_rules(snippet_manifest(outputs=("attention", "micro", "macro")))


def test_the_kind_of_a_contract_is_no_choice() -> None:
    assert asdict(CONTRACT)["kind"] == SnippetContract.tensor
