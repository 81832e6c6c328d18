"""A slot for one frame between two threads: the newest wins."""

import threading

from realtime.types import Frame


class Mailbox:
    """Holds the newest frame that nobody took yet, a failure, or the news that it is closed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._frame: Frame | None = None
        self._failure: Exception | None = None
        self._closed = False
        self._replaced = 0

    @property
    def replaced(self) -> int:
        """Frames that were never taken because a newer one came."""
        return self._replaced

    def is_closed(self) -> bool:
        """Tell whether :meth:`close` was called."""
        return self._closed

    def put(self, frame: Frame) -> None:
        """Leave a frame; one that is still there is lost and counted."""
        with self._changed:
            self._replaced += self._frame is not None
            self._frame = frame
            self._changed.notify_all()

    def fail(self, error: Exception) -> None:
        """Leave an error that whoever waits is to raise, after the last frame."""
        with self._changed:
            self._failure = error
            self._changed.notify_all()

    def close(self) -> None:
        """Wake whoever waits: there will be no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def look(self, timeout_s: float) -> Frame | None:
        """Wait as :meth:`take` does, and leave the frame where it is."""
        with self._changed:
            self._changed.wait_for(self._news, timeout_s)
            return self._frame_or_failure()

    def take(self, timeout_s: float) -> Frame | None:
        """Wait for the newest frame and take it.

        Returns
        -------
        Frame or None
            None after ``timeout_s`` without a frame, or once closed.

        Raises
        ------
        Exception
            What :meth:`fail` left.
        """
        with self._changed:
            self._changed.wait_for(self._news, timeout_s)
            frame = self._frame_or_failure()
            self._frame = None
            return frame

    def wait_closed(self, timeout_s: float) -> bool:
        """Sleep for a while; return at once, and True, when closed."""
        with self._changed:
            return self._changed.wait_for(self.is_closed, timeout_s)

    def _news(self) -> bool:
        return self._closed or self._frame is not None or self._failure is not None

    def _frame_or_failure(self) -> Frame | None:
        if self._closed:
            return None
        if self._frame is None and self._failure is not None:
            raise self._failure
        return self._frame
