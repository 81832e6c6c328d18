"""Settings of a GIM run: network, pseudo-labels and losses, and the training loop."""

from dataclasses import dataclass, field
from typing import Final

from engines.errors import UsageError
from offline.gim.config import GimConfig, GimLossConfig, HeadConfig
from offline.snippets.reads import Reads
from offline.spotformer.config import SpotFormerConfig

SCHEDULES: Final = ("exponential", "cosine", "constant")
OPTIMIZERS: Final = ("adam", "adamw")


@dataclass(frozen=True, slots=True)
class GimTrainingConfig:
    """How a GIM is trained, from whole videos; the defaults are the paper's (section 4.1).

    Attributes
    ----------
    epochs
        Number of epochs.
    steps_per_epoch
        Steps of an epoch; 0 means each video once, which recorded data allow.
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
    learning_rate, beta1, beta2, weight_decay
        Of the optimiser.
    optimizer
        ``"adam"`` adds the weight decay to the gradient, as the paper's; ``"adamw"`` shrinks the
        weights themselves.
    schedule
        ``"exponential"``: times ``decay`` every ``decay_every`` epochs; ``"cosine"``: down to
        ``final_fraction`` of the rate at the last step; ``"constant"``.
    warmup_steps, ema_decay, gradient_clip, bfloat16
        As of a SpotFormer (:class:`offline.training.config.TrainingConfig`).
    pool_records, fresh_records_per_step
        A recipe's records in use at one time, and how many of them are replaced per step.
    validate_every, plot_every, keep_every
        Epochs between validations, plots and kept copies of the weights; 0 is never, and the
        last epoch always validates and plots.

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    epochs: int = 100
    steps_per_epoch: int = 0
    videos_per_step: int = 1
    most_ticks: int = 0
    even_kinds: bool = False
    empty_videos: bool = False
    learning_rate: float = 2e-5
    beta1: float = 0.9
    beta2: float = 0.999
    weight_decay: float = 0.1
    optimizer: str = "adam"
    schedule: str = "exponential"
    decay: float = 0.5
    decay_every: int = 30
    final_fraction: float = 0.01
    warmup_steps: int = 0
    ema_decay: float = 0.0
    gradient_clip: float = 0.0
    bfloat16: bool = False
    pool_records: int = 128
    fresh_records_per_step: float = 1.0
    validate_every: int = 1
    plot_every: int = 5
    keep_every: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "videos_per_step", "decay_every", "pool_records"):
            self._require(getattr(self, name) >= 1, name, "at least 1")
        for name in ("steps_per_epoch", "warmup_steps", "weight_decay", "gradient_clip"):
            self._require(getattr(self, name) >= 0, name, "at least 0")
        for name in ("validate_every", "plot_every", "keep_every", "fresh_records_per_step"):
            self._require(getattr(self, name) >= 0, name, "at least 0")
        for name in ("beta1", "beta2", "ema_decay"):
            self._require(0 <= getattr(self, name) < 1, name, "in [0, 1)")
        self._require(self.most_ticks == 0 or self.most_ticks >= 16, "most_ticks", "0 or above 15")
        self._require(0 <= self.final_fraction <= 1, "final_fraction", "in [0, 1]")
        self._require(self.learning_rate > 0, "learning_rate", "above 0")
        self._require(0 < self.decay <= 1, "decay", "in (0, 1]")
        for name, known in (("schedule", SCHEDULES), ("optimizer", OPTIMIZERS)):
            self._require(getattr(self, name) in known, name, f"one of {', '.join(known)}")

    def _require(self, holds: bool, name: str, rule: str) -> None:
        if not holds:
            raise UsageError(f"training: {name} {getattr(self, name)} must be {rule}")


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
