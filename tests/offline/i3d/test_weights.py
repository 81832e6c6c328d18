import re

import numpy as np
import pytest
import torch

from engines.errors import ModelError, UsageError
from offline.i3d.weights import I3dWeights, random_network, trained_network
from tests.offline.i3d.published import published_state


@pytest.fixture(scope="module")
def state():
    return published_state(3)


@pytest.fixture
def saved(tmp_path):
    def save(content, **how):
        torch.save(content, tmp_path / "weights.pt", **how)
        return tmp_path / "weights.pt"

    return save


@pytest.mark.parametrize("zipped", [True, False])
def test_a_checkpoint_of_the_published_layout_fills_every_tensor(state, saved, zipped):
    """Older ones, as published, are no zip archives."""
    path = saved(state, _use_new_zipfile_serialization=zipped)
    network = trained_network(3, path)
    filled = network.state_dict()
    assert not network.training
    assert set(state) - set(filled) == {"logits.conv3d.weight", "logits.conv3d.bias"}
    assert {name for name in filled if name not in state} == {
        name for name in filled if name.endswith("num_batches_tracked")
    }
    for name in set(state) & set(filled):
        torch.testing.assert_close(filled[name], state[name], rtol=0, atol=0)


def test_a_checkpoint_without_classes_or_with_counters_is_as_good(state, saved):
    other = {name: tensor for name, tensor in state.items() if not name.startswith("logits")}
    other["Conv3d_1a_7x7.bn.num_batches_tracked"] = torch.tensor(7)
    trained_network(3, saved(other))


def test_what_is_missing_unknown_or_of_another_shape_is_named(state, saved):
    wrong = dict(state)
    del wrong["Mixed_4d.b1b.conv3d.weight"]
    wrong["head.weight"] = torch.zeros(3)
    wrong["Mixed_5c.b0.bn.bias"] = torch.zeros(383)
    with pytest.raises(ModelError) as caught:
        trained_network(3, saved(wrong))
    text = str(caught.value)
    assert "no I3D of rgb" in text
    assert "lacks Mixed_4d.b1b.conv3d.weight;" in text
    assert "has an unknown head.weight;" in text
    assert "Mixed_5c.b0.bn.bias is (383,), not (384,)" in text
    assert "\n" not in text


def test_many_missing_tensors_are_counted(state, saved):
    few = dict(list(state.items())[:5])
    with pytest.raises(ModelError, match=r"lacks Conv3d_2b_1x1.conv3d.weight, .* and \d+ more"):
        trained_network(3, saved(few))


def test_the_weights_of_the_other_stream_are_refused(state, saved):
    reason = "no I3D of flow: Conv3d_1a_7x7.conv3d.weight is (64, 3, 7, 7, 7), not (64, 2, 7, 7, 7)"
    with pytest.raises(ModelError, match=re.escape(reason)):
        trained_network(2, saved(state))


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ([1, 2], "holds no tensors by name"),
        ({"epoch": 3}, "'epoch' is no tensor"),
        ({"a": torch.tensor([1.0, float("nan")])}, "a is not finite"),
        ({"a": np.random.default_rng(0)}, "holds more than tensors"),
    ],
)
def test_other_contents_are_refused_and_no_object_is_made(saved, content, reason):
    with pytest.raises(ModelError, match=reason):
        trained_network(3, saved(content))


@pytest.mark.parametrize("content", [b"", b"no checkpoint", b"PK\x03\x04 torn"])
def test_files_that_are_no_checkpoints_are_refused(tmp_path, content):
    path = tmp_path / "weights.pt"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=r"weights.pt: .*give a Kinetics checkpoint"):
        trained_network(3, path)


def test_a_missing_checkpoint_is_named(tmp_path):
    weights = I3dWeights(tmp_path / "a.pt", tmp_path / "b.pt")
    with pytest.raises(ModelError, match=r"a\.pt"):
        weights.networks()
    with pytest.raises(ModelError, match=r"a\.pt"):
        weights.marks()


def test_random_weights_are_those_of_their_seed_and_carry_a_clip_through(state):
    one, same, other = (random_network(3, np.random.default_rng(seed)) for seed in (5, 5, 6))
    clip = torch.rand((1, 3, 8, 32, 32)) * 2 - 1
    with torch.inference_mode():
        torch.testing.assert_close(one(clip), same(clip), rtol=0, atol=0)
        assert not torch.allclose(one(clip), other(clip))
        assert 0.01 < one(clip).std() < 100


def test_features_of_random_weights_say_so(tmp_path):
    assert I3dWeights(seed=7).source == "i3d-random-7"
    assert I3dWeights(seed=7).marks() == {"rgb": "random, seed 7", "flow": "random, seed 7"}
    assert I3dWeights(tmp_path / "a", tmp_path / "b").source == "i3d"


@pytest.mark.parametrize("given", [{}, {"rgb": "a.pt"}, {"flow": "a.pt"}])
def test_without_weights_random_ones_are_offered(given):
    with pytest.raises(UsageError, match=r"--i3d-rgb FILE and --i3d-flow FILE.*--i3d-random SEED"):
        I3dWeights(**given)


@pytest.mark.parametrize("given", [{"seed": -1}, {"seed": 1, "rgb": "a.pt"}])
def test_a_seed_stands_alone(given):
    with pytest.raises(UsageError, match="--i3d-random takes a seed"):
        I3dWeights(**given)
