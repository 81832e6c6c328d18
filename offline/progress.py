"""A progress bar around a source of frames."""

from collections.abc import Iterator

from tqdm import tqdm

from realtime.sources.wrapped import WrappedSource
from realtime.types import Frame


class ProgressSource(WrappedSource):
    """Passes frames on and shows on standard error how far it is, where that is a terminal.

    Parameters
    ----------
    source
        Any source; its name stands before the bar.
    """

    def __iter__(self) -> Iterator[Frame]:
        yield from tqdm(
            self._source,
            desc=self.info.name,
            total=self.info.frames,
            unit="frame",
            leave=False,
            disable=None,
        )
