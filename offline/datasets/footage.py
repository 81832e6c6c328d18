"""Where the frames of each video lie."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Footage:
    """A folder of frames or a video file, and whose face it shows."""

    subject: str
    source: Path


@dataclass(frozen=True, slots=True)
class Candidate:
    """A path that may be a video.

    Attributes
    ----------
    path
        Folder of frames or file.
    subject, name
        As the annotation would name them; the name is None where it is no video.
    complaint
        Why it is none.
    """

    path: Path
    subject: str
    name: str | None
    complaint: str = ""


def collect_footage(
    root: Path, candidates: Iterable[Candidate]
) -> tuple[dict[str, Footage], list[str]]:
    """Return the videos by name, and notes on the paths that are none or the second of a name."""
    found: dict[str, Footage] = {}
    notes = []
    for one in candidates:
        place = one.path.relative_to(root)
        if one.name is None:
            notes.append(f"{place}: {one.complaint}, not read")
        elif one.name in found:
            first = found[one.name].source.relative_to(root)
            notes.append(f"{place}: a second {one.name}, not read; the first is {first}")
        else:
            found[one.name] = Footage(one.subject, one.path)
    return found, notes
