"""Whether the sizes within a graph can only be largest for the largest or the smallest batch."""

from typing import Final

import onnx

_PICKS: Final = frozenset({"Cast", "Concat", "Gather", "Identity", "Slice", "Squeeze", "Unsqueeze"})
"""What may be done with a shape: picking sides, and putting them together with constants."""

_SHAPED: Final = frozenset({"Expand", "Reshape"})
"""What may be given such a shape."""


def is_largest_at_ends(graph: onnx.GraphProto) -> bool:
    """Return whether the smallest and the largest batch tell the largest sizes.

    They do where no shape is computed within the graph, or one is only put together from the
    sides of other values: those are powers of the batch but for a factor. Arithmetic on shapes,
    such as the product of 32 - N and N - 1, can hide a size between the two.
    """
    computed: set[str] = set()
    for node in graph.node:
        if node.op_type == "Shape":
            computed.update(node.output)
            continue
        if node.op_type == "Size":
            return False
        slots = {slot for slot, name in enumerate(node.input) if name in computed}
        if not slots or (node.op_type in _SHAPED and slots == {1}):
            continue
        if node.op_type not in _PICKS or (node.op_type != "Concat" and slots != {0}):
            return False
        computed.update(node.output)
    return True
