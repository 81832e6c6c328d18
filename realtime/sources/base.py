"""The interface of everything that delivers frames."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Protocol, Self

from realtime.types import Frame


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of a source when it opens.

    Attributes
    ----------
    name
        For logs and events; credentials are already removed.
    live
        True when frames come at their own pace and old ones are dropped (camera, network);
        False when every frame is read in order (file, folder).
    width, height
        Size of the first frame, px.
    rate_hz
        Nominal frame rate, or None where the source does not say.
    frames
        Number of frames, or None where the source does not say.
    started
        Wall-clock time of stream time 0, or None where there is none (a file).
    """

    name: str
    live: bool
    width: int
    height: int
    rate_hz: float | None = None
    frames: int | None = None
    started: datetime | None = None


class Source(Protocol):
    """A context manager that yields frames in the order of their timestamps.

    Iteration ends when a finite source is read in full or after :meth:`close`. It raises
    ``SourceError`` when the source is lost or turns out to be corrupt; frames yielded before
    that are valid. Timestamps strictly increase.
    """

    @property
    def info(self) -> SourceInfo:
        """What is known of the source."""
        ...

    @property
    def dropped(self) -> int:
        """Frames that a live source discarded because a newer one was there."""
        ...

    def __iter__(self) -> Iterator[Frame]: ...

    def close(self) -> None:
        """Release the device or file; safe to call twice and from another thread."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def close_all(sources: Sequence[Source]) -> None:
    """Close sources at the same time: one whose driver hangs delays no other."""
    with ThreadPoolExecutor(max(1, len(sources)), "fes-close") as pool:
        list(pool.map(lambda source: source.close(), sources))
