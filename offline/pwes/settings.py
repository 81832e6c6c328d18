"""Settings of a PWES run: network, pseudo labels, contrast, losses, and the training loop."""

from dataclasses import dataclass, field

from offline.mcwes.config import SnippetSettings
from offline.pwes.config import ContrastConfig, MiningConfig, PwesLossConfig
from offline.training.loop_config import OPTIMIZERS, LoopConfig


@dataclass(frozen=True, slots=True)
class PwesTrainingConfig(LoopConfig):
    """How a PWES network is trained; the defaults are the paper's for CAS(ME)² (section 4.3).

    SAMM-LV differs in ``learning_rate`` 8e-4. The paper counts batches alone, 1000 in all. Without
    ``steps_per_epoch`` each video comes once in an epoch. ``warmup_steps`` is of the learning rate.

    Attributes
    ----------
    batch
        Videos in a batch.
    empty_videos
        Whether videos without any point are trained on, as nothing but background.
    settled
        Whether pseudo labels are made by the network without dropout, in a pass of its own. The
        paper does not say; similarities of features of which 0.7 are dropped at random tell the
        dropped places.
    optimizer
        ``"adam"`` adds the weight decay to the gradient; ``"adamw"`` shrinks the weights.

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
    batch: int = 8
    empty_videos: bool = True
    settled: bool = True
    optimizer: str = "adam"

    def __post_init__(self) -> None:
        LoopConfig.__post_init__(self)  # a class with slots is another than the one super() knows
        self._require_least(1, "batch")
        self._require_one_of(OPTIMIZERS, "optimizer")


@dataclass(frozen=True, slots=True)
class PwesSettings(SnippetSettings):
    """Everything that shapes a PWES run but its data, points and seed."""

    mining: MiningConfig = field(default_factory=MiningConfig)
    contrast: ContrastConfig = field(default_factory=ContrastConfig)
    loss: PwesLossConfig = field(default_factory=PwesLossConfig)
    training: PwesTrainingConfig = field(default_factory=PwesTrainingConfig)

    @property
    def method(self) -> str:
        """Name of the method."""
        return "pwes"
