"""How much memory and work a graph may ask for, told from its shapes before anything runs.

A small file can ask for much: a constant that is expanded to terabytes, which ONNX Runtime does
when it loads a model. So the size of every value must follow from the graph alone, for every
batch that a backend is given, and stay within limits. A size that depends on what the camera
sees is refused too.

A model of snippets is given the whole of a video, up to 4096 of them, and may take as much more.
Its shapes may not be computed from their number: that each of 4096 lengths is harmless could only
be seen by trying them all.
"""

from collections.abc import Sequence
from typing import Final

import onnx

from engines.contracts import MOST_ROWS
from engines.errors import ModelError
from engines.extent import Extent
from engines.growth import is_largest_at_ends
from engines.shapes import Sizes
from engines.text import shown
from engines.work import require_plain_attention, require_safe_divisions, work_of

BATCHES: Final = range(1, 33)
"""Windows per call."""

LENGTHS: Final = (1, MOST_ROWS)
"""Fewest and most snippets per call."""

MOST_VALUE_BYTES: Final = 128 * 1024**2
MOST_BYTES: Final = 2 * 1024**3
"""Of all values that come up during one call; no backend keeps all of them at once."""

MOST_WORK: Final = 10**11
"""Multiplications and moved elements of one call: 32 windows of the paper's width take
5 * 10**9."""

MOST_VIDEO_BYTES: Final = 4 * 1024**3
MOST_VIDEO_WORK: Final = 10**12
"""The same of one video of 4096 snippets: MC-WES's network of two streams of 1024 features takes
2 * 10**11."""


def require_bounded(model: onnx.ModelProto, where: str, *, joint: bool = False) -> None:
    """Refuse a graph of which a value is too large, or whose sizes cannot be told.

    Parameters
    ----------
    model
        One input with a free first dimension; its stored tensors were checked.
    where
        How errors name it.
    joint
        Whether it reads the snippets of a video instead of windows.

    Raises
    ------
    ModelError
        Naming the value.
    """
    what = "snippets" if joint else "windows"
    most_bytes, most_work = _most(joint)
    sizes = Sizes(model, where)
    for batch in _batches(model, where, joint):
        count = _Count(f"{where}: with {batch} {what}", most_bytes)
        extents = sizes.at(batch, count.add)
        work = sum(work_of(node, extents) for node in model.graph.node)
        if work > most_work:
            raise ModelError(
                f"{where}: {batch} {what} take {work:.2g} operations, more than {most_work:.2g}"
            )
        require_plain_attention(model, extents, where)
    require_safe_divisions(model, extents, where)


def _most(joint: bool) -> tuple[int, int]:
    """Return the most bytes and the most work of one call."""
    return (MOST_VIDEO_BYTES, MOST_VIDEO_WORK) if joint else (MOST_BYTES, MOST_WORK)


def _batches(model: onnx.ModelProto, where: str, joint: bool) -> Sequence[int]:
    """Return the leading sizes that tell the largest of all sizes within."""
    ends = is_largest_at_ends(model.graph)
    if not joint:
        return (BATCHES[0], BATCHES[-1]) if ends else BATCHES
    if not ends:
        raise ModelError(
            f"{where}: it computes shapes from the number of snippets; export it so that they are "
            "only picked and put together"
        )
    return LENGTHS


class _Count:
    """Adds up the sizes of values, and refuses the one that is too much."""

    def __init__(self, where: str, most: int) -> None:
        self._where = where
        self._most = most
        self._bytes = 0

    def add(self, name: str, extent: Extent) -> None:
        if any(side < 0 for side in extent.shape) or extent.size > MOST_VALUE_BYTES:
            raise ModelError(
                f"{self._where} value {shown(name)} has shape {shown(list(extent.shape))}; at "
                f"most {MOST_VALUE_BYTES} bytes are accepted"
            )
        self._bytes += extent.size
        if self._bytes > self._most:
            raise ModelError(f"{self._where} its values take more than {self._most} bytes")
