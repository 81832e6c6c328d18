import pytest
import torch
from torch.nn import functional

from offline.i3d.network import FEATURES, I3d
from tests.offline.i3d.published import convolutions, published_state


def unit(state, name, x, before=0, behind=0, stride=1):
    """Convolution with zeros before and behind, batch normalisation, rectifier, by the book."""
    padded = functional.pad(x, (before, behind) * 3)
    y = functional.conv3d(padded, state[f"{name}.conv3d.weight"], stride=stride)
    mean, variance, scale, shift = (
        state[f"{name}.bn.{part}"][:, None, None, None]
        for part in ("running_mean", "running_var", "weight", "bias")
    )
    return torch.clamp((y - mean) / torch.sqrt(variance + 1e-3) * scale + shift, min=0)


def pool(x, kernel, stride, pads):
    return functional.max_pool3d(functional.pad(x, pads), kernel, stride)


def module(state, name, x):
    three = unit(state, f"{name}.b1b", unit(state, f"{name}.b1a", x), 1, 1)
    five = unit(state, f"{name}.b2b", unit(state, f"{name}.b2a", x), 1, 1)
    pooled = unit(state, f"{name}.b3b", pool(x, 3, 1, (1,) * 6))
    return torch.cat([unit(state, f"{name}.b0", x), three, five, pooled], dim=1)


def by_the_book(state, x):
    """The published network on clips all of whose sizes can be halved as often as they are."""
    x = unit(state, "Conv3d_1a_7x7", x, 2, 3, stride=2)
    x = pool(x, (1, 3, 3), (1, 2, 2), (0, 1, 0, 1, 0, 0))
    x = unit(state, "Conv3d_2c_3x3", unit(state, "Conv3d_2b_1x1", x), 1, 1)
    x = pool(x, (1, 3, 3), (1, 2, 2), (0, 1, 0, 1, 0, 0))
    x = module(state, "Mixed_3c", module(state, "Mixed_3b", x))
    x = pool(x, 3, 2, (0, 1, 0, 1, 0, 1))
    for letter in "bcdef":
        x = module(state, f"Mixed_4{letter}", x)
    x = functional.max_pool3d(x, 2, 2)
    x = module(state, "Mixed_5c", module(state, "Mixed_5b", x))
    return functional.avg_pool3d(x, x.shape[2:])[:, :, 0, 0, 0]


@pytest.mark.parametrize("channels", [3, 2])
def test_features_are_those_of_the_published_network(channels):
    state = published_state(channels)
    network = I3d(channels).eval()
    network.load_state_dict(state, strict=False)
    clip = torch.rand((1, channels, 16, 64, 64), generator=torch.Generator().manual_seed(1)) * 2 - 1
    with torch.inference_mode():
        found, expected = network(clip), by_the_book(state, clip)
    assert found.shape == (1, FEATURES)
    assert expected.std() > 0.01
    torch.testing.assert_close(found, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("channels", "learnt"), [(3, 12_287_264), (2, 12_265_312)])
def test_it_has_as_many_numbers_as_the_published_network(channels, learnt):
    """Each convolution's kernel, and a scale and a shift per output."""
    counted = sum(o * i * k**3 + 2 * o for _, o, i, k in convolutions(channels))
    assert counted == learnt
    assert sum(weight.numel() for weight in I3d(channels).parameters()) == learnt


@pytest.mark.parametrize("frames", [1, 9])
def test_clips_of_any_length_have_1024_features(frames):
    network = I3d(2).eval()
    with torch.inference_mode():
        assert network(torch.zeros(2, 2, frames, 33, 40)).shape == (2, FEATURES)
