"""What all cases of an ablation share."""

import dataclasses
from dataclasses import dataclass

from engines.errors import UsageError
from offline.ablation.datasets import BETWEEN, Datasets
from offline.loso.plan import LosoPlan
from offline.methods.registry import method_of, published_rules
from offline.training.environment import describe_environment
from offline.training.points import PointsOfFile, PointSource
from offline.training.settings import Settings
from realtime.types import RATE_HZ


@dataclass(frozen=True, slots=True)
class Options:
    """What all cases share.

    Attributes
    ----------
    plan
        Decoding, seed, threads and device; each case has settings of its own.
    overrides
        ``section.key=value`` for every preset.
    loso
        Leave each subject out in turn instead of a share of them once.
    share
        Of subjects that are held out without LOSO, in (0, 1).
    command
        What was typed.
    """

    plan: LosoPlan
    overrides: tuple[str, ...] = ()
    loso: bool = False
    share: float = 0.2
    command: str = ""

    def plan_of(self, settings: Settings, data: Datasets) -> LosoPlan:
        """Return the plan of a case: points are for methods that learn from them.

        Decoder rules are those of the method's paper.

        Raises
        ------
        UsageError
            If there are no points for a method that learns from them, or none is of the data.
        """
        method = method_of(settings)
        if method.uses_points and self.plan.points is None:
            raise UsageError(
                f"{method.name} learns from points: give --points FILE or --points-from-truth"
            )
        decoding = dataclasses.replace(self.plan.decoding, rules=published_rules(settings))
        points = points_of(self.plan.points, data) if method.uses_points else None
        return dataclasses.replace(self.plan, settings=settings, decoding=decoding, points=points)

    def to_dict(self) -> dict[str, object]:
        """Return them for JSON."""
        selection = self.plan.selection
        return {
            "command": self.command,
            "loso": self.loso,
            "held_out": None if self.loso else self.share,
            "selection": {"rule": selection.value, "meaning": selection.meaning},
            "overrides": list(self.overrides),
            "seed": self.plan.seed,
            "threads": self.plan.threads,
            "device": self.plan.device,
            "top": self.plan.decoding.top,
            "points": None if self.plan.points is None else self.plan.points.describe(),
            "rate_hz": RATE_HZ,
            "environment": describe_environment(),
        }

    def notes(self) -> list[str]:
        """Return what the table must not be quoted without, in words."""
        plan, people = self.plan, f"a share of {self.share:g} of the subjects held out, once"
        lines = [
            f"F1 at IoU 0.5, one to one; {'each subject left out' if self.loso else people}; "
            f"selection {plan.selection.value} ({plan.selection.meaning}); seed {plan.seed}"
        ]
        if plan.points is not None:
            told = ", ".join(f"{key} {value}" for key, value in plan.points.describe().items())
            lines.append(f"methods that learn from points: {told}")
        return lines + ([f"with {', '.join(self.overrides)}"] if self.overrides else [])


def points_of(points: PointSource | None, data: Datasets) -> PointSource | None:
    """Return points by the names that videos have in an ablation, ``DATASET/VIDEO``.

    Raises
    ------
    UsageError
        If they come from a table, and none of its videos is in a dataset.
    """
    if not isinstance(points, PointsOfFile):
        return points
    names = {clip.name for corpus in data.recorded.values() for clip in corpus.clips}
    own = {name.partition(BETWEEN)[2] for name in names}
    points.require_known(own, "--data")
    frames = {name: points.frames[video] for name in names
              if (video := name.partition(BETWEEN)[2]) in points.frames}  # fmt: skip
    return dataclasses.replace(points, frames=frames)
