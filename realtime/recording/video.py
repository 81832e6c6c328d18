"""The frames of one source to its video, in a thread that nobody waits for."""

import contextlib
import logging
from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Thread
from typing import Final

from realtime.recording.appender import JOIN_S, OnFailure
from realtime.recording.encoder import Encoder
from realtime.recording.layout import video_name
from realtime.recording.session import RecordedVideo
from realtime.types import Frame

log = logging.getLogger(__name__)

ROOM: Final = 60
"""Frames that may wait to be written: two seconds of a camera."""


class VideoWriter:
    """Writes the frames of one source.

    A recording waits for room; a camera never does: a frame that finds no room is left out of the
    video and counted, which is warned of, since the video then gives other events than the run.

    Parameters
    ----------
    folder
        Of the session.
    source
        Number of the source.
    live
        True for a camera or a stream.
    on_failure
        Called once, in another thread, when nothing can be written any more.
    on_video
        Called, in another thread, with the source and every video of it that is begun.
    room
        Frames that may wait.
    """

    def __init__(
        self,
        folder: Path,
        source: int,
        live: bool,
        on_failure: OnFailure,
        on_video: Callable[[int, RecordedVideo], None] = lambda *_: None,
        room: int = ROOM,
    ) -> None:
        self._folder = folder
        self._source = source
        self._live = live
        self._on_failure = on_failure
        self._on_video = on_video
        self._room = room
        self._waiting: deque[Frame] = deque()
        self._changed = Condition()
        self._closing = self._failed = False
        self._encoder: Encoder | None = None
        self._size: tuple[int, ...] = ()
        self._parts = self._written = self._left_out = 0
        self._thread = Thread(target=self._run, name="fes-video", daemon=True)
        self._thread.start()

    @property
    def written(self) -> int:
        """Frames in the video."""
        return self._written

    @property
    def left_out(self) -> int:
        """Frames that are in no video."""
        return self._left_out

    def put(self, frame: Frame) -> None:
        """Leave a frame to be written; after a failure or :meth:`close` nothing happens."""
        with self._changed:
            if not self._live:
                self._changed.wait_for(lambda: self._has_room() or self._closing or self._failed)
            if self._closing or self._failed:
                return
            if self._has_room():
                self._waiting.append(frame)
                self._changed.notify_all()
                return
            self._left_out += 1
        if self._left_out == 1:
            log.warning(
                "--record-video: frames are left out of the video from %.3f s on: the disk or the "
                "processor is too slow",
                frame.timestamp_s,
            )

    def stop(self) -> None:
        """Write no more, and leave out what waits."""
        with self._changed:
            self._failed = True
            self._waiting.clear()
            self._changed.notify_all()

    def close(self) -> None:
        """Write what waits and finish the file; safe to call twice."""
        with self._changed:
            self._closing = True
            self._changed.notify_all()
        self._thread.join(JOIN_S)

    def _has_room(self) -> bool:
        return len(self._waiting) < self._room

    def _run(self) -> None:
        try:
            while (frame := self._next()) is not None:
                self._write(frame)
            self._finish_part()
        except Exception as error:  # whatever the encoder raises must not end the run
            self.stop()
            self._on_failure(error if isinstance(error, OSError) else OSError(None, str(error)))
            with contextlib.suppress(Exception):  # it was told; the file and its thread must go
                self._finish_part()

    def _next(self) -> Frame | None:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing or self._failed)
            if not self._waiting:
                return None
            frame = self._waiting.popleft()
            self._changed.notify_all()
            return frame

    def _write(self, frame: Frame) -> None:
        if self._encoder is None or frame.image.shape != self._size:
            self._begin_part(frame)
        if self._encoder is not None:
            self._encoder.write(frame)
            self._written += 1

    def _begin_part(self, frame: Frame) -> None:
        """Begin a file; a video has pictures of one size."""
        self._finish_part()
        name = video_name(self._source, self._parts)
        height, width = frame.image.shape[:2]
        self._encoder = Encoder(self._folder / name, (width, height), self._on_failure)
        self._size = frame.image.shape
        self._parts += 1
        self._on_video(self._source, RecordedVideo(name, frame.timestamp_s))

    def _finish_part(self) -> None:
        encoder, self._encoder = self._encoder, None
        if encoder is not None:
            encoder.close()
