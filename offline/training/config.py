"""Settings of the training loop."""

from dataclasses import dataclass
from typing import Final

from engines.errors import UsageError

SCHEDULES: Final = ("exponential", "cosine", "constant")


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How a network is trained; the defaults are SpotFormer's (section 4.1).

    Attributes
    ----------
    epochs
        Number of epochs.
    steps_per_epoch
        Steps in an epoch; 0 means one pass over the expression segments of recorded data.
    segments, segment_ticks
        A batch is ``segments`` runs of ``segment_ticks`` consecutive windows.
    negative_fraction
        Share of segments that hold no expression; the paper trains on none.
    micro_fraction
        Share of the expression segments that are drawn around a micro-expression; negative
        means all expressions are equally likely.
    learning_rate, beta1, beta2, weight_decay
        Of AdamW.
    schedule
        ``"exponential"``: times ``decay`` after every epoch; ``"cosine"``: down to
        ``final_fraction`` of the rate at the last step; ``"constant"``.
    warmup_steps
        Steps over which the rate first rises linearly.
    ema_decay
        Decay of the moving average of the weights, which is then what is validated and saved;
        0 is off.
    gradient_clip
        Largest norm of the gradient; 0 is off.
    bfloat16
        Whether the network runs in bfloat16 where torch allows; on processors without native
        bfloat16 this is slower.
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
    segments: int = 32
    segment_ticks: int = 16
    negative_fraction: float = 0.0
    micro_fraction: float = -1.0
    learning_rate: float = 2e-4
    beta1: float = 0.7
    beta2: float = 0.9
    weight_decay: float = 0.1
    schedule: str = "exponential"
    decay: float = 0.96
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
        for name in ("epochs", "segments", "segment_ticks", "pool_records"):
            self._require(getattr(self, name) >= 1, name, "at least 1")
        for name in ("steps_per_epoch", "warmup_steps", "weight_decay", "gradient_clip"):
            self._require(getattr(self, name) >= 0, name, "at least 0")
        for name in ("validate_every", "plot_every", "keep_every", "fresh_records_per_step"):
            self._require(getattr(self, name) >= 0, name, "at least 0")
        for name in ("beta1", "beta2", "ema_decay"):
            self._require(0 <= getattr(self, name) < 1, name, "in [0, 1)")
        for name in ("negative_fraction", "final_fraction"):
            self._require(0 <= getattr(self, name) <= 1, name, "in [0, 1]")
        self._require(self.micro_fraction <= 1, "micro_fraction", "at most 1")
        self._require(self.learning_rate > 0, "learning_rate", "above 0")
        self._require(0 < self.decay <= 1, "decay", "in (0, 1]")
        self._require(self.schedule in SCHEDULES, "schedule", f"one of {', '.join(SCHEDULES)}")

    @property
    def decay_every(self) -> int:
        """Epochs between two falls of the exponential schedule."""
        return 1

    def _require(self, holds: bool, name: str, rule: str) -> None:
        if not holds:
            raise UsageError(f"training: {name} {getattr(self, name)} must be {rule}")
