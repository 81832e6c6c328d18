"""The network of figure 2: two streams of snippets in, attention and T-CAM out.

Its layers are those of CO2-Net, in which the fusion module is replaced.
"""

from abc import abstractmethod
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn

from engines.intervals import Kind
from offline.mcwes.config import SnippetInputs, SnippetModel, SnippetNetworkConfig
from offline.mcwes.fusion import make_enhancer
from offline.methods.network import SpottingNetwork

STREAMS: Final = 2
CLASSES: Final = (*(str(kind) for kind in Kind), "background")
"""Columns of a T-CAM, in this order."""

BACKGROUND: Final = len(CLASSES) - 1
SCORE_NAMES: Final = ("attention", *CLASSES)
"""Names of what a network of snippets says about one snippet."""


class SnippetOutputs(NamedTuple):
    """What a network says about the T snippets of one video.

    Attributes
    ----------
    streams
        A_rgb and A_flow, float (2, T) in [0, 1].
    cam
        T-CAM S, float (T, 3), columns as in ``CLASSES``: logits, or probabilities where the
        method says so.
    feature
        Fused features, float (T, C).
    """

    streams: Tensor
    cam: Tensor
    feature: Tensor

    @property
    def attention(self) -> Tensor:
        """A, the mean of both streams, float (T,) in [0, 1]."""
        return self.streams.mean(0)

    @property
    def suppressed(self) -> Tensor:
        """Ŝ, float (T, 3): without attention, each class falls to its lowest score in the video."""
        lowest = self.cam.min(0).values
        return self.attention[:, None] * (self.cam - lowest) + lowest

    def probabilities(self) -> dict[str, Tensor]:
        """Return a vector (T,) for each of ``SCORE_NAMES``."""
        return dict(zip(SCORE_NAMES, (self.attention, *self.suppressed.T), strict=True))


class AttentionHead(nn.Sequential):
    """Attention of one stream: (D, T) to (1, T) in [0, 1].

    Parameters
    ----------
    width
        D.
    config
        Widths and dropout.
    """

    def __init__(self, width: int, config: SnippetModel) -> None:
        inner = config.attention_width
        super().__init__(
            nn.Conv1d(width, inner, 3, padding=1),
            nn.LeakyReLU(config.leaky_slope),
            nn.Dropout(config.attention_dropout),
            nn.Conv1d(inner, inner, 3, padding=1),
            nn.LeakyReLU(config.leaky_slope),
            nn.Conv1d(inner, 1, 1),
            nn.Sigmoid(),
        )


class SnippetNetwork(SpottingNetwork):
    """What the networks of MC-WES and PWES have in common: all but the name and one sigmoid.

    A video goes through on its own, whole, so that videos of any length share a batch and no
    padding reaches a mean, a maximum or a softmax over time.

    Parameters
    ----------
    config
        Input and layers.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, config: SnippetNetworkConfig) -> None:
        super().__init__()
        self.config = config
        model, features = config.model, config.snippets.features
        width = model.embedding or features
        self.register_buffer("mean", torch.zeros(STREAMS, features))
        self.register_buffer("scale", torch.ones(STREAMS, features))
        self.embeddings = nn.ModuleList(self._embeddings(features, model))
        self.enhancers = nn.ModuleList(make_enhancer(width, model) for _ in range(STREAMS))
        self.attentions = nn.ModuleList(AttentionHead(width, model) for _ in range(STREAMS))
        self.fusion = nn.Sequential(
            nn.Conv1d(STREAMS * width, model.fused_width, 1),
            nn.LeakyReLU(model.leaky_slope),
            nn.Dropout(model.dropout),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(model.dropout),
            nn.Conv1d(model.fused_width, model.fused_width, 3, padding=1),
            nn.LeakyReLU(model.leaky_slope),
            nn.Dropout(model.dropout),
            nn.Conv1d(model.fused_width, len(CLASSES), 1),
        )

    @property
    @abstractmethod
    def bounded(self) -> bool:
        """Whether the T-CAM is made of probabilities, by a sigmoid."""

    @property
    def score_names(self) -> tuple[str, ...]:
        """``SCORE_NAMES``."""
        return SCORE_NAMES

    @property
    def inputs(self) -> SnippetInputs:
        """What it reads."""
        return self.config.snippets

    def standardise(self, mean: Tensor, deviation: Tensor) -> None:
        """Make constants of the training data part of the network.

        Parameters
        ----------
        mean, deviation
            float (2, D) of the features; one that never changes is left as it is.
        """
        self.mean.copy_(mean)
        self.scale.copy_(1 / torch.where(deviation > 0, deviation, 1.0))

    def forward(self, snippets: Tensor) -> SnippetOutputs:
        """Return the outputs of one video's snippets, float32 (T, 2, D) with T at least 1."""
        rgb, flow = self.streams(snippets)
        enhanced = (self.enhancers[0](rgb, flow), self.enhancers[1](flow, rgb))
        attention = [head(x) for head, x in zip(self.attentions, enhanced, strict=True)]
        fused = self.fusion(torch.cat(enhanced))
        cam = self.classifier(fused).T
        return SnippetOutputs(torch.cat(attention), cam.sigmoid() if self.bounded else cam, fused.T)

    def streams(self, snippets: Tensor) -> tuple[Tensor, Tensor]:
        """Return both streams, (D, T) each, as the enhancers read them."""
        first, second = ((snippets - self.mean) * self.scale).permute(1, 2, 0)
        if not self.embeddings:
            return first, second
        return self.embeddings[0](first), self.embeddings[1](second)

    def probabilities(self, snippets: Tensor, /) -> dict[str, Tensor]:
        """Return a vector (T,) for each of ``SCORE_NAMES``, of one video's snippets (T, 2, D)."""
        outputs: SnippetOutputs = self(snippets)
        return outputs.probabilities()

    @staticmethod
    def _embeddings(features: int, model: SnippetModel) -> list[nn.Module]:
        if not model.embedding:
            return []
        return [
            nn.Sequential(nn.Conv1d(features, model.embedding, 1), nn.LeakyReLU(model.leaky_slope))
            for _ in range(STREAMS)
        ]


class McWesNetwork(SnippetNetwork):
    """The network of MC-WES, whose T-CAM is made of logits."""

    @property
    def method(self) -> str:
        """``mc-wes``."""
        return "mc-wes"

    @property
    def bounded(self) -> bool:
        """No."""
        return False
