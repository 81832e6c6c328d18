"""Counts of one row of a table as a bar."""

from typing import Final

from markupsafe import Markup

from offline.evaluation.figures import Counts
from offline.report.svg import Drawing

WIDTH: Final = 150
HEIGHT: Final = 12


def tally(counts: Counts, largest: int) -> Markup:
    """Return a bar of what was found, missed and wrong.

    Parameters
    ----------
    counts
        Of the row.
    largest
        The greatest sum of the three in any row: the full width.
    """
    drawing = Drawing(
        WIDTH, HEIGHT, f"{counts.tp} found, {counts.fn} missed, {counts.fp} false positives"
    )
    left = 0.0
    for name, count in (("tp", counts.tp), ("fn", counts.fn), ("fp", counts.fp)):
        width = WIDTH * count / max(largest, 1)
        if count:
            drawing.rect(left, 1, max(width - 0.8, 0.6), HEIGHT - 2, f"share {name}")
        left += width
    return drawing.render()
