"""The tables of a LOSO run, in the columns of :mod:`offline.evaluation.tables`."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from offline.atomic import replace_file
from offline.evaluation.bars import BAR
from offline.evaluation.instances import Instance
from offline.evaluation.tables import IGNORE
from offline.loso.corpus import Clip

LABEL_COLUMNS: Final = ("video", "subject", "kind", "onset", "apex", "offset")


def write_predictions(path: Path, found: Iterable[Instance], subjects: Mapping[str, str]) -> None:
    """Write predictions; scores are written so that they are read back to the last digit.

    Parameters
    ----------
    path
        CSV file.
    found
        Expressions with a kind.
    subjects
        Who is in each video.
    """
    rows = [(*_cells(one, subjects), repr(one.score)) for one in found]
    _write(path, (*LABEL_COLUMNS, "score"), rows)


def write_truth(path: Path, clips: Sequence[Clip]) -> None:
    """Write the labels of some videos, and the intervals that count neither way."""
    subjects = {clip.name: clip.subject for clip in clips}
    labels = [one for clip in clips for one in (*labels_of(clip), *ignored_of(clip))]
    _write(path, LABEL_COLUMNS, [_cells(one, subjects) for one in labels])


def write_subjects(
    path: Path, clips: Iterable[Clip], bars: Mapping[str, float] | None = None
) -> None:
    """Write who is in each video, those without labels included.

    Parameters
    ----------
    path
        CSV file.
    clips
        The videos.
    bars
        Least score of a proposal that counts, by video; None where there is no such rule.
    """
    if bars is None:
        rows = [(clip.name, clip.subject, clip.ticks) for clip in clips]
        _write(path, ("video", "subject", "ticks"), rows)
        return
    barred = [(c.name, c.subject, c.ticks, repr(bars[c.name]) if c.name in bars else "")
              for c in clips]  # fmt: skip
    _write(path, ("video", "subject", "ticks", BAR), barred)


def labels_of(clip: Clip) -> Iterator[Instance]:
    """Yield the labelled expressions of a video, in ticks."""
    yield from (Instance.of(clip.name, interval) for interval in clip.intervals)


def ignored_of(clip: Clip) -> Iterator[Instance]:
    """Yield the intervals that count neither way; they have no kind."""
    for i in clip.ignored:
        yield Instance(clip.name, None, i.onset, i.offset, i.apex)


def _cells(one: Instance, subjects: Mapping[str, str]) -> tuple[object, ...]:
    kind = IGNORE if one.kind is None else one.kind.value
    return (one.video, subjects[one.video], kind, one.onset, one.apex, one.offset)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)
    replace_file(path, lambda file: file.write(text.getvalue().encode()))
