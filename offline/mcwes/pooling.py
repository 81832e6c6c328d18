"""Class scores of a video from those of its snippets (equations 7 and 8)."""

from collections.abc import Sequence

import torch
from torch import Tensor


def pooled_snippets(snippets: int, h: float) -> int:
    """Return k of equation 7: how many of a video's snippets a class is pooled over."""
    return max(1, int(snippets // h))


def pool(cam: Tensor, h: Sequence[float]) -> Tensor:
    """Return u of equation 8, (C,): a class's mean over its k highest snippets.

    Parameters
    ----------
    cam
        Scores (T, C).
    h
        Of each class.
    """
    snippets = len(cam)
    tops = [
        column.topk(pooled_snippets(snippets, of)).values.mean()
        for column, of in zip(cam.unbind(1), h, strict=True)
    ]
    return torch.stack(tops)
