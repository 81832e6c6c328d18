"""The published checkpoints' tensors, from GoogLeNet's table (Szegedy et al. 2015, table 1).

Batch normalisation follows every convolution but the last, which alone has a bias.
"""

import numpy as np
import torch

GOOGLENET = """
3b 192  64  96 128 16  32  32
3c 256 128 128 192 32  96  64
4b 480 192  96 208 16  48  64
4c 512 160 112 224 24  64  64
4d 512 128 128 256 24  64  64
4e 512 112 144 288 32  64  64
4f 528 256 160 320 32 128 128
5b 832 256 160 320 32 128 128
5c 832 384 192 384 48 128 128
"""
"""Module, its input, #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5 (3×3 here), pool projection."""


def convolutions(channels):
    """Yield name, outputs, inputs and kernel of each convolution."""
    yield "Conv3d_1a_7x7", 64, channels, 7
    yield "Conv3d_2b_1x1", 64, 64, 1
    yield "Conv3d_2c_3x3", 192, 64, 3
    for line in GOOGLENET.strip().splitlines():
        name, *numbers = line.split()
        inputs, one, reduce3, three, reduce5, five, pool = map(int, numbers)
        yield f"Mixed_{name}.b0", one, inputs, 1
        yield f"Mixed_{name}.b1a", reduce3, inputs, 1
        yield f"Mixed_{name}.b1b", three, reduce3, 3
        yield f"Mixed_{name}.b2a", reduce5, inputs, 1
        yield f"Mixed_{name}.b2b", five, reduce5, 3
        yield f"Mixed_{name}.b3b", pool, inputs, 1


def published_state(channels, seed=0, classes=400):
    """Return a checkpoint of the published layout, its numbers those of a network that works."""
    rng, state = np.random.default_rng(seed), {}

    def put(name, *shape, scale=1.0, about=0.0):
        numbers = about + scale * rng.standard_normal(shape, np.float32)
        state[name] = torch.from_numpy(numbers.astype(np.float32))

    for name, outputs, inputs, kernel in convolutions(channels):
        deviation = (2 / (inputs * kernel**3)) ** 0.5
        put(f"{name}.conv3d.weight", outputs, inputs, kernel, kernel, kernel, scale=deviation)
        put(f"{name}.bn.weight", outputs, scale=0.1, about=1.0)
        put(f"{name}.bn.bias", outputs, scale=0.1)
        put(f"{name}.bn.running_mean", outputs, scale=0.1)
        state[f"{name}.bn.running_var"] = torch.from_numpy(
            rng.uniform(0.5, 2, outputs).astype(np.float32)
        )
    put("logits.conv3d.weight", classes, 1024, 1, 1, 1, scale=0.03)
    put("logits.conv3d.bias", classes)
    return state
