"""Reads a session, whatever became of the process that wrote it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from engines.errors import UsageError
from realtime.events.cloudevents import UNSEQUENCED, Envelope
from realtime.events.messages import Hello
from realtime.events.typed import MismatchError
from realtime.recording.layout import EVENTS
from realtime.recording.lines import parse_line
from realtime.recording.session import Session, read_session

log = logging.getLogger(__name__)

LONGEST_LINE: Final = 1 << 20
"""Bytes of a line that are read; the longest telemetry has a few thousand."""


@dataclass(frozen=True, slots=True)
class Record:
    """One event of a session.

    Attributes
    ----------
    elapsed_s
        When it was published, s after the recording began.
    envelope
        As it was published, to the last character.
    end
        Bytes of the file up to and with it.
    """

    elapsed_s: float
    envelope: Envelope
    end: int


class Recorded:
    """A session on disk.

    Parameters
    ----------
    path
        Its folder.

    Raises
    ------
    UsageError
        If it is no session.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.session: Session = read_session(path)
        self.events = path / EVENTS

    @property
    def bytes(self) -> int:
        """Size of the events; 0 where there are none."""
        return self.events.stat().st_size if self.events.is_file() else 0

    def records(self) -> Iterator[Record]:
        """Yield the events in order, hello first.

        What a process that was killed, or a machine that lost its power, left behind after the
        last whole line is left out, with a warning.

        Raises
        ------
        UsageError
            If the file cannot be read, or is damaged before its end.
        """
        if not self.events.is_file():
            log.warning("%s holds no %s: nothing was recorded", self.path, EVENTS)
            return
        try:
            with self.events.open("rb") as file:
                yield from self._records(file)
        except OSError as error:
            raise UsageError(f"cannot read {self.events}: {error.strerror}") from error

    def _records(self, file: BinaryIO) -> Iterator[Record]:
        order, number, end = _Order(), 0, 0
        while line := file.readline(LONGEST_LINE):
            number, end = number + 1, end + len(line)
            try:
                envelope, elapsed_ms = parse_line(line) if line.endswith(b"\n") else _no_line()
            except MismatchError as error:
                self._require_torn(file, number, error)
                return
            order.check(envelope, self.events, number)
            yield Record(elapsed_ms / 1e3, envelope, end)

    def _require_torn(self, file: BinaryIO, number: int, why: MismatchError) -> None:
        """Warn of an end that was cut off; raise if events follow, which no crash leaves."""
        while line := file.readline(LONGEST_LINE):
            try:
                parse_line(line)
            except MismatchError:
                continue
            raise UsageError(f"{self.events}, line {number} is damaged: {why}; restore the file")
        log.warning("%s: line %d was cut off, as by a crash, and is left out", self.events, number)


class _Order:
    """Hello first, then every event's number one above the last."""

    def __init__(self) -> None:
        self._last: int | None = None

    def check(self, envelope: Envelope, path: Path, line: int) -> None:
        """Raise ``UsageError`` if an event is missing or in the wrong place."""
        hello = isinstance(envelope.data, Hello)
        if hello != (self._last is None):
            what = "no hello" if self._last is None else "another hello"
            raise UsageError(f"{path}, line {line}: {what}; restore the file")
        self._last = self._last or 0
        numbered = not isinstance(envelope.data, UNSEQUENCED)
        if numbered != (envelope.sequence is not None):
            raise UsageError(f"{path}, line {line}: a number is missing or too many; restore it")
        if envelope.sequence is None:
            return
        if envelope.sequence != self._last + 1:
            raise UsageError(
                f"{path}, line {line}: event {envelope.sequence} follows event {self._last}: "
                "lines are missing; restore the file"
            )
        self._last = envelope.sequence


def _no_line() -> tuple[Envelope, int]:
    raise MismatchError("it has no end")
