"""Figures as text for people, in 80 columns."""

import sys
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from benchmarks.measure.figures import Bin, Spread

WIDTH: Final = 80
BLOCKS: Final = " ▏▎▍▌▋▊▉█"
SPARKS: Final = "▁▂▃▄▅▆▇█"
PLAIN_SPARKS: Final = "_.-~=+*#"
SPARKLINE: Final = 60
NOTHING: Final = "-"


def number(value: float | None) -> str:
    """Return a figure with about three digits; ``-`` where there is none."""
    if value is None:
        return NOTHING
    decimals = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{decimals}f}"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return lines of columns: the first one to the left, the others to the right."""
    widths = [max(len(row[k]) for row in (head, *rows)) for k in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if k else cell.ljust(width)
            for k, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (head, *rows)
    ]


def spread_cells(spread: Spread | None) -> tuple[str, str, str, str, str]:
    """Return count, p50, p95, p99 and max as cells of a table."""
    if spread is None:
        return ("0", NOTHING, NOTHING, NOTHING, NOTHING)
    return (
        str(spread.count),
        number(spread.p50),
        number(spread.p95),
        number(spread.p99),
        number(spread.max),
    )


def histogram_lines(bins: Sequence[Bin], unit: str = "ms") -> list[str]:
    """Return one line per bin: its range, a bar and its count; every value shows."""
    if not bins:
        return []
    ranges = table(
        ("", "", ""), [(f"{bin_.low:g}", NOTHING, f"{bin_.high:g} {unit}") for bin_ in bins]
    )[1:]
    counts = [str(bin_.count) for bin_ in bins]
    room = WIDTH - max(map(len, ranges)) - max(map(len, counts)) - 4
    most = max(bin_.count for bin_ in bins)
    return [
        f"{range_.ljust(max(map(len, ranges)))}  {_bar(bin_.count / most, room)}  "
        f"{count.rjust(max(map(len, counts)))}"
        for range_, bin_, count in zip(ranges, bins, counts, strict=True)
    ]


def _bar(share: float, room: int) -> str:
    """Return a bar of a share of some columns; the smallest share that is not 0 shows."""
    eighths = max(round(share * room * 8), 1 if share else 0)
    if not _can_print(BLOCKS):
        return ("#" * -(-eighths // 8)).ljust(room)
    full, part = divmod(eighths, 8)
    return ("█" * full + BLOCKS[part].strip()).ljust(room)


def sparkline(values: Sequence[float]) -> str:
    """Return a series as one line of at most 60 signs, from its lowest to its highest value.

    A longer series is thinned to the highest value of each equal part, so that no peak is lost.
    """
    if not values:
        return ""
    parts = min(len(values), SPARKLINE)
    cuts = [len(values) * k // parts for k in range(parts + 1)]
    peaks = [max(values[a:b]) for a, b in pairwise(cuts)]
    signs = SPARKS if _can_print(SPARKS) else PLAIN_SPARKS
    low, span = min(peaks), max(peaks) - min(peaks)
    return "".join(signs[round((p - low) / span * (len(signs) - 1)) if span else 0] for p in peaks)


def _can_print(signs: str) -> bool:
    try:
        signs.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
