"""Distribution-guided feature sampling (DFS), equations 10 and 11."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional


class Regions(NamedTuple):
    """Region-level vectors q of one video, R rows: of each class region 0, then its K_c.

    Attributes
    ----------
    vectors
        float (R, D) of unit length, or 0 where there is none.
    present
        bool (R,): False where no snippet has a label of the region.
    """

    vectors: Tensor
    present: Tensor


def classes_of(counts: Sequence[int]) -> tuple[int, ...]:
    """Return the class of every row, for K_c regions of each class and its region 0."""
    return tuple(c for c, count in enumerate(counts) for _ in range(count + 1))


def sample_regions(
    features: Tensor, labels: Tensor, counts: Sequence[int], how: str = "labelled"
) -> Regions:
    """Return the region-level vectors of a video.

    Parameters
    ----------
    features
        X, float (T, D).
    labels
        bool (T, len(counts)): which snippets a class keeps (equation 10).
    counts
        K_c of each class (equation 11).
    how
        ``"labelled"`` or ``"time"`` (:attr:`offline.pwes.config.ContrastConfig.regions`).

    Returns
    -------
    Regions
        Means over the snippets of each region, scaled to unit length.
    """
    parts = [
        _memberships(labels[:, number], count, how) for number, count in enumerate(counts)
    ]  # (count + 1, T) each
    member = torch.cat(parts).to(features.dtype)
    present = member.any(dim=1)
    means = member @ features / member.sum(dim=1, keepdim=True).clamp(min=1)
    return Regions(functional.normalize(means, dim=1), present)


def _memberships(labelled: Tensor, count: int, how: str) -> Tensor:
    """Return which snippets are in region 0 and in each of ``count`` others, bool (count + 1, T).

    Parts of n snippets begin at ⌊i n / K⌋ and end before ⌈(i + 1) n / K⌉, so that fewer snippets
    than parts are in several of them and no part is empty.
    """
    among = labelled.nonzero().flatten()
    if how == "time":
        among = torch.arange(len(labelled), device=labelled.device)
    rows = labelled.new_zeros((count + 1, len(labelled)))
    rows[0] = labelled
    size = len(among)
    for i in range(count):
        part = among[i * size // count : -((i + 1) * size // -count)]
        rows[i + 1, part] = labelled[part]
    return rows
