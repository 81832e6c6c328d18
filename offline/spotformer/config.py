"""Settings of the SpotFormer network and the grouping of its nodes into facial parts."""

from dataclasses import dataclass
from typing import Final

from engines.errors import UsageError
from realtime.types import FLOW_NODES, NODES, WINDOW

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "brow_left": NODES[0:3],
    "brow_right": NODES[3:6],
    "mouth": NODES[6:10],
    "lids": NODES[10:11],
    "head": NODES[11:14],
    "posture": NODES[14:18],
}
"""Facial parts in the order of their tokens: the paper's three, then this project's own."""


@dataclass(frozen=True, slots=True)
class SpotFormerConfig:
    """Size and inputs of a SpotFormer.

    The defaults are the paper's network (about 3.2 million parameters).

    Attributes
    ----------
    width
        Embedding width D; a multiple of ``heads``.
    heads
        Attention heads.
    mlp_width
        Hidden width of the MLP blocks; ``width`` where None.
    dropout
        Dropout inside attention and MLP blocks, in [0, 1).
    embedding_dropout
        Dropout on the embedded nodes, in [0, 1).
    nodes
        Which of ``realtime.types.NODES`` are read, in that order.
    window
        Ticks in a window; the pyramid of section 3.2.6 is built for 17.
    input_compression_px
        Where set, every input x becomes x / (1 + |x| / c), so that macro-expressions of 10 px
        and micro-expressions of 0.5 px reach the network on one scale. None is the paper's.

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    width: int = 256
    heads: int = 4
    mlp_width: int | None = None
    dropout: float = 0.0
    embedding_dropout: float = 0.1
    nodes: tuple[str, ...] = FLOW_NODES
    window: int = WINDOW
    input_compression_px: float | None = None

    def __post_init__(self) -> None:
        if self.width < 1 or self.heads < 1 or self.width % self.heads:
            raise UsageError(f"model: width {self.width} must be a multiple of heads {self.heads}")
        if self.mlp_width is not None and self.mlp_width < 1:
            raise UsageError(f"model: mlp_width {self.mlp_width} must be at least 1")
        for name in ("dropout", "embedding_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"model: {name} {getattr(self, name)} must be in [0, 1)")
        if self.window != WINDOW:
            raise UsageError(f"model: window {self.window} is not supported, only {WINDOW}")
        if self.input_compression_px is not None and not self.input_compression_px > 0:
            raise UsageError("model: input_compression_px must be above 0 px")
        if not self.nodes or self.nodes != tuple(n for n in NODES if n in self.nodes):
            raise UsageError(
                f"model: nodes must be distinct names out of {', '.join(NODES)}, in that order"
            )

    @property
    def node_indices(self) -> tuple[int, ...]:
        """Columns of a record's features that the network reads."""
        return tuple(NODES.index(name) for name in self.nodes)

    @property
    def part_sizes(self) -> tuple[int, ...]:
        """Nodes in each facial part that has any; consecutive, summing to ``len(nodes)``."""
        counts = (sum(n in self.nodes for n in members) for members in PARTS.values())
        return tuple(count for count in counts if count)
