import dataclasses

import numpy as np
import pytest
import torch
from torch import nn

from engines.errors import UsageError
from offline.mcwes.config import FUSIONS, SnippetInputs, SnippetModel, SnippetNetworkConfig
from offline.mcwes.network import McWesNetwork
from tests.offline.mcwes.mcwes_makers import FEATURES, INPUTS, MODEL, answers, network


def rows(snippets, seed=0):
    return torch.randn((snippets, 2, FEATURES), generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("fusion", FUSIONS)
@pytest.mark.parametrize("snippets", [1, 2, 7, 300])
def test_any_number_of_snippets_is_scored(fusion, snippets):
    outputs = network(fusion=fusion)(rows(snippets))
    assert outputs.streams.shape == (2, snippets)
    assert outputs.cam.shape == outputs.suppressed.shape == (snippets, 3)
    assert outputs.feature.shape == (snippets, MODEL.fused_width)
    assert outputs.attention.min() > 0
    assert outputs.attention.max() < 1
    assert all(v.isfinite().all() for v in outputs)


def test_attention_is_the_mean_of_both_streams():
    outputs = network()(rows(9))
    assert torch.allclose(outputs.attention, (outputs.streams[0] + outputs.streams[1]) / 2)


def test_without_attention_a_class_falls_to_its_lowest_score():
    outputs = answers([1.0, 0.5, 0.0], [[3, 0, 1], [1, 4, 1], [-1, 2, 1]], [[0.0]] * 3)
    # per class: 3, 1, -1 over -1; 0, 4, 2 over 0; all alike
    assert outputs.suppressed.tolist() == [[3, 0, 1], [0, 2, 1], [-1, 0, 1]]


def test_scores_are_named_attention_micro_macro_background():
    model = network()
    outputs = model(rows(4))
    found = model.probabilities(rows(4))
    assert tuple(found) == model.score_names == ("attention", "micro", "macro", "background")
    assert torch.equal(found["attention"], outputs.attention)
    for column, name in enumerate(("micro", "macro", "background")):
        assert torch.equal(found[name], outputs.suppressed[:, column])


def test_each_stream_is_enhanced_by_the_other_and_attended_by_a_head_of_its_own():
    model = network()
    x = rows(6)
    rgb, flow = x.permute(1, 2, 0)
    outputs = model(x)
    first = model.enhancers[0](rgb, flow)
    second = model.enhancers[1](flow, rgb)
    assert torch.allclose(outputs.streams[0], model.attentions[0](first)[0])
    assert torch.allclose(outputs.streams[1], model.attentions[1](second)[0])
    assert torch.allclose(outputs.feature.T, model.fusion(torch.cat([first, second])))


def test_concatenation_lets_no_stream_into_the_attention_of_the_other():
    model = network(fusion="concatenate")
    x, y = rows(5), rows(5)
    y[:, 1] += 1
    assert torch.equal(model(x).streams[0], model(y).streams[0])
    assert not torch.equal(network()(x).streams[0], network()(y).streams[0])


def test_the_published_layers():
    model = McWesNetwork(SnippetNetworkConfig())

    def shapes(layers):
        return [tuple(m.weight.shape) for m in layers.modules() if isinstance(m, nn.Conv1d)]

    for head in model.attentions:
        assert shapes(head) == [(512, 1024, 3), (512, 512, 3), (1, 512, 1)]
    assert shapes(model.fusion) == [(2048, 2048, 1)]
    assert shapes(model.classifier) == [(2048, 2048, 3), (3, 2048, 1)]
    for enhancer in model.enhancers:
        assert shapes(enhancer) == [(1024, 1024, 1), (1024, 1024, 1), (1024, 1024, 3)]
    dropped = [m.p for m in model.modules() if isinstance(m, nn.Dropout)]
    assert dropped == [0.5, 0.5, 0.7, 0.7, 0.7]
    assert not model.embeddings


def test_features_are_standardised_by_constants_that_are_saved_with_the_weights():
    model, plain = network(), network()
    mean = torch.arange(2.0 * FEATURES).reshape(2, FEATURES)
    deviation = torch.full((2, FEATURES), 2.0)
    deviation[0, 0] = 0  # of a feature that never changes
    model.standardise(mean, deviation)
    divisor = deviation.clone()
    divisor[0, 0] = 1
    x = rows(5)
    assert torch.allclose(model(x).cam, plain((x - mean) / divisor).cam, atol=1e-6)
    copy = network(1)
    copy.load_state_dict(model.state_dict())
    assert torch.equal(copy(x).cam, model(x).cam)


def test_an_embedding_sets_the_width_of_the_streams():
    model = network(embedding=9)
    assert [m.in_channels for m in model.modules() if isinstance(m, nn.Conv1d)][:2] == [6, 6]
    assert model.enhancers[0].query.weight.shape == (9, 9, 1)
    assert model(rows(3)).cam.shape == (3, 3)


def test_a_video_is_scored_the_same_whatever_came_before():
    model = network()
    alone = model(rows(5)).cam
    model(rows(50, 1))
    assert torch.equal(model(rows(5)).cam, alone)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"source": "i3D"}, "source i3D"), ({"frames": 0}, "frames 0"),
        ({"rate_hz": 0.0}, "rate_hz 0.0"), ({"features": 0}, "features 0"),
        ({"source": "sw-mro", "rate_hz": 25.0}, "rate_hz 25.0 must be 30"),
        ({"frames": 2, "rate_hz": 200.0}, "frames 2"),
    ],
)  # fmt: skip
def test_inputs_that_cannot_be_are_refused(changed, named):
    with pytest.raises(UsageError, match=named):
        dataclasses.replace(INPUTS, **changed)


@pytest.mark.parametrize(
    ("changed", "named"),
    [
        ({"fusion": "sum"}, "fusion sum"), ({"dropout": 1.0}, "dropout 1.0"),
        ({"attention_dropout": -0.1}, "attention_dropout"), ({"fused_width": 0}, "fused_width 0"),
        ({"embedding": -1}, "embedding -1"), ({"leaky_slope": 2.0}, "leaky_slope 2.0"),
    ],
)  # fmt: skip
def test_layers_that_cannot_be_are_refused(changed, named):
    with pytest.raises(UsageError, match=named):
        SnippetModel(**changed)


def test_a_snippet_of_samm_lasts_4_8_ticks():
    samm = SnippetInputs(frames=32, rate_hz=200.0)
    assert samm.ticks == pytest.approx(4.8)
    assert samm.reads == "snippets of 4.8 ticks, i3d"
    assert np.isclose(SnippetInputs().ticks, 8)
    assert SnippetInputs(source="i3d-random-7").source == "i3d-random-7"
