import dataclasses

import pytest

from engines.errors import UsageError
from offline.mcwes.settings import McWesLossConfig, McWesSettings, SnippetTrainingConfig
from offline.training.settings import load_settings, preset_names, with_training

PRESETS = [name for name in preset_names() if name.startswith("mc-wes-")]


def test_the_defaults_are_the_papers_for_casme2():
    paper = load_settings("mc-wes-casme2")
    assert paper == McWesSettings()
    loss, training = paper.loss, paper.training
    assert (loss.h_macro, loss.h_micro, loss.h_background) == (7, 9, 5)
    assert loss.h == (9, 7, 5)
    assert (loss.omega_lower, loss.omega_upper, loss.eta) == (1.2, 1.4, 2)
    assert [loss.weight(p) for p in ("duration", "feature", "sparsity", "guide")] == [
        0.5,
        0.5,
        0.8,
        0.8,
    ]
    assert [loss.weight(p) for p in ("saliency", "video", "attended")] == [1, 1, 1]
    assert training.epochs * training.steps_per_epoch == 1000
    assert (training.learning_rate, training.optimizer) == (5e-4, "adam")
    assert (training.batch, training.pairs, training.snippets) == (10, 3, 250)
    assert (paper.snippets.frames, paper.snippets.rate_hz, paper.snippets.features) == (8, 30, 1024)


@pytest.mark.parametrize("frames", [16, 48])
def test_other_snippets_of_samm(frames):
    samm = load_settings("mc-wes-samm")
    expected = dataclasses.replace(samm.snippets, frames=frames)
    assert load_settings(f"mc-wes-samm-snippet-{frames}") == dataclasses.replace(
        samm, snippets=expected
    )


def test_samm_and_casme3_differ_as_the_paper_says():
    paper, samm = load_settings("mc-wes-casme2"), load_settings("mc-wes-samm")
    assert samm.snippets == dataclasses.replace(paper.snippets, frames=32, rate_hz=200.0)
    assert samm.model == paper.model
    assert samm.loss == dataclasses.replace(
        paper.loss, omega_lower=1.5, omega_upper=1.8, weight_sparsity=0.7, weight_guide=0.7
    )
    assert samm.training == dataclasses.replace(paper.training, learning_rate=8e-4, snippets=380)
    casme3 = load_settings("mc-wes-casme3")
    assert casme3.training == dataclasses.replace(paper.training, snippets=300)
    assert (casme3.snippets, casme3.model, casme3.loss) == (paper.snippets, paper.model, paper.loss)


@pytest.mark.parametrize(
    ("preset", "section", "changed"),
    [
        ("concatenate", "model", {"fusion": "concatenate"}),
        ("ccm", "model", {"fusion": "ccm"}),
        ("h-5-5-5", "loss", {"h_macro": 5, "h_micro": 5, "h_background": 5}),
        ("h-7-7-7", "loss", {"h_macro": 7, "h_micro": 7, "h_background": 7}),
        ("h-9-9-9", "loss", {"h_macro": 9, "h_micro": 9, "h_background": 9}),
        ("h-5-7-5", "loss", {"h_macro": 5, "h_micro": 7, "h_background": 5}),
        ("h-7-7-5", "loss", {"h_macro": 7, "h_micro": 7, "h_background": 5}),
        ("h-5-9-5", "loss", {"h_macro": 5, "h_micro": 9, "h_background": 5}),
        ("snippet-4", "snippets", {"frames": 4}), ("snippet-16", "snippets", {"frames": 16}),
        ("no-sc", "loss", {"weight_saliency": 0.0}), ("no-dc1", "loss", {"weight_video": 0.0}),
        ("no-dc2", "loss", {"weight_attended": 0.0}), ("no-dc3", "loss", {"weight_duration": 0.0}),
        ("no-fc", "loss", {"weight_feature": 0.0}), ("no-sl", "loss", {"weight_sparsity": 0.0}),
        ("no-gl", "loss", {"weight_guide": 0.0}),
    ],
)  # fmt: skip
def test_an_ablation_differs_from_the_paper_in_one_thing(preset, section, changed):
    paper, ablation = load_settings("mc-wes-casme2"), load_settings(f"mc-wes-{preset}")
    expected = dataclasses.replace(getattr(paper, section), **changed)
    assert ablation == dataclasses.replace(paper, **{section: expected})


@pytest.mark.parametrize("name", PRESETS)
def test_presets_name_their_method(name):
    assert load_settings(name) == load_settings(name, method="mc-wes")
    with pytest.raises(UsageError, match="is for mc-wes, not gim"):
        load_settings(name, method="gim")


def test_the_default_reads_what_a_laptop_can_make():
    default = load_settings("mc-wes-default")
    assert default.snippets.source == "sw-mro"
    assert default.snippets.standardise
    assert default.snippets.features == 108


def test_other_epochs_may_be_kept_and_validated():
    changed = with_training(McWesSettings(), 4, 2)
    assert (changed.training.keep_every, changed.training.validate_every) == (4, 2)
    assert changed.loss == McWesSettings().loss


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"h_micro": 0}, "h_micro 0"), ({"eta": 0}, "eta 0"), ({"omega_lower": -1.0}, "omega_l"),
        ({"omega_upper": 1.2}, "omega_upper 1.2 must be above"), ({"masked": "one"}, "masked one"),
        ({"weight_guide": -0.1}, "weight_guide"),
        ({f"weight_{p}": 0.0 for p in ("saliency", "video", "attended", "duration", "feature",
                                       "sparsity", "guide")}, "weight_video 0.0"),
    ],
)  # fmt: skip
def test_losses_that_cannot_be_are_refused(changed, named):
    with pytest.raises(UsageError, match=named):
        McWesLossConfig(**changed)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"batch": 0}, "batch 0"), ({"pairs": 6}, "pairs 6 must be at most half of batch 10"),
        ({"snippets": -1}, "snippets -1"), ({"sampling": "all"}, "sampling all"),
        ({"steps_per_epoch": 0}, "steps_per_epoch 0"), ({"learning_rate": 0.0}, "learning_rate"),
        ({"optimizer": "sgd"}, "optimizer sgd"), ({"beta1": 1.0}, "beta1 1.0"),
    ],
)  # fmt: skip
def test_training_that_cannot_be_is_refused(changed, named):
    with pytest.raises(UsageError, match=named):
        SnippetTrainingConfig(**changed)
