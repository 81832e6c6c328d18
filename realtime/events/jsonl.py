"""Events as JSON lines, in a file or on standard output."""

import logging
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self

from engines.errors import FesError, UsageError
from realtime.events.cloudevents import Envelope
from realtime.events.telemetry import Telemetry

log = logging.getLogger(__name__)

STDOUT: Final = "-"


class JsonLinesSink:
    """Writes each envelope as one line of UTF-8 and flushes it at once.

    Parameters
    ----------
    target
        A file, which is overwritten, or ``-`` for standard output.
    telemetry
        Write telemetry too; without it the lines of two runs over one file hold the same events.

    Raises
    ------
    UsageError
        If the file cannot be written.
    """

    def __init__(self, target: str | Path, telemetry: bool = False) -> None:
        self._name = str(target)
        self._telemetry = telemetry
        self._broken = False
        self._file: BinaryIO | None = _open(target)

    @property
    def broken(self) -> bool:
        """True once the reader of standard output has gone; later events are not written."""
        return self._broken

    def write(self, envelope: Envelope) -> None:
        """Write one envelope, unless it is telemetry that was not asked for.

        Raises
        ------
        FesError
            If the file system refuses, such as a full disk.
        """
        if self._file is None or (isinstance(envelope.data, Telemetry) and not self._telemetry):
            return
        try:
            self._file.write(envelope.text.encode() + b"\n")
            self._file.flush()
        except BrokenPipeError:
            self._stop()
        except OSError as error:
            raise FesError(f"events: cannot write to {self._name}: {error.strerror}") from error

    def _stop(self) -> None:
        log.warning("events: the reader of standard output has gone; no more lines are written")
        self._broken = True
        self._file = None
        # Python flushes standard output once more when it exits, which would raise again.
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, sys.stdout.fileno())
        os.close(silence)

    def close(self) -> None:
        """Close the file; standard output stays open."""
        if self._file is not None and self._name != STDOUT:
            self._file.close()
        self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _open(target: str | Path) -> BinaryIO:
    if str(target) == STDOUT:
        return sys.stdout.buffer
    try:
        return Path(target).open("wb")
    except OSError as error:
        raise UsageError(
            f"--events: cannot write {target}: {error.strerror}; "
            "give a file in an existing folder, or - for standard output"
        ) from error
