"""How kernels are compiled: once, cached on disk, without the interpreter's lock."""

from typing import Final

FAST: Final = {"reassoc", "contract", "nsz", "arcp"}
"""Freedoms of the compiler that vector units need. NaN and infinity keep their meaning."""

LARGEST_BLOCK_PX: Final = 64
"""Side of what one window's step reads at once; a nose box with its window is cut to it."""
