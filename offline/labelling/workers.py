"""Reading and scoring in the background, the video that is looked at first."""

import logging
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from engines.errors import FesError
from offline.labelling.curves import Curves, Piece
from offline.labelling.tapes import Stage, Tape
from realtime.live import LiveOptions

log = logging.getLogger(__name__)

_WAIT_S: Final = 0.2
JOIN_S: Final = 5.0


class Workers:
    """Two threads: one reads videos for their times, one scores those that have been read.

    Parameters
    ----------
    tapes
        The videos.
    options
        The model, or None for no scores.
    """

    def __init__(self, tapes: Sequence[Tape], options: LiveOptions | None) -> None:
        self._tapes = tapes
        self._options = options
        self._watched = 0
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._read, name="fes-read", daemon=True)]
        if options is not None:
            self._threads.append(
                threading.Thread(target=self._score, name="fes-score", daemon=True)
            )

    def start(self) -> None:
        """Start the threads."""
        for thread in self._threads:
            thread.start()

    def watch(self, video: int) -> None:
        """Let a video be the next one."""
        self._watched = video

    def close(self) -> None:
        """Stop both, after the frame in hand."""
        self._stop.set()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(JOIN_S)

    def _order(self) -> list[int]:
        first = self._watched
        return [first, *(n for n in range(len(self._tapes)) if n != first)]

    def _read(self) -> None:
        while not self._stop.is_set():
            number = next((n for n in self._order() if not self._tapes[n].index.done), None)
            if number is None:
                return
            self._tapes[number].index.fill(self._stop)

    def _score(self) -> None:
        curves = Curves(self._options or LiveOptions())
        try:
            curves.score_all(self._next, self._report, self._finish, self._stop)
        except FesError as error:
            log.warning("no scores: %s", error)
            self._fail(str(error))
        except Exception as error:
            log.exception("scoring failed")
            self._fail(f"scoring failed: {error}")

    def _next(self) -> tuple[int, Path] | None:
        """Wait for a video that was read and has no scores yet; None when there is no more."""
        while not self._stop.is_set():
            due = [n for n in self._order() if self._tapes[n].scores.stage is Stage.WAITING]
            if not due:
                return None
            ready = next((n for n in due if self._tapes[n].index.done), None)
            if ready is not None:
                self._tapes[ready].scores.stage = Stage.RUNNING
                return ready, self._tapes[ready].path
            self._stop.wait(_WAIT_S)
        return None

    def _report(self, video: int, piece: Piece) -> None:
        self._tapes[video].scores.add(piece)

    def _finish(self, video: int, error: str | None) -> None:
        scores = self._tapes[video].scores
        scores.why = error
        scores.stage = Stage.DONE if error is None else Stage.FAILED

    def _fail(self, why: str) -> None:
        for tape in self._tapes:
            if tape.scores.stage in (Stage.WAITING, Stage.RUNNING):
                tape.scores.why, tape.scores.stage = why, Stage.FAILED
