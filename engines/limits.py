"""How much memory and work a graph may ask for, told from its shapes before anything runs.

A small file can ask for much: a constant that is expanded to terabytes, which ONNX Runtime does
when it loads a model. So the size of every value must follow from the graph alone, for every
batch that a backend is given, and stay within limits. A size that depends on what the camera
sees is refused too.
"""

from typing import Final

import onnx

from engines.errors import ModelError
from engines.extent import Extent
from engines.growth import is_largest_at_ends
from engines.shapes import Sizes
from engines.text import shown
from engines.work import require_plain_attention, require_safe_divisions, work_of

BATCHES: Final = range(1, 33)
"""Windows per call."""

MOST_VALUE_BYTES: Final = 128 * 1024**2
MOST_BYTES: Final = 2 * 1024**3
"""Of all values that come up during one call; no backend keeps all of them at once."""

MOST_WORK: Final = 10**11
"""Multiplications and moved elements of one call: 32 windows of the paper's width take
5 * 10**9."""


def require_bounded(model: onnx.ModelProto, where: str) -> None:
    """Refuse a graph of which a value is too large, or whose sizes cannot be told.

    Parameters
    ----------
    model
        One input with a free first dimension; its stored tensors were checked.
    where
        How errors name it.

    Raises
    ------
    ModelError
        Naming the value.
    """
    sizes = Sizes(model, where)
    ends = is_largest_at_ends(model.graph)
    for batch in (BATCHES[0], BATCHES[-1]) if ends else BATCHES:
        count = _Count(f"{where}: with {batch} windows")
        extents = sizes.at(batch, count.add)
        work = sum(work_of(node, extents) for node in model.graph.node)
        if work > MOST_WORK:
            raise ModelError(
                f"{where}: {batch} windows take {work:.2g} operations, more than {MOST_WORK:.2g}"
            )
        require_plain_attention(model, extents, where)
    require_safe_divisions(model, extents, where)


class _Count:
    """Adds up the sizes of values, and refuses the one that is too much."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._bytes = 0

    def add(self, name: str, extent: Extent) -> None:
        if any(side < 0 for side in extent.shape) or extent.size > MOST_VALUE_BYTES:
            raise ModelError(
                f"{self._where} value {shown(name)} has shape {shown(list(extent.shape))}; at "
                f"most {MOST_VALUE_BYTES} bytes are accepted"
            )
        self._bytes += extent.size
        if self._bytes > MOST_BYTES:
            raise ModelError(f"{self._where} its values take more than {MOST_BYTES} bytes")
