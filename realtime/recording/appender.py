"""A file that only grows, written and brought to the disk by threads of its own."""

import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from threading import Condition, Event, Lock, Thread
from typing import Final

SYNC_S: Final = 1.0
"""How often what was written is brought to the disk, s."""

ROOM_BYTES: Final = 64 * 1024 * 1024
"""What may wait for a disk that hangs, before the recording is given up."""

JOIN_S: Final = 10.0
"""Longest wait at the end for a disk that hangs, s."""

OnFailure = Callable[[OSError], None]
"""Called once, in any thread, when a file can be written no more."""

# absent but on Windows, where line ends would be changed
_FLAGS: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def open_new(path: Path) -> int:
    """Open a file that is not there yet, to append to it.

    Raises
    ------
    OSError
        If there is one already, or it cannot be made.
    """
    return os.open(path, _FLAGS, 0o666)


def write_all(file: int, content: bytes) -> None:
    """Write everything, however many calls it takes.

    Raises
    ------
    OSError
        If the file system refuses, such as a full disk.
    """
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]


class Syncer:
    """Brings a file to the disk about once a second, in a thread of its own.

    A process that is killed loses nothing that was written; a machine that loses its power loses
    what is younger than :data:`SYNC_S`.

    Parameters
    ----------
    file
        Descriptor; not closed here.
    on_failure
        Called when the disk refuses.
    period_s
        Between two times, s.
    """

    def __init__(self, file: int, on_failure: OnFailure, period_s: float = SYNC_S) -> None:
        self._file = file
        self._on_failure = on_failure
        self._period_s = period_s
        self._closing = Event()
        self._thread = Thread(target=self._run, name="fes-sync", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Let the thread end, without waiting for it."""
        self._closing.set()

    def close(self) -> None:
        """Bring the rest to the disk, and end the thread."""
        self.stop()
        self._thread.join(JOIN_S)

    def _run(self) -> None:
        try:
            while not self._closing.wait(self._period_s):
                os.fsync(self._file)
            os.fsync(self._file)
        except OSError as error:
            self._on_failure(error)


class Appender:
    """Takes pieces of a file and never makes whoever brings them wait.

    They are written at once, in order, by a thread of its own, and another brings them to the
    disk. When a write fails, ``on_failure`` is called once and everything after is left out.

    Parameters
    ----------
    file
        Descriptor from :func:`open_new`; closed here.
    on_failure
        Called once, in another thread.
    room_bytes
        What may wait to be written.
    """

    def __init__(self, file: int, on_failure: OnFailure, room_bytes: int = ROOM_BYTES) -> None:
        self._file = file
        self._on_failure = on_failure
        self._room = room_bytes
        self._waiting: deque[bytes] = deque()
        self._bytes = 0
        self._changed = Condition()
        self._closing = False
        self._failing = Lock()
        self._failed = False
        self._syncer = Syncer(file, self._fail)
        self._writer = Thread(target=self._run, name="fes-record", daemon=True)
        self._writer.start()

    @property
    def failed(self) -> bool:
        """True once something could not be written; nothing is written after it."""
        return self._failed

    def put(self, piece: bytes) -> None:
        """Leave a piece to be written; after a failure or :meth:`close` nothing happens."""
        with self._changed:
            if self._closing or self._failed:
                return
            full = self._bytes + len(piece) > self._room
            if not full:
                self._waiting.append(piece)
                self._bytes += len(piece)
                self._changed.notify()
        if full:
            self._fail(OSError(None, "the disk takes no more, it hangs or is too slow"))

    def close(self) -> None:
        """Write what waits, bring it to the disk and close the file; safe to call twice."""
        with self._changed:
            again, self._closing = self._closing, True
            self._changed.notify()
        if again:
            return
        self._writer.join(JOIN_S)
        self._syncer.close()
        if not self._writer.is_alive():
            os.close(self._file)

    def _run(self) -> None:
        while (piece := self._next()) is not None:
            try:
                write_all(self._file, piece)
            except OSError as error:
                self._fail(error)
                return

    def _next(self) -> bytes | None:
        """Wait for pieces and return all that are there; None when there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing or self._failed)
            if self._failed or not self._waiting:
                return None
            piece = b"".join(self._waiting)
            self._waiting.clear()
            self._bytes = 0
            return piece

    def _fail(self, error: OSError) -> None:
        with self._failing:
            first, self._failed = not self._failed, True
        with self._changed:
            self._waiting.clear()
            self._changed.notify()
        self._syncer.stop()
        if first:
            self._on_failure(error)
