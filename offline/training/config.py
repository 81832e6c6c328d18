"""Settings of a SpotFormer's training loop."""

from dataclasses import dataclass

from offline.training.loop_config import LoopConfig


@dataclass(frozen=True, slots=True)
class TrainingConfig(LoopConfig):
    """How a SpotFormer is trained; the defaults are the paper's (section 4.1), by AdamW.

    Without ``steps_per_epoch`` an epoch is one pass over the expression segments of recorded data.

    Attributes
    ----------
    segments, segment_ticks
        A batch is ``segments`` runs of ``segment_ticks`` consecutive windows.
    negative_fraction
        Share of segments that hold no expression; the paper trains on none.
    micro_fraction
        Share of the expression segments that are drawn around a micro-expression; negative
        means all expressions are equally likely.
    bfloat16
        Whether the network runs in bfloat16 where torch allows; on processors without native
        bfloat16 this is slower.

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    beta1: float = 0.7
    beta2: float = 0.9
    weight_decay: float = 0.1
    decay: float = 0.96
    segments: int = 32
    segment_ticks: int = 16
    negative_fraction: float = 0.0
    micro_fraction: float = -1.0
    bfloat16: bool = False

    def __post_init__(self) -> None:
        LoopConfig.__post_init__(self)  # a class with slots is another than the one super() knows
        self._require_least(1, "segments", "segment_ticks")
        self._require_share("negative_fraction")
        self._require(self.micro_fraction <= 1, "micro_fraction", "at most 1")
