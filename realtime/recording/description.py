"""Keeps ``session.json`` up to date, in a thread that nobody waits for."""

from dataclasses import replace
from pathlib import Path
from threading import Condition, Thread

from realtime.recording.appender import JOIN_S, OnFailure
from realtime.recording.folder import write_json
from realtime.recording.layout import SESSION
from realtime.recording.session import RecordedSource, RecordedVideo, Session, Summary
from realtime.types import Frame


class Description:
    """What is known of a session that is being recorded, on disk whenever more is known.

    Parameters
    ----------
    folder
        Of the session.
    session
        What is known at the beginning; written at once.
    on_failure
        Called, in another thread, when the disk refuses later.

    Raises
    ------
    OSError
        If it cannot be written.
    """

    def __init__(self, folder: Path, session: Session, on_failure: OnFailure) -> None:
        self._path = folder / SESSION
        self._session = session
        self._on_failure = on_failure
        self._changed = Condition()
        self._news = self._closing = False
        write_json(self._path, session.document())
        self._thread = Thread(target=self._run, name="fes-session", daemon=True)
        self._thread.start()

    @property
    def session(self) -> Session:
        """What is known."""
        return self._session

    def note_first(self, source: int, frame: Frame) -> None:
        """Take the first frame of a source: how its stream time lies on the monotonic clock."""
        live, captured_s = self._session.sources[source].live, frame.captured_s
        zero_s = captured_s - frame.timestamp_s if live and captured_s is not None else None
        with self._changed:
            known = self._session.sources[source]
            found = replace(known, first_frame_s=frame.timestamp_s, zero_monotonic_s=zero_s)
            self._replace(source, found)

    def note_video(self, source: int, video: RecordedVideo) -> None:
        """Take a video that was begun."""
        with self._changed:
            known = self._session.sources[source]
            self._replace(source, replace(known, videos=(*known.videos, video)))

    def finish(self, summary: Summary) -> None:
        """Write how the session ended, and end the thread."""
        with self._changed:
            self._session = replace(self._session, summary=summary)
            self._news = self._closing = True
            self._changed.notify()
        self._thread.join(JOIN_S)

    def _replace(self, number: int, found: RecordedSource) -> None:
        sources = list(self._session.sources)
        sources[number] = found
        self._session = replace(self._session, sources=tuple(sources))
        self._news = True
        self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._news or self._closing)
                self._news, last, session = False, self._closing, self._session
            try:
                write_json(self._path, session.document())
            except OSError as error:
                self._on_failure(error)
                return
            if last:
                return
