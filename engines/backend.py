"""The interface of everything that runs a model."""

from collections.abc import Mapping
from typing import Final, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from engines.contracts import MOST_ROWS
from engines.errors import ModelError
from engines.manifest import Manifest
from engines.precision import Precision
from engines.scores import Scores

ATTENTION: Final = "attention"
"""Of a snippet model's outputs, the one that is a probability."""

ROUNDING: Final = 1e-5
"""How far outside [0, 1] a probability may lie by rounding; it is clipped."""

Windows = NDArray[np.float32]
"""What a model reads: windows, or the snippets of a video, along the leading axis."""


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
        """Score a batch of windows, or the snippets of one video.

        Parameters
        ----------
        windows
            float32 (N, window, nodes, 2), px on the canonical face, N at least 1, the nodes as
            in the manifest; or float32 (T, 2, D), the consecutive snippets of one video, T from
            1 to 4096.

        Returns
        -------
        Scores
            One vector (N,) or (T,) per output name.

        Raises
        ------
        ValueError
            If the windows have another shape or type, or are not finite.
        ModelError
            If the model fails, or answers with what is not a probability or, of snippets, not a
            finite number.
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
    contract = manifest.input
    what, expected = contract.tensor, contract.row
    if windows.dtype != np.float32 or windows.shape[1:] != expected or len(windows) == 0:
        raise ValueError(
            f"{what} must be float32 (N, {', '.join(map(str, expected))}) with N >= 1, "
            f"not {windows.dtype} {windows.shape}"
        )
    if contract.joint and len(windows) > MOST_ROWS:
        raise ValueError(f"{len(windows)} {what} in one call, more than {MOST_ROWS}")
    if not np.isfinite(windows).all():
        raise ValueError(f"{what} hold a value that is not finite")


def to_scores(outputs: Mapping[str, Windows], count: int, manifest: Manifest) -> Scores:
    """Check what a model answered, and clip rounding errors.

    Parameters
    ----------
    outputs
        float32 (N,) per output name.
    count
        N, the number of windows or snippets.
    manifest
        The model's: of snippets, attention is a probability and the T-CAM any finite number.

    Raises
    ------
    ModelError
        If an output has another shape or type, or holds what is not a probability.
    """
    name = manifest.name
    for output, vector in outputs.items():
        if vector.dtype != np.float32 or vector.shape != (count,):
            raise ModelError(
                f"model {name}: output {output!r} is {vector.dtype} {vector.shape}, "
                f"not float32 ({count},)"
            )
    # all at once: one window is a handful of numbers, and each call of NumPy costs microseconds
    table = np.stack(list(outputs.values()))
    if manifest.input.joint:
        return _snippet_scores(table, list(outputs), name)
    bad = ~((table >= -ROUNDING) & (table <= 1 + ROUNDING)).all(axis=1)
    if bad.any():
        output = list(outputs)[int(bad.argmax())]
        raise ModelError(f"model {name}: output {output!r} holds what is not a probability")
    return Scores(dict(zip(outputs, np.clip(table, 0, 1), strict=True)))


def _snippet_scores(table: Windows, outputs: list[str], name: str) -> Scores:
    bad = ~np.isfinite(table).all(axis=1)
    if bad.any():
        output = outputs[int(bad.argmax())]
        raise ModelError(f"model {name}: output {output!r} holds what is not a finite number")
    if ATTENTION in outputs:
        row = table[outputs.index(ATTENTION)]
        if not ((row >= -ROUNDING) & (row <= 1 + ROUNDING)).all():
            raise ModelError(f"model {name}: output {ATTENTION!r} holds what is not a probability")
        np.clip(row, 0, 1, out=row)
    return Scores(dict(zip(outputs, table, strict=True)))
