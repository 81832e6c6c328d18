"""Memory in pairs: page-locked on the host, and as much on the GPU."""

import logging
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from engines.tensorrt.cuda import FLOAT_BYTES, Cuda, CudaError, host_view

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory of one shape, twice.

    Attributes
    ----------
    host
        float32 (rows, ...), a view of page-locked memory: what goes to or came from the GPU. It
        must not be touched once the memory is freed.
    host_address, device_address
        Where the two lie.
    """

    host: NDArray[np.float32]
    host_address: int
    device_address: int

    @classmethod
    def allocate(cls, cuda: Cuda, stack: ExitStack, shape: tuple[int, ...]) -> Self:
        """Allocate both, and leave it to ``stack`` to free them.

        Raises
        ------
        CudaError
            If there is no room; ``stack`` frees what was had by then.
        """
        size = FLOAT_BYTES * int(np.prod(shape))
        device = cuda.allocate(size)
        stack.callback(release, cuda.free, device)
        pinned = cuda.allocate_pinned(size)
        stack.callback(release, cuda.free_pinned, pinned)
        return cls(host_view(pinned, shape), pinned, device)

    @property
    def row_bytes(self) -> int:
        """Size of one row."""
        return self.host.nbytes // len(self.host)

    def row_address(self, row: int) -> int:
        """Return where a row lies on the GPU."""
        return self.device_address + row * self.row_bytes


def release(give_back: Callable[[int], None], handle: int) -> None:
    """Give back a resource; an error is logged, for it must not stop the others' release."""
    try:
        give_back(handle)
    except CudaError as error:
        log.warning("%s", error)
