"""What a LOSO run is asked to do."""

import dataclasses
import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from engines.decoding import DecoderRules, Rules
from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.training.points import PointSource
from offline.training.run_folder import WEIGHTS
from offline.training.settings import Settings, SpotFormerSettings, with_training


class Selection(StrEnum):
    """Which epoch's weights spot the held-out subject."""

    LAST = "last"
    INNER = "inner"
    ORACLE = "oracle"

    @property
    def meaning(self) -> str:
        """The rule in words; tables and results carry it."""
        return _MEANING[self]


_MEANING = {
    Selection.LAST: "last epoch; no label chose it",
    Selection.INNER: "the epoch with the best F1 on subjects split off from the training subjects",
    Selection.ORACLE: (
        "ORACLE: the epoch with the best F1 on each held-out subject's OWN labels; "
        "only for comparison with papers that do so, not what a new person may expect"
    ),
}


class Bar(StrEnum):
    """Which proposals count as predictions."""

    NONE = "none"
    INNER = "inner"

    @property
    def meaning(self) -> str:
        """The rule in words; tables and results carry it."""
        return _BAR_MEANING[self]


_BAR_MEANING = {
    Bar.NONE: "all proposals count",
    Bar.INNER: (
        "proposals count from the score that gives the best F1 on subjects split off from the "
        "training subjects, in each fold"
    ),
}


@dataclass(frozen=True, slots=True)
class Decoding:
    """From scores to expressions.

    Attributes
    ----------
    rules
        Of the decoder; the paper's by default.
    top
        Proposals of each kind kept in a video, the best by score; 0 for all. The released
        protocol keeps 5, which a live stream cannot.
    """

    rules: Rules = field(default_factory=DecoderRules)
    top: int = 0

    def cap(self, found: tuple[Interval, ...]) -> tuple[Interval, ...]:
        """Return the expressions of one video that are kept, in their order."""
        if not self.top:
            return found
        kept: set[Interval] = set()
        for kind in Kind:
            best = sorted((i for i in found if i.kind is kind), key=lambda i: (-i.score, i.onset))
            kept.update(best[: self.top])
        return tuple(i for i in found if i in kept)


@dataclass(frozen=True, slots=True)
class LosoPlan:
    """Everything that decides the figures of a LOSO run, apart from the data.

    Attributes
    ----------
    settings
        Model, loss and training.
    decoding
        From scores to expressions.
    selection
        Which epoch is used.
    seed
        Of first weights, batches and inner splits: the same in each fold.
    threads
        Of torch in each fold. Sums depend on it in their last digits; so it is part of the plan,
        and the number of workers is not.
    device
        ``"cpu"`` or ``"cuda"``.
    start_from
        Run folder whose weights every fold begins with; it must never have seen the dataset.
    points
        Point labels, for a method that learns from them.
    bar
        Which proposals count.

    Raises
    ------
    UsageError
        If a number is out of range, or a bar is to be chosen beside an oracle.
    """

    settings: Settings = field(default_factory=SpotFormerSettings)
    decoding: Decoding = field(default_factory=Decoding)
    selection: Selection = Selection.LAST
    seed: int = 0
    threads: int = 1
    device: str = "cpu"
    start_from: Path | None = None
    points: PointSource | None = None
    bar: Bar = Bar.NONE

    def __post_init__(self) -> None:
        if self.threads < 1 or self.seed < 0 or self.decoding.top < 0:
            raise UsageError("threads are at least 1; seed and top are not negative")
        if self.bar is Bar.INNER and self.selection is Selection.ORACLE:
            raise UsageError(
                "--bar inner: the bar of another epoch than the oracle's says nothing of it; use "
                "--selection last or inner"
            )

    @property
    def splits(self) -> bool:
        """Whether some training subjects are split off, to choose the epoch or the bar."""
        return self.selection is Selection.INNER or self.bar is Bar.INNER

    @property
    def epochs(self) -> int:
        """Epochs of a training."""
        return self.settings.training.epochs

    @property
    def keep_every(self) -> int:
        """Epochs between those that may be chosen; the last one always may be."""
        return self.settings.training.keep_every or 1

    @property
    def fold_settings(self) -> Settings:
        """Settings of a fold's own training: it keeps the weights that may be chosen."""
        if self.selection is Selection.LAST:
            return self.settings
        return self._with_training(self.keep_every, self.settings.training.validate_every)

    @property
    def inner_settings(self) -> Settings:
        """Settings of the training whose validation chooses; it keeps no weights.

        A bar alone is chosen at the last epoch, which is always validated.
        """
        return self._with_training(0, self.keep_every if self.selection is Selection.INNER else 0)

    def _with_training(self, keep_every: int, validate_every: int) -> Settings:
        return with_training(self.settings, keep_every, validate_every)

    def describe(self) -> dict[str, object]:
        """Return the plan for JSON.

        Raises
        ------
        UsageError
            If the weights to start from cannot be read.
        """
        return {
            "method": self.settings.method,
            **dataclasses.asdict(self.settings),
            "decoder": self.decoding.rules.to_dict(),
            "top": self.decoding.top,
            "selection": self.selection.value,
            "bar": self.bar.value,
            "seed": self.seed,
            "threads": self.threads,
            "device": self.device,
            "start_from": None if self.start_from is None else _weights(self.start_from),
            **({} if self.points is None else {"points": self.points.describe()}),
        }


def _weights(run: Path) -> dict[str, str]:
    try:
        content = (run / WEIGHTS).read_bytes()
    except OSError as error:
        raise UsageError(f"--start-from {run}: holds no weights; name a finished run") from error
    return {"name": run.resolve().name, "sha256": hashlib.sha256(content).hexdigest()}
