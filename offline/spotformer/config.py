"""Settings of the SpotFormer network and the grouping of its nodes into facial parts."""

from dataclasses import dataclass
from typing import Final

from engines.errors import UsageError
from realtime.types import FLOW_NODES, NODES, WINDOW, require_window

PARTS: Final[dict[str, tuple[str, ...]]] = {
    "brow_left": NODES[0:3],
    "brow_right": NODES[3:6],
    "mouth": NODES[6:10],
    "lids": NODES[10:11],
    "head": NODES[11:14],
    "posture": NODES[14:18],
}
"""Facial parts in the order of their tokens: the paper's three, then this project's own."""

ARCHITECTURES: Final = ("simul-st", "simul-ts", "seq-st", "paral-st", "paral-st-shared")
"""Section 4.4.1; the last one is the paper's "Paral-ST (no addi. para.)"."""

POOLINGS: Final = ("local", "global")
FLOWS: Final = ("first-frame", "adjacent")

KERNEL: Final = 3
"""Ticks that a temporal convolution covers; its stride is 2."""


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
        Ticks in a window, one of ``realtime.types.WINDOWS``; the paper compares 9 to 25 (table 4).
        The network reads features that were measured with such windows. Its two graph poolings
        halve the ticks each, so 5 is the least: 5, 3, 1.
    input_compression_px
        Where set, every input x becomes x / (1 + |x| / c), so that macro-expressions of 10 px
        and micro-expressions of 0.5 px reach the network on one scale. None is the paper's.
    architecture
        One of ``ARCHITECTURES`` (section 4.4.1, table 3).
    pooling
        ``"local"`` is facial local graph pooling; ``"global"`` keeps all nodes until one average
        over them takes the place of the last local pooling (table 2, FLGP off).
    flow
        ``"first-frame"`` is SW-MRO; ``"adjacent"`` is the flow from each frame to the next (table
        2, SW-MRO off).

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
    architecture: str = "simul-st"
    pooling: str = "local"
    flow: str = "first-frame"

    def __post_init__(self) -> None:
        if self.width < 1 or self.heads < 1 or self.width % self.heads:
            raise UsageError(f"model: width {self.width} must be a multiple of heads {self.heads}")
        if self.mlp_width is not None and self.mlp_width < 1:
            raise UsageError(f"model: mlp_width {self.mlp_width} must be at least 1")
        for name in ("dropout", "embedding_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"model: {name} {getattr(self, name)} must be in [0, 1)")
        try:
            require_window(self.window)
        except ValueError as error:
            raise UsageError(f"model.window: {error}") from None
        if self.input_compression_px is not None and not self.input_compression_px > 0:
            raise UsageError("model: input_compression_px must be above 0 px")
        if not self.nodes or self.nodes != tuple(n for n in NODES if n in self.nodes):
            raise UsageError(
                f"model: nodes must be distinct names out of {', '.join(NODES)}, in that order"
            )
        self._check_variant()

    def _check_variant(self) -> None:
        choices = {"architecture": ARCHITECTURES, "pooling": POOLINGS, "flow": FLOWS}
        for name, known in choices.items():
            if getattr(self, name) not in known:
                value = getattr(self, name)
                raise UsageError(f"model: {name} {value!r} must be one of {', '.join(known)}")
        if self.flow == "adjacent" and set(self.nodes) & set(PARTS["posture"]):
            raise UsageError(
                "model: flow 'adjacent' goes without the posture nodes, which hold motion since "
                "the window's first frame; leave them out of model.nodes"
            )

    @property
    def node_indices(self) -> tuple[int, ...]:
        """Columns of a record's features that the network reads."""
        return tuple(NODES.index(name) for name in self.nodes)

    @property
    def reads(self) -> str:
        """What a network reads, in words."""
        flow = "adjacent frames" if self.flow == "adjacent" else "SW-MRO"
        return f"{flow}, {self.window} ticks"

    @property
    def part_sizes(self) -> tuple[int, ...]:
        """Nodes in each facial part that has any; consecutive, summing to ``len(nodes)``."""
        counts = (sum(n in self.nodes for n in members) for members in PARTS.values())
        return tuple(count for count in counts if count)

    @property
    def ticks(self) -> tuple[int, ...]:
        """Ticks before, between and after the temporal convolutions: 17, 9, 5, 3, 1.

        Each has stride 2 and kernel 3 and, padded by one tick, leaves half of the ticks, rounded
        up. Three ticks fill the kernel: there it is not padded and leaves one (section 3.2.6).
        """
        out = [self.window]
        while out[-1] > 1:
            out.append(1 if out[-1] == KERNEL else (out[-1] + 1) // 2)
        return tuple(out)

    @property
    def graph_pools(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """How many consecutive nodes each pooled node stands for, in both poolings."""
        if self.pooling == "global":
            return (1,) * len(self.nodes), (len(self.nodes),)
        return self.part_sizes, (len(self.part_sizes),)


def require_exportable(config: SpotFormerConfig) -> None:
    """Check that a network can be written as ONNX and run live.

    Raises
    ------
    UsageError
        If it is an ablation: the exported graph is that of Simul-ST, and the live extractor gives
        it SW-MRO windows of 17 ticks.
    """
    plain = {
        "architecture": "simul-st",
        "pooling": "local",
        "flow": "first-frame",
        "window": WINDOW,
    }
    odd = [f"{k} {getattr(config, k)}" for k, v in plain.items() if getattr(config, k) != v]
    if odd:
        raise UsageError(
            f"model: a network with {', '.join(odd)} is for ablations and cannot be exported; "
            f"only {', '.join(f'{k} {v}' for k, v in plain.items())} can"
        )
