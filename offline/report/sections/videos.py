"""Score curves of every video, with labels and proposals."""

from collections.abc import Mapping, Sequence

import numpy as np

from offline.report.blocks import Block, Chart, Details, Figure, Section, Text
from offline.report.charts.timeline import timeline
from offline.report.run_data import Evidence, Run
from offline.report.sections.legends import TIMELINE
from offline.report.values import counted

_OPENED = 3
"""How many subjects are shown without a click."""


def videos(runs: Sequence[Run], most: int) -> Section:
    """Return a chart for each video and run, by subject.

    Parameters
    ----------
    runs
        All runs; a video that several of them spotted has their charts together.
    most
        Videos to draw; of more, an evenly spaced selection is drawn and the page says so.
    """
    found = [(run, run.evidence) for run in runs if run.evidence is not None]
    owners = {video: subject for _, evidence in found
              for video, subject in evidence.subjects.by_video.items()}  # fmt: skip
    drawn = _evenly(sorted(owners, key=lambda video: (owners[video], video)), most)
    if not drawn:
        return Section("videos", "Score curves", ())
    lead = [_lead(len(drawn), len(owners))]
    blocks: list[Block] = [Text(tuple(lead), legend=TIMELINE)]
    for subject, names in _by_subject(drawn, owners).items():
        charts = [chart for video in names for chart in _charts(video, found)]
        opened = len(blocks) <= _OPENED
        blocks.append(Details(f"Subject {subject} ({counted(len(names), 'video')})",
                              (Figure("", tuple(charts), "wide"),), opened))  # fmt: skip
    return Section("videos", "Score curves", tuple(blocks))


def _lead(drawn: int, there_are: int) -> str:
    which = (
        "all videos"
        if drawn == there_are
        else (f"{drawn} of {there_are} videos, evenly spaced over subjects and names")
    )
    return (
        f"Scores of {which}, from the network that never saw the subject. Rest the pointer on a "
        "bar for its times. Where a tick was not scored, curves have a gap."
    )


def _charts(video: str, found: Sequence[tuple[Run, Evidence]]) -> list[Chart]:
    charts = []
    for run, evidence in found:
        if video in evidence.subjects.by_video:
            heading = video if len(found) == 1 else f"{video} · {run.name}"
            svg = timeline(video, run.curves(video), evidence.verdict.of_video(video),
                           evidence.ticks.get(video, 0))  # fmt: skip
            charts.append(Chart(svg, heading=heading))
    return charts


def _by_subject(drawn: Sequence[str], owners: Mapping[str, str]) -> dict[str, list[str]]:
    out: dict[str, list[str]] = {}
    for video in drawn:
        out.setdefault(owners[video], []).append(video)
    return out


def _evenly(names: Sequence[str], most: int) -> list[str]:
    if len(names) <= most:
        return list(names)
    return [names[n] for n in np.linspace(0, len(names) - 1, most).round().astype(int).tolist()]
