"""A source around another one."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

from realtime.sources.base import Source, SourceInfo
from realtime.sources.condition import Listener, listen
from realtime.types import Frame


class WrappedSource:
    """Is the source that it is given; whoever looks at its frames overrides the iteration.

    Parameters
    ----------
    source
        Any source; closed with this.
    """

    def __init__(self, source: Source) -> None:
        self._source = source

    @property
    def info(self) -> SourceInfo:
        """What is known of the source."""
        return self._source.info

    @property
    def dropped(self) -> int:
        """Frames that a live source discarded."""
        return self._source.dropped

    def __iter__(self) -> Iterator[Frame]:
        yield from self._source

    def listen(self, listener: Listener) -> None:
        """Tell of the source's conditions, if it has any."""
        listen(self._source, listener)

    def close(self) -> None:
        """Close the source."""
        self._source.close()

    def __enter__(self) -> Self:
        self._source.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._source.__exit__(kind, error, trace)
