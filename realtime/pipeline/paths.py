"""Several sources at once, each on its own frame path."""

import logging
from collections.abc import Callable, Sequence
from threading import Lock, Thread
from typing import Final

from engines.errors import SourceError
from realtime.pipeline.path import FramePath
from realtime.stopping import Stopper

log = logging.getLogger(__name__)

_LOOK_S: Final = 0.5
"""A wait without an end would not be interrupted on every system."""


def follow_all(
    paths: Sequence[FramePath], stopper: Stopper, seconds: float | None, pace: bool
) -> bool:
    """Run to the end of every source, each in a thread of its own if there are several.

    A source that ends or is lost does not end the others; anything else that fails ends all.

    Parameters
    ----------
    paths
        At least one.
    stopper
        Ends all of them.
    seconds, pace
        As :meth:`FramePath.follow` takes them, for each source by its own time.

    Returns
    -------
    bool
        False when the user stopped it.

    Raises
    ------
    SourceError
        When all have ended, if any was lost or is corrupt.
    """
    if len(paths) == 1:
        return paths[0].follow(seconds, pace)
    together = _Together(stopper, len(paths))
    threads = [
        Thread(
            target=together.follow,
            args=(path.source.info.name, lambda path=path: path.follow(seconds, pace)),
            name=f"fes-source-{number}",
            daemon=True,  # a driver may never return
        )
        for number, path in enumerate(paths)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        while thread.is_alive():
            thread.join(_LOOK_S)
    together.raise_what_failed()
    return not stopper.stopped


class _Together:
    """What the threads of several sources tell the one that waits for them."""

    def __init__(self, stopper: Stopper, count: int) -> None:
        self._stopper = stopper
        self._count = count
        self._lock = Lock()
        self._lost: list[SourceError] = []
        self._failure: BaseException | None = None

    def follow(self, name: str, run: Callable[[], bool]) -> None:
        """Follow one source; what it raises is kept."""
        try:
            run()
        except SourceError as error:
            with self._lock:
                self._lost.append(error)
            log.error("%s", error)
        except BaseException as error:  # raised again where all are waited for
            with self._lock:
                self._failure = self._failure or error
            self._stopper.stop()
        else:
            log.info("%s has ended", name)

    def raise_what_failed(self) -> None:
        """Raise what ended all, or else what ended some."""
        if self._failure is not None:
            raise self._failure
        if len(self._lost) > 1:
            reasons = "; ".join(map(str, self._lost))
            raise SourceError(f"{len(self._lost)} of {self._count} sources were lost: {reasons}")
        if self._lost:
            raise self._lost[0]
