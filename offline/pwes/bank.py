"""The memory bank of DFCL: region-level vectors of all videos (section 3.4)."""

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor

from offline.pwes.regions import Regions

VECTORS: Final = "bank_vectors"
PRESENT: Final = "bank_present"


class MemoryBank:
    """Region-level vectors of up to S videos, each in a place of its own.

    Parameters
    ----------
    slots
        S.
    classes
        Class of every region of a video, R of them.
    width
        D.
    device
        Where the vectors lie.
    """

    def __init__(
        self, slots: int, classes: tuple[int, ...], width: int, device: torch.device
    ) -> None:
        self.classes = torch.tensor(classes, device=device)
        self._vectors = torch.zeros((slots, len(classes), width), device=device)
        self._present = torch.zeros((slots, len(classes)), dtype=torch.bool, device=device)

    def __len__(self) -> int:
        """Return how many vectors are stored."""
        return int(self._present.sum())

    def update(self, slot: int, regions: Regions) -> None:
        """Store a video's vectors in the place of its earlier ones."""
        self._vectors[slot] = regions.vectors.detach().to(self._vectors.dtype)
        self._present[slot] = regions.present

    def others(self, slot: int) -> tuple[Tensor, Tensor]:
        """Return the vectors of all videos but one, and their classes.

        A video's own vectors are left out: equal to what they would be compared with, they are
        met whatever the network does.

        Returns
        -------
        vectors
            float (n, D).
        classes
            int64 (n,).
        """
        kept = self._present.clone()
        kept[slot] = False
        return self._vectors[kept], self.classes.expand_as(kept)[kept]

    def state(self) -> dict[str, Tensor]:
        """Return what a checkpoint needs to hold."""
        return {VECTORS: self._vectors.cpu(), PRESENT: self._present.cpu()}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Go back to a state.

        Raises
        ------
        KeyError
            If it holds no bank.
        ValueError
            If it is the bank of other data or another network.
        """
        if state[VECTORS].shape != self._vectors.shape:
            raise ValueError(
                f"a memory bank of shape {tuple(state[VECTORS].shape)}, not "
                f"{tuple(self._vectors.shape)}"
            )
        self._vectors.copy_(state[VECTORS])
        self._present.copy_(state[PRESENT])
