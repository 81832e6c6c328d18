"""What extraction asks of a folder of features, whatever their kind."""

from pathlib import Path
from typing import Protocol, TypeVar

from offline.data.labels import Labelled
from offline.data.origin import Origin
from offline.data.recording import Recording
from offline.data.store import Labelling
from realtime.sources.base import Source


class Measured(Protocol):
    """What was measured of one video."""

    @property
    def timestamps_s(self) -> list[float]:
        """Of every frame, relative to the first."""
        ...

    @property
    def ticks(self) -> int:
        """Length on the 30 Hz grid."""
        ...

    @property
    def faceless(self) -> int:
        """Ticks without a face."""
        ...


Made = TypeVar("Made", bound=Measured)


class Store(Protocol[Made]):
    """A folder of features of some kind (:class:`offline.data.feature_store.FeatureStore`)."""

    @property
    def settings(self) -> str:
        """What the features' key takes from how they are made."""
        ...

    @property
    def cache(self) -> Path:
        """Where hashes of videos are kept."""
        ...

    def path(self, recording: Recording, key: str) -> Path:
        """Return where the features of a recording with some key are."""
        ...

    def find(self, recording: Recording, cheaply: bool = False) -> tuple[Path, Origin] | None:
        """Return the feature file of a recording and its origin, if it is there."""
        ...

    def measure(self, source: Source, recording: Recording) -> Made:
        """Read an open source, which is closed there, to its end."""
        ...

    def save(
        self, path: Path, recording: Recording, made: Made, labels: Labelled, origin: Origin
    ) -> None:
        """Write what was measured, with its labels and where it comes from."""
        ...

    def labelling(self, path: Path) -> Labelling:
        """Return the labels of a file."""
        ...

    def relabel(self, path: Path, subject: str, labels: Labelled, origin: Origin) -> None:
        """Replace the labels of a file."""
        ...
