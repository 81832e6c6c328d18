"""What the decoder of snippets goes by."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Final, Literal, Self, TypeVar

from engines.contracts import MOST_ROWS
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

ATTENTION: Final = "attention"
BACKGROUND: Final = "background"
OUTPUTS: Final = (ATTENTION, *(str(kind) for kind in Kind), BACKGROUND)
"""Scores of a snippet: class-agnostic attention in [0, 1], then the suppressed T-CAM."""

MOST_LEVELS: Final = 100
"""A model's rules must not make the search endless."""

Selection = Literal["top", "threshold"]
VideoScore = Literal["logit", "probability"]
KindBy = Literal["duration", "class"]
Choice = TypeVar("Choice", bound=str)

SELECTIONS: Final[tuple[Selection, ...]] = ("top", "threshold")
VIDEO_SCORES: Final[tuple[VideoScore, ...]] = ("logit", "probability")
KINDS_BY: Final[tuple[KindBy, ...]] = ("duration", "class")


@dataclass(frozen=True, slots=True)
class PooledShares:
    """h of equation 7 per class: one in h of a video's snippets makes its class score.

    Of T snippets, the max(1, floor(T / h)) highest scores of a class are averaged.

    Raises
    ------
    ValueError
        Unless each is from 1 to 4096.
    """

    micro: int = 9
    macro: int = 7
    background: int = 5

    def __post_init__(self) -> None:
        for name, value in asdict(self).items():
            if not 1 <= value <= MOST_ROWS:
                raise ValueError(f"pooled.{name} is from 1 to {MOST_ROWS}, not {value}")


@dataclass(frozen=True, slots=True)
class SnippetRules:
    """How expressions are found in the scores of a video's snippets.

    The defaults are those of MC-WES for CAS(ME)² (section 3.5, 4.2); PWES reads its scores alike.

    Attributes
    ----------
    selection
        Where proposals come from: ``top``, the snippets of highest attention at several counts
        (multi-top), or ``threshold``, those above several thresholds (multi-threshold).
    first_top, tops
        Multi-top: m is each of ``tops`` whole numbers from ``first_top`` on, and keeps the
        max(1, floor(T / m)) snippets of highest attention.
    lowest_threshold, highest_threshold, levels
        Multi-threshold: ``levels`` values, evenly from the lowest to the highest.
    contrast_reach
        ψ of equation 25: how far the outer snippets reach, in lengths of the proposal.
    video_weight
        ς of equation 23: weight of the video's own class score.
    video_score
        What that score is: the ``logit`` of equation 8, as the text below equation 25 says, or
        the ``probability``, its softmax over the three classes.
    pooled
        h of equation 7.
    nms_iou
        A proposal is suppressed by a better one at a greater IoU; in [0, 1).
    nms_within_kind
        Whether only a proposal of the same kind suppresses.
    score_floor
        Least score φ (equation 23); at least 0. What is reported is φ / (1 + φ), in [0, 1).
    kind_by
        ``duration``: micro up to ``longest_micro_s``, with the higher of both class scores;
        ``class``: the class of the score, so that each proposal is two.
    longest_micro_s
        Longest micro-expression, s.

    Raises
    ------
    ValueError
        If a rule is out of range.
    """

    selection: Selection = "top"
    first_top: int = 8
    tops: int = 15
    lowest_threshold: float = 0.1
    highest_threshold: float = 0.9
    levels: int = 33
    contrast_reach: float = 0.25
    video_weight: float = 0.15
    video_score: VideoScore = "logit"
    pooled: PooledShares = field(default_factory=PooledShares)
    nms_iou: float = 0.01
    nms_within_kind: bool = False
    score_floor: float = 0.1
    kind_by: KindBy = "duration"
    longest_micro_s: float = 0.5

    def __post_init__(self) -> None:
        _read_choice(self.selection, SELECTIONS, "selection")
        _read_choice(self.video_score, VIDEO_SCORES, "video_score")
        _read_choice(self.kind_by, KINDS_BY, "kind_by")
        for name, most in (("first_top", MOST_ROWS), ("tops", MOST_LEVELS),
                           ("levels", MOST_LEVELS)):  # fmt: skip
            if not 1 <= getattr(self, name) <= most:
                raise ValueError(f"{name} is from 1 to {most}, not {getattr(self, name)}")
        require_fraction("lowest_threshold", self.lowest_threshold)
        if not self.lowest_threshold <= self.highest_threshold < 1:
            raise ValueError(
                f"lowest_threshold <= highest_threshold < 1, not {self.lowest_threshold}, "
                f"{self.highest_threshold}"
            )
        for name in ("contrast_reach", "video_weight", "score_floor", "longest_micro_s"):
            if not 0 <= getattr(self, name) <= 1e3:
                raise ValueError(f"{name} is in [0, 1000], not {getattr(self, name)}")
        if not 0 <= self.nms_iou < 1:
            raise ValueError(f"nms_iou is in [0, 1), not {self.nms_iou}")

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the scores that these rules read."""
        return OUTPUTS

    def slack(self, score: float, tolerance: Tolerance) -> float:  # noqa: ARG002 - as all rules
        """Return how far a score may be off when each output is within the tolerance.

        φ is a difference of two means and a share of a third; φ / (1 + φ) does not stretch.
        """
        return (2 + self.video_weight) * (tolerance.absolute + tolerance.relative)

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
        default = cls()
        known = {f.name for f in fields(cls)}
        require_known(data, known, "decoder")
        values = {name: data.get(name, getattr(default, name)) for name in known}

        def number(name: str) -> float:
            return read_number(values[name], f"decoder.{name}")

        def whole(name: str) -> int:
            return read_whole(values[name], f"decoder.{name}")

        return cls(
            selection=_read_choice(values["selection"], SELECTIONS, "decoder.selection"),
            first_top=whole("first_top"),
            tops=whole("tops"),
            lowest_threshold=number("lowest_threshold"),
            highest_threshold=number("highest_threshold"),
            levels=whole("levels"),
            contrast_reach=number("contrast_reach"),
            video_weight=number("video_weight"),
            video_score=_read_choice(values["video_score"], VIDEO_SCORES, "decoder.video_score"),
            pooled=_read_pooled(data.get("pooled", {})),
            nms_iou=number("nms_iou"),
            nms_within_kind=_read_flag(values["nms_within_kind"], "decoder.nms_within_kind"),
            score_floor=number("score_floor"),
            kind_by=_read_choice(values["kind_by"], KINDS_BY, "decoder.kind_by"),
            longest_micro_s=number("longest_micro_s"),
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


def _read_choice(value: object, choices: tuple[Choice, ...], where: str) -> Choice:
    for choice in choices:
        if choice == value:
            return choice
    raise ValueError(f"{where} is {' or '.join(choices)}, not {value!r}")


def _read_flag(value: object, where: str) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"{where} is true or false, not {value!r}")
    return value


def _read_pooled(data: object) -> PooledShares:
    where = "decoder.pooled"
    table = read_table(data, where)
    default = asdict(PooledShares())
    require_known(table, default.keys(), where)
    values = {n: read_whole(table.get(n, v), f"{where}.{n}") for n, v in default.items()}
    return PooledShares(**values)
