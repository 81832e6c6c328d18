"""Pseudo-labels of one expression over the intensity that a network gives (GIM, figure 4)."""

from typing import Final

import numpy as np
from markupsafe import Markup

from offline.report.axes import Axis
from offline.report.polyline import curve
from offline.report.soft_labels import UNKNOWN, SoftLabels
from offline.report.svg import Drawing
from realtime.types import RATE_HZ

WIDTH: Final = 240
HEIGHT: Final = 128
_TOP: Final = 20


def soft_label(labels: SoftLabels, row: int) -> Markup:
    """Return the chart of one expression: a line, a dot for each label, a band for the truth.

    Parameters
    ----------
    labels
        Of a run.
    row
        Which expression.
    """
    kind, first = str(labels.kind[row]), int(labels.first[row])
    ticks = first + np.arange(labels.intensity.shape[1], dtype=np.float64)
    x = Axis(ticks[0] / RATE_HZ, ticks[-1] / RATE_HZ, 22, WIDTH - 10)
    y = Axis(0.0, 1.0, HEIGHT - 22, _TOP)
    point = int(labels.point[row])
    where = f"{labels.video[row]}, {kind} at {point / RATE_HZ:.1f} s"
    drawing = Drawing(WIDTH, HEIGHT, f"Pseudo-labels of {where}")
    drawing.text(22, 12, where, "heading")
    for value in (0, 0.5, 1):
        drawing.line(x.start, y.at(value), x.stop, y.at(value), "grid")
        drawing.text(x.start - 4, y.at(value) + 3.5, f"{value:g}", "tick", "end")
    _truth(drawing, x, y, labels, row)
    across = x.many(ticks / RATE_HZ)
    intensity = np.clip(labels.intensity[row].astype(np.float64), 0, 1)
    drawing.path(curve(across, y.many(intensity)), "line faint")
    place = x.at(point / RATE_HZ)
    drawing.line(place, y.start, place, y.stop, "axis")
    for n in np.flatnonzero(np.isfinite(labels.soft[row])).tolist():
        label = float(labels.soft[row, n])
        apex = ticks[n] == labels.apex[row]
        tip = f"{'pseudo-apex, ' if apex else ''}label {label:.2f} at {ticks[n] / RATE_HZ:.2f} s"
        drawing.mark("circle", tip, cx=float(across[n]), cy=y.at(label), r=3.4 if apex else 1.8,
                     class_=f"point {kind}")  # fmt: skip
    for value in x.ticks(4):
        drawing.text(x.at(value), HEIGHT - 6, f"{value:g}", "tick", "middle")
    drawing.text(2, HEIGHT - 6, "s", "tick")
    return drawing.render()


def _truth(drawing: Drawing, x: Axis, y: Axis, labels: SoftLabels, row: int) -> None:
    onset, apex, offset = labels.truth[row].tolist()
    if onset == UNKNOWN:
        return
    ends = np.clip([onset / RATE_HZ, offset / RATE_HZ], x.low, x.high)
    left, right = (x.at(float(end)) for end in ends)
    kind = str(labels.kind[row])
    tip = f"labelled: {onset / RATE_HZ:.2f}, {apex / RATE_HZ:.2f} and {offset / RATE_HZ:.2f} s"
    drawing.rect(left, y.stop, right - left, y.start - y.stop, f"band {kind}", tip)
