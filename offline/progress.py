"""A progress bar around a source of frames."""

from collections.abc import Iterator
from types import TracebackType
from typing import Self

from tqdm import tqdm

from realtime.sources.base import Source, SourceInfo
from realtime.types import Frame


class ProgressSource:
    """Passes frames on and shows on standard error how far it is, where that is a terminal.

    Parameters
    ----------
    source
        Any source; its name stands before the bar.
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
        yield from tqdm(
            self._source,
            desc=self.info.name,
            total=self.info.frames,
            unit="frame",
            leave=False,
            disable=None,
        )

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
