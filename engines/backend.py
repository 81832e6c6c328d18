"""The interface of everything that runs a model."""

from collections.abc import Mapping
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from engines.errors import ModelError
from engines.manifest import Manifest
from engines.precision import Precision
from engines.scores import Scores

ROUNDING: Final = 1e-5
"""How far outside [0, 1] a probability may lie by rounding; it is clipped."""

Windows = NDArray[np.float32]


class Backend(Protocol):
    """A loaded model; a context manager that closes it."""

    @property
    def name(self) -> str:
        """What runs the model, such as ``onnxruntime``."""
        ...

    @property
    def precision(self) -> Precision:
        """The number format in which it computes."""
        ...

    def run(self, windows: Windows) -> Scores:
        """Score a batch of windows.

        Parameters
        ----------
        windows
            float32 (N, window, nodes, 2), px on the canonical face, N at least 1, the nodes as
            in the manifest.

        Returns
        -------
        Scores
            One vector (N,) per output name.

        Raises
        ------
        ValueError
            If the windows have another shape or type, or are not finite.
        ModelError
            If the model fails, or answers with what is not a probability.
        """
        ...

    def close(self) -> None:
        """Release the model; safe to call twice."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *_: object) -> None: ...


def require_windows(windows: Windows, manifest: Manifest) -> None:
    """Refuse a batch that is not what the model expects.

    Raises
    ------
    ValueError
        Saying what differs.
    """
    expected = (manifest.input.window, len(manifest.input.nodes), 2)
    if windows.dtype != np.float32 or windows.shape[1:] != expected or len(windows) == 0:
        raise ValueError(
            f"windows must be float32 (N, {', '.join(map(str, expected))}) with N >= 1, "
            f"not {windows.dtype} {windows.shape}"
        )
    if not np.isfinite(windows).all():
        raise ValueError("windows hold a value that is not finite")


def to_scores(outputs: Mapping[str, Windows], count: int, name: str) -> Scores:
    """Check what a model answered, and clip rounding errors.

    Parameters
    ----------
    outputs
        float32 (N,) per output name.
    count
        N, the number of windows.
    name
        The model's name, for errors.

    Raises
    ------
    ModelError
        If an output has another shape or type, or holds what is not a probability.
    """
    for output, vector in outputs.items():
        if vector.dtype != np.float32 or vector.shape != (count,):
            raise ModelError(
                f"model {name}: output {output!r} is {vector.dtype} {vector.shape}, "
                f"not float32 ({count},)"
            )
    # all at once: one window is a handful of numbers, and each call of NumPy costs microseconds
    table = np.stack(list(outputs.values()))
    bad = ~((table >= -ROUNDING) & (table <= 1 + ROUNDING)).all(axis=1)
    if bad.any():
        output = list(outputs)[int(bad.argmax())]
        raise ModelError(f"model {name}: output {output!r} holds what is not a probability")
    return Scores(dict(zip(outputs, np.clip(table, 0, 1), strict=True)))
