"""Exponential moving average of a network's weights."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn


class WeightAverage:
    """Averages every floating-point entry of a state dict; the others are copied.

    The decay starts low and rises to its value, so that the random first weights do not linger.

    Parameters
    ----------
    model
        Network whose state is followed.
    decay
        Final decay, in [0, 1).
    """

    def __init__(self, model: nn.Module, decay: float) -> None:
        self._decay = decay
        self._updates = 0
        self.weights = {k: v.detach().clone() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model: nn.Module) -> None:
        """Take one step towards the model's weights."""
        self._updates += 1
        decay = min(self._decay, self._updates / (10 + self._updates))
        for name, value in model.state_dict().items():
            if value.is_floating_point():
                self.weights[name].lerp_(value, 1 - decay)
            else:
                self.weights[name].copy_(value)

    def state(self) -> dict[str, object]:
        """Return what :meth:`restore` needs."""
        return {"updates": self._updates, "weights": self.weights}

    def restore(self, updates: int, weights: Mapping[str, Tensor]) -> None:
        """Go on from a saved state."""
        self._updates = updates
        for name, value in weights.items():
            self.weights[name].copy_(value)
