import numpy as np
import pytest
import torch

from engines.errors import UsageError
from offline.spotformer.blocks import Attention, Downsample, soft_compress
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.inference import score
from offline.spotformer.model import SCORE_NAMES, SpotFormer
from realtime.types import NODES

TINY = SpotFormerConfig(width=8, heads=2, nodes=NODES)


def tiny(config: SpotFormerConfig = TINY, seed: int = 0) -> SpotFormer:
    torch.manual_seed(seed)
    model = SpotFormer(config)
    model.train()
    for _ in range(3):  # batch statistics other than those of a new network
        model(torch.randn(16, 17, len(config.nodes), 2) * 3)
    return model.eval()


def test_the_papers_network_has_about_3_2_million_parameters():
    assert round(SpotFormer(SpotFormerConfig()).parameters_count / 1e6, 1) == 3.2


def test_the_papers_network_has_three_parts_of_three_three_and_four_nodes():
    assert SpotFormerConfig().part_sizes == (3, 3, 4)


def test_lids_head_and_posture_are_parts_of_their_own():
    assert TINY.part_sizes == (3, 3, 4, 1, 3, 4)
    assert SpotFormerConfig(nodes=("mouth_top", "head_turn")).part_sizes == (1, 1)


def test_the_pyramid_goes_17_9_5_3_1_ticks_and_10_3_1_nodes():
    model = SpotFormer(SpotFormerConfig(width=8, heads=2)).eval()
    tokens = model.embedding(torch.zeros(2, 17, 10, 2))
    shapes = [tuple(tokens.shape[1:3])]
    for level in model.encoder:
        tokens = level(tokens)
        if isinstance(level, Downsample):
            shapes.append(tuple(tokens.shape[1:3]))
    assert shapes == [(17, 10), (9, 3), (5, 1), (3, 1), (1, 1)]


def test_pooling_takes_the_maximum_of_each_part():
    down = Downsample(2, (2, 3))
    tokens = torch.arange(2 * 4 * 5 * 2.0).view(2, 4, 5, 2)
    pooled = down.pool(tokens)
    torch.testing.assert_close(pooled[:, :, 0], tokens[:, :, 1])
    torch.testing.assert_close(pooled[:, :, 1], tokens[:, :, 4])


@pytest.mark.parametrize("axis", ["space", "time"])
def test_attention_is_torchs_multi_head_attention_over_its_axis(axis):
    torch.manual_seed(1)
    ours = Attention(8, 2, axis)
    theirs = torch.nn.MultiheadAttention(8, 2, batch_first=True)
    theirs.in_proj_weight.data.copy_(ours.inputs.weight.data)
    theirs.in_proj_bias.data.copy_(ours.inputs.bias.data)
    theirs.out_proj.load_state_dict(ours.output.state_dict())
    tokens = torch.randn(3, 5, 4, 8)
    sequences = tokens if axis == "space" else tokens.transpose(1, 2)
    flat = sequences.reshape(-1, *sequences.shape[2:])
    expected = theirs(flat, flat, flat)[0].view(sequences.shape)
    if axis == "time":
        expected = expected.transpose(1, 2)
    torch.testing.assert_close(ours(tokens), expected, rtol=1e-4, atol=1e-5)


def test_probabilities_are_those_of_softmax_and_sigmoid():
    logits = tiny()(torch.randn(5, 17, 18, 2))
    scores = logits.probabilities()
    assert tuple(scores) == SCORE_NAMES
    torch.testing.assert_close(scores["macro_onset"], logits.boundary[:, 1].softmax(-1)[:, 0])
    torch.testing.assert_close(scores["micro_apex"], logits.apex[:, 0].sigmoid())
    for kind in ("micro", "macro"):
        assert (scores[f"{kind}_onset"] + scores[f"{kind}_offset"] <= 1).all()


def test_a_window_is_scored_alike_alone_and_in_a_batch():
    model = tiny()
    windows = torch.randn(6, 17, 18, 2)
    together = model(windows).apex
    alone = torch.cat([model(window[None]).apex for window in windows])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)


def test_every_node_and_tick_reaches_the_answer():
    model = tiny()
    windows = torch.randn(1, 17, 18, 2, requires_grad=True)
    model(windows).apex.sum().backward()
    assert windows.grad is not None
    assert (windows.grad.abs().sum(dim=-1) > 0).float().mean() > 0.9


def test_compression_keeps_small_motion_and_bounds_large():
    out = soft_compress(torch.tensor([0.0, 0.02, -2.0, 1e6]), 2.0)
    torch.testing.assert_close(out, torch.tensor([0.0, 0.02 / 1.01, -1.0, 2.0]))


@pytest.mark.parametrize("ticks", [0, 1, 7])
def test_scores_of_a_record_come_in_its_length_whatever_the_batch(ticks):
    model = tiny()
    rng = np.random.default_rng(0)
    features = rng.normal(size=(ticks, 17, 18, 2)).astype(np.float32)
    whole, parts = score(model, features), score(model, features, batch=2)
    for name in SCORE_NAMES:
        assert whole.values[name].shape == (ticks,)
        np.testing.assert_allclose(whole.values[name], parts.values[name], atol=1e-5)


def test_a_model_reads_only_its_own_nodes_of_a_record():
    config = SpotFormerConfig(width=8, heads=2, nodes=("mouth_top", "lids"))
    features = np.random.default_rng(0).normal(size=(3, 17, 18, 2)).astype(np.float32)
    changed = features.copy()
    changed[:, :, [i for i, node in enumerate(NODES) if node not in config.nodes]] = 99
    model = tiny(config)
    for name, vector in score(model, features).values.items():
        np.testing.assert_array_equal(vector, score(model, changed).values[name])


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"width": 10, "heads": 4}, "multiple"),
        ({"nodes": ()}, "nodes"),
        ({"nodes": ("mouth_top", "mouth_top")}, "nodes"),
        ({"nodes": ("lids", "mouth_top")}, "nodes"),
        ({"nodes": ("nose",)}, "nodes"),
        ({"dropout": 1.0}, "dropout"),
        ({"window": 16}, "window"),
        ({"input_compression_px": 0.0}, "input_compression_px"),
        ({"mlp_width": 0}, "mlp_width"),
    ],
)
def test_settings_that_make_no_network_are_refused(change, word):
    with pytest.raises(UsageError, match=word):
        SpotFormerConfig(**change)
