"""Who is in which video."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from engines.errors import UsageError
from offline.evaluation.csv_rows import BadRowError, read_table


@dataclass(frozen=True, slots=True)
class Subjects:
    """The subject of every video.

    Attributes
    ----------
    by_video
        Subject by video, in order of videos.
    unknown
        Videos of which nobody says who is in them: each stands as a subject of its own.
    """

    by_video: Mapping[str, str]
    unknown: tuple[str, ...]

    @property
    def named(self) -> bool:
        """Whether the subject of any video is known."""
        return len(self.unknown) < len(self.by_video)

    @property
    def count(self) -> int:
        """How many subjects there are."""
        return len(set(self.by_video.values()))


def read_subjects(path: Path) -> dict[str, str]:
    """Read a CSV file with the columns ``video, subject``, which may name videos without labels.

    Raises
    ------
    UsageError
        If the file cannot be read, a cell is empty or a video has two subjects.
    """
    out: dict[str, str] = {}
    for row in read_table(path, ("video", "subject")).rows():
        try:
            video, subject = row.text("video"), row.text("subject")
            if out.setdefault(video, subject) != subject:
                row.refuse(f"video {video!r} has two subjects, {out[video]!r} and {subject!r}")
        except BadRowError as error:
            raise UsageError(f"{path} line {row.line}: {error}; correct it") from error
    return out


def assign_subjects(videos: Iterable[str], *sources: tuple[str, Mapping[str, str]]) -> Subjects:
    """Bring together what several tables say.

    Parameters
    ----------
    videos
        Every video that is evaluated; those that a table names besides are added.
    sources
        Name of a table, and its subject by video.

    Raises
    ------
    UsageError
        If two tables name different subjects of one video.
    """
    known: dict[str, tuple[str, str]] = {}
    for source, subjects in sources:
        for video, subject in subjects.items():
            first, other = known.setdefault(video, (source, subject))
            if other != subject:
                raise UsageError(
                    f"video {video!r} is of subject {other!r} in {first} and of {subject!r} "
                    f"in {source}; correct one"
                )
    names = sorted(set(videos) | known.keys())
    by_video = {video: known[video][1] if video in known else video for video in names}
    return Subjects(by_video, tuple(video for video in names if video not in known))
