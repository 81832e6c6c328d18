"""Memory settings for training on a processor."""

import ctypes
import sys
from typing import Final

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3


def keep_large_blocks() -> None:
    """Let glibc reuse freed blocks of tens of megabytes instead of returning each to the kernel.

    Activations are allocated and freed every step; without this, training of a small network
    spends about half its time on fresh pages. Does nothing where the C library has no such
    settings.
    """
    if not sys.platform.startswith("linux"):
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, 1 << 30)
        mallopt(_M_TRIM_THRESHOLD, (1 << 31) - 1)
