"""One session being recorded: the sink of its events, and the eye on its frames."""

import logging
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final

from engines.errors import UsageError
from engines.manifest import Manifest
from realtime.events.cloudevents import Envelope, utc_text
from realtime.pipeline.observer import TickScores
from realtime.recording.appender import Appender, open_new
from realtime.recording.description import Description
from realtime.recording.folder import create_folder, write_json
from realtime.recording.layout import EVENTS, MODEL
from realtime.recording.lines import format_line
from realtime.recording.session import RecordedSource, RecordedVideo, Session, Summary
from realtime.sources.base import Source, SourceInfo
from realtime.types import Frame
from realtime.witness import Setting

if TYPE_CHECKING:
    from realtime.recording.video import VideoWriter

log = logging.getLogger(__name__)

_UNKNOWN: Final = "unknown"


class Recording:
    """Writes what a run publishes, and with ``video`` what it saw.

    With a camera, neither ever waits for the disk. When the disk refuses, one line says so, the
    recording stops, and the run goes on.

    Parameters
    ----------
    folder
        Made if it is not there; must be empty.
    video
        Write the pictures too.

    Raises
    ------
    UsageError
        If the folder is not empty or cannot be made, or pictures cannot be written here.
    """

    records = True

    def __init__(self, folder: Path, video: bool = False) -> None:
        self.records_video = video
        if video:
            from realtime.recording.encoder import require_codec  # noqa: PLC0415

            require_codec()
        self._folder = create_folder(folder)
        self._lock = Lock()
        self._description: Description | None = None
        self._events: Appender | None = None
        self._videos: tuple[VideoWriter, ...] = ()
        self._started_s = 0.0
        self._lines = 0
        self._failure: str | None = None
        self._closed = False

    @property
    def failure(self) -> str | None:
        """Why the recording stopped before the run, or None."""
        return self._failure

    def follow(self, source: Source) -> Source:
        """Return the source with the times that its video will have."""
        if not self.records_video:
            return source
        # only with --record-video: FFmpeg takes a moment to load
        from realtime.recording.snapped import Snapped  # noqa: PLC0415

        return Snapped(source)

    def begin(
        self,
        manifest: Manifest,
        sources: Sequence[tuple[SourceInfo, datetime | None]],
        setting: Setting,
    ) -> None:
        """Describe the run before its hello, and start to write.

        Raises
        ------
        UsageError
            If the folder cannot be written.
        """
        described = tuple(_describe(info, started) for info, started in sources)
        now, self._started_s = datetime.now(UTC), time.monotonic()
        session = Session(
            utc_text(now), self._started_s, _program(), described, self.records_video, setting
        )
        try:
            # first, since it fails where another process has come first
            self._events = Appender(open_new(self._folder / EVENTS), self._fail)
            write_json(self._folder / MODEL, manifest.to_dict())
            self._description = Description(self._folder, session, self._fail)
        except OSError as error:
            self.close()
            raise UsageError(
                f"--record: cannot write in {self._folder}: {error.strerror}; give another folder"
            ) from error
        if self.records_video:
            self._videos = self._open_videos(described)

    def write(self, envelope: Envelope) -> None:
        """Take one envelope; callable from any thread."""
        if self._events is None or self._closed or self._failure is not None:
            return
        elapsed_s = time.monotonic() - self._started_s
        self._events.put(format_line(envelope, round(elapsed_s * 1e3)))
        self._lines += 1

    def saw(self, source: int, frame: Frame) -> None:
        """Take a frame that the pipeline has processed."""
        description = self._description
        if description is None or self._closed or self._failure is not None:
            return
        if description.session.sources[source].first_frame_s is None:
            description.note_first(source, frame)
        if self._videos:
            self._videos[source].put(frame)

    def scored(self, scores: TickScores) -> None:
        """Take nothing: telemetry holds the scores that are recorded."""

    def close(self) -> None:
        """Finish the files; safe to call twice."""
        with self._lock:
            again, self._closed = self._closed, True
        if again:
            return
        for video in self._videos:
            video.close()
        if self._events is not None:
            self._events.close()
        if self._description is not None:
            self._description.finish(self._summary())

    def _open_videos(self, sources: Sequence[RecordedSource]) -> "tuple[VideoWriter, ...]":
        from realtime.recording.video import VideoWriter  # noqa: PLC0415

        return tuple(
            VideoWriter(self._folder, number, source.live, self._fail, self._note_video)
            for number, source in enumerate(sources)
        )

    def _note_video(self, source: int, video: RecordedVideo) -> None:
        if self._description is not None:
            self._description.note_video(source, video)

    def _fail(self, error: OSError) -> None:
        """Stop the recording, in whatever thread noticed, and say so once."""
        with self._lock:
            if self._failure is not None:
                return
            self._failure = error.strerror or str(error)
        log.error(
            "--record: cannot write in %s: %s; the recording has stopped, the run goes on",
            self._folder,
            self._failure,
        )
        for video in self._videos:
            video.stop()

    def _summary(self) -> Summary:
        return Summary(
            utc_text(datetime.now(UTC)),
            self._lines,
            tuple(video.written for video in self._videos),
            tuple(video.left_out for video in self._videos),
            self._failure,
        )


def _describe(info: SourceInfo, started: datetime | None) -> RecordedSource:
    started_utc = None if started is None else utc_text(started)
    return RecordedSource(info.name, info.live, info.width, info.height, info.rate_hz, started_utc)


def _program() -> str:
    try:
        return version("fes")
    except PackageNotFoundError:
        return _UNKNOWN
