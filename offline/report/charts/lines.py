"""Lines over epochs and over IoU thresholds."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from offline.report.axes import Axis, grid, span
from offline.report.polyline import curve
from offline.report.svg import Drawing

WIDTH: Final = 320
HEIGHT: Final = 190
_MANY: Final = 24
_ROOM: Final = 0.06


@dataclass(frozen=True, slots=True)
class Line:
    """One line.

    Attributes
    ----------
    name
        Shown where the pointer rests on it.
    x, y
        float64 (N,), x rising; a gap where y is not finite.
    class_
        Class of the style sheet: ``run0`` to ``run5``, ``faint``, ``middle``.
    """

    name: str
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    class_: str


def lines(
    title: str,
    drawn: Sequence[Line],
    x_title: str,
    *,
    floor: float | None = None,
    ceiling: float | None = None,
    dots: bool = False,
    whole: bool = False,
) -> Markup:
    """Return a chart of lines on common axes.

    Parameters
    ----------
    title
        Above the chart.
    drawn
        The lines, those on top last.
    x_title
        Below the horizontal axis.
    floor, ceiling
        Ends of the vertical axis; those of the data by default.
    dots
        Whether every point has a dot of its own, if there are not too many.
    whole
        Whether x counts something.
    """
    across = np.concatenate([np.zeros(0), *(line.x for line in drawn)])
    up = np.concatenate([np.zeros(0), *(line.y for line in drawn)])
    low, high = span(up, floor)
    x = Axis(*span(across), 40, WIDTH - 8)
    room = (high - low) * _ROOM
    top = high + room if ceiling is None else max(ceiling, high)
    y = Axis(low if floor is not None else low - room, top, HEIGHT - 34, 26)
    drawing = Drawing(WIDTH, HEIGHT, f"{title} over {x_title}")
    drawing.text(40, 14, title, "heading")
    grid(drawing, x, y, whole=whole)
    drawing.text((x.start + x.stop) / 2, HEIGHT - 4, x_title, "tick", "middle")
    for line in drawn:
        across, up = x.many(line.x), y.many(line.y)
        drawing.path(curve(across, up), f"line {line.class_}")
        if (dots and len(line.x) <= _MANY) or len(line.x) == 1:
            _dots(drawing, line, across, up)
    return drawing.render()


def _dots(
    drawing: Drawing, line: Line, across: NDArray[np.float64], up: NDArray[np.float64]
) -> None:
    for n in np.flatnonzero(np.isfinite(up)).tolist():
        tip = f"{line.name}: {line.y[n]:.3f} at {line.x[n]:g}"
        drawing.mark("circle", tip, cx=float(across[n]), cy=float(up[n]), r=2.6,
                     class_=f"dot {line.class_}")  # fmt: skip
