import dataclasses

import numpy as np
import pytest
import torch

from offline.mcwes.config import SnippetModel
from offline.mcwes.fusion import Alone, Ccm, Cscm, make_enhancer
from tests.offline.mcwes.mcwes_makers import double

WIDTH, SNIPPETS = 4, 5


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def streams(snippets=SNIPPETS, seed=0):
    draw = np.random.default_rng(seed)
    return draw.normal(size=(2, WIDTH, snippets))


def module(kind, **changes):
    torch.manual_seed(3)
    return kind(WIDTH, dataclasses.replace(SnippetModel(), **changes)).double()


def run(enhancer, main, support):
    with torch.no_grad():
        return enhancer(torch.tensor(main), torch.tensor(support)).numpy()


def convolved(layer, x):
    """A convolution of width 3 with zeros around it, tap by tap."""
    weight, bias = double(layer.weight), double(layer.bias)
    padded = np.pad(x, ((0, 0), (1, 1)))
    out = np.zeros((len(bias), x.shape[1]))
    for t in range(x.shape[1]):
        for tap in range(3):
            out[:, t] += weight[:, :, tap] @ padded[:, t + tap]
    return out + bias[:, None]


def core_by_hand(enhancer, main, scale):
    """Equations 2 and 3, snippet by snippet."""
    query = double(enhancer.query.weight)[:, :, 0] @ main + double(enhancer.query.bias)[:, None]
    mixed = np.zeros_like(query)
    for t in range(main.shape[1]):
        weight = np.exp(scale * np.array([query[:, t] @ query[:, u] for u in range(main.shape[1])]))
        for u, share in enumerate(weight / weight.sum()):
            mixed[:, t] += share * query[:, u]
    return double(enhancer.core.weight)[:, :, 0] @ mixed + double(enhancer.core.bias)[:, None]


@pytest.mark.parametrize(("scaled", "scale"), [(False, 1.0), (True, 0.5)])
def test_equations_1_to_6(scaled, scale):
    enhancer = module(Cscm, scaled_core=scaled)
    rgb, flow = streams()
    mean = rgb.mean(axis=1)
    squeezed = sigmoid(double(enhancer.squeeze.weight) @ mean + double(enhancer.squeeze.bias))
    core = core_by_hand(enhancer, rgb, scale)
    assert enhancer.salient(torch.tensor(rgb)).detach().numpy() == pytest.approx(core)
    enhanced = convolved(enhancer.support, flow + core)
    expected = sigmoid(enhanced * squeezed[:, None]) * rgb
    assert run(enhancer, rgb, flow) == pytest.approx(expected)


def test_a_convolution_of_width_3_on_the_mean_of_equation_1_is_the_layer_that_stands_for_it():
    enhancer = module(Cscm)
    wide = torch.nn.Conv1d(WIDTH, WIDTH, 3, padding=1).double()
    with torch.no_grad():
        wide.weight[:, :, 1] = enhancer.squeeze.weight
        wide.bias.copy_(enhancer.squeeze.bias)
        mean = torch.tensor(streams()[0].mean(axis=1))
        assert torch.allclose(wide(mean[:, None])[:, 0], enhancer.squeeze(mean))


def test_ccm_keeps_a_channel_by_the_mean_of_one_stream_and_the_snippet_of_the_other():
    enhancer = module(Ccm, leaky_slope=0.2)
    rgb, flow = streams()
    squeezed = double(enhancer.squeeze.weight) @ rgb.mean(axis=1) + double(enhancer.squeeze.bias)
    local = convolved(enhancer.support, flow)
    local = np.where(local > 0, local, 0.2 * local)
    expected = sigmoid(local * squeezed[:, None]) * rgb
    assert run(enhancer, rgb, flow) == pytest.approx(expected)


def test_concatenation_leaves_a_stream_as_it_is():
    rgb, flow = streams()
    assert np.array_equal(run(module(Alone), rgb, flow), rgb)


@pytest.mark.parametrize("kind", [Cscm, Ccm])
def test_a_stream_is_only_ever_weakened(kind):
    rgb, flow = streams(seed=5)
    out = run(module(kind), rgb, flow)
    assert (np.abs(out) <= np.abs(rgb)).all()
    assert (np.sign(out) == np.sign(rgb)).all()


@pytest.mark.parametrize("kind", [Cscm, Ccm, Alone])
def test_one_snippet_is_enough(kind):
    rgb, flow = streams(1)
    assert run(module(kind), rgb, flow).shape == (WIDTH, 1)
    assert np.isfinite(run(module(kind), rgb, flow)).all()


def test_the_fusion_is_chosen_by_name():
    kinds = {name: type(make_enhancer(2, SnippetModel(fusion=name))) for name in
             ("cscm", "ccm", "concatenate")}  # fmt: skip
    assert kinds == {"cscm": Cscm, "ccm": Ccm, "concatenate": Alone}
