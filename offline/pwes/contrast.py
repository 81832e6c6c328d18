"""Contrast of region-level vectors with the memory bank (DFCL, equation 17)."""

import torch
from torch import Tensor

from offline.pwes.regions import Regions


def contrast_loss(
    regions: Regions, classes: Tensor, bank: tuple[Tensor, Tensor], tau: float, background: int
) -> Tensor:
    """Return equation 17 of one video; zero where the bank has no vector of its classes.

    u_h are the video's foreground vectors. 𝒫⁺ of one holds the bank's vectors of its class, 𝒩⁻ all
    others, background among them. The mean is over the u_h that have a positive.

    Parameters
    ----------
    regions
        Of the video, R rows.
    classes
        Class of every row, int64 (R,).
    bank
        Vectors float (n, D) of unit length and their classes int64 (n,).
    tau
        τ.
    background
        Number of the background class, whose vectors are compared with but not themselves u_h.
    """
    vectors, kinds = bank
    partners = classes[:, None] == kinds[None, :]
    chosen = regions.present & (classes != background) & partners.any(dim=1)
    if not bool(chosen.any()):
        return regions.vectors.sum() * 0.0
    likeness = regions.vectors[chosen] @ vectors.T / tau
    positive = likeness.masked_fill(~partners[chosen], -torch.inf)
    return (likeness.logsumexp(dim=1) - positive.logsumexp(dim=1)).mean()
