"""Settings of a GIM run: network, pseudo-labels and losses, and the training loop."""

from dataclasses import dataclass, field

from offline.gim.config import GimConfig, GimLossConfig, HeadConfig
from offline.snippets.reads import Reads
from offline.spotformer.config import SpotFormerConfig
from offline.training.loop_config import OPTIMIZERS, LoopConfig


@dataclass(frozen=True, slots=True)
class GimTrainingConfig(LoopConfig):
    """How a GIM is trained, from whole videos; the defaults are the paper's (section 4.1).

    Without ``steps_per_epoch`` each video comes once in an epoch.

    Attributes
    ----------
    videos_per_step
        Videos of which a step takes the mean loss; the paper has one. Batch normalisation sees
        them together: with one alone, its statistics are those of that video, with or without
        large motion, and faint motion is not the same in training and in use.
    most_ticks
        Longest run of ticks of one step, at least 16; a longer video is cut, around one of its
        points where it has any. 0 takes every video whole, as the paper does.
    even_kinds
        Whether a video that is cut is cut around a point of either kind as often, where it has
        both, or around any of its points alike.
    empty_videos
        Whether videos without any point are trained on, as nothing but neutral ticks; the paper
        does not say.
    optimizer
        ``"adam"`` adds the weight decay to the gradient, as the paper's; ``"adamw"`` shrinks the
        weights themselves.
    bfloat16
        As of a SpotFormer (:class:`offline.training.config.TrainingConfig`).

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    learning_rate: float = 2e-5
    weight_decay: float = 0.1
    decay_every: int = 30
    videos_per_step: int = 1
    most_ticks: int = 0
    even_kinds: bool = False
    empty_videos: bool = False
    optimizer: str = "adam"
    bfloat16: bool = False

    def __post_init__(self) -> None:
        LoopConfig.__post_init__(self)  # a class with slots is another than the one super() knows
        self._require_least(1, "videos_per_step")
        self._require(self.most_ticks == 0 or self.most_ticks >= 16, "most_ticks", "0 or above 15")
        self._require_one_of(OPTIMIZERS, "optimizer")


@dataclass(frozen=True, slots=True)
class GimSettings:
    """Everything that shapes a GIM run but its data, points and seed."""

    model: SpotFormerConfig = field(default_factory=SpotFormerConfig)
    head: HeadConfig = field(default_factory=HeadConfig)
    loss: GimLossConfig = field(default_factory=GimLossConfig)
    training: GimTrainingConfig = field(default_factory=GimTrainingConfig)

    @property
    def method(self) -> str:
        """Name of the method."""
        return "gim"

    @property
    def window(self) -> int:
        """Ticks of the windows that features are measured with."""
        return self.model.window

    @property
    def files(self) -> Reads:
        """Feature files that are read."""
        return Reads(self.window)

    @property
    def reads(self) -> str:
        """What the network reads, in words."""
        return self.model.reads

    @property
    def network(self) -> GimConfig:
        """Settings of the network alone."""
        return GimConfig(self.model, self.head)
