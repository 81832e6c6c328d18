"""What became of every proposal and every label, and why the wrong ones are wrong."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from offline.evaluation.instances import Instance
from offline.evaluation.outcomes import Comparison
from offline.evaluation.rules import Rules


class Reason(StrEnum):
    """Why a proposal is no hit, or a label was missed; the first that applies."""

    DUPLICATE = "second proposal of a label that another one found"
    KIND = "boundaries right, kind wrong"
    BOUNDARIES = "same kind, overlap too small"
    OVERLAP = "other kind, overlap too small"
    NO_LABEL = "no label there"
    NO_PROPOSAL = "nothing proposed there"
    TAKEN = "its proposal found another label"


@dataclass(frozen=True, slots=True)
class Judged:
    """A proposal or a label with its outcome.

    Attributes
    ----------
    instance
        As it was compared.
    hit
        Whether a proposal found a label, or a label was found.
    neutral
        Whether a proposal counts neither way.
    iou
        With the best instance of the other side in the video, whatever its kind; 0 without any.
    reason
        None for a hit and for what counts neither way.
    """

    instance: Instance
    hit: bool
    neutral: bool = False
    iou: float = 0.0
    reason: Reason | None = None

    @property
    def wrong(self) -> bool:
        """Whether it is a false positive or a miss."""
        return not self.hit and not self.neutral


@dataclass(frozen=True, slots=True)
class Verdict:
    """Proposals and labels of one run.

    Attributes
    ----------
    proposals
        Those that score at least the bar, in the order in which they were given.
    labels
        In the order in which they were given.
    ignored
        Intervals that count neither way.
    """

    proposals: tuple[Judged, ...]
    labels: tuple[Judged, ...]
    ignored: tuple[Instance, ...] = ()

    @classmethod
    def of(
        cls,
        truth: Sequence[Instance],
        predictions: Sequence[Instance],
        ignored: Sequence[Instance],
        rules: Rules,
    ) -> Self:
        """Judge by the rules of an evaluation; its counts are those of the evaluator."""
        kept = [p for p in predictions if rules.counts(p)]
        outcomes = Comparison.of(
            truth, kept, ignored,
            lowest_iou=rules.iou, ignore_kind=rules.ignore_kind, variant=rules.variant,
        ).at(rules.iou)  # fmt: skip
        found, right = (
            set(outcomes.matched.truth.tolist()),
            set(outcomes.matched.prediction.tolist()),
        )
        neutral = outcomes.neutral.tolist()
        labels_of, proposals_of = _by_video(truth), _by_video(kept)
        return cls(
            tuple(
                _judge(p, n in right, labels_of.get(p.video, ()), rules.iou, neutral[n])
                for n, p in enumerate(kept)
            ),
            tuple(
                _judge(t, n in found, proposals_of.get(t.video, ()), rules.iou, label=True)
                for n, t in enumerate(truth)
            ),
            tuple(ignored),
        )

    def of_video(self, video: str) -> Self:
        """Return what is in one video."""
        return type(self)(
            tuple(p for p in self.proposals if p.instance.video == video),
            tuple(t for t in self.labels if t.instance.video == video),
            tuple(i for i in self.ignored if i.video == video),
        )


def _judge(
    instance: Instance,
    hit: bool,
    others: Sequence[Instance],
    iou: float,
    neutral: bool = False,
    *,
    label: bool = False,
) -> Judged:
    best = max((instance.iou(other) for other in others), default=0.0)
    if hit or neutral:
        return Judged(instance, hit, neutral, best)
    same = max((instance.iou(o) for o in others if o.kind is instance.kind), default=0.0)
    if same >= iou:
        reason = Reason.TAKEN if label else Reason.DUPLICATE
    elif best >= iou:
        reason = Reason.KIND
    elif same > 0:
        reason = Reason.BOUNDARIES
    else:
        alone = Reason.NO_PROPOSAL if label else Reason.NO_LABEL
        reason = Reason.OVERLAP if best > 0 else alone
    return Judged(instance, hit, neutral, best, reason)


def _by_video(instances: Sequence[Instance]) -> Mapping[str, list[Instance]]:
    out: dict[str, list[Instance]] = {}
    for instance in instances:
        out.setdefault(instance.video, []).append(instance)
    return out
