"""From rows and folders to a dataset."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tqdm import tqdm

from engines.errors import SourceError, UsageError
from offline.datasets.entries import Entry
from offline.datasets.footage import Footage
from offline.datasets.frames import sampled
from offline.datasets.labelling import Labels, label
from offline.datasets.media import Media, probe
from offline.datasets.numbering import remarks
from offline.datasets.options import DatasetOptions, Habit
from offline.datasets.records import Dataset, DatasetVideo, Finding

ABSENT: Final = "no folder or file of its frames below the root"


@dataclass(slots=True)
class Parts:
    """What a loader found.

    Attributes
    ----------
    name, root, annotations
        As in :class:`Dataset`.
    entries, rejected
        Rows that name a video, and those that do not.
    footage
        By the video's name.
    people
        Who is in videos that a list names, whether there are rows or frames of them or not.
    notes
        In words.
    """

    name: str
    root: Path
    annotations: Path
    entries: Sequence[Entry]
    rejected: Sequence[Finding]
    footage: Mapping[str, Footage]
    notes: list[str] = field(default_factory=list)
    people: Mapping[str, str] = field(default_factory=dict)


def assemble(parts: Parts, habit: Habit, options: DatasetOptions) -> Dataset:
    """Return the dataset that a loader's parts make.

    Parameters
    ----------
    parts
        Rows and folders.
    habit
        How the dataset is distributed.
    options
        What is asked for.

    Raises
    ------
    UsageError
        If there are rows and not one can be used.
    """
    reading = options.reading(habit)
    fps = reading.rate_hz
    media, missing = _probe(parts.footage, fps)
    labels = label(parts.entries, reading.counting, media, fps)
    rejected = (*parts.rejected, *labels.rejected)
    if rejected and not labels.found:
        first = rejected[0]
        raise UsageError(
            f"{parts.annotations}: none of its {len(rejected)} rows can be used; "
            f"{first.where}: {first.reason}"
        )
    assumed = reading.counting.first_frame if "first_frame" in reading.assumed else None
    subjects = {name: footage.subject for name, footage in parts.footage.items()}
    subjects |= parts.people
    subjects |= {entry.video: entry.subject for entry in parts.entries}
    absent = sorted(set(subjects) - set(parts.footage))
    names = sorted(subjects, key=lambda name: (subjects[name], name))
    return Dataset(
        name=parts.name,
        root=parts.root,
        annotations=parts.annotations,
        reading=reading,
        videos=tuple(
            sampled(_video(subjects[name], name, media.get(name), labels, fps), reading.sampling)
            for name in names
        ),
        rejected=rejected,
        mended=tuple(labels.mended),
        missing=(*missing, *(Finding(name, ABSENT) for name in absent)),
        notes=(*parts.notes, *remarks(media, assumed)),
    )


def _probe(footage: Mapping[str, Footage], fps: float) -> tuple[dict[str, Media], list[Finding]]:
    media, missing = {}, []
    for name, place in tqdm(footage.items(), desc="videos", unit="video", disable=None):
        try:
            media[name] = probe(place.source, fps)
        except SourceError as error:
            missing.append(Finding(name, str(error)))
    return media, missing


def _video(
    subject: str, name: str, media: Media | None, labels: Labels, fps: float
) -> DatasetVideo:
    found = sorted(labels.found.get(name, ()), key=lambda one: (one.onset, one.offset))
    return DatasetVideo(
        subject=subject,
        name=name,
        source=media.source if media else None,
        fps=media.fps if media else fps,
        frames=media.frames if media else None,
        instances=tuple(one for one in found if one.kind is not None),
        ignored=tuple(one for one in found if one.kind is None),
    )
