"""Scores of one video with its labels and proposals."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from engines.decoding.intensity.rules import INTENSITY
from engines.intervals import Kind
from offline.evaluation.instances import Instance
from offline.report.axes import Axis
from offline.report.judged import Judged, Verdict
from offline.report.kinds import ORDER
from offline.report.polyline import area, curve
from offline.report.svg import Drawing
from realtime.types import RATE_HZ

Curves = Mapping[str, NDArray[np.float32]]
WIDTH: Final = 960
ATTENTION: Final = "attention"
LEFT: Final = 52
RIGHT: Final = 16
LANE: Final = 9
CURVE: Final = 46
GAP: Final = 16
_STRIP: Final = LANE + CURVE + LANE


def timeline(video: str, curves: Curves, verdict: Verdict, ticks: int) -> Markup:
    """Return the chart: a strip for each kind.

    Labels are the bars above a strip and the bands behind its curves; proposals are the bars
    below it, solid where they found a label and hollow where they are wrong.

    Parameters
    ----------
    video
        Its name.
    curves
        float32 (T,) by name of a score, in [0, 1]; NaN where a tick was not scored.
    verdict
        Of this video.
    ticks
        Length of the video on the 30 Hz grid.
    """
    end = max([ticks, *(len(c) for c in curves.values()), *_ends(verdict)], default=0)
    x = Axis(0.0, max(end, 1) / RATE_HZ, LEFT, WIDTH - RIGHT)
    drawing = Drawing(WIDTH, 6 + len(ORDER) * (_STRIP + GAP) + 14, f"Scores of video {video}")
    top = 6.0
    for kind in ORDER:
        _strip(drawing, x, top, kind, curves, verdict)
        top += _STRIP + GAP
    bottom = top - GAP + 4
    drawing.line(x.start, bottom, x.stop, bottom, "axis")
    for value in x.ticks(10):
        drawing.line(x.at(value), bottom, x.at(value), bottom + 3, "axis")
        drawing.text(x.at(value), bottom + 15, f"{value:g} s", "tick", "middle")
    return drawing.render()


def _strip(
    drawing: Drawing, x: Axis, top: float, kind: Kind, curves: Curves, verdict: Verdict
) -> None:
    y = Axis(0.0, 1.0, top + LANE + CURVE, top + LANE)
    drawing.text(0, top + LANE + CURVE / 2 + 4, kind.value, f"strip {kind.value}")
    for value in (0, 1):
        drawing.line(x.start, y.at(value), x.stop, y.at(value), "grid")
        drawing.text(x.start - 4, y.at(value) + 3.5, str(value), "tick", "end")
    for ignored in verdict.ignored:
        bar(drawing, x, ignored, y.stop, CURVE, "ignored", f"not counted: {where(ignored)}")
    for label in _of(verdict.labels, kind):
        tip = f"{kind.value} label, {'found' if label.hit else 'missed'}: {where(label.instance)}"
        bar(drawing, x, label.instance, y.stop, CURVE, f"band {kind.value}", tip)
        state = "hit" if label.hit else "miss"
        bar(drawing, x, label.instance, top + 1, LANE - 3, f"mark {kind.value} {state}", tip)
    draw_scores(drawing, x, y, kind, curves)
    for proposal in _of(verdict.proposals, kind):
        bar(drawing, x, proposal.instance, y.start + 3, LANE - 4, _proposal_class(proposal, kind),
            proposal_tip(proposal))  # fmt: skip


def draw_scores(
    drawing: Drawing, x: Axis, y: Axis, kind: Kind, curves: Curves, boundaries: bool = False
) -> None:
    """Draw the expression score as an area and the apex score as a line; onset and offset too.

    Of a method whose kinds share one intensity, that is the area, and the action score the line;
    of snippets, the score of the kind is the area, and the attention, which both share, the line.
    """
    for name, values in curves.items():
        role = _role(name, kind)
        if role is None:
            continue
        if role in {"onset", "offset"} and not boundaries:
            continue
        across = x.many(np.arange(len(values)) / RATE_HZ)
        up = y.many(np.clip(values.astype(np.float64), 0, 1))
        if role in {"expression", INTENSITY}:
            drawing.path(area(across, up, y.start), f"area {kind.value}")
        else:
            drawing.path(curve(across, up), f"curve {kind.value} {_role_class(role)}")


def bar(drawing: Drawing, x: Axis, instance: Instance, top: float, height: float, class_: str,
        tip: str) -> None:  # fmt: skip
    """Draw an interval over its inclusive ticks, at least 2 units wide; cut off at the axis."""
    ends = np.clip([instance.onset / RATE_HZ, (instance.offset + 1) / RATE_HZ], x.low, x.high)
    left, right = (x.at(float(end)) for end in ends)
    drawing.rect(left, top, max(right - left, 2.0), height, class_, tip)


def proposal_tip(proposal: Judged) -> str:
    """Return what is known of a proposal in one line."""
    i = proposal.instance
    kind = i.kind.value if i.kind else ""
    outcome = "hit" if proposal.hit else "not counted" if proposal.neutral else "false positive"
    why = f", {proposal.reason.value}" if proposal.reason else ""
    return f"{kind} proposal, {outcome}{why}: {where(i)}, score {i.score:.3g}"


def where(instance: Instance) -> str:
    """Return the span of an instance in seconds."""
    return f"{instance.onset / RATE_HZ:.2f} to {(instance.offset + 1) / RATE_HZ:.2f} s"


def _proposal_class(proposal: Judged, kind: Kind) -> str:
    state = "hit" if proposal.hit else "neutral" if proposal.neutral else "wrong"
    return f"mark {kind.value} {state}"


def _role(name: str, kind: Kind) -> str | None:
    """Return what a curve tells of a kind; None where it is of the other."""
    if name in {INTENSITY, ATTENTION}:
        return name
    if name == kind.value:
        return "expression"
    return name.removeprefix(f"{kind.value}_") if name.startswith(f"{kind.value}_") else None


def _role_class(role: str) -> str:
    return role if role in {"apex", "onset", "offset"} else "apex"


def _of(judged: Sequence[Judged], kind: Kind) -> list[Judged]:
    return [j for j in judged if j.instance.kind is kind]


def _ends(verdict: Verdict) -> list[int]:
    judged = (*verdict.labels, *verdict.proposals)
    return [j.instance.offset + 1 for j in judged] + [i.offset + 1 for i in verdict.ignored]
