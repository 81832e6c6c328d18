"""How good the pseudo labels of an epoch were, where the training videos have full labels."""

from collections.abc import Mapping, Sequence
from typing import Final

import torch
from torch import Tensor

from engines.intervals import Kind

COUNTS: Final = tuple(f"{what}_{kind}" for kind in Kind for what in ("right", "said", "true"))
"""Snippets of pseudo foreground that are of the kind, those that are said to be, and all."""


def counts_of(pseudo: Sequence[Tensor], truth: Sequence[Tensor]) -> tuple[Tensor, ...]:
    """Return the numbers of ``COUNTS`` over some videos, scalars; zeros without any.

    Parameters
    ----------
    pseudo
        bool (T, 3) of each video, columns micro, macro and background.
    truth
        bool (T, 2) of each video.
    """
    counts = torch.zeros((len(Kind), len(COUNTS) // len(Kind)))
    for labels, true in zip(pseudo, truth, strict=True):
        said = labels[:, : len(Kind)]
        counts += torch.stack([(said & true).sum(0), said.sum(0), true.sum(0)], dim=1).cpu()
    return tuple(counts.flatten())


def figures(means: Mapping[str, float]) -> dict[str, float]:
    """Return precision and recall of the pseudo foreground, snippet by snippet.

    Those with nothing to divide by are left out: precision where nothing was labelled, recall
    where the videos have no such label.

    Parameters
    ----------
    means
        Of ``COUNTS`` over the steps of an epoch.
    """
    out: dict[str, float] = {}
    for kind in Kind:
        right, said, true = (means[f"{what}_{kind}"] for what in ("right", "said", "true"))
        out |= {f"pseudo_precision_{kind}": right / said} if said else {}
        out |= {f"pseudo_recall_{kind}": right / true} if true else {}
    return out
