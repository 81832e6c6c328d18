"""The video of a session as a source, with the stream times that it had."""

from fractions import Fraction
from pathlib import Path

from engines.errors import SourceError, UsageError
from realtime.recording.layout import FLICKS
from realtime.recording.session import read_session
from realtime.sources.file import FileSource, Start, open_file


def open_recorded(path: Path) -> FileSource:
    """Open the video of a session's folder.

    Its frames have the times that they had, where the video as a file by itself begins at 0.

    Raises
    ------
    SourceError
        If the session has no video, or several.
    """
    try:
        session = read_session(path)
    except UsageError as error:
        raise SourceError(str(error)) from error
    videos = [video for source in session.sources for video in source.videos]
    if not videos:
        raise SourceError(f"{path} holds no video: the session was recorded without --record-video")
    if len(videos) > 1:
        names = ", ".join(video.name for video in videos)
        raise SourceError(f"{path} holds several videos: give one of {names}")
    (video,) = videos
    if Path(video.name).name != video.name:
        raise SourceError(f"{path} names a video outside of its folder; give the video itself")
    zero = -Fraction(round(video.first_frame_s * FLICKS), FLICKS)
    return open_file(path / video.name, Start(video.first_frame_s, zero))
