"""What the training loops of all methods have in common."""

from dataclasses import dataclass
from typing import Final

from engines.errors import UsageError

SCHEDULES: Final = ("exponential", "cosine", "constant")
OPTIMIZERS: Final = ("adam", "adamw")


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """How a network is trained, whatever its batches are; each method has defaults of its own.

    Attributes
    ----------
    epochs
        Number of epochs.
    steps_per_epoch
        Steps in an epoch; 0 means one pass over recorded data, where a method allows it.
    learning_rate, beta1, beta2, weight_decay
        Of the optimiser.
    schedule
        ``"exponential"``: times ``decay`` every ``decay_every`` epochs; ``"cosine"``: down to
        ``final_fraction`` of the rate at the last step; ``"constant"``.
    warmup_steps
        Steps over which the rate first rises linearly.
    ema_decay
        Decay of the moving average of the weights, which is then what is validated and saved;
        0 is off.
    gradient_clip
        Largest norm of the gradient; 0 is off.
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
    learning_rate: float = 2e-4
    beta1: float = 0.9
    beta2: float = 0.999
    weight_decay: float = 0.0
    schedule: str = "exponential"
    decay: float = 0.5
    decay_every: int = 1
    final_fraction: float = 0.01
    warmup_steps: int = 0
    ema_decay: float = 0.0
    gradient_clip: float = 0.0
    pool_records: int = 128
    fresh_records_per_step: float = 1.0
    validate_every: int = 1
    plot_every: int = 5
    keep_every: int = 0

    def __post_init__(self) -> None:
        self._require_least(1, "epochs", "decay_every", "pool_records")
        self._require_least(0, "steps_per_epoch", "warmup_steps", "weight_decay", "gradient_clip")
        self._require_least(
            0, "validate_every", "plot_every", "keep_every", "fresh_records_per_step"
        )
        for name in ("beta1", "beta2", "ema_decay"):
            self._require(0 <= getattr(self, name) < 1, name, "in [0, 1)")
        self._require_share("final_fraction")
        self._require(self.learning_rate > 0, "learning_rate", "above 0")
        self._require(0 < self.decay <= 1, "decay", "in (0, 1]")
        self._require_one_of(SCHEDULES, "schedule")

    def _require_least(self, least: int, *names: str) -> None:
        for name in names:
            self._require(getattr(self, name) >= least, name, f"at least {least}")

    def _require_share(self, name: str) -> None:
        self._require(0 <= getattr(self, name) <= 1, name, "in [0, 1]")

    def _require_one_of(self, known: tuple[str, ...], name: str) -> None:
        self._require(getattr(self, name) in known, name, f"one of {', '.join(known)}")

    def _require(self, holds: bool, name: str, rule: str) -> None:
        if not holds:
            raise UsageError(f"training: {name} {getattr(self, name)} must be {rule}")
