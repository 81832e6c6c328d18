"""Which epoch of a fold spots the held-out subject, and by which file of weights."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from engines.errors import UsageError
from offline.loso.plan import Bar, Selection
from offline.loso.prediction import F1
from offline.training.run_folder import WEIGHTS


@dataclass(frozen=True, slots=True)
class Choice:
    """The epoch of one fold.

    Attributes
    ----------
    selection
        By which rule.
    epoch
        Counted from 1.
    weights
        File in the fold's folder.
    f1
        By epoch that might have been chosen; empty for the last epoch.
    inner
        Subjects that chose epoch or bar, where an inner split did.
    bar
        Least score of a proposal that counts; None for all of them.
    bar_rule
        By which rule.
    """

    selection: Selection
    epoch: int
    weights: str
    f1: Mapping[int, float]
    inner: tuple[str, ...] = ()
    bar: float | None = None
    bar_rule: Bar = Bar.NONE

    def to_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return {
            "rule": self.selection.value,
            "meaning": self.selection.meaning,
            "epoch": self.epoch,
            "weights": self.weights,
            "f1": {str(epoch): f1 for epoch, f1 in self.f1.items()},
            "inner_subjects": list(self.inner),
            "bar": {
                "rule": self.bar_rule.value,
                "meaning": self.bar_rule.meaning,
                "score": self.bar,
            },
        }


def bar_of(choice: Mapping[str, object]) -> float | None:
    """Return the bar of a fold from what :meth:`Choice.to_dict` wrote; older folds have none."""
    bar = choice.get("bar")
    score = bar.get("score") if isinstance(bar, Mapping) else None
    return score if isinstance(score, float) else None


def best_epoch(f1: Mapping[int, float]) -> int:
    """Return the epoch with the highest F1, the earliest of several.

    Raises
    ------
    UsageError
        If there is none.
    """
    if not f1:
        raise UsageError("no epoch was validated, so that none can be chosen")
    return min(f1, key=lambda epoch: (-f1[epoch], epoch))


def validated(metrics: Sequence[Mapping[str, float]], name: str = F1) -> dict[int, float]:
    """Return a figure by epoch from a run's metrics; epochs that lack it are left out."""
    return {int(epoch["epoch"]): epoch[name] for epoch in metrics if name in epoch}


def candidates(epochs: int, keep_every: int) -> list[int]:
    """Return the epochs that may be chosen: every n-th, and the last."""
    return sorted({*range(keep_every, epochs + 1, keep_every), epochs})


def weights_of(epoch: int, epochs: int) -> str:
    """Return the file of an epoch's weights as :mod:`offline.training.trainer` names it."""
    return WEIGHTS if epoch == epochs else f"weights-{epoch:04d}.safetensors"


KEPT: Final = "weights-*.safetensors"
