import numpy as np
import pytest
import torch

from offline.gim.config import GimConfig, HeadConfig
from offline.gim.model import SCORE_NAMES, GimNetwork
from offline.spotformer.config import SpotFormerConfig

SMALL = SpotFormerConfig(width=8, heads=2, embedding_dropout=0.0)


def network(**head: float) -> GimNetwork:
    torch.manual_seed(0)
    return GimNetwork(GimConfig(SMALL, HeadConfig(**head)))


def windows(count: int) -> torch.Tensor:
    drawn = np.random.default_rng(0).normal(size=(count, 17, 10, 2))
    return torch.from_numpy(drawn.astype(np.float32))


def test_every_window_has_an_intensity_two_actions_and_two_features():
    outputs = network().eval()(windows(5))
    assert outputs.intensity.shape == (5,)
    assert outputs.action.shape == (5, 2)
    assert outputs.x.shape == outputs.feature.shape == (5, 8)


def test_the_branches_are_the_layers_of_figure_3():
    model = network().eval()
    feature = torch.linspace(-1, 1, 16).reshape(2, 8)
    outputs = model.classify(feature)
    hidden = feature @ model.hidden.weight.T + model.hidden.bias
    x = torch.where(hidden > 0, hidden, 0.2 * hidden)
    torch.testing.assert_close(outputs.x, x)
    logit = x @ model.intensity.weight[0] + model.intensity.bias
    torch.testing.assert_close(outputs.intensity, 1 / (1 + (-logit).exp()))
    logits = feature @ model.action.weight.T + model.action.bias
    torch.testing.assert_close(outputs.action, 1 / (1 + (-logits).exp()))


def test_scores_are_named_probabilities_micro_before_macro():
    model = network().eval()
    outputs = model(windows(3))
    scores = model.probabilities(windows(3))
    assert tuple(scores) == SCORE_NAMES == model.score_names
    assert SCORE_NAMES == ("intensity", "micro_action", "macro_action")
    torch.testing.assert_close(scores["micro_action"], outputs.action[:, 0])
    torch.testing.assert_close(scores["macro_action"], outputs.action[:, 1])
    assert all(((s >= 0) & (s <= 1)).all() for s in scores.values())


def test_a_window_scores_alone_as_it_does_in_a_batch():
    model = network().eval()
    together = model(windows(4))
    alone = model(windows(4)[2:3])
    torch.testing.assert_close(alone.intensity[0], together.intensity[2])
    torch.testing.assert_close(alone.action[0], together.action[2])


def test_no_window_is_no_score():
    outputs = network().eval()(windows(0))
    assert outputs.intensity.shape == (0,)
    assert outputs.action.shape == (0, 2)


def test_dropout_before_the_sigmoid_leaves_a_half():
    model = network(dropout=0.0, output_dropout=0.7).train()
    halves = (model.classify(torch.ones(4000, 8)).intensity == 0.5).float().mean()
    assert halves.item() == pytest.approx(0.7, abs=0.03)


def test_settled_outputs_are_those_of_evaluation_mode_without_a_gradient():
    model = network()
    feature = model.encode(windows(3))
    settled = model.train().settled(feature)
    evaluated = model.eval().classify(feature)
    for one, other in zip(settled, evaluated, strict=True):
        torch.testing.assert_close(one, other)
    assert not settled.intensity_logit.requires_grad
    assert evaluated.intensity_logit.requires_grad


def test_the_papers_network_has_two_small_branches_on_its_encoder():
    branches = ("hidden", "intensity", "action")
    model = GimNetwork(GimConfig())
    count = sum(p.numel() for n, p in model.named_parameters() if n.split(".")[0] in branches)
    assert count == (256 * 256 + 256) + (256 + 1) + (2 * 256 + 2)
    assert model.inputs == SpotFormerConfig()
