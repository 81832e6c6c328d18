"""Imports that are put off until something is used of them."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Final

UNUSED_BY_FACES: Final = ("matplotlib", "matplotlib.pyplot", "sounddevice")
"""What mediapipe imports for drawing and for sound."""


class _Later(ModuleType):
    """Stands for a module; the first use of anything in it imports the real one."""

    def __getattr__(self, name: str) -> object:
        if sys.modules.get(self.__name__) is self:
            if name.startswith("__"):  # the import system looks at what it imports
                raise AttributeError(name)
            _stand_aside()
        return getattr(importlib.import_module(self.__name__), name)


def _stand_aside() -> None:
    for name in [name for name, module in sys.modules.items() if isinstance(module, _Later)]:
        del sys.modules[name]


@contextmanager
def deferred(*names: str) -> Iterator[None]:
    """Let what is imported inside the block import these modules only when it uses them.

    The package mediapipe imports plotting and sound with everything else, which takes far longer
    than its face mesh and is never used here. Modules that are already imported stay what they
    are, and whoever imports one after the block gets the real one.

    Parameters
    ----------
    names
        Full names; a module inside a package comes after its package.
    """
    added = {name: _Later(name) for name in names if name not in sys.modules}
    for name, module in added.items():
        sys.modules[name] = module
        parent, _, child = name.rpartition(".")
        if parent in added:
            setattr(added[parent], child, module)
    try:
        yield
    finally:
        for name, module in added.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]
