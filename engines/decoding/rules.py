"""What the decoder goes by; stored in a model's manifest as a plain dictionary."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Final, Literal, Self

from engines.decoding.reading import (
    read_number,
    read_table,
    read_whole,
    require_fraction,
    require_known,
)
from engines.errors import ModelError
from engines.intervals import Kind
from engines.precision import Tolerance

MARKS: Final = ("onset", "offset", "apex")
"""The scores of a kind that the decoder reads, named ``<kind>_<mark>``."""

MOST_TICKS: Final = 3000
"""Farthest that a rule may look, 100 s; a model's rules must not make the search endless."""

PROBABILITIES_IN_A_SCORE: Final = 3
"""An expression's score combines the probabilities of its onset, apex and offset."""

Combination = Literal["product", "geometric"]


_TICKS: Final = (
    "left_min", "left_max", "right_min", "right_max", "settle", "context", "shortest"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KindRules:
    """How expressions of one kind are found.

    Attributes
    ----------
    left_min, left_max
        Nearest and farthest onset, ticks before the apex.
    right_min, right_max
        Nearest and farthest offset, ticks after the apex.
    apex_threshold
        A tick is an apex where its probability exceeds this.
    score_floor
        Proposals with a lower score are dropped; 0 keeps all, as in the paper.
    barrier
        A search stops before a tick where the opposite boundary's probability exceeds this;
        1 never stops, as in the paper.
    boundary_threshold, settle
        A search ends once its best boundary has this probability or more and ``settle`` further
        ticks brought nothing better; ``settle`` 0 searches the whole range, as in the paper.
    context
        Ticks before an onset and after an offset whose expression probability weighs the
        boundary (:mod:`engines.decoding.context`); 0 does not look, as in the paper.
    shortest
        Proposals of fewer ticks are dropped: a macro-expression lasts half a second.

    Raises
    ------
    ValueError
        If a probability is outside [0, 1], the nearest tick is beyond the farthest, or a number
        of ticks is above ``MOST_TICKS``.
    """

    left_min: int
    left_max: int
    right_min: int
    right_max: int
    apex_threshold: float = 0.5
    score_floor: float = 0.0
    barrier: float = 1.0
    boundary_threshold: float = 1.0
    settle: int = 0
    context: int = 0
    shortest: int = 0

    def __post_init__(self) -> None:
        for name in ("apex_threshold", "score_floor", "barrier", "boundary_threshold"):
            require_fraction(name, getattr(self, name))
        if not 0 <= self.left_min <= self.left_max:
            raise ValueError(f"0 <= left_min <= left_max, not {self.left_min}, {self.left_max}")
        if not 0 <= self.right_min <= self.right_max:
            raise ValueError(f"0 <= right_min <= right_max, not {self.right_min}, {self.right_max}")
        for name in ("settle", "context", "shortest"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} is at least 0, not {getattr(self, name)}")
        for name in _TICKS:
            if getattr(self, name) > MOST_TICKS:
                raise ValueError(f"{name} is at most {MOST_TICKS}, not {getattr(self, name)}")

    @classmethod
    def paper(cls, shortest: int, average: int) -> Self:
        """Return the paper's search range of half the shortest to half the average duration.

        Halves are rounded down, so that an odd ``shortest`` j (micro: 5) is also the number of
        ticks in the shortest proposal, 2 * (j // 2) + 1.
        """
        near, far = shortest // 2, average // 2
        return cls(left_min=near, left_max=far, right_min=near, right_max=far)


@dataclass(frozen=True, slots=True)
class DecoderRules:
    """How expressions are found; the defaults are the paper's (SpotFormer sections 3.4 and 4.1).

    Attributes
    ----------
    micro, macro
        Rules of each kind.
    nms_iou
        A proposal is suppressed by a better one of its kind at a greater IoU; in [0, 1).
    micro_inside_macro
        Largest share of a micro-expression's ticks that may lie in one macro-expression; 1
        accepts all, as in the paper.
    score
        ``product`` of the three probabilities, or their ``geometric`` mean.
    """

    micro: KindRules = field(default_factory=lambda: KindRules.paper(shortest=5, average=16))
    macro: KindRules = field(default_factory=lambda: KindRules.paper(shortest=16, average=59))
    nms_iou: float = 0.5
    micro_inside_macro: float = 1.0
    score: Combination = "product"

    def __post_init__(self) -> None:
        require_fraction("micro_inside_macro", self.micro_inside_macro)
        if not 0 <= self.nms_iou < 1:
            raise ValueError(f"nms_iou is in [0, 1), not {self.nms_iou}")
        if self.score not in ("product", "geometric"):
            raise ValueError(f"score is 'product' or 'geometric', not {self.score!r}")

    def of(self, kind: Kind) -> KindRules:
        """Return the rules of one kind."""
        return self.micro if kind is Kind.MICRO else self.macro

    def score_of(self, product: float) -> float:
        """Return the score, in [0, 1], that a product of three probabilities stands for."""
        return product if self.score == "product" else min(1.0, product ** (1 / 3))

    def least_product(self, kind: Kind) -> float:
        """Return the smallest product of three probabilities that reaches the kind's floor."""
        floor = self.of(kind).score_floor
        return floor if self.score == "product" else floor**3

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the scores that these rules read."""
        context = (f"{kind}_expression" for kind in Kind if self.of(kind).context)
        return (*(f"{kind}_{mark}" for kind in Kind for mark in MARKS), *context)

    def slack(self, score: float, tolerance: Tolerance) -> float:
        """Return how far a score may be off when each probability is within the tolerance.

        Three times the tolerance of one: to first order the most that three probabilities can add
        up to in a product.
        """
        return PROBABILITIES_IN_A_SCORE * (tolerance.absolute + tolerance.relative * score)

    def to_dict(self) -> dict[str, object]:
        """Return the rules as a JSON-ready dictionary."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """Build rules from a dictionary; absent keys keep the paper's value.

        Raises
        ------
        ValueError
            If a key is unknown, a value has the wrong type, or a rule is out of range.
        """
        require_known(data, {f.name for f in fields(cls)}, "decoder")
        default = cls()
        score = data.get("score", default.score)
        if score not in ("product", "geometric"):
            raise ValueError(f"decoder.score is 'product' or 'geometric', not {score!r}")
        return cls(
            micro=_kind_rules(data.get("micro", {}), default.micro, "decoder.micro"),
            macro=_kind_rules(data.get("macro", {}), default.macro, "decoder.macro"),
            nms_iou=read_number(data.get("nms_iou", default.nms_iou), "decoder.nms_iou"),
            micro_inside_macro=read_number(
                data.get("micro_inside_macro", default.micro_inside_macro),
                "decoder.micro_inside_macro",
            ),
            score="product" if score == "product" else "geometric",
        )

    @classmethod
    def from_model(cls, data: Mapping[str, object], name: str) -> Self:
        """Build the rules stored in the manifest of the model ``name``.

        Raises
        ------
        ModelError
            If they are not rules that this version can follow.
        """
        try:
            return cls.from_dict(data)
        except ValueError as error:
            raise ModelError(f"model {name}: its decoder rules cannot be used: {error}") from error


def _kind_rules(data: object, default: KindRules, where: str) -> KindRules:
    table = read_table(data, where)
    names = {f.name for f in fields(KindRules)}
    require_known(table, names, where)
    merged = {n: read_number(table.get(n, getattr(default, n)), f"{where}.{n}") for n in names}
    whole = {n: read_whole(merged.pop(n), f"{where}.{n}") for n in _TICKS}
    return KindRules(
        left_min=whole["left_min"],
        left_max=whole["left_max"],
        right_min=whole["right_min"],
        right_max=whole["right_max"],
        settle=whole["settle"],
        context=whole["context"],
        shortest=whole["shortest"],
        **merged,
    )
