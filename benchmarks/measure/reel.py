"""Pictures that are ready before anything is measured, so that making them costs nothing then."""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Final, Protocol

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from engines.errors import UsageError
from realtime.types import Frame

Image = NDArray[np.uint8]

GIB: Final = 1024**3
MEMORY_BYTES: Final = GIB
"""Longer reels are kept in a temporary file."""

SPARE_BYTES: Final = GIB
"""Disk space that a temporary file leaves to others."""


class Shelf(Protocol):
    """Where the pictures of a reel lie."""

    def put(self, index: int, image: Image) -> None:
        """Store one picture."""
        ...

    def get(self, index: int) -> Image:
        """Return one picture, uint8 (H, W, 3)."""
        ...


class MemoryShelf:
    """Pictures in memory: what is handed out is the stored picture itself."""

    def __init__(self, shape: tuple[int, int, int], count: int) -> None:
        self._images = np.empty((count, *shape), np.uint8)

    def put(self, index: int, image: Image) -> None:
        """Store one picture."""
        self._images[index] = image

    def get(self, index: int) -> Image:
        """Return one picture."""
        return np.asarray(self._images[index], np.uint8)


class FileShelf:
    """Raw pictures in a temporary file that vanishes with the program.

    Raw, because decoding would take the time of whoever is measured; read, not mapped, because
    mapped pages count as memory of the process.

    Raises
    ------
    UsageError
        If the disk has no room.
    """

    def __init__(self, shape: tuple[int, int, int], count: int) -> None:
        self._shape = shape
        self._bytes = int(np.prod(shape))
        folder = tempfile.gettempdir()
        needed = self._bytes * count
        if shutil.disk_usage(folder).free < needed + SPARE_BYTES:
            raise UsageError(
                f"{folder} has no room for {needed / GIB:.1f} GiB of rendered frames: give fewer "
                "--seconds, or name another folder in TMPDIR"
            )
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="fes-bench-")  # noqa: SIM115

    def put(self, index: int, image: Image) -> None:
        """Store one picture."""
        self._file.seek(index * self._bytes)
        self._file.write(np.ascontiguousarray(image).data)

    def get(self, index: int) -> Image:
        """Return one picture."""
        image = np.empty(self._shape, np.uint8)
        self._file.seek(index * self._bytes)
        self._file.readinto(image.data)  # type: ignore[attr-defined]
        return image


class Reel:
    """A strip of pictures at an even rate.

    Parameters
    ----------
    images
        uint8 RGB (H, W, 3), all of one size.
    count
        How many are taken.
    rate_hz
        Pictures per second.
    size
        Width and height, px.
    label
        Stands before the progress on standard error.

    Raises
    ------
    UsageError
        If they fit neither in memory (1 GiB) nor on the disk.
    ValueError
        If there are fewer pictures than ``count``, or none is wanted.
    """

    def __init__(
        self,
        images: Iterable[Image],
        count: int,
        rate_hz: float,
        size: tuple[int, int],
        label: str = "rendering",
    ) -> None:
        if count < 1:
            raise ValueError("a reel has at least one picture")
        self.count, self.rate_hz, self.size = count, rate_hz, size
        shape = (size[1], size[0], 3)
        self.in_memory = count * int(np.prod(shape)) <= MEMORY_BYTES
        make: Callable[[tuple[int, int, int], int], Shelf]
        make = MemoryShelf if self.in_memory else FileShelf
        self._shelf = make(shape, count)
        self._fill(images, label)

    def _fill(self, images: Iterable[Image], label: str) -> None:
        bar = tqdm(images, desc=label, total=self.count, unit="frame", leave=False, disable=None)
        stored = 0
        for stored, image in enumerate(bar, 1):
            self._shelf.put(stored - 1, image)
            if stored == self.count:
                break
        bar.close()
        if stored < self.count:
            raise ValueError(f"{stored} pictures of {self.count}")

    @property
    def bytes_in_memory(self) -> int:
        """Memory that the pictures take for as long as the reel lives."""
        return self.count * self.size[0] * self.size[1] * 3 if self.in_memory else 0

    def once(self) -> Iterator[Frame]:
        """Yield every picture once, at its time."""
        for index in range(self.count):
            yield self._frame(index, index)

    def swinging(self) -> Iterator[Frame]:
        """Yield frames without end, forwards and backwards in turn.

        Played from the start again, the face would jump; so it moves on, backwards.
        """
        index = 0
        while True:
            yield self._frame(index, swing(index, self.count))
            index += 1

    def _frame(self, index: int, picture: int) -> Frame:
        return Frame(index, index / self.rate_hz, self._shelf.get(picture))


def swing(index: int, count: int) -> int:
    """Return which of ``count`` pictures comes at a place of a strip that swings to and fro.

    Examples
    --------
    >>> [swing(index, 4) for index in range(9)]
    [0, 1, 2, 3, 2, 1, 0, 1, 2]
    """
    if count == 1:
        return 0
    place = index % (2 * count - 2)
    return min(place, 2 * count - 2 - place)
