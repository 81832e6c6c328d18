"""What all cases of an ablation share."""

from dataclasses import dataclass

from offline.loso.plan import LosoPlan
from offline.training.environment import describe_environment
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
            "decoder": self.plan.decoding.rules.to_dict(),
            "top": self.plan.decoding.top,
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
        return lines + ([f"with {', '.join(self.overrides)}"] if self.overrides else [])
