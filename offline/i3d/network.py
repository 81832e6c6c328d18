"""Inception-I3D as it was trained on Kinetics (Carreira and Zisserman 2017), without its classes.

Modules are named so that the tensors of the public PyTorch port's checkpoints fit. Convolutions and
poolings pad with zeros as TensorFlow does, which trained the weights: as much as gives
ceil(size / stride), the odd one behind.
"""

from collections import OrderedDict
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

FEATURES: Final = 1024
"""Features of a clip."""

Triple = tuple[int, int, int]

INCEPTIONS: Final = {
    "Mixed_3b": (192, (64, 96, 128, 16, 32, 32)),
    "Mixed_3c": (256, (128, 128, 192, 32, 96, 64)),
    "Mixed_4b": (480, (192, 96, 208, 16, 48, 64)),
    "Mixed_4c": (512, (160, 112, 224, 24, 64, 64)),
    "Mixed_4d": (512, (128, 128, 256, 24, 64, 64)),
    "Mixed_4e": (512, (112, 144, 288, 32, 64, 64)),
    "Mixed_4f": (528, (256, 160, 320, 32, 128, 128)),
    "Mixed_5b": (832, (256, 160, 320, 32, 128, 128)),
    "Mixed_5c": (832, (384, 192, 384, 48, 128, 128)),
}
"""Channels into each module, and out of its convolutions: b0, b1a, b1b, b2a, b2b, b3b."""


class Pool(nn.Module):
    """Maximum over a neighbourhood, of what a rectifier gave: zeros around it change nothing."""

    def __init__(self, kernel: Triple, stride: Triple) -> None:
        super().__init__()
        self.kernel, self.stride = kernel, stride

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, C, T', H', W') of (N, C, T, H, W)."""
        return functional.max_pool3d(_padded(x, self.kernel, self.stride), self.kernel, self.stride)


class Unit(nn.Module):
    """Convolution, batch normalisation, rectifier."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.conv3d = nn.Conv3d(inputs, outputs, kernel, stride, bias=False)
        self.bn = nn.BatchNorm3d(outputs, eps=1e-3, momentum=0.01)
        self.kernel: Triple = (kernel,) * 3
        self.stride: Triple = (stride,) * 3

    def forward(self, x: Tensor) -> Tensor:
        """Return (N, outputs, T', H', W') of (N, inputs, T, H, W)."""
        out: Tensor = self.bn(self.conv3d(_padded(x, self.kernel, self.stride)))
        return out.relu_()


class Inception(nn.Module):
    """Four branches side by side."""

    def __init__(self, inputs: int, channels: tuple[int, int, int, int, int, int]) -> None:
        super().__init__()
        one, before_two, two, before_three, three, pooled = channels
        self.b0 = Unit(inputs, one)
        self.b1a, self.b1b = Unit(inputs, before_two), Unit(before_two, two, 3)
        self.b2a, self.b2b = Unit(inputs, before_three), Unit(before_three, three, 3)
        self.b3a, self.b3b = Pool((3, 3, 3), (1, 1, 1)), Unit(inputs, pooled)

    def forward(self, x: Tensor) -> Tensor:
        """Return the branches' channels one after the other."""
        branches = (
            self.b0(x),
            self.b1b(self.b1a(x)),
            self.b2b(self.b2a(x)),
            self.b3b(self.b3a(x)),
        )
        return torch.cat(branches, dim=1)


class I3d(nn.Module):
    """One stream.

    Parameters
    ----------
    channels
        Of its input: 3 for RGB, 2 for flow.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["Conv3d_1a_7x7"] = Unit(channels, 64, 7, 2)
        layers["MaxPool3d_2a_3x3"] = Pool((1, 3, 3), (1, 2, 2))
        layers["Conv3d_2b_1x1"] = Unit(64, 64)
        layers["Conv3d_2c_3x3"] = Unit(64, 192, 3)
        layers["MaxPool3d_3a_3x3"] = Pool((1, 3, 3), (1, 2, 2))
        for name, (inputs, outputs) in INCEPTIONS.items():
            if name == "Mixed_4b":
                layers["MaxPool3d_4a_3x3"] = Pool((3, 3, 3), (2, 2, 2))
            if name == "Mixed_5b":
                layers["MaxPool3d_5a_2x2"] = Pool((2, 2, 2), (2, 2, 2))
            layers[name] = Inception(inputs, outputs)
        for name, layer in layers.items():
            self.add_module(name, layer)
        self.channels = channels

    def forward(self, clips: Tensor) -> Tensor:
        """Return the mean over time and place of the last module.

        Parameters
        ----------
        clips
            float32 (N, channels, T, H, W) in [-1, 1].

        Returns
        -------
        float32 (N, 1024)
            The port averages over two steps of 7 × 7, which a clip of 9 to 16 frames at 224 × 224
            has: the same mean. Shorter clips have one step, longer ones more.
        """
        x = clips
        for layer in self.children():
            x = layer(x)
        return x.mean(dim=(2, 3, 4))


def _padded(x: Tensor, kernel: Triple, stride: Triple) -> Tensor:
    """Pad (N, C, T, H, W) with zeros to ceil(size / stride) outputs along each axis."""
    sides: list[int] = []
    # functional.pad takes the last axis first
    for axis in (2, 1, 0):
        size, window, step = x.shape[2 + axis], kernel[axis], stride[axis]
        missing = max(0, (-(-size // step) - 1) * step + window - size)
        sides += [missing // 2, missing - missing // 2]
    return functional.pad(x, sides) if any(sides) else x
