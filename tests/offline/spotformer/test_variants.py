"""The variants of section 4 of the SpotFormer paper."""

import pytest
import torch
from torch import nn

from engines.errors import UsageError
from offline.spotformer.blocks import AttentionLayer, Downsample, pool_nodes
from offline.spotformer.config import ARCHITECTURES, SpotFormerConfig, require_exportable
from offline.spotformer.model import LOGITS, NodeEmbedding, SpotFormer
from offline.spotformer.parallel_encoder import ParallelEncoder, TemporalConvolution
from realtime.types import NODES

SMALL = {"width": 8, "heads": 2}


def small(**changes) -> SpotFormerConfig:
    return SpotFormerConfig(**{**SMALL, **changes})


def shapes(model: SpotFormer) -> list[tuple[int, int]]:
    """Ticks and nodes after every layer of a sequential encoder that changes them."""
    tokens = model.embedding(torch.zeros(2, model.config.window, len(model.config.nodes), 2))
    out = [tuple(tokens.shape[1:3])]
    for layer in model.encoder:
        tokens = layer(tokens)
        if tuple(tokens.shape[1:3]) != out[-1]:
            out.append(tuple(tokens.shape[1:3]))
    return out


class Published(nn.Module):
    """Simul-ST spelt out layer by layer, as section 3.2.6 and figure 4 have it for 17 ticks."""

    def __init__(self, config: SpotFormerConfig) -> None:
        super().__init__()
        width, heads = config.width, config.heads
        parts = config.part_sizes

        def layer(axis):
            return AttentionLayer(width, heads, width, axis, config.dropout)

        self.embedding = NodeEmbedding(config)
        self.encoder = nn.Sequential(
            layer("space"), layer("time"), Downsample(width, parts),
            layer("space"), layer("time"), Downsample(width, (len(parts),)),
            layer("time"), Downsample(width, (1,)),
            layer("time"), Downsample(width, (1,), padding=0),
        )  # fmt: skip
        self.head = nn.Linear(width, LOGITS)

    def forward(self, windows):
        return self.head(self.encoder(self.embedding(windows)).flatten(1))


@pytest.mark.parametrize("nodes", [SpotFormerConfig().nodes, NODES])
def test_simul_st_is_the_published_network_to_the_last_bit_with_the_same_names(nodes):
    config = small(nodes=nodes)
    torch.manual_seed(7)
    ours = SpotFormer(config)
    torch.manual_seed(7)
    theirs = Published(config)
    assert list(ours.state_dict()) == list(theirs.state_dict())
    for name, value in theirs.state_dict().items():
        assert torch.equal(ours.state_dict()[name], value), name
    windows = torch.randn(5, 17, len(nodes), 2)
    for network in (ours, theirs):
        network.eval()
    logits, expected = ours(windows), theirs(windows)
    assert torch.equal(logits.boundary.flatten(1), expected[:, :6])
    assert torch.equal(torch.cat([logits.apex, logits.expression], 1), expected[:, 6:])


@pytest.mark.parametrize(
    ("window", "ticks"),
    [
        (5, (5, 3, 1)),
        (9, (9, 5, 3, 1)),
        (11, (11, 6, 3, 1)),
        (15, (15, 8, 4, 2, 1)),
        (17, (17, 9, 5, 3, 1)),
        (19, (19, 10, 5, 3, 1)),
        (21, (21, 11, 6, 3, 1)),
        (25, (25, 13, 7, 4, 2, 1)),
    ],
)
def test_strides_of_two_bring_any_window_to_one_tick(window, ticks):
    config = small(window=window)
    assert config.ticks == ticks
    nodes = [10, 3, *[1] * (len(ticks) - 2)]
    assert shapes(SpotFormer(config).eval()) == list(zip(ticks, nodes, strict=True))


def test_seq_st_pools_the_graph_at_all_ticks_and_then_shortens_time():
    model = SpotFormer(small(architecture="seq-st")).eval()
    assert shapes(model) == [(17, 10), (17, 3), (17, 1), (9, 1), (5, 1), (3, 1), (1, 1)]
    axes = [m.attention.axis for m in model.encoder if isinstance(m, AttentionLayer)]
    assert axes == ["space", "space", "time", "time", "time", "time"]


def test_simul_ts_has_time_before_space_at_every_scale():
    model = SpotFormer(small(architecture="simul-ts")).eval()
    assert shapes(model) == [(17, 10), (9, 3), (5, 1), (3, 1), (1, 1)]
    axes = [m.attention.axis for m in model.encoder if isinstance(m, AttentionLayer)]
    assert axes == ["time", "space", "time", "space", "time", "time"]


def test_without_local_pooling_all_nodes_are_kept_until_their_average():
    model = SpotFormer(small(pooling="global")).eval()
    assert shapes(model) == [(17, 10), (9, 10), (5, 1), (3, 1), (1, 1)]


def test_the_global_pooling_is_the_mean_over_the_nodes():
    tokens = torch.randn(2, 4, 5, 3)
    torch.testing.assert_close(pool_nodes(tokens, (5,), average=True)[:, :, 0], tokens.mean(2))
    assert pool_nodes(tokens, (1,) * 5, average=True) is tokens


@pytest.mark.parametrize("pooling", ["local", "global"])
@pytest.mark.parametrize("architecture", [a for a in ARCHITECTURES if a != "paral-st"])
def test_all_but_paral_st_have_the_same_number_of_weights(architecture, pooling):
    count = SpotFormer(small(architecture=architecture, pooling=pooling)).parameters_count
    assert count == SpotFormer(small()).parameters_count


def test_paral_st_adds_a_convolution_per_fusion_and_layers_for_the_other_graphs():
    width = 8
    plain = SpotFormer(small()).parameters_count
    attention = sum(p.numel() for p in AttentionLayer(width, 2, width, "time").parameters())
    shorten = sum(p.numel() for p in Downsample(width, (1,)).parameters())
    fusion = width * width * 3 + width
    # four temporal scales: attention of two more graphs, two fusions; three scales shorten them
    added = 4 * 2 * (attention + fusion) + 3 * 2 * shorten
    assert SpotFormer(small(architecture="paral-st")).parameters_count == plain + added


@pytest.mark.parametrize("architecture", ["paral-st", "paral-st-shared"])
def test_paral_st_adds_what_each_graphs_attention_says_to_the_next_graphs(architecture):
    encoder = SpotFormer(small(architecture=architecture, window=5)).eval().encoder
    assert isinstance(encoder, ParallelEncoder)
    level = encoder.levels[0]
    graphs = [torch.randn(2, 5, nodes, 8) for nodes in (10, 3, 1)]
    if architecture == "paral-st":
        attended = [layer(graph) for layer, graph in zip(level.attentions, graphs, strict=True)]
        fusions, shorten = level.fusions, level.downsamples
    else:
        attended = [level.attention(graph) for graph in graphs]
        fusions, shorten = [nn.Identity()] * 2, [level.downsample] * 3
    first = torch.stack([p.amax(2) for p in attended[0].split((3, 3, 4), 2)], 2)
    middle = attended[1] + fusions[0](first)
    last = attended[2] + fusions[1](middle.amax(2, keepdim=True))
    for out, layer, graph in zip(level(graphs), shorten, [attended[0], middle, last], strict=True):
        pooled = Downsample(8, (1,) * graph.shape[2])
        pooled.load_state_dict(layer.state_dict())
        torch.testing.assert_close(out, pooled.eval()(graph), rtol=1e-4, atol=1e-5)


def test_the_fusions_convolution_runs_over_the_ticks_of_each_node_alone():
    layer = TemporalConvolution(4)
    tokens = torch.randn(2, 6, 3, 4)
    out = layer(tokens)
    assert out.shape == tokens.shape
    series = tokens[1, :, 2].T[None]
    torch.testing.assert_close(out[1, :, 2].T, layer.convolution(series)[0], rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("window", [5, 9, 17, 25])
@pytest.mark.parametrize("pooling", ["local", "global"])
@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_variant_reads_every_node_and_tick_and_can_be_trained(architecture, pooling, window):
    torch.manual_seed(0)
    config = small(architecture=architecture, pooling=pooling, window=window)
    model = SpotFormer(config).train()
    windows = torch.randn(6, window, 10, 2, requires_grad=True)
    logits = model(windows)
    assert logits.boundary.shape == (6, 2, 3)
    assert logits.feature.shape == (6, 8)
    (logits.apex.sum() + logits.boundary.square().sum()).backward()
    assert windows.grad is not None
    assert (windows.grad.abs().sum(dim=(0, 3)) > 0).all()
    assert all(p.grad is not None for p in model.parameters())


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_window_is_scored_alike_alone_and_in_a_batch_by_every_variant(architecture):
    torch.manual_seed(0)
    model = SpotFormer(small(architecture=architecture))
    model(torch.randn(16, 17, 10, 2) * 3)
    model.eval()
    windows = torch.randn(4, 17, 10, 2)
    alone = torch.cat([model(window[None]).apex for window in windows])
    torch.testing.assert_close(model(windows).apex, alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"window": 3}, "odd, from 5 to 33"),
        ({"window": 35}, "odd, from 5 to 33"),
        ({"window": 10}, "odd"),
        ({"architecture": "seq"}, "seq-st"),
        ({"pooling": "max"}, "local, global"),
        ({"flow": "none"}, "first-frame, adjacent"),
        ({"flow": "adjacent", "nodes": NODES}, "posture"),
    ],
)
def test_variants_that_do_not_exist_are_refused_and_the_choice_is_named(change, word):
    with pytest.raises(UsageError, match=word):
        small(**change)


def test_only_simul_st_on_live_windows_can_be_exported():
    require_exportable(small(nodes=NODES))
    odd = [
        *({"architecture": name} for name in ARCHITECTURES[1:]),
        {"pooling": "global"},
        {"flow": "adjacent"},
        {"window": 9},
    ]
    for change in odd:
        ((key, value),) = change.items()
        with pytest.raises(UsageError, match=f"{key} {value}.*cannot be exported") as refused:
            require_exportable(small(**change))
        assert "\n" not in str(refused.value)
