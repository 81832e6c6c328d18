"""Videos on disk and the labels that belong to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.errors import SourceError, UsageError
from offline.evaluation.instances import Instance
from offline.evaluation.subjects import read_subjects
from offline.evaluation.tables import Labels, read_truth

SUFFIXES: Final = (".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v", ".mpg", ".mpeg", ".ts")
TRUTH: Final = "truth.csv"

PEOPLE: Final = "videos.csv"
"""Says who is in which video (``subject, video``): a video without labels has a person too."""


@dataclass(frozen=True, slots=True)
class Video:
    """One video with its labels.

    Attributes
    ----------
    path
        File, or folder of images.
    name
        File name without suffix; how labels name it.
    subject
        The person, or the video's name where nobody says.
    labels, ignored
        Instances in frames of the file, 0-based and inclusive.
    """

    path: Path
    name: str
    subject: str
    labels: tuple[Instance, ...] = ()
    ignored: tuple[Instance, ...] = ()


def find_videos(sources: Sequence[Path], truth: Path | None = None) -> list[Video]:
    """Return the videos named by files and folders, with labels where there are any.

    Parameters
    ----------
    sources
        Video files, and folders whose videos are meant (or a folder of images itself).
    truth
        Labels of all of them; by default ``truth.csv`` in each folder. A table ``videos.csv``
        there names the people in videos that the labels do not.

    Raises
    ------
    SourceError
        If a file is missing or a folder holds no video.
    UsageError
        If the labels cannot be read, or two videos have one name.
    """
    out: list[Video] = []
    for source in sources:
        if not source.exists():
            raise SourceError(f"{source}: there is no such file or folder")
        folder = source if source.is_dir() else source.parent
        table = truth or folder / TRUTH
        labels = read_truth(table) if truth or table.is_file() else Labels((), ())
        people = {**_people(folder / PEOPLE), **labels.subjects}
        out += [_video(path, labels, people) for path in _files(source)]
    _require_distinct(out)
    return out


def _files(source: Path) -> list[Path]:
    if source.is_file():
        return [source]
    videos = sorted(path for path in source.rglob("*") if path.suffix.lower() in SUFFIXES)
    return videos or [source]


def _people(table: Path) -> dict[str, str]:
    return read_subjects(table) if table.is_file() else {}


def _video(path: Path, labels: Labels, people: Mapping[str, str]) -> Video:
    names = {path.stem, path.name}
    return Video(
        path,
        path.stem,
        next((people[name] for name in sorted(names) if name in people), path.stem),
        tuple(label for label in labels.instances if label.video in names),
        tuple(label for label in labels.ignored if label.video in names),
    )


def _require_distinct(videos: Sequence[Video]) -> None:
    names = [video.name for video in videos]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"two videos are called {twice[0]}; rename one, labels go by name")
