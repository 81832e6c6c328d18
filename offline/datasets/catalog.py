"""The datasets by name, with the counts that were published for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from offline.datasets import casme2, casme3, folder, samm_lv
from offline.datasets.layout import require_folder
from offline.datasets.options import DatasetOptions
from offline.datasets.records import Dataset

LOADERS: Final[Mapping[str, Callable[[Path, DatasetOptions], Dataset]]] = {
    casme2.NAME: casme2.load,
    casme3.NAME: casme3.load,
    samm_lv.NAME: samm_lv.load,
    folder.NAME: folder.load,
}
NAMES: Final = tuple(LOADERS)


@dataclass(frozen=True, slots=True)
class Published:
    """What is published about a dataset; None where nothing is.

    Attributes
    ----------
    macro, micro
        Instances.
    subjects
        Least and most that papers count.
    videos, with_instances
        All videos, and those with an instance.
    """

    macro: int | None = None
    micro: int | None = None
    subjects: tuple[int, int] | None = None
    videos: int | None = None
    with_instances: int | None = None


PUBLISHED: Final[Mapping[str, Published]] = {
    casme2.NAME: Published(300, 57, (22, 22), 98),
    samm_lv.NAME: Published(343, 159, (30, 32), None, 147),
    casme3.NAME: Published(3346, 860),
}


def load_dataset(name: str, root: Path, options: DatasetOptions | None = None) -> Dataset:
    """Read a dataset as it is distributed.

    Parameters
    ----------
    name
        One of ``NAMES``.
    root
        Its folder; without frames in it, the annotations alone are read.
    options
        How to read it.

    Raises
    ------
    UsageError
        If there is no such dataset or folder, or the annotations cannot be used.
    """
    if name not in LOADERS:
        raise UsageError(f"{name}: no such dataset; choose from {', '.join(NAMES)}")
    require_folder(root)
    return LOADERS[name](root, options or DatasetOptions())
