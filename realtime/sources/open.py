"""From what the user wrote to an open source."""

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engines.errors import SourceError, UsageError
from realtime.recording.session import is_session
from realtime.recording.source import open_recorded
from realtime.sources.base import Source
from realtime.sources.camera import find_camera, open_capture
from realtime.sources.file import open_file
from realtime.sources.folder import FolderSource
from realtime.sources.latest import LOST_S, LatestSource, Patience
from realtime.sources.redact import is_url
from realtime.sources.url import open_url
from realtime.types import RATE_HZ

SYNTHETIC: Final = "synthetic"


def open_camera(
    which: str, *, seed: int = 0, size: tuple[int, int] = (640, 480), lost_s: float = LOST_S
) -> Source:
    """Open a camera of this machine, or the synthetic one.

    Parameters
    ----------
    which
        ``synthetic``, an index, a device file such as ``/dev/video0``, or (part of) a name.
    seed
        Of the synthetic camera.
    size
        Width and height to ask for, px.
    lost_s
        How long it may be away before it counts as lost, s.

    Raises
    ------
    SourceError
        If there is no such camera or it cannot be used.
    """
    if which.lower() == SYNTHETIC:
        # it loads a portrait and its warps, which a real camera needs not wait for
        from realtime.synthesis.camera import SyntheticCamera  # noqa: PLC0415
        from realtime.synthesis.feed import SyntheticFeed  # noqa: PLC0415

        camera = SyntheticCamera(seed=seed, size=size)
        return LatestSource(camera.info.name, lambda: SyntheticFeed(camera), Patience(first_s=60))
    return open_capture(find_camera(which), size, lost_s)


def open_source(
    path_or_url: str, rate_hz: float | None = None, *, lost_s: float = LOST_S
) -> Source:
    """Open a video file, a folder of images, a recorded session, or a network stream.

    Parameters
    ----------
    path_or_url
        A path, or a URL with a scheme such as ``rtsp://``.
    rate_hz
        Frames per second of a folder of images (30 by default); nothing else takes it.
    lost_s
        How long a stream may be away before it counts as lost, s.

    Raises
    ------
    SourceError
        If it cannot be opened.
    UsageError
        If a rate is given for something that has its own timestamps.
    """
    path = Path(path_or_url.removeprefix("file://"))
    if _is_folder(path_or_url):
        if rate_hz is None and is_session(path):
            return open_recorded(path)
        return FolderSource(path, RATE_HZ if rate_hz is None else rate_hz)
    if rate_hz is not None:
        raise UsageError("a rate is for folders of images only: videos carry their own timestamps")
    if is_url(path_or_url):
        return open_url(path_or_url, lost_s=lost_s)
    if not path.exists():
        raise SourceError(f"cannot open {path}: there is no such file or folder")
    return open_file(path)


def open_all(
    cameras: Sequence[str],
    paths_or_urls: Sequence[str],
    rate_hz: float | None = None,
    seed: int = 0,
    lost_s: float = LOST_S,
) -> list[Source]:
    """Open several sources: cameras first, then the others, each in the order given.

    Parameters
    ----------
    cameras
        As :func:`open_camera` takes them. The n-th synthetic one has the seed ``seed + n``.
    paths_or_urls
        As :func:`open_source` takes them.
    rate_hz
        Frames per second of folders of images.
    seed
        Of the first synthetic camera.
    lost_s
        How long a camera or stream may be away before it counts as lost, s.

    Raises
    ------
    SourceError
        If one cannot be opened; those before it are closed.
    UsageError
        If a camera is given twice, a rate where there is no folder, or no time to wait.
    """
    _require_once(cameras)
    if not lost_s >= 0:  # nor is "nan" a time
        raise UsageError(f"--patience is a number of seconds, or inf, not {lost_s:g}")
    folders = [path for path in paths_or_urls if _is_folder(path)]
    with contextlib.ExitStack() as opened:
        out: list[Source] = []
        for number, which in enumerate(cameras):
            acted = [one.lower() for one in cameras[:number]].count(SYNTHETIC)
            out.append(opened.enter_context(open_camera(which, seed=seed + acted, lost_s=lost_s)))
        for path in paths_or_urls:
            # a rate is for the folders; where there is none it is for nothing, which is an error
            rate = rate_hz if path in folders or not folders else None
            out.append(opened.enter_context(open_source(path, rate, lost_s=lost_s)))
        opened.pop_all()
        return out


def _require_once(cameras: Sequence[str]) -> None:
    real = [which for which in cameras if which.lower() != SYNTHETIC]
    for which in real:
        if real.count(which) > 1:
            raise UsageError(f"--camera {which} is given twice: a camera can be read only once")


def _is_folder(path_or_url: str) -> bool:
    return not is_url(path_or_url) and Path(path_or_url.removeprefix("file://")).is_dir()
