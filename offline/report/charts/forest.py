"""F1 of runs and of published methods, with intervals where they are known."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from offline.report.axes import Axis
from offline.report.svg import Drawing

WIDTH: Final = 330
_LEFT, _RIGHT, _ROW, _TOP = 138, 44, 17, 30


@dataclass(frozen=True, slots=True)
class Figure:
    """One row.

    Attributes
    ----------
    name
        Of the run or method.
    value
        F1, in [0, 1].
    class_
        ``run0`` to ``run5``, or ``published``.
    low, high
        Ends of its confidence interval, if known.
    """

    name: str
    value: float
    class_: str
    low: float | None = None
    high: float | None = None


def forest(title: str, figures: Sequence[Figure]) -> Markup:
    """Return the chart; filled dots with intervals are measured, hollow ones published."""
    height = _TOP + _ROW * len(figures) + 22
    drawing = Drawing(WIDTH, height, f"F1 of {title}")
    ends = [v for f in figures for v in (f.value, f.high) if v is not None]
    x = Axis(0.0, max(0.1, *ends) if ends else 1.0, _LEFT, WIDTH - _RIGHT)
    bottom = height - 20
    drawing.text(_LEFT, 14, title, "heading")
    for value in x.ticks(4):
        drawing.line(x.at(value), _TOP - 6, x.at(value), bottom, "grid")
        drawing.text(x.at(value), bottom + 14, f"{value:g}", "tick", "middle")
    for row, figure in enumerate(figures):
        _row(drawing, x, _TOP + _ROW * (row + 0.5), figure)
    return drawing.render()


def _row(drawing: Drawing, x: Axis, middle: float, figure: Figure) -> None:
    drawing.text(_LEFT - 8, middle + 3.8, _short(figure.name), f"name {figure.class_}", "end")
    tip = f"{figure.name}: F1 {figure.value:.4f}"
    if figure.low is not None and figure.high is not None:
        drawing.line(x.at(figure.low), middle, x.at(figure.high), middle,
                     f"whisker {figure.class_}")  # fmt: skip
        tip += f", interval {figure.low:.4f} to {figure.high:.4f}"
    drawing.mark(
        "circle", tip, cx=x.at(figure.value), cy=middle, r=4, class_=f"dot {figure.class_}"
    )
    drawing.text(WIDTH - 2, middle + 3.8, f"{figure.value:.3f}", f"value {figure.class_}", "end")


def _short(name: str, most: int = 21) -> str:
    return name if len(name) <= most else name[: most - 1] + "…"
