import numpy as np
import onnx
import onnxruntime as ort
import pytest
import torch

from engines.graph import require_safe
from offline.mcwes.graph import to_onnx
from offline.mcwes.network import SCORE_NAMES, SnippetNetwork
from tests.offline.mcwes.mcwes_makers import FEATURES, network


class Bounded(SnippetNetwork):
    """As PWES: a sigmoid before the T-CAM is suppressed."""

    @property
    def method(self) -> str:
        return "bounded"

    @property
    def bounded(self) -> bool:
        return True


def bounded():
    torch.manual_seed(0)
    return Bounded(network().config)


def standardised():
    model = network()
    draw = torch.Generator().manual_seed(1)
    model.standardise(
        torch.randn((2, FEATURES), generator=draw), torch.rand((2, FEATURES), generator=draw) + 0.1
    )
    return model


NETWORKS = {
    "cscm": network,
    "scaled": lambda: network(scaled_core=True),
    "ccm": lambda: network(fusion="ccm"),
    "concatenate": lambda: network(fusion="concatenate"),
    "embedding": lambda: network(embedding=9, leaky_slope=0.4),
    "standardised": standardised,
    "bounded": bounded,
}


def session(graph):
    return ort.InferenceSession(graph.SerializeToString(), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("name", NETWORKS)
def test_the_graph_answers_as_the_network_for_any_number_of_snippets(name):
    model = NETWORKS[name]()
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(2)  # so that scores differ between snippets
    model.train()  # the graph drops nothing all the same
    running = session(to_onnx(model))
    model.eval()
    for snippets in (1, 2, 7, 300):
        x = np.random.default_rng(snippets).normal(size=(snippets, 2, FEATURES)).astype(np.float32)
        found = running.run(None, {"snippets": x})
        with torch.no_grad():
            expected = model.probabilities(torch.from_numpy(x))
        for vector, score in zip(found, SCORE_NAMES, strict=True):
            assert vector.shape == (snippets,)
            np.testing.assert_allclose(vector, expected[score].numpy(), atol=2e-5, rtol=1e-4)


def test_the_graph_is_one_that_engines_take():
    graph = to_onnx(network())
    require_safe(graph, "model")
    (taken,) = graph.graph.input
    dims = taken.type.tensor_type.shape.dim
    assert taken.name == "snippets"
    assert dims[0].dim_param
    assert [d.dim_value for d in dims[1:]] == [2, FEATURES]
    assert tuple(o.name for o in graph.graph.output) == SCORE_NAMES
    onnx.checker.check_model(graph, full_check=True)
