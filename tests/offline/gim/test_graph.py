import numpy as np
import onnxruntime as ort
import pytest
import torch

from engines.errors import UsageError
from offline.gim.config import GimConfig, HeadConfig
from offline.gim.graph import to_onnx
from offline.gim.model import SCORE_NAMES, GimNetwork
from offline.spotformer.config import SpotFormerConfig
from realtime.types import FLOW_NODES, NODES

CONFIGS = {
    "all nodes": GimConfig(SpotFormerConfig(width=8, heads=2, nodes=NODES)),
    "the paper's nodes": GimConfig(SpotFormerConfig(width=12, heads=3, nodes=FLOW_NODES)),
    "another slope": GimConfig(
        SpotFormerConfig(width=8, heads=1, nodes=NODES[:3]), HeadConfig(leaky_slope=0.7)
    ),
    "one node": GimConfig(SpotFormerConfig(width=8, heads=2, nodes=NODES[:1])),
}


def trained(config: GimConfig) -> GimNetwork:
    """A network whose norms have seen data and whose answers differ between windows."""
    torch.manual_seed(0)
    network = GimNetwork(config)
    for _ in range(3):
        network(torch.randn(32, 17, len(config.model.nodes), 2) * 2)
    with torch.no_grad():
        for layer in (network.intensity, network.action, network.hidden):
            layer.weight.mul_(3)
    return network


@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize("count", [1, 7])
def test_the_graph_answers_as_the_network_in_evaluation(name, count):
    network = trained(CONFIGS[name])
    graph = to_onnx(network).SerializeToString()
    session = ort.InferenceSession(graph, providers=["CPUExecutionProvider"])
    assert tuple(output.name for output in session.get_outputs()) == SCORE_NAMES
    nodes = len(CONFIGS[name].model.nodes)
    windows = np.random.default_rng(count).normal(0, 2, (count, 17, nodes, 2)).astype(np.float32)
    answers = session.run(None, {"windows": windows})
    with torch.no_grad():
        expected = network.eval().probabilities(torch.from_numpy(windows))
    for score, answer in zip(SCORE_NAMES, answers, strict=True):
        np.testing.assert_allclose(answer, expected[score].numpy(), atol=2e-6)
        assert answer.shape == (count,)
        if count > 1:
            assert np.ptp(answer) > 1e-3


def test_dropout_and_mode_leave_no_trace_in_the_graph():
    network = trained(CONFIGS["all nodes"])
    first = to_onnx(network.train()).SerializeToString()
    assert to_onnx(network.eval()).SerializeToString() == first


def test_a_variant_that_cannot_run_live_is_refused():
    config = GimConfig(SpotFormerConfig(width=8, heads=2, window=9, nodes=NODES))
    with pytest.raises(UsageError, match="cannot be exported"):
        to_onnx(GimNetwork(config))
