import dataclasses
import json

import pytest
import torch

from engines.decoding import DecoderRules, IntensityRules
from engines.errors import UsageError
from offline.commands.method_options import METHODS as OFFERED
from offline.loso.decoders import load_rules
from offline.methods.registry import METHODS, load_network, method_of, published_rules
from offline.spotformer.network import WindowNetwork
from offline.training.run_folder import RunFolder
from offline.training.settings import SETTINGS, load_settings, preset_names
from tests.offline.gim.gim_training_makers import TINY as GIM
from tests.offline.mcwes.mcwes_makers import TINY as MC_WES
from tests.offline.pwes.makers import TINY as PWES
from tests.offline.training.test_trainer import TINY as SPOTFORMER

CHOSEN = {"spotformer": SPOTFORMER, "gim": GIM, "mc-wes": MC_WES, "pwes": PWES}


def test_commands_offer_what_there_is():
    assert set(OFFERED) == set(METHODS) == set(SETTINGS) == set(CHOSEN)


@pytest.mark.parametrize("name", METHODS)
def test_settings_and_network_name_their_method(name):
    settings = CHOSEN[name]
    method = method_of(settings)
    network = method.build(settings)
    assert method.name == settings.method == network.method == name
    assert method_of(network) is method
    windows = isinstance(network, WindowNetwork)
    assert network.inputs == (settings.model if windows else settings.snippets)
    assert settings.reads == network.inputs.reads
    row = (17, 18, 2) if windows else (2, settings.snippets.features)
    scores = network.eval().probabilities(torch.zeros(2, *row))
    assert tuple(scores) == network.score_names
    assert set(published_rules(network).outputs) <= set(network.score_names)


@pytest.mark.parametrize("name", METHODS)
def test_a_run_is_loaded_by_the_method_that_it_names(tmp_path, name):
    settings = CHOSEN[name]
    torch.manual_seed(0)
    network = method_of(settings).build(settings)
    run = RunFolder.start(tmp_path, {"method": name, **dataclasses.asdict(settings)})
    run.save_weights(network.state_dict())
    loaded = load_network(run)
    assert type(loaded) is type(network)
    assert not loaded.training
    assert all(torch.equal(v, loaded.state_dict()[k]) for k, v in network.state_dict().items())


@pytest.mark.parametrize("named", [None, "lac", 3])
def test_a_run_of_an_unknown_method_is_refused(tmp_path, named):
    (tmp_path / "config.json").write_text(json.dumps({"method": named}), encoding="utf-8")
    with pytest.raises(UsageError, match="none of spotformer, gim"):
        load_network(RunFolder.existing(tmp_path))


def test_rules_are_those_of_the_method(tmp_path):
    assert load_rules("paper") == DecoderRules()
    assert load_rules("paper", "gim") == IntensityRules()
    assert load_rules("default", "gim").macro.shortest == 15
    assert isinstance(load_rules("default"), DecoderRules)
    path = tmp_path / "rules.toml"
    path.write_text("nms_iou = 0.25\nthresholds = [0.3, 0.6]\n", encoding="utf-8")
    assert load_rules(str(path), "gim").thresholds == (0.3, 0.6)
    with pytest.raises(UsageError, match="no rule thresholds"):
        load_rules(str(path))


@pytest.mark.parametrize("name", [n for n in preset_names() if n.startswith("gim-")])
def test_presets_of_gim_are_told_by_themselves(name):
    assert load_settings(name) == load_settings(name, method="gim")
    assert load_settings(name).method == "gim"
    with pytest.raises(UsageError, match="is for gim, not spotformer"):
        load_settings(name, method="spotformer")


def test_a_preset_file_without_a_method_is_of_the_one_asked_for(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text("[model]\nwidth = 8\n", encoding="utf-8")
    assert load_settings(str(path)).method == "spotformer"
    assert load_settings(str(path), method="gim").method == "gim"
    path.write_text('method = "lac"\n', encoding="utf-8")
    with pytest.raises(UsageError, match="method 'lac' is none of spotformer, gim"):
        load_settings(str(path))


def test_the_papers_preset_holds_the_published_values():
    paper = load_settings("gim-paper")
    assert paper == type(paper)()
    assert (paper.loss.k_c_micro, paper.loss.k_c_macro, paper.loss.delta) == (16, 32, 1.2)
    assert (paper.training.learning_rate, paper.training.weight_decay) == (2e-5, 0.1)
    assert (paper.training.epochs, paper.training.optimizer) == (100, "adam")
    casme2, samm = load_settings("gim-casme2"), load_settings("gim-samm")
    assert casme2 == paper
    assert (samm.loss.weight_smooth, samm.loss.weight_norm) == (0.1, 0.3)
    assert samm.loss.weight_contrast == 2e-5


@pytest.mark.parametrize(
    ("preset", "changed"),
    [
        ("bce", {"intensity_loss": "bce"}), ("no-iac", {"weight_contrast": 0.0}),
        ("hard", {"soft_labels": "hard"}), ("cosine", {"soft_labels": "cosine"}),
        ("class-mean", {"soft_labels": "class-mean"}),
        ("overlap-higher", {"overlap": "higher"}), ("overlap-lower", {"overlap": "lower"}),
        ("kc-24", {"k_c_macro": 24}), ("kc-40", {"k_c_macro": 40}),
    ],
)  # fmt: skip
def test_an_ablation_differs_from_the_paper_in_one_thing(preset, changed):
    paper, ablation = load_settings("gim-paper"), load_settings(f"gim-{preset}")
    assert ablation == dataclasses.replace(paper, loss=dataclasses.replace(paper.loss, **changed))


def test_the_baseline_differs_from_the_default_in_its_labels_and_losses_alone():
    default, hard = load_settings("gim-default"), load_settings("gim-hard-points")
    assert (hard.model, hard.head, hard.training) == (default.model, default.head, default.training)
    assert hard.loss == dataclasses.replace(
        default.loss, soft_labels="mined", intensity_loss="bce", weight_contrast=0.0
    )


def test_the_rate_falls_to_half_every_thirty_epochs():
    from offline.training.schedule import learning_rate  # noqa: PLC0415

    config = load_settings("gim-paper").training
    rates = [learning_rate(epoch * 7 + 6, 7, config) for epoch in (0, 29, 30, 59, 60, 99)]
    assert rates == pytest.approx([2e-5, 2e-5, 1e-5, 1e-5, 5e-6, 2.5e-6])
