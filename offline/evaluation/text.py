"""A summary as a table that can be pasted into a report."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from offline.evaluation.bootstrap import ShareIntervals
from offline.evaluation.figures import Figures
from offline.evaluation.micro_f1 import BarChoice, MicroF1
from offline.evaluation.summary import Summary
from offline.evaluation.thresholds import OVERALL, Curve

HEADER: Final = ("TP", "FP", "FN", "ignored", "precision", "recall", "F1")
_ABSENT: Final = "-"


def summary_text(summary: Summary, also: Sequence[str] = (), notes: Sequence[str] = ()) -> str:
    """Return all figures as text.

    Parameters
    ----------
    summary
        The figures.
    also
        ``subject`` and ``video``: groups to give line by line.
    notes
        Lines on what was compared, to stand at the head.
    """
    blocks = [
        [*_head(summary), *notes],
        _counts(summary),
        _errors(summary),
        _over_thresholds(summary),
    ]
    report = summary.report
    for name, groups in (("subject", report.subjects), ("video", report.videos)):
        if name in also and groups:
            blocks.append(_groups(name, groups))
    return "\n\n".join("\n".join(block) for block in blocks)


def _head(summary: Summary) -> list[str]:
    counts = summary.report.overall.counts
    labels, videos = counts.tp + counts.fn, len(summary.report.videos)
    people = f"{summary.subjects.count} subjects" if summary.subjects.named else "subjects unknown"
    lines = [summary.rules.describe(), f"{labels} labels in {videos} videos, {people}"]
    if summary.intervals:
        unit = "subjects" if summary.subjects.named else "videos"
        rules = summary.rules
        lines.append(
            f"F1 with the {100 * rules.level:g} % percentile interval of {rules.draws} draws of "
            f"{summary.subjects.count} {unit}, seed {rules.seed}"
        )
    elif summary.rules.draws:
        lines.append("no confidence intervals: they need two subjects or more")
    return lines


def _counts(summary: Summary) -> list[str]:
    intervals = summary.intervals
    rows: list[tuple[str, ...]] = [("", *HEADER, "interval")]
    rows += [(*_row(name, f), _interval(intervals.get(name))) for name, f in _named(summary)]
    lines = _aligned(rows)
    if summary.micro is None:
        return [*lines, "F1-ME needs durations: give the frame rate with --fps"]
    if summary.rules.bars is not None:
        return [*lines, f"{MicroF1.BEST}: scores from a bar of each video (given)"]
    if summary.micro.bar is None:
        return lines
    return [
        *lines,
        f"{MicroF1.BEST}: scores from {summary.micro.bar:.4g} "
        + ("(oracle: the bar that is best on these labels)"
           if summary.micro.choice is BarChoice.ORACLE else "(given)"),
    ]  # fmt: skip


def _named(summary: Summary) -> Iterator[tuple[str, Figures]]:
    for kind, figures in summary.report.kinds.items():
        yield kind.value, figures
    yield OVERALL, summary.report.overall
    for figure, figures in summary.micro_figures.items():
        yield figure.value, figures


def _errors(summary: Summary) -> list[str]:
    """Return mean absolute errors of the matched predictions, and of how many."""
    rows = [("mean absolute error", "onset", "apex", "offset", "unit", "hits", "with apex")]
    for name, figures in _named(summary):
        if name not in {*MicroF1}:
            e = figures.errors
            hits = (str(figures.counts.tp), str(e.apexes))
            rows.append((name, *_cells(e.in_frames(), 1), "frames", *hits))
            seconds = e.in_seconds()
            if seconds is not None:
                rows.append((name, *_cells(seconds, 3), "s", *hits))
    return _aligned(rows)


def _cells(errors: Mapping[str, float | None], digits: int) -> tuple[str, str, str]:
    onset, apex, offset = (_number(errors[name], digits) for name in ("onset", "apex", "offset"))
    return onset, apex, offset


def _over_thresholds(summary: Summary) -> list[str]:
    t = summary.thresholds
    rows = [("IoU", *(f"{iou:g}" for iou in t.ious), "mean")]
    rows += [_curve(f"AP {name}", curve) for name, curve in t.ap.items() if name != OVERALL]
    if len(t.ap) > 1:
        rows.append(_curve("mAP", t.mean_ap))
    rows.append(_curve(f"AP {OVERALL}", t.ap[OVERALL]))
    rows += [_curve(f"F1 {name}", curve) for name, curve in t.f1.items()]
    return _aligned(rows)


def _groups(name: str, groups: Mapping[str, Figures]) -> list[str]:
    return _aligned([(name, *HEADER), *(_row(group, f) for group, f in groups.items())])


def _curve(name: str, curve: Curve) -> tuple[str, ...]:
    return (name, *(_number(value, 3) for value in (*curve.values, curve.mean)))


def _row(name: str, figures: Figures) -> tuple[str, ...]:
    c = figures.counts
    shares = (f"{share:.4f}" for share in (c.precision, c.recall, c.f1))
    return (name, *(str(n) for n in (c.tp, c.fp, c.fn, c.ignored)), *shares)


def _interval(intervals: ShareIntervals | None) -> str:
    f1 = intervals and intervals.f1
    return f"{f1.low:.4f}-{f1.high:.4f}" if f1 else _ABSENT


def _number(value: float | None, digits: int) -> str:
    return _ABSENT if value is None else f"{value:.{digits}f}"


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = []
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        lines.append("  ".join([first.ljust(widths[0]), *cells]).rstrip())
    return lines
