"""Instances for tests, and an independent matching of few of them."""

from fractions import Fraction

from hypothesis import strategies as st

from engines.intervals import Kind
from offline.evaluation.instances import Instance


def micro(onset: int, offset: int, score: float = 1.0, video: str = "v") -> Instance:
    return Instance(video, Kind.MICRO, onset, offset, None, score)


def macro(onset: int, offset: int, score: float = 1.0, video: str = "v") -> Instance:
    return Instance(video, Kind.MACRO, onset, offset, None, score)


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    onset = draw(st.integers(0, 30))
    offset = onset + draw(st.integers(0, 20))
    return Instance(
        draw(st.sampled_from("ab")),
        draw(st.sampled_from(list(Kind))),
        onset,
        offset,
        draw(st.none() | st.integers(onset, offset)),
        draw(st.sampled_from([0.2, 0.5, 1.0])),
    )


LISTS = st.lists(instances(), max_size=12)


def overlap(first: Instance, second: Instance, plus_one: bool = True) -> Fraction:
    """Intersection over union by listing frames, or the spaces between frames."""
    if first.video != second.video:
        return Fraction(0)
    ends = int(plus_one)
    one, other = (set(range(i.onset, i.offset + ends)) for i in (first, second))
    return Fraction(len(one & other), max(1, len(one | other)))


def hit(
    guess: Instance,
    label: Instance,
    iou: Fraction,
    ignore_kind: bool = False,
    above: bool = False,
    plus_one: bool = True,
) -> bool:
    shared = overlap(guess, label, plus_one)
    same = ignore_kind or guess.kind == label.kind
    return same and (shared > iou if above else shared >= iou)


def match_by_hand(
    truth: list[Instance],
    predictions: list[Instance],
    iou: Fraction,
    *,
    ignore_kind: bool = False,
    above: bool = False,
    plus_one: bool = True,
    many: bool = False,
) -> list[tuple[int, int]]:
    """Match by the protocol's words: by score, then the best overlap that is left, one at a time.

    Among equals the order is that of the frames of the prediction, then of the label.
    """

    def frames(instance: Instance) -> tuple[object, ...]:
        apex = -1 if instance.apex is None else instance.apex
        return instance.onset, instance.offset, apex, instance.kind == Kind.MACRO

    free_guesses, free_labels = set(range(len(predictions))), set(range(len(truth)))
    matched = []
    for score in sorted({p.score for p in predictions}, reverse=True):
        while True:
            left = [
                (-overlap(predictions[p], truth[t], plus_one), frames(predictions[p]),
                 frames(truth[t]), p, t)
                for p in free_guesses
                for t in free_labels
                if predictions[p].score == score
                and hit(predictions[p], truth[t], iou, ignore_kind, above, plus_one)
            ]  # fmt: skip
            if not left:
                break
            *_, p, t = min(left)
            matched.append((p, t))
            free_labels.remove(t)
            if not many:
                free_guesses.remove(p)
    return matched
