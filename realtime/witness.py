"""Whoever follows a run from its first frame to its last event, such as a recording."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from engines.manifest import Manifest
from realtime.events.publisher import Sink
from realtime.pipeline.observer import Observer
from realtime.sources.base import Source, SourceInfo

OptionValue: TypeAlias = str | int | float | bool | None

Setting: TypeAlias = Mapping[str, OptionValue]
"""How a run is set up, by name; without credentials and without folders."""


class Witness(Sink, Observer, Protocol):
    """Hears the events of a run, and sees its frames and the scores of every tick.

    Attributes
    ----------
    records, records_video
        True where events, or pictures, are written to disk: hello says so.
    """

    records: bool
    records_video: bool

    def follow(self, source: Source) -> Source:
        """Return the source that the run reads instead of a source."""
        ...

    def begin(
        self,
        manifest: Manifest,
        sources: Sequence[tuple[SourceInfo, datetime | None]],
        setting: Setting,
    ) -> None:
        """Take what the run is, before its hello.

        Parameters
        ----------
        manifest
            Of the model.
        sources
            By their numbers, with the time of day of their stream time 0.
        setting
            How the run is set up.

        Raises
        ------
        UsageError
            If it cannot do what it was asked for.
        """
        ...
