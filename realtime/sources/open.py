"""From what the user wrote to an open source."""

from pathlib import Path
from typing import Final

from engines.errors import SourceError, UsageError
from realtime.sources.base import Source
from realtime.sources.camera import find_camera, open_capture
from realtime.sources.file import open_file
from realtime.sources.folder import FolderSource
from realtime.sources.latest import LatestSource, Patience
from realtime.sources.redact import is_url
from realtime.sources.url import open_url
from realtime.types import RATE_HZ

SYNTHETIC: Final = "synthetic"


def open_camera(which: str, *, seed: int = 0, size: tuple[int, int] = (640, 480)) -> Source:
    """Open a camera of this machine, or the synthetic one.

    Parameters
    ----------
    which
        ``synthetic``, an index, a device file such as ``/dev/video0``, or (part of) a name.
    seed
        Of the synthetic camera.
    size
        Width and height to ask for, px.

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
    return open_capture(find_camera(which), size)


def open_source(path_or_url: str, rate_hz: float | None = None) -> Source:
    """Open a video file, a folder of images, or a network stream.

    Parameters
    ----------
    path_or_url
        A path, or a URL with a scheme such as ``rtsp://``.
    rate_hz
        Frames per second of a folder of images (30 by default); nothing else takes it.

    Raises
    ------
    SourceError
        If it cannot be opened.
    UsageError
        If a rate is given for something that has its own timestamps.
    """
    path = Path(path_or_url.removeprefix("file://"))
    if not is_url(path_or_url) and path.is_dir():
        return FolderSource(path, RATE_HZ if rate_hz is None else rate_hz)
    if rate_hz is not None:
        raise UsageError("a rate is for folders of images only: videos carry their own timestamps")
    if is_url(path_or_url):
        return open_url(path_or_url)
    if not path.exists():
        raise SourceError(f"cannot open {path}: there is no such file or folder")
    return open_file(path)
