"""Weights of I3D: the files that the field uses, or random ones that are marked as such."""

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from engines.errors import ModelError, SourceError, UsageError
from offline.data.content import content_hash
from offline.i3d.network import I3d

COUNTER: Final = "num_batches_tracked"
"""Of a batch normalisation; the published files are older than it, saved again they have it."""

CLASSES: Final = ("logits.conv3d.weight", "logits.conv3d.bias")
"""What turns features into classes of actions: read by nobody here."""

CHANNELS: Final = {"rgb": 3, "flow": 2}
LISTED: Final = 3
UNREADABLE: Final = (OSError, RuntimeError, ValueError, EOFError, KeyError, pickle.UnpicklingError)
ADVICE: Final = "give a Kinetics checkpoint of the PyTorch port (rgb_imagenet.pt, flow_imagenet.pt)"


@dataclass(frozen=True, slots=True)
class I3dWeights:
    """Where the weights of both streams come from.

    Attributes
    ----------
    rgb, flow
        Checkpoints, or None where they are random.
    seed
        Of random weights, or None.

    Raises
    ------
    UsageError
        If neither both files nor a seed are given, or all of them, or the seed is negative.
    """

    rgb: Path | None = None
    flow: Path | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        files = [path for path in (self.rgb, self.flow) if path is not None]
        if self.seed is not None and (files or self.seed < 0):
            raise UsageError(
                "--i3d-random takes a seed of at least 0, and no --i3d-rgb or --i3d-flow beside it"
            )
        if self.seed is None and len(files) < len(CHANNELS):
            raise UsageError(
                "I3D needs weights, and none come with this program: give --i3d-rgb FILE and "
                "--i3d-flow FILE (Kinetics checkpoints of the public PyTorch port), or "
                "--i3d-random SEED for random ones, which every report names"
            )

    @property
    def source(self) -> str:
        """How records and reports name features of these weights."""
        return "i3d" if self.seed is None else f"i3d-random-{self.seed}"

    def marks(self) -> dict[str, str]:
        """Return what tells the weights of both streams from all others.

        Raises
        ------
        ModelError
            If a file cannot be read.
        """
        if self.rgb is None or self.flow is None:
            return dict.fromkeys(CHANNELS, f"random, seed {self.seed}")
        try:
            return {"rgb": content_hash(self.rgb), "flow": content_hash(self.flow)}
        except SourceError as error:
            raise ModelError(f"{error}; {ADVICE}") from error

    def networks(self) -> tuple[I3d, I3d]:
        """Return the networks of RGB and flow, on the CPU, ready to run.

        Raises
        ------
        ModelError
            If a checkpoint cannot be read or is none of this network.
        """
        if self.rgb is None or self.flow is None:
            rng = np.random.default_rng(self.seed)
            return random_network(CHANNELS["rgb"], rng), random_network(CHANNELS["flow"], rng)
        return trained_network(CHANNELS["rgb"], self.rgb), trained_network(
            CHANNELS["flow"], self.flow
        )


def trained_network(channels: int, path: Path) -> I3d:
    """Return a network with the weights of a checkpoint.

    Raises
    ------
    ModelError
        If it cannot be read, holds more than tensors, or lacks tensors, has others, or has them of
        other shapes.
    """
    network = _empty(channels)
    found = _tensors(path)
    wanted = {
        name: tensor for name, tensor in network.state_dict().items() if not name.endswith(COUNTER)
    }
    problems = _problems(wanted, found)
    if problems:
        stream = next(name for name, number in CHANNELS.items() if number == channels)
        raise ModelError(f"{path}: no I3D of {stream}: {'; '.join(problems)}; {ADVICE}")
    network.load_state_dict({name: found[name] for name in wanted}, strict=False)
    return network.eval()


def random_network(channels: int, rng: np.random.Generator) -> I3d:
    """Return a network that was never trained: He's normal weights, and neutral normalisation."""
    network = _empty(channels)
    for module in network.modules():
        if isinstance(module, nn.Conv3d):
            shape = tuple(module.weight.shape)
            deviation = float(np.sqrt(2 / np.prod(shape[1:])))
            drawn = rng.standard_normal(shape, np.float32) * np.float32(deviation)
            module.weight.data = torch.from_numpy(drawn)
    return network.eval()


def _empty(channels: int) -> I3d:
    """Return a network whose convolutions were not initialised: that takes seconds."""
    with torch.device("meta"):
        network = I3d(channels)
    network.to_empty(device="cpu")
    for module in network.modules():
        if isinstance(module, nn.BatchNorm3d):
            module.reset_parameters()
    return network.requires_grad_(requires_grad=False)


def _tensors(path: Path) -> dict[str, Tensor]:
    """Return the tensors of a checkpoint by name, finite numbers only."""
    if not path.is_file():
        raise ModelError(f"{path}: no such I3D checkpoint; {ADVICE}")
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
    except UNREADABLE as error:
        # torch advises to load other objects all the same: that would run what is in them
        alien = isinstance(error, pickle.UnpicklingError)
        reason = "holds more than tensors, or is damaged" if alien else "cannot be read"
        raise ModelError(f"{path}: {reason}; {ADVICE}") from error
    if not isinstance(state, Mapping):
        raise ModelError(f"{path}: holds no tensors by name; {ADVICE}")
    for name, tensor in state.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise ModelError(f"{path}: {name!r} is no tensor; {ADVICE}")
        if not torch.isfinite(tensor).all():
            raise ModelError(f"{path}: {name} is not finite; {ADVICE}")
    return dict(state)


def _problems(wanted: Mapping[str, Tensor], found: Mapping[str, Tensor]) -> list[str]:
    missing = [name for name in wanted if name not in found]
    known = {*wanted, *CLASSES}
    extra = [name for name in found if name not in known and not name.endswith(COUNTER)]
    shapes = [
        f"{name} is {tuple(found[name].shape)}, not {tuple(tensor.shape)}"
        for name, tensor in wanted.items()
        if name in found and found[name].shape != tensor.shape
    ]
    stated = (("lacks ", missing), ("has an unknown ", extra), ("", shapes))
    return [said + _some(names) for said, names in stated if names]


def _some(names: Sequence[str]) -> str:
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more} more" if more > 0 else "")
