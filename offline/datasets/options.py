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
class Reading:
    """How a dataset was read: what was asked for, and its habit for the rest.

    Attributes
    ----------
    counting
        How the table counts frames.
    rate_hz
        Of folders of images, Hz.
    sampling
        Which frames are read.
    assumed
        ``first_frame`` and ``rate_hz`` where nobody gave them.
    """

    counting: Counting
    rate_hz: float
    sampling: Sampling
    assumed: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, object]:
        """Return everything that repeats the reading, as a JSON-ready dictionary."""
        impute = self.counting.impute
        return {
            "first_frame": self.counting.first_frame,
            "rate_hz": self.rate_hz,
            "impute": None if impute is None else impute.value,
            "every": self.sampling.every,
            "assumed": list(self.assumed),
        }


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

    def reading(self, habit: Habit) -> Reading:
        """Return what these options and a dataset's habit come to."""
        first = habit.first_frame if self.first_frame is None else self.first_frame
        return Reading(
            counting=Counting(first, self.impute if habit.zero_offset else None),
            rate_hz=self.rate_hz or habit.rate_hz,
            sampling=self.sampling,
            assumed=tuple(
                name for name in ("first_frame", "rate_hz") if getattr(self, name) is None
            ),
        )
