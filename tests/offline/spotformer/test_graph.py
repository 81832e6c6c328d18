from collections import Counter

import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch

from offline.spotformer.blocks import ChannelNorm
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.graph import to_onnx
from offline.spotformer.graph_layers import norm_affine
from offline.spotformer.model import SCORE_NAMES, SpotFormer
from realtime.types import FLOW_NODES, NODES

CONFIGS = {
    "all nodes": SpotFormerConfig(width=8, heads=2, nodes=NODES, input_compression_px=2.0),
    "the paper's nodes": SpotFormerConfig(width=12, heads=3, nodes=FLOW_NODES),
    "one node a part": SpotFormerConfig(width=8, heads=1, nodes=("mouth_top", "head_turn")),
    "one part": SpotFormerConfig(width=8, heads=4, mlp_width=20, nodes=NODES[:3]),
    "one node": SpotFormerConfig(width=8, heads=2, nodes=NODES[:1]),
}


def trained_like(config: SpotFormerConfig, seed: int) -> SpotFormer:
    """A network whose norms turn some channels round, and whose biases and tokens are not zero."""
    torch.manual_seed(seed)
    generator = torch.Generator().manual_seed(seed)
    model = SpotFormer(config)
    with torch.no_grad():
        for parameter in model.parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            parameter.add_(0.3 * noise / max(1.0, parameter.shape[-1] ** 0.5))
        for module in model.modules():
            if isinstance(module, ChannelNorm):
                signs = torch.randn(config.width, generator=generator).sign()
                module.weight.copy_(signs * torch.linspace(0.3, 1.2, config.width))
                module.running_mean.copy_(torch.randn(config.width, generator=generator))
                module.running_var.uniform_(0.3, 3.0, generator=generator)
    return model.eval()


def answers(graph: onnx.ModelProto, windows: np.ndarray) -> dict[str, np.ndarray]:
    session = ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])
    return dict(zip(SCORE_NAMES, session.run(list(SCORE_NAMES), {"windows": windows}), strict=True))


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_graph_answers_as_the_network(name: str, seed: int):
    model = trained_like(CONFIGS[name], seed)
    rng = np.random.default_rng(seed)
    windows = rng.normal(0, 2, (7, 17, len(model.config.nodes), 2)).astype(np.float32)
    with torch.no_grad():
        expected = model(torch.from_numpy(windows)).probabilities()
    got = answers(to_onnx(model), windows)
    assert max(np.ptp(vector) for vector in got.values()) > 0.01
    for score in SCORE_NAMES:
        np.testing.assert_allclose(got[score], expected[score].numpy(), atol=2e-5, err_msg=score)


def test_a_window_gets_the_same_answer_to_the_last_bit_alone_and_in_company():
    model = trained_like(CONFIGS["all nodes"], 3)
    rng = np.random.default_rng(3)
    windows = rng.normal(0, 2, (9, 17, len(NODES), 2)).astype(np.float32)
    graph = to_onnx(model)
    together = answers(graph, windows)
    for row in range(len(windows)):
        alone = answers(graph, windows[row : row + 1])
        assert all(alone[score][0] == together[score][row] for score in SCORE_NAMES)


def test_the_graph_passes_onnxs_full_check_with_shapes_inferred():
    onnx.checker.check_model(to_onnx(trained_like(CONFIGS["all nodes"], 0)), full_check=True)


def test_no_operator_is_spent_on_norms_residuals_or_biases_of_layers():
    graph = to_onnx(trained_like(CONFIGS["all nodes"], 0)).graph
    count = Counter(node.op_type for node in graph.node)
    downsamplings = 4
    # one sum each for compression and tokens, one before each convolution
    assert count["Add"] == 2 + downsamplings
    assert count["BatchNormalization"] == 0
    assert count["Attention"] == 6


def test_a_norm_without_running_statistics_is_refused():
    with pytest.raises(TypeError, match="running statistics"):
        norm_affine(ChannelNorm(4, track_running_stats=False))
