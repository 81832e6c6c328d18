"""A session as a TextGrid of Praat."""

from pathlib import Path
from typing import Final

from offline.sessions.axis import Axis, end_of, expression_tiers, gap_tiers
from offline.sessions.extras import require
from offline.sessions.study import Study

_SHORTEST_S: Final = 1e-3


def write_textgrid(study: Study, axis: Axis, path: Path) -> None:
    """Write the expressions and gaps as intervals, apexes and marks as points.

    Raises
    ------
    UsageError
        If ``pympi`` is not there.
    OSError
        If the file cannot be written.
    """
    praat = require("pympi.Praat", "export")
    tiers = [
        *expression_tiers(study, axis, _SHORTEST_S),
        *gap_tiers(study, axis, _SHORTEST_S),
    ]
    points = _points(study, axis)
    times = [
        time_s for tier in tiers for span in tier.spans for time_s in (span.start_s, span.end_s)
    ]
    times += [time_s for marked in points.values() for time_s, _ in marked]
    first = min([0.0, *times])
    last = max([first + _SHORTEST_S, end_of(study, axis), *times])
    grid = praat.TextGrid(xmin=first, xmax=last)
    for tier in tiers:
        written = grid.add_tier(tier.name)
        for span in tier.spans:
            # they are known not to overlap, which pympi would take long to find out
            written.add_interval(span.start_s, span.end_s, _text(span.text), check=False)
    for name, marked in points.items():
        written = grid.add_tier(name, tier_type="TextTier")
        for time_s, text in marked:
            written.add_point(time_s, text, check=False)
    grid.to_file(str(path))


def _points(study: Study, axis: Axis) -> dict[str, list[tuple[float, str]]]:
    """Return apexes by source, face and kind, and marks by source, in order of time."""
    out: dict[str, dict[float, str]] = {}
    for found in study.expressions:
        name = f"source{found.source}_face{found.face}_{found.kind}_apex"
        out.setdefault(name, {})[axis.at(found.source, found.apex_s)] = f"{found.score:.2f}"
    for moment in study.moments:
        if moment.type.startswith("mark_"):
            name = f"source{moment.source}_marks"
            out.setdefault(name, {})[axis.at(moment.source, moment.time_s)] = moment.type[5:]
    return {name: sorted(out[name].items()) for name in sorted(out)}


def _text(text: str) -> str:
    """Return a text that fits on a line, in letters that UTF-8 has."""
    return " ".join(text.encode("utf-8", "replace").decode().split())
