import dataclasses

import pytest

from engines.decoding.snippets import SnippetRules
from offline.ablation.cases import SETS
from offline.loso.decoders import load_rules
from offline.pwes.settings import PwesSettings
from offline.training.settings import load_settings, preset_names

PRESETS = [name for name in preset_names() if name.startswith("pwes-")]


def differences(name: str, base: str = "pwes-casme2") -> dict[str, object]:
    """What a preset says otherwise than another one, by section.key."""
    tables = [dataclasses.asdict(load_settings(one)) for one in (name, base)]
    return {
        f"{section}.{key}": value
        for section, values in tables[0].items()
        for key, value in values.items()
        if tables[1][section][key] != value
    }


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_is_of_pwes(name: str):
    assert isinstance(load_settings(name), PwesSettings)


def test_presets_of_the_datasets_have_the_papers_values():
    assert differences("pwes-casme3") == {}
    # Section 4.3.
    assert differences("pwes-samm") == {
        "snippets.frames": 32,
        "snippets.rate_hz": 200.0,
        "mining.warmup_steps": 50,
        "mining.theta": 0.9,
        "contrast.background": 8,
        "training.learning_rate": 8e-4,
    }


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("baseline", {"mining.strategy": "none", "loss.weight_snippet": 0.0,
                      "loss.weight_contrast": 0.0}),
        ("no-dfcl", {"loss.weight_contrast": 0.0}),
        ("mplg-c", {"mining.strategy": "c", "loss.weight_contrast": 0.0}),
        ("mplg-ca", {"mining.strategy": "ca", "loss.weight_contrast": 0.0}),
        ("mplg-caf1", {"mining.strategy": "caf1", "loss.weight_contrast": 0.0}),
        ("mplg-caf2", {"mining.strategy": "caf2", "loss.weight_contrast": 0.0}),
        *((f"warmup-{n}", {"mining.warmup_steps": n}) for n in (30, 50, 100, 120)),
        *((f"theta-{v}", {"mining.theta": v}) for v in (0.5, 0.6, 0.7, 0.9)),
        *((f"k-{v}", {"mining.share": v}) for v in (0.1, 0.2)),
        *((f"tau-{v}", {"contrast.tau": v}) for v in (0.07, 0.2, 0.5, 0.8, 1.5)),
        *((f"background-{n}", {"contrast.background": n}) for n in (5, 8, 12, 15)),
        *((f"no-{n}", {f"loss.weight_{n}": 0.0}) for n in ("video", "guide", "sparsity", "mutual")),
        ("printed-distance", {"mining.distance": "farthest"}),
        ("printed-background", {"mining.background": "printed"}),
        ("printed-labelled", {"mining.labelled_above": 1}),
        ("regions-time", {"contrast.regions": "time"}),
        ("softmax", {"loss.confidence": "softmax"}),
        ("ccm", {"model.fusion": "ccm"}),
        ("concatenate", {"model.fusion": "concatenate"}),
        *((f"snippet-{n}", {"snippets.frames": n}) for n in (4, 16)),
    ],
)  # fmt: skip
def test_an_ablation_differs_in_one_thing(name: str, changed: dict[str, object]):
    assert differences(f"pwes-{name}") == changed


@pytest.mark.parametrize("frames", [16, 48])
def test_snippets_of_another_length_on_samm_differ_in_that(frames: int):
    found = differences(f"pwes-samm-snippet-{frames}", "pwes-samm")
    assert found == {"snippets.frames": frames}


def test_every_named_case_is_a_preset():
    named = {case for name, cases in SETS.items() if name.startswith("pwes-") for case in cases}
    assert named <= set(PRESETS)


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("paper", {}),
        ("samm", {"first_top": 2, "video_weight": 0.5}),
        ("threshold", {"selection": "threshold"}),
        ("default", {"first_top": 2, "contrast_reach": 0.5, "score_floor": 0.5}),
    ],
)
def test_decoder_rules_are_those_of_mc_wes_but_for_what_is_said(
    name: str, changed: dict[str, object]
):
    rules = load_rules(name, "pwes")
    assert isinstance(rules, SnippetRules)
    assert rules == dataclasses.replace(SnippetRules(), **changed)
