"""What a dataset of synthetic faces is made of, as a user asks for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.errors import UsageError
from realtime.synthesis.disturbances import MOTIONS
from realtime.synthesis.portraits import find_portraits

RATES: Final = {"25": 25.0, "29.97": 30000 / 1001, "30": 30.0, "60": 60.0, "variable": 30.0}
MIXED: Final = "mixed"
SHORTEST_S: Final = 2.0


@dataclass(frozen=True, slots=True)
class SynthOptions:
    """What is rendered; equal options give equal bytes on one set of versions.

    Attributes
    ----------
    seconds
        Length of each video.
    seed
        Of everything.
    fps
        A key of ``RATES``, or ``mixed`` for one of them per video.
    size
        Width and height, px, both even.
    motion
        A key of ``MOTIONS``.
    portraits
        Pictures, one per subject; empty for the bundled portrait.

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    seconds: float = 60.0
    seed: int = 0
    fps: str = "30"
    size: tuple[int, int] = (640, 480)
    motion: str = "moderate"
    portraits: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        if self.seconds < SHORTEST_S:
            raise UsageError(f"--seconds {self.seconds:g}: a video lasts at least {SHORTEST_S:g} s")
        if self.fps not in (*RATES, MIXED):
            raise UsageError(f"--fps {self.fps}: choose from {', '.join((*RATES, MIXED))}")
        if self.motion not in MOTIONS:
            raise UsageError(f"--motion {self.motion}: choose from {', '.join(MOTIONS)}")
        if min(self.size) < 120 or self.size[0] % 2 or self.size[1] % 2:
            raise UsageError(
                f"--size {self.size[0]}x{self.size[1]}: both sides are even and at least 120 px"
            )

    @property
    def subjects(self) -> int:
        """Number of different people."""
        return max(1, len(self.portraits))


def choose_portraits(folder: Path | None, only: Sequence[str] = ()) -> tuple[Path, ...]:
    """Return the pictures of a folder, or those of them that ``only`` names.

    Raises
    ------
    UsageError
        If the folder has no pictures, or lacks one that is named.
    """
    if folder is None:
        if only:
            raise UsageError("--only names pictures of --portraits; give that folder as well")
        return ()
    found = {path.stem: path for path in find_portraits(folder)}
    if missing := [name for name in only if name not in found]:
        raise UsageError(f"--only {missing[0]}: no such picture in {folder}")
    return tuple(found[name] for name in dict.fromkeys(only or found))
