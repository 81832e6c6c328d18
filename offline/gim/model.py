"""The two branches of GIM on SpotFormer's encoder.

Deng et al., "Gaussian-based Instance-Adaptive Intensity Modeling for Point-Supervised Facial
Expression Spotting", sections 3.2 and 3.4. All layers after the encoder are convolutions of width
1, so one window has scores of its own.
"""

from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from offline.gim.config import GimConfig
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.encoders import make_encoder
from offline.spotformer.model import NodeEmbedding
from offline.spotformer.network import WindowNetwork

SCORE_NAMES: Final = ("intensity", "micro_action", "macro_action")
"""Names of the probabilities that GIM gives for one window."""


class GimOutputs(NamedTuple):
    """What the network says about T windows; logits, so that losses take exact logarithms.

    Attributes
    ----------
    intensity_logit
        float (T,).
    action_logit
        float (T, 2), kinds in the order micro, macro.
    x
        float (T, C): the intensity branch's intermediate feature, X of section 3.4.
    feature
        float (T, C): what both branches read, F of section 3.2.
    """

    intensity_logit: Tensor
    action_logit: Tensor
    x: Tensor
    feature: Tensor

    @property
    def intensity(self) -> Tensor:
        """Expression intensity a, float (T,) in [0, 1]."""
        return self.intensity_logit.sigmoid()

    @property
    def action(self) -> Tensor:
        """Action scores S, float (T, 2) in [0, 1], kinds in the order micro, macro."""
        return self.action_logit.sigmoid()

    def probabilities(self) -> dict[str, Tensor]:
        """Return a probability vector (T,) for each of ``SCORE_NAMES``."""
        action = self.action
        return dict(zip(SCORE_NAMES, (self.intensity, action[:, 0], action[:, 1]), strict=True))


class GimNetwork(WindowNetwork):
    """Figure 3: an encoder, an intensity branch and an action branch.

    Parameters
    ----------
    config
        Encoder and branches.
    """

    def __init__(self, config: GimConfig) -> None:
        super().__init__()
        self.config = config
        width, head = config.model.width, config.head
        self.embedding = NodeEmbedding(config.model)
        self.encoder = make_encoder(config.model)
        self.hidden = nn.Linear(width, width)
        self.activation = nn.LeakyReLU(head.leaky_slope)
        self.dropout = nn.Dropout(head.dropout)
        self.intensity = nn.Linear(width, 1)
        self.action = nn.Linear(width, 2)
        self.output_dropout = nn.Dropout(head.output_dropout)

    @property
    def method(self) -> str:
        """``gim``."""
        return "gim"

    @property
    def score_names(self) -> tuple[str, ...]:
        """``SCORE_NAMES``."""
        return SCORE_NAMES

    @property
    def inputs(self) -> SpotFormerConfig:
        """What it reads."""
        return self.config.model

    def forward(self, windows: Tensor) -> GimOutputs:
        """Return the outputs of float32 windows (T, W, K, 2), px on the canonical face."""
        return self.classify(self.encode(windows))

    def encode(self, windows: Tensor) -> Tensor:
        """Return the feature (T, C) of each window."""
        tokens: Tensor = self.encoder(self.embedding(windows))
        return tokens.flatten(1)

    def classify(self, feature: Tensor) -> GimOutputs:
        """Return the outputs of features (T, C)."""
        x = self.dropout(self.activation(self.hidden(feature)))
        return GimOutputs(
            self.output_dropout(self.intensity(x)).squeeze(1),
            self.output_dropout(self.action(feature)),
            x,
            feature,
        )

    @torch.no_grad()
    def settled(self, feature: Tensor) -> GimOutputs:
        """Return the outputs of features without the branches' dropout, whatever the mode.

        Pseudo-labels are made from these: with 0.7 of X dropped at random, distances between
        features (equation 4) would tell the dropped places and not the intensity.
        """
        x = self.activation(self.hidden(feature))
        return GimOutputs(self.intensity(x).squeeze(1), self.action(feature), x, feature)

    def probabilities(self, windows: Tensor) -> dict[str, Tensor]:
        """Return a probability vector (T,) for each of ``SCORE_NAMES``."""
        outputs: GimOutputs = self(windows)
        return outputs.probabilities()
