"""Settings of an MC-WES run: what is read, the network, the losses and the training loop."""

from dataclasses import dataclass, field
from typing import Final

from engines.errors import UsageError
from offline.mcwes.config import SnippetSettings
from offline.training.loop_config import OPTIMIZERS, LoopConfig

SAMPLINGS: Final = ("spread", "run")
MASKED: Final = ("zero", "left-out")


@dataclass(frozen=True, slots=True)
class McWesLossConfig:
    """Losses (section 3.4); the defaults are the paper's for CAS(ME)².

    SAMM-LV differs in ``omega_lower`` 1.5, ``omega_upper`` 1.8, and 0.7 for ``weight_sparsity``
    and ``weight_guide``.

    Attributes
    ----------
    h_micro, h_macro, h_background
        h of equation 7: a class is pooled over the highest ⌊T / h⌋ snippets (table 3).
    eta
        η of equation 9, snippets; the paper does not give it, but says that a micro-expression
        covers 2 or 3.
    omega_lower, omega_upper
        ω_l and ω_u of equation 10.
    masked
        ``"zero"``: the logits of masked snippets become 0, as M ⊙ S says; ``"left-out"``: they are
        not pooled over.
    weight_saliency, weight_video, weight_attended
        Of L_sc and the first two L_dc, which equation 22 does not weigh.
    weight_duration, weight_feature, weight_sparsity, weight_guide
        λ1 to λ4 of equation 22; a weight of 0 leaves a term out (table 5).

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    h_micro: int = 9
    h_macro: int = 7
    h_background: int = 5
    eta: int = 2
    omega_lower: float = 1.2
    omega_upper: float = 1.4
    masked: str = "zero"
    weight_saliency: float = 1.0
    weight_video: float = 1.0
    weight_attended: float = 1.0
    weight_duration: float = 0.5
    weight_feature: float = 0.5
    weight_sparsity: float = 0.8
    weight_guide: float = 0.8

    def __post_init__(self) -> None:
        for name in ("h_micro", "h_macro", "h_background", "eta"):
            self._require(getattr(self, name) >= 1, name, "at least 1")
        self._require(self.omega_lower >= 0, "omega_lower", "at least 0")
        self._require(self.omega_upper > self.omega_lower, "omega_upper", "above omega_lower")
        self._require(self.masked in MASKED, "masked", f"one of {', '.join(MASKED)}")
        for part in PARTS:
            self._require(self.weight(part) >= 0, f"weight_{part}", "at least 0")
        self._require(any(map(self.weight, PARTS)), "weight_video", "above 0, or another weight")

    @property
    def h(self) -> tuple[int, int, int]:
        """Of micro, macro and background."""
        return self.h_micro, self.h_macro, self.h_background

    def weight(self, part: str) -> float:
        """Return the weight of one of ``PARTS``."""
        return float(getattr(self, f"weight_{part}"))

    def _require(self, holds: bool, name: str, rule: str) -> None:
        if not holds:
            raise UsageError(f"loss: {name} {getattr(self, name)} must be {rule}")


PARTS: Final = (
    "saliency", "video", "attended", "duration", "feature", "sparsity", "guide",
)  # fmt: skip
"""Terms of equation 22: L_sc, the three L_dc, L_fc, L_sl and L_gl."""


@dataclass(frozen=True, slots=True)
class SnippetTrainingConfig(LoopConfig):
    """How MC-WES is trained; the defaults are the paper's for CAS(ME)² (section 4.3).

    ``epochs`` times ``steps_per_epoch`` is the number of iterations, 1000. No decay is named.

    Attributes
    ----------
    batch
        Videos per iteration.
    pairs
        Pairs of them that share a kind.
    snippets
        Snippets of a video that one iteration sees; 0 is all. The paper has 300 for CAS(ME)³ and
        380 for SAMM-LV.
    sampling
        How they are drawn from a longer video: ``"spread"``, one from each of even parts;
        ``"run"``, consecutive ones.
    optimizer
        ``"adam"`` adds the weight decay to the gradient, ``"adamw"`` shrinks the weights
        themselves.

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    epochs: int = 20
    steps_per_epoch: int = 50
    learning_rate: float = 5e-4
    schedule: str = "constant"
    decay_every: int = 10
    pool_records: int = 64
    batch: int = 10
    pairs: int = 3
    snippets: int = 250
    sampling: str = "spread"
    optimizer: str = "adam"

    def __post_init__(self) -> None:
        LoopConfig.__post_init__(self)  # a class with slots is another than the one super() knows
        self._require_least(1, "steps_per_epoch", "batch")
        self._require_least(0, "snippets", "pairs")
        self._require(2 * self.pairs <= self.batch, "pairs", f"at most half of batch {self.batch}")
        self._require_one_of(OPTIMIZERS, "optimizer")
        self._require_one_of(SAMPLINGS, "sampling")


@dataclass(frozen=True, slots=True)
class McWesSettings(SnippetSettings):
    """Everything that shapes an MC-WES run but its data, labels and seed."""

    loss: McWesLossConfig = field(default_factory=McWesLossConfig)
    training: SnippetTrainingConfig = field(default_factory=SnippetTrainingConfig)

    @property
    def method(self) -> str:
        """Name of the method."""
        return "mc-wes"
