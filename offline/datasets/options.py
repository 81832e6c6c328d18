"""How a dataset is to be read."""

from dataclasses import dataclass
from pathlib import Path

from engines.errors import UsageError
from offline.datasets.marks import Counting, Imputation
from offline.datasets.sampling import ALL_FRAMES, Sampling


@dataclass(frozen=True, slots=True)
class Habit:
    """How a dataset is distributed, which options may override.

    Attributes
    ----------
    rate_hz
        Of folders of images, Hz.
    first_frame
        What the annotation calls the first frame.
    zero_offset
        True where an offset of 0 says that none was annotated.
    """

    rate_hz: float
    first_frame: int = 1
    zero_offset: bool = True


@dataclass(frozen=True, slots=True)
class DatasetOptions:
    """Choices that change what is read; equal ones give equal records.

    Attributes
    ----------
    annotations
        Workbook or CSV file; None to look for it below the root.
    impute
        What stands for an offset that was not annotated.
    first_frame
        What the annotation calls the first frame, 0 or 1; None for the dataset's own habit: 1 in
        the three distributed ones, 0 in one's own folder.
    rate_hz
        Of folders of images; None for the dataset's own: 200 for SAMM-LV, else 30.
    sampling
        Which frames are read.

    Raises
    ------
    UsageError
        If the first frame is another, or the rate is not positive.
    """

    annotations: Path | None = None
    impute: Imputation = Imputation.MIRROR
    first_frame: int | None = None
    rate_hz: float | None = None
    sampling: Sampling = ALL_FRAMES

    def __post_init__(self) -> None:
        if self.first_frame not in (None, 0, 1):
            raise UsageError(f"the first frame is 0 or 1, not {self.first_frame}")
        if self.rate_hz is not None and not 0 < self.rate_hz < float("inf"):
            raise UsageError(f"the rate of frames must be positive, not {self.rate_hz:g} Hz")

    def counting(self, habit: Habit) -> Counting:
        """Return how a dataset's table counts frames."""
        first = habit.first_frame if self.first_frame is None else self.first_frame
        return Counting(first, self.impute if habit.zero_offset else None)
