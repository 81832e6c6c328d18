"""From rows that name a video to its labelled instances."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from engines.intervals import Kind
from offline.datasets.cells import RowError, parse_kind
from offline.datasets.entries import Entry
from offline.datasets.marks import Counting, Marks, parse_marks
from offline.datasets.media import Media
from offline.datasets.records import Finding, LabelledInstance


@dataclass(slots=True)
class Labels:
    """What rows came to.

    Attributes
    ----------
    found
        Instances by the video's name.
    rejected, mended
        Rows that cannot be right, and rows of which a part was dropped.
    """

    found: dict[str, list[LabelledInstance]] = field(default_factory=dict)
    rejected: list[Finding] = field(default_factory=list)
    mended: list[Finding] = field(default_factory=list)
    _seen: dict[tuple[str, Kind | None, int, int], str] = field(default_factory=dict)

    def add(self, entry: Entry, kind: Kind | None, marks: Marks, media: Media | None,
            fps: float) -> None:  # fmt: skip
        """Add the instance of one row.

        Raises
        ------
        RowError
            If an earlier row says the same: a truth that counts twice is found once at most.
        """
        same = (entry.video, kind, marks.onset, marks.offset)
        if same in self._seen:
            raise RowError(f"the same as {self._seen[same]}")
        self._seen[same] = entry.where
        if marks.remark:
            self.mended.append(Finding(entry.where, f"{entry.video}: {marks.remark}"))
        self.found.setdefault(entry.video, []).append(_instance(entry, kind, marks, media, fps))


def label(
    entries: Iterable[Entry], counting: Counting, media: Mapping[str, Media], fps: float
) -> Labels:
    """Read what the rows say of frames.

    Parameters
    ----------
    entries
        Rows that name a video.
    counting
        How they count frames.
    media
        Of the videos that are there, by name: their lengths bound the rows.
    fps
        Rate of those that are not, Hz.
    """
    labels = Labels()
    for entry in entries:
        one = media.get(entry.video)
        try:
            marks = parse_marks(entry.marks, counting, one.frames if one else None)
            labels.add(entry, parse_kind(entry.kind), marks, one, fps)
        except RowError as error:
            labels.rejected.append(Finding(entry.where, f"{entry.video}: {error}"))
    return labels


def _instance(
    entry: Entry, kind: Kind | None, marks: Marks, media: Media | None, fps: float
) -> LabelledInstance:
    def time_s(frame: int) -> float:
        return media.time_s(frame) if media else frame / fps

    return LabelledInstance(
        where=entry.where,
        kind=kind,
        onset=marks.onset,
        apex=marks.apex,
        offset=marks.offset,
        onset_s=time_s(marks.onset),
        apex_s=None if marks.apex is None else time_s(marks.apex),
        offset_s=time_s(marks.offset),
        imputed=marks.imputed,
        rounded=marks.rounded,
    )
