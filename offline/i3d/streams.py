"""Both networks on one device, loaded once per process."""

from functools import lru_cache
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from offline.i3d.clips import Clip
from offline.i3d.network import I3d
from offline.i3d.weights import I3dWeights
from offline.training.start import choose_device

KEPT: Final = 1
"""Pairs of networks in memory: a process extracts with one."""


class TwoStreams:
    """The networks of RGB and flow.

    Parameters
    ----------
    rgb, flow
        As :meth:`offline.i3d.weights.I3dWeights.networks` gives them.
    device
        Where they run.
    """

    def __init__(self, rgb: I3d, flow: I3d, device: torch.device) -> None:
        self._networks = (rgb.to(device), flow.to(device))
        self._device = device

    def features(self, clip: Clip) -> NDArray[np.float32]:
        """Return the features of a snippet, float32 (2, 1024): RGB, flow."""
        with torch.inference_mode():
            rows = [
                network(torch.from_numpy(part)[None].to(self._device))[0]
                for network, part in zip(self._networks, (clip.rgb, clip.flow), strict=True)
            ]
            return torch.stack(rows).float().cpu().numpy().astype(np.float32, copy=False)


@lru_cache(maxsize=KEPT)
def two_streams(weights: I3dWeights, device: str) -> TwoStreams:
    """Return networks with some weights on a device.

    Raises
    ------
    ModelError
        If a checkpoint cannot be read or is none of I3D.
    UsageError
        If torch has no such device.
    """
    chosen = choose_device(device)
    return TwoStreams(*weights.networks(), chosen)
