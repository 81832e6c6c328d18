"""Settings of a PWES run: network, pseudo labels, contrast, losses, and the training loop."""

from dataclasses import dataclass, field
from typing import Final

from engines.errors import UsageError
from offline.mcwes.config import SnippetInputs, SnippetModel, SnippetNetworkConfig
from offline.pwes.config import ContrastConfig, MiningConfig, PwesLossConfig
from offline.snippets.reads import Reads
from realtime.types import WINDOW

SCHEDULES: Final = ("exponential", "cosine", "constant")
OPTIMIZERS: Final = ("adam", "adamw")


@dataclass(frozen=True, slots=True)
class PwesTrainingConfig:
    """How a PWES network is trained; the defaults are the paper's for CAS(ME)² (section 4.3).

    SAMM-LV differs in ``learning_rate`` 8e-4.

    Attributes
    ----------
    epochs, steps_per_epoch
        Epochs, and batches in one; 0 means each video once, which recorded data allow. The paper
        counts batches alone, 1000 in all.
    batch
        Videos in a batch.
    empty_videos
        Whether videos without any point are trained on, as nothing but background.
    settled
        Whether pseudo labels are made by the network without dropout, in a pass of its own. The
        paper does not say; similarities of features of which 0.7 are dropped at random tell the
        dropped places.
    learning_rate, beta1, beta2, weight_decay
        Of the optimiser.
    optimizer
        ``"adam"`` adds the weight decay to the gradient; ``"adamw"`` shrinks the weights.
    schedule, decay, decay_every, final_fraction
        As of GIM (:class:`offline.gim.settings.GimTrainingConfig`).
    warmup_steps, ema_decay, gradient_clip
        As of a SpotFormer (:class:`offline.training.config.TrainingConfig`); this warm-up is of the
        learning rate.
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

    epochs: int = 20
    steps_per_epoch: int = 50
    batch: int = 8
    empty_videos: bool = True
    settled: bool = True
    learning_rate: float = 5e-4
    beta1: float = 0.9
    beta2: float = 0.999
    weight_decay: float = 0.0
    optimizer: str = "adam"
    schedule: str = "constant"
    decay: float = 0.5
    decay_every: int = 10
    final_fraction: float = 0.01
    warmup_steps: int = 0
    ema_decay: float = 0.0
    gradient_clip: float = 0.0
    pool_records: int = 64
    fresh_records_per_step: float = 1.0
    validate_every: int = 1
    plot_every: int = 5
    keep_every: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch", "decay_every", "pool_records"):
            self._require(getattr(self, name) >= 1, name, "at least 1")
        for name in ("steps_per_epoch", "warmup_steps", "weight_decay", "gradient_clip"):
            self._require(getattr(self, name) >= 0, name, "at least 0")
        for name in ("validate_every", "plot_every", "keep_every", "fresh_records_per_step"):
            self._require(getattr(self, name) >= 0, name, "at least 0")
        for name in ("beta1", "beta2", "ema_decay"):
            self._require(0 <= getattr(self, name) < 1, name, "in [0, 1)")
        self._require(0 <= self.final_fraction <= 1, "final_fraction", "in [0, 1]")
        self._require(self.learning_rate > 0, "learning_rate", "above 0")
        self._require(0 < self.decay <= 1, "decay", "in (0, 1]")
        for name, known in (("schedule", SCHEDULES), ("optimizer", OPTIMIZERS)):
            self._require(getattr(self, name) in known, name, f"one of {', '.join(known)}")

    def _require(self, holds: bool, name: str, rule: str) -> None:
        if not holds:
            raise UsageError(f"training: {name} {getattr(self, name)} must be {rule}")


@dataclass(frozen=True, slots=True)
class PwesSettings:
    """Everything that shapes a PWES run but its data, points and seed."""

    snippets: SnippetInputs = field(default_factory=SnippetInputs)
    model: SnippetModel = field(default_factory=SnippetModel)
    mining: MiningConfig = field(default_factory=MiningConfig)
    contrast: ContrastConfig = field(default_factory=ContrastConfig)
    loss: PwesLossConfig = field(default_factory=PwesLossConfig)
    training: PwesTrainingConfig = field(default_factory=PwesTrainingConfig)

    @property
    def method(self) -> str:
        """Name of the method."""
        return "pwes"

    @property
    def window(self) -> int:
        """Ticks of the windows that snippets are pooled from."""
        return WINDOW

    @property
    def files(self) -> Reads:
        """Feature files that are read."""
        return Reads(self.window, self.snippets.source)

    @property
    def reads(self) -> str:
        """What the network reads, in words."""
        return self.snippets.reads

    @property
    def network(self) -> SnippetNetworkConfig:
        """Settings of the network alone."""
        return SnippetNetworkConfig(self.snippets, self.model)
