"""Batches made by a background thread while the network trains."""

import queue
import threading
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

Item = TypeVar("Item")


class Prefetcher(Generic[Item]):
    """Iterates over ``make(first) .. make(last - 1)``, made ahead in order by one thread.

    An exception of ``make`` is raised where its item would have been. Use it as a context
    manager: leaving it stops the thread.

    Parameters
    ----------
    make
        Called in the background thread only.
    first, last
        Half-open range of arguments.
    ahead
        Items kept ready.
    """

    def __init__(self, make: Callable[[int], Item], first: int, last: int, ahead: int = 3) -> None:
        self._make = make
        self._range = range(first, last)
        self._ready: queue.Queue[Item | Exception] = queue.Queue(maxsize=ahead)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="prefetch", daemon=True)

    def _work(self) -> None:
        for number in self._range:
            try:
                item: Item | Exception = self._make(number)
            except Exception as error:  # handed to the consumer
                item = error
            if not self._offer(item) or isinstance(item, Exception):
                return

    def _offer(self, item: Item | Exception) -> bool:
        while not self._stopped.is_set():
            try:
                self._ready.put(item, timeout=0.1)
            except queue.Full:
                continue
            return True
        return False

    def __iter__(self) -> Iterator[Item]:
        for _ in self._range:
            item = self._ready.get()
            if isinstance(item, Exception):
                raise item
            yield item

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._thread.join()
