"""SW-MRO windows pooled into snippets of two streams, in place of two-stream I3D features.

Like I3D's two inputs, the streams see one stretch of time in two ways. *Fast* reads how quickly the
face moves at a window's centre: ``quick``, what happens within six ticks, and ``bend``, how far the
middle stands off the straight way between the window's ends. A micro-expression goes and comes
back within a window, so that it bends much. *Slow* reads displacement: ``whole``, from the
window's first tick to its last, and ``half``, to its middle.

Each is a vector per node. Pooled over the windows of a snippet are the mean vector, the mean length
and the greatest length. A micro-expression moves a patch by about one pixel and a macro-expression
by ten, so that every number is passed through asinh(x / 0.2 px): linear below what the flow's noise
is, logarithmic above.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from realtime.types import HALF_WINDOW, NODES, WINDOW

Windows = NDArray[np.float32]

STREAMS: Final = ("fast", "slow")

STATISTICS: Final = 6
"""Numbers of a node in each stream."""

SNIPPET_FEATURES: Final = len(NODES) * STATISTICS
"""Features of a snippet in each stream."""

NOISE_PX: Final = 0.2
"""Where the scale turns from linear to logarithmic, px: what moves less is mostly noise."""

QUICK: Final = 3
"""Ticks on either side of the centre that quick motion spans: 0.2 s in all."""


def pool_snippet(windows: Windows) -> NDArray[np.float32]:
    """Return the two streams of one snippet.

    Parameters
    ----------
    windows
        float32 (n, 17, 18, 2), px, the windows centred on its ticks; n at least 1.

    Returns
    -------
    float32 (2, SNIPPET_FEATURES)
        Rows as ``STREAMS``.

    Raises
    ------
    ValueError
        If there are no windows, or they have another shape.
    """
    _require(windows)
    if len(windows) == 0:
        raise ValueError("a snippet has at least one window")
    return _pool(windows[None])[:, 0]


def pool_all(
    windows: Windows, scored: NDArray[np.bool_], ticks: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Return the streams of consecutive snippets; ticks at the end that fill none are dropped.

    Parameters
    ----------
    windows
        float32 (T, 17, 18, 2), px.
    scored
        bool (T,), where there is a window.
    ticks
        Of a snippet.

    Returns
    -------
    tuple
        float32 (2, S, SNIPPET_FEATURES) with S = T // ticks, and bool (S,): where all ticks of a
        snippet have a window. Where one has not, its features are zero.

    Raises
    ------
    ValueError
        If a snippet has no ticks, or the shapes do not agree.
    """
    _require(windows)
    if ticks < 1 or scored.shape != (len(windows),):
        raise ValueError(f"{ticks} ticks a snippet, {scored.shape} scored, {len(windows)} windows")
    snippets = len(windows) // ticks
    valid = scored[: snippets * ticks].reshape(snippets, ticks).all(axis=1)
    rows = windows[: snippets * ticks].reshape(snippets, ticks, *windows.shape[1:])
    streams = np.zeros((len(STREAMS), snippets, SNIPPET_FEATURES), np.float32)
    streams[:, valid] = _pool(rows[valid])
    return streams, valid


def _require(windows: Windows) -> None:
    shape = (WINDOW, len(NODES), 2)
    if windows.shape[1:] != shape or windows.dtype != np.float32:
        raise ValueError(
            f"windows must be float32 (n, {WINDOW}, {len(NODES)}, 2), "
            f"not {windows.dtype} {windows.shape}"
        )


def _pool(windows: Windows) -> NDArray[np.float32]:
    """Return (2, S, D) of (S, n, 17, 18, 2); exact sums, so that S changes no bit of a snippet."""
    middle = windows[:, :, HALF_WINDOW].astype(np.float64)
    whole = windows[:, :, -1].astype(np.float64)
    early, late = (windows[:, :, HALF_WINDOW + by].astype(np.float64) for by in (-QUICK, QUICK))
    fast = (*_pooled(late - early), *_pooled(2 * middle - whole)[1:])
    slow = (*_pooled(whole), middle.mean(axis=1))
    streams = [np.concatenate([_flat(part) for part in parts], axis=1) for parts in (fast, slow)]
    scaled: NDArray[np.float32] = np.arcsinh(np.stack(streams) / NOISE_PX).astype(np.float32)
    return scaled


def _pooled(
    vectors: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return mean vector, mean length and greatest length over axis 1."""
    length = np.sqrt((vectors * vectors).sum(axis=-1))
    return vectors.mean(axis=1), length.mean(axis=1), length.max(axis=1)


def _flat(part: NDArray[np.float64]) -> NDArray[np.float64]:
    return part.reshape(len(part), int(np.prod(part.shape[1:])))
