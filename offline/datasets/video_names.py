"""What the videos below a folder are called, and which of them a table means."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from offline.data.videos import SUFFIXES as VIDEOS
from offline.datasets.cells import RowError
from offline.datasets.layout import files, folders
from realtime.sources.folder import SUFFIXES as IMAGES


class VideoNames:
    """Finds videos by what a table calls them: their own name or path, with suffix or without.

    Parameters
    ----------
    root
        Of the dataset; its video files and its folders of images are the videos.

    Attributes
    ----------
    paths
        By name: the shortest that no other bears.
    """

    def __init__(self, root: Path) -> None:
        paths = list(_find_videos(root))
        calls = [_calls(path, root) for path in paths]
        bearers = Counter(called for one in calls for called in one)
        self.paths: dict[str, Path] = {}
        self._called: dict[str, set[str]] = {}
        for path, one in zip(paths, calls, strict=True):
            name = next((called for called in one if bearers[called] == 1), one[-1])
            self.paths[name] = path
            for called in one:
                self._called.setdefault(called.casefold(), set()).add(name)

    def find(self, called: str) -> str:
        """Return the name of a video; of one that is not there, what it is called.

        Raises
        ------
        RowError
            If two videos are called so.
        """
        text = called.replace("\\", "/").removeprefix("./")
        names = self._called.get(text.casefold(), set())
        if len(names) > 1:
            raise RowError(f"video {called!r} may be {' or '.join(sorted(names))}: give its path")
        return next(iter(names), _bare(text))


def _calls(path: Path, root: Path) -> tuple[str, ...]:
    """Return what a video may be called, the shortest first; the last is its path."""
    inside = path.relative_to(root).as_posix()
    return tuple(dict.fromkeys((_bare(path.name), path.name, _bare(inside), inside)))


def _find_videos(folder: Path, above: frozenset[Path] = frozenset()) -> Iterator[Path]:
    here = folder.resolve()
    if here in above:  # a link back to a folder above would go round for ever
        return
    inside = files(folder)
    yield from (path for path in inside if path.suffix.lower() in VIDEOS)
    if above and any(path.suffix.lower() in IMAGES for path in inside):
        yield folder
    for child in folders(folder):
        yield from _find_videos(child, above | {here})


def _bare(name: str) -> str:
    """Return a name without the suffix of a video."""
    head, dot, tail = name.rpartition(".")
    return head if dot and f".{tail}".lower() in VIDEOS else name
