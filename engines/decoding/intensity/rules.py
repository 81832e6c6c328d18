"""What the decoder of an intensity curve goes by."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from itertools import pairwise
from typing import Final, Self

from engines.decoding.reading import (
    read_number,
    read_numbers,
    read_table,
    read_whole,
    require_fraction,
    require_known,
)
from engines.decoding.rules import MOST_TICKS
from engines.errors import ModelError
from engines.intervals import Kind
from engines.precision import Tolerance

INTENSITY: Final = "intensity"
ACTION: Final = {kind: f"{kind}_action" for kind in Kind}
"""Name of the score that says how far an expression is of a kind."""

MOST_THRESHOLDS: Final = 100
"""A model's rules must not make the search endless."""


@dataclass(frozen=True, slots=True)
class IntensityKindRules:
    """Which proposals are expressions of one kind.

    Attributes
    ----------
    action_threshold
        Least action score at a proposal's apex.
    score_floor
        Least final score. The paper has none; a stream needs one.
    shortest, longest
        Least and most ticks in a proposal; the defaults keep all, as in the paper.

    Raises
    ------
    ValueError
        If a threshold is outside [0, 1] or the lengths are not 0 <= shortest <= longest <= 3000.
    """

    action_threshold: float = 0.5
    score_floor: float = 0.0
    shortest: int = 0
    longest: int = MOST_TICKS

    def __post_init__(self) -> None:
        for name in ("action_threshold", "score_floor"):
            require_fraction(name, getattr(self, name))
        if not 0 <= self.shortest <= self.longest <= MOST_TICKS:
            raise ValueError(
                f"0 <= shortest <= longest <= {MOST_TICKS}, not {self.shortest}, {self.longest}"
            )


@dataclass(frozen=True, slots=True)
class IntensityRules:
    """How expressions are found in an intensity curve; the defaults are GIM's (section 3.6.3).

    Attributes
    ----------
    thresholds
        A proposal is a run of ticks whose intensity exceeds one of them; rising, in [0, 1).
    micro, macro
        Rules of each kind.
    soft_sigma
        Width of soft suppression's Gaussian; 0 for none.
    nms_iou
        A proposal is suppressed by a better one of its kind at a greater IoU; in [0, 1).
    micro_inside_macro
        Largest share of a micro-expression's ticks that may lie in one macro-expression; 1
        accepts all, as in the paper.
    longest_run
        Longer runs above the lowest threshold are cut, ticks. It bounds what a stream remembers
        and how long it waits.

    Raises
    ------
    ValueError
        If a rule is out of range.
    """

    thresholds: tuple[float, ...] = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)
    micro: IntensityKindRules = field(default_factory=IntensityKindRules)
    macro: IntensityKindRules = field(default_factory=IntensityKindRules)
    soft_sigma: float = 0.3
    nms_iou: float = 0.5
    micro_inside_macro: float = 1.0
    longest_run: int = 600

    def __post_init__(self) -> None:
        _require_thresholds(self.thresholds)
        require_fraction("micro_inside_macro", self.micro_inside_macro)
        if not 0 <= self.nms_iou < 1:
            raise ValueError(f"nms_iou is in [0, 1), not {self.nms_iou}")
        if not (self.soft_sigma == 0 or 1e-3 <= self.soft_sigma <= 1e3):
            raise ValueError(f"soft_sigma is 0 or in [0.001, 1000], not {self.soft_sigma}")
        if not 2 <= self.longest_run <= MOST_TICKS:
            raise ValueError(f"longest_run is in [2, {MOST_TICKS}], not {self.longest_run}")

    @classmethod
    def released(cls) -> Self:
        """Return the paper's rules with the length gates of the published code.

        The gates lose 18 % (CAS(ME)²) and 19 % (SAMM-LV) of the micro-expressions in the truth.
        """
        return cls(
            micro=IntensityKindRules(shortest=9, longest=15),
            macro=IntensityKindRules(shortest=15, longest=240),
        )

    def of(self, kind: Kind) -> IntensityKindRules:
        """Return the rules of one kind."""
        return self.micro if kind is Kind.MICRO else self.macro

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the scores that these rules read."""
        return (INTENSITY, *ACTION.values())

    def slack(self, score: float, tolerance: Tolerance) -> float:  # noqa: ARG002 - as all rules
        """Return how far a score may be off when each probability is within the tolerance.

        A score is the difference of two means of probabilities, times at most one.
        """
        return 2 * (tolerance.absolute + tolerance.relative)

    def to_dict(self) -> dict[str, object]:
        """Return the rules as a JSON-ready dictionary."""
        return asdict(self) | {"thresholds": list(self.thresholds)}

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> Self:
        """Build rules from a dictionary; absent keys keep the paper's value.

        Raises
        ------
        ValueError
            If a key is unknown, a value has the wrong type, or a rule is out of range.
        """
        default = cls()
        known = {f.name for f in fields(cls)}
        require_known(data, known, "decoder")
        values = {name: data.get(name, getattr(default, name)) for name in known}

        def number(name: str) -> float:
            return read_number(values[name], f"decoder.{name}")

        return cls(
            thresholds=read_numbers(values["thresholds"], "decoder.thresholds"),
            micro=_kind_rules(data.get("micro", {}), "decoder.micro"),
            macro=_kind_rules(data.get("macro", {}), "decoder.macro"),
            soft_sigma=number("soft_sigma"),
            nms_iou=number("nms_iou"),
            micro_inside_macro=number("micro_inside_macro"),
            longest_run=read_whole(values["longest_run"], "decoder.longest_run"),
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


def _require_thresholds(values: tuple[float, ...]) -> None:
    rising = all(low < high for low, high in pairwise(values))
    inside = all(0 <= value < 1 for value in values)
    if not 1 <= len(values) <= MOST_THRESHOLDS or not rising or not inside:
        raise ValueError(
            f"thresholds are 1 to {MOST_THRESHOLDS} rising values in [0, 1), not {list(values)[:9]}"
        )


def _kind_rules(data: object, where: str) -> IntensityKindRules:
    table = read_table(data, where)
    default = IntensityKindRules()
    known = {f.name for f in fields(IntensityKindRules)}
    require_known(table, known, where)
    values = {n: read_number(table.get(n, getattr(default, n)), f"{where}.{n}") for n in known}
    return IntensityKindRules(
        action_threshold=values["action_threshold"],
        score_floor=values["score_floor"],
        shortest=read_whole(values["shortest"], f"{where}.shortest"),
        longest=read_whole(values["longest"], f"{where}.longest"),
    )
