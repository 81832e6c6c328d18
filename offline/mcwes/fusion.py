"""How a stream is enhanced by the other one: CSCM (section 3.3, equations 1 to 6) and rivals.

Each module takes the main and the supporting stream, (D, T) each, and returns the main stream as
it goes on, (D, T).
"""

from typing import Final

import torch
from torch import Tensor, nn

from offline.mcwes.config import SnippetModel


class Cscm(nn.Module):
    """Core saliency compensation module (figure 3).

    Parameters
    ----------
    width
        D.
    config
        Says whether equation 3 is scaled.
    """

    def __init__(self, width: int, config: SnippetModel) -> None:
        super().__init__()
        # equation 1 has a convolution of width 3 here, of which only the middle tap meets anything
        # but padding, since it reads one vector
        self.squeeze = nn.Linear(width, width)
        self.query = nn.Conv1d(width, width, 1)
        self.core = nn.Conv1d(width, width, 1)
        self.support = nn.Conv1d(width, width, 3, padding=1)
        self.scale = width**-0.5 if config.scaled_core else 1.0

    def forward(self, main: Tensor, support: Tensor) -> Tensor:
        """Return O of equation 6."""
        squeezed: Tensor = self.squeeze(main.mean(1)).sigmoid()
        enhanced: Tensor = self.support(support + self.salient(main))
        return (enhanced * squeezed[:, None]).sigmoid() * main

    def salient(self, main: Tensor) -> Tensor:
        """Return F_core (D, T) of equation 3."""
        query = self.query(main).T
        alike = torch.softmax(self.scale * (query @ query.T), dim=1)
        core: Tensor = self.core((alike @ query).T)
        return core


class Ccm(nn.Module):
    """CO2-Net's cross-modal consensus module.

    A channel of the main stream is kept by what its mean over time and the supporting stream's
    snippet say together.

    Parameters
    ----------
    width
        D.
    config
        Gives the slope of the leaky ReLU.
    """

    def __init__(self, width: int, config: SnippetModel) -> None:
        super().__init__()
        self.squeeze = nn.Linear(width, width)
        self.support = nn.Conv1d(width, width, 3, padding=1)
        self.activation = nn.LeakyReLU(config.leaky_slope)

    def forward(self, main: Tensor, support: Tensor) -> Tensor:
        """Return the main stream, re-weighted."""
        squeezed: Tensor = self.squeeze(main.mean(1))
        local: Tensor = self.activation(self.support(support))
        return (local * squeezed[:, None]).sigmoid() * main


class Alone(nn.Module):
    """A stream as it is, for direct concatenation.

    Parameters
    ----------
    width, config
        As of the others; not used.
    """

    def __init__(self, width: int, config: SnippetModel) -> None:  # noqa: ARG002
        super().__init__()

    def forward(self, main: Tensor, support: Tensor) -> Tensor:  # noqa: ARG002
        """Return the main stream."""
        return main


Enhancer = Cscm | Ccm | Alone
ENHANCERS: Final[dict[str, type[Cscm] | type[Ccm] | type[Alone]]] = {
    "cscm": Cscm,
    "ccm": Ccm,
    "concatenate": Alone,
}


def make_enhancer(width: int, config: SnippetModel) -> Enhancer:
    """Return the module that a fusion is made with, for streams of D channels."""
    return ENHANCERS[config.fusion](width, config)
