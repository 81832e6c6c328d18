"""A wrong proposal or a missed label from near, as curves."""

from typing import Final

from markupsafe import Markup

from engines.intervals import Kind
from offline.report.axes import Axis
from offline.report.charts.timeline import Curves, bar, draw_scores, proposal_tip, where
from offline.report.judged import Judged, Verdict
from offline.report.svg import Drawing
from realtime.types import RATE_HZ

WIDTH: Final = 240
HEIGHT: Final = 118
_MARGIN_TICKS: Final = 24
_SHORTEST_TICKS: Final = 75


def close_up(subject: Judged, curves: Curves, verdict: Verdict, ticks: int) -> Markup:
    """Return the chart of one wrong proposal or missed label.

    All labels and proposals of both kinds that are within view are drawn; the scores are those of
    the subject's kind.

    Parameters
    ----------
    subject
        What the chart is about.
    curves
        Scores of its video (see :func:`offline.report.charts.timeline.timeline`).
    verdict
        Of its video.
    ticks
        Length of the video.
    """
    instance = subject.instance
    kind = instance.kind or Kind.MACRO
    first, last = view(instance.onset, instance.offset, ticks)
    x = Axis(first / RATE_HZ, last / RATE_HZ, 22, WIDTH - 10)
    y = Axis(0.0, 1.0, HEIGHT - 34, 16)
    drawing = Drawing(WIDTH, HEIGHT, f"{kind.value} at {where(instance)} in {instance.video}")
    for value in (0, 0.5, 1):
        drawing.line(x.start, y.at(value), x.stop, y.at(value), "grid")
        drawing.text(x.start - 4, y.at(value) + 3.5, f"{value:g}", "tick", "end")
    near = [j for j in verdict.labels if _within(j, first, last)]
    for label in near:
        of = _kind(label)
        tip = f"{of} label: {where(label.instance)}"
        bar(drawing, x, label.instance, y.stop, y.start - y.stop, f"band {of}", tip)
        bar(drawing, x, label.instance, 4, 7, f"mark {of} {'hit' if label.hit else 'miss'}", tip)
    cut = {name: values[first:last] for name, values in curves.items()}
    shifted = Axis(0.0, x.high - x.low, x.start, x.stop)
    draw_scores(drawing, shifted, y, kind, cut, boundaries=True)
    for proposal in (j for j in verdict.proposals if _within(j, first, last)):
        state = "hit" if proposal.hit else "wrong"
        class_ = f"mark {_kind(proposal)} {state}{' subject' if proposal is subject else ''}"
        bar(drawing, x, proposal.instance, y.start + 4, 7, class_, proposal_tip(proposal))
    for value in x.ticks(4):
        drawing.text(x.at(value), HEIGHT - 6, f"{value:g}", "tick", "middle")
    drawing.text(2, HEIGHT - 6, "s", "tick")
    return drawing.render()


def view(onset: int, offset: int, ticks: int) -> tuple[int, int]:
    """Return the half-open span of ticks to show around an interval, within the video if it can."""
    margin = max(_MARGIN_TICKS, (_SHORTEST_TICKS - (offset - onset + 1)) // 2)
    first = max(0, onset - margin)
    return first, max(min(offset + margin + 1, ticks), offset + 1, first + 1)


def _within(judged: Judged, first: int, last: int) -> bool:
    return judged.instance.onset < last and judged.instance.offset >= first


def _kind(judged: Judged) -> str:
    return judged.instance.kind.value if judged.instance.kind else "ignored"
