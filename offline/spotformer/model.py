"""SpotFormer: simultaneous spatio-temporal attention with facial local graph pooling.

Deng et al., "SpotFormer: Multi-Scale Spatio-Temporal Transformer for Facial Expression
Spotting", section 3.2.
"""

from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from offline.spotformer.blocks import soft_compress
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.encoders import make_encoder
from offline.spotformer.network import WindowNetwork

LOGITS: Final = 10
SCORE_NAMES: Final = tuple(
    f"{kind}_{score}"
    for kind in ("micro", "macro")
    for score in ("onset", "offset", "apex", "expression")
)
"""Names of the probabilities that a SpotFormer gives for one window."""


class Logits(NamedTuple):
    """What the network says before softmax and sigmoid, kinds in the order micro, macro.

    Attributes
    ----------
    boundary
        float (B, 2, 3): onset, offset and none, a softmax per kind.
    apex, expression
        float (B, 2): a sigmoid each.
    feature
        float (B, C): what the head reads, for equation 4.
    """

    boundary: Tensor
    apex: Tensor
    expression: Tensor
    feature: Tensor

    def probabilities(self) -> dict[str, Tensor]:
        """Return a probability vector (B,) for each of ``SCORE_NAMES``."""
        boundary = self.boundary.softmax(dim=-1)
        apex, expression = self.apex.sigmoid(), self.expression.sigmoid()
        scores: dict[str, Tensor] = {}
        for row, kind in enumerate(("micro", "macro")):
            scores[f"{kind}_onset"] = boundary[:, row, 0]
            scores[f"{kind}_offset"] = boundary[:, row, 1]
            scores[f"{kind}_apex"] = apex[:, row]
            scores[f"{kind}_expression"] = expression[:, row]
        return scores


class SpotFormer(WindowNetwork):
    """The network of figure 4 (Simul-ST), or one of the variants of section 4.

    Ticks go 17, 9, 5, 3, 1 and nodes go K, parts, 1, 1, 1: two levels of spatial and temporal
    attention, then two of temporal attention alone (:mod:`offline.spotformer.encoders`).

    Parameters
    ----------
    config
        Size and inputs.
    """

    def __init__(self, config: SpotFormerConfig) -> None:
        super().__init__()
        self.config = config
        self.embedding = NodeEmbedding(config)
        self.encoder = make_encoder(config)
        self.head = nn.Linear(config.width, LOGITS)

    @property
    def method(self) -> str:
        """``spotformer``."""
        return "spotformer"

    @property
    def score_names(self) -> tuple[str, ...]:
        """``SCORE_NAMES``."""
        return SCORE_NAMES

    @property
    def inputs(self) -> SpotFormerConfig:
        """What it reads."""
        return self.config

    def forward(self, windows: Tensor) -> Logits:
        """Return the logits of float32 windows (B, W, K, 2), px on the canonical face."""
        return self.classify(self.encode(windows))

    def encode(self, windows: Tensor) -> Tensor:
        """Return the feature (B, C) of each window."""
        tokens: Tensor = self.encoder(self.embedding(windows))
        return tokens.flatten(1)

    def classify(self, feature: Tensor) -> Logits:
        """Return the logits of features (B, C)."""
        out = self.head(feature)
        return Logits(out[:, :6].view(-1, 2, 3), out[:, 6:8], out[:, 8:10], feature)

    def probabilities(self, windows: Tensor) -> dict[str, Tensor]:
        """Return a probability vector (B,) for each of ``SCORE_NAMES``."""
        logits: Logits = self(windows)
        return logits.probabilities()


class NodeEmbedding(nn.Module):
    """Linear node embedding plus temporal and facial-part tokens (sections 3.2.1 to 3.2.3)."""

    part_of_node: Tensor

    def __init__(self, config: SpotFormerConfig) -> None:
        super().__init__()
        self.compression_px = config.input_compression_px
        self.projection = nn.Linear(2, config.width)
        self.temporal = nn.Parameter(torch.empty(config.window, 1, config.width))
        self.part = nn.Parameter(torch.empty(len(config.part_sizes), config.width))
        self.dropout = nn.Dropout(config.embedding_dropout)
        part_of_node = torch.arange(len(config.part_sizes)).repeat_interleave(
            torch.tensor(config.part_sizes)
        )
        self.register_buffer("part_of_node", part_of_node, persistent=False)
        for token in (self.temporal, self.part):
            nn.init.trunc_normal_(token, std=0.02)

    def forward(self, windows: Tensor) -> Tensor:
        """Return tokens (B, W, K, C) of windows (B, W, K, 2)."""
        if self.compression_px is not None:
            windows = soft_compress(windows, self.compression_px)
        tokens = self.projection(windows) + (self.temporal + self.part[self.part_of_node])
        out: Tensor = self.dropout(tokens)
        return out
