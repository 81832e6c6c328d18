"""One stage of the frame path on a thread of its own, with a bounded hand-over to the next."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Condition, Thread
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

T = TypeVar("T")

JOIN_S: Final = 3.0
"""Longest wait for the thread when its stage ends, s: a driver may never return."""


class Ahead(Generic[T]):
    """Runs an iterable in a thread that is at most a few items ahead of whoever iterates.

    The items come in order and none is lost. When the iterable raises, the error is raised here,
    after the last item before it.

    Parameters
    ----------
    items
        Iterated once, in the thread, from ``with`` on.
    capacity
        Items that may wait to be taken; the thread stands still while there are as many.
    name
        Of the thread.
    unblock
        Called by :meth:`close` and from its thread: it must make a blocked ``next(items)`` end.

    Examples
    --------
    >>> with Ahead(range(3), 2, "count") as numbers:
    ...     list(numbers)
    [0, 1, 2]
    """

    def __init__(
        self,
        items: Iterable[T],
        capacity: int,
        name: str,
        unblock: Callable[[], None] = lambda: None,
    ) -> None:
        self._items = items
        self._capacity = capacity
        self._unblock = unblock
        self._changed = Condition()
        self._ready: deque[T] = deque()
        self._failure: BaseException | None = None
        self._ended = False
        self._closed = False
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def __iter__(self) -> Iterator[T]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._ready or self._ended or self._closed)
                if self._closed:
                    return
                if not self._ready:
                    break
                item = self._ready.popleft()
                self._changed.notify_all()
            yield item
        if self._failure is not None:
            raise self._failure

    def close(self) -> None:
        """End the thread; what nobody took is dropped. Safe to call twice."""
        with self._changed:
            self._closed = True
            self._ready.clear()
            self._changed.notify_all()
        self._unblock()
        self._thread.join(JOIN_S)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self) -> None:
        try:
            for item in self._items:
                if not self._hand_over(item):
                    break
        except BaseException as error:  # raised again where the items are taken
            self._failure = error
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def _hand_over(self, item: T) -> bool:
        """Wait for room and leave an item; False once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or len(self._ready) < self._capacity)
            if self._closed:
                return False
            self._ready.append(item)
            self._changed.notify_all()
            return True
