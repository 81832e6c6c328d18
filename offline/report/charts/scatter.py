"""Features of held-out frames on two principal components (SpotFormer, figure 7)."""

from typing import Final

import numpy as np
from markupsafe import Markup

from offline.report.axes import Axis, span
from offline.report.kinds import LABEL_NAMES
from offline.report.principal import Projection
from offline.report.svg import Drawing, number

SIZE: Final = 320


def scatter(title: str, projection: Projection) -> Markup:
    """Return the chart; neutral frames are grey dots, macro squares, micro triangles."""
    drawing = Drawing(SIZE, SIZE + 18, f"Features of {title} on two principal components")
    x = Axis(*span(projection.points[:, 0]), 14, SIZE - 10)
    y = Axis(*span(projection.points[:, 1]), SIZE - 10, 34)
    drawing.text(4, 15, title, "heading")
    drawing.rect(4, 24, SIZE - 8, SIZE - 24, "frame")
    for label, name in enumerate(LABEL_NAMES):
        rows = projection.points[projection.labels == label]
        places = np.stack([x.many(rows[:, 0]), y.many(rows[:, 1])], axis=1)
        drawing.path("".join(_mark(a, b, name) for a, b in places.tolist()), f"point {name}")
    shares = [f"{100 * share:.0f} %" for share in projection.shares]
    drawing.text(SIZE / 2, SIZE + 13, f"component 1 ({shares[0]}), component 2 ({shares[1]})",
                 "tick", "middle")  # fmt: skip
    return drawing.render()


def _mark(x: float, y: float, name: str) -> str:
    """Return path data of one point; a dot is a line of no length with round ends."""
    if name == "macro":
        return f"M{number(x - 2.1)} {number(y - 2.1)}h4.2v4.2h-4.2z"
    if name == "micro":
        return f"M{number(x)} {number(y - 2.7)}l2.7 4.8h-5.4z"
    return f"M{number(x)} {number(y)}h0"
