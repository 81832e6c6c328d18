"""Pictures for the videos that these tests write."""

import numpy as np
from numpy.typing import NDArray


def pictures(count: int, height: int = 48, width: int = 64) -> list[NDArray[np.uint8]]:
    """Noise that no codec compresses away, another for each frame."""
    rng = np.random.default_rng(7)
    return list(rng.integers(0, 256, (count, height, width, 3), dtype=np.uint8))
