"""What a recorded session tells, as rows: expressions, and moments around them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from engines.errors import UsageError
from offline.sessions.rows import Found, Moment, found_of, moment_of
from realtime.events.cloudevents import utc_text
from realtime.events.messages import EventData, Expression, Hello, Phase
from realtime.events.telemetry import Telemetry
from realtime.recording.reader import Recorded
from realtime.recording.session import RecordedSource

Progress = Callable[[int], object]
"""Called with the bytes that were read since the last call."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the telemetry of a session has values of, in alphabetical order."""

    scores: tuple[str, ...] = ()
    rates: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Study:
    """One session.

    Attributes
    ----------
    recorded
        Where it is read from.
    sources
        By their numbers.
    expressions
        In the order of their onsets; those that were retracted are not among them.
    moments
        In the order of their times.
    names
        Of what telemetry has values of.
    lasts_s
        Stream time up to which each source was followed, s.
    """

    recorded: Recorded
    sources: tuple[RecordedSource, ...]
    expressions: tuple[Found, ...] = ()
    moments: tuple[Moment, ...] = ()
    names: Names = field(default_factory=Names)
    lasts_s: tuple[float, ...] = ()

    def telemetry(self, progress: Progress = lambda _: None) -> Iterator[Telemetry]:
        """Read the telemetry, report by report."""
        for data in _events(self.recorded, progress):
            if isinstance(data, Telemetry):
                yield data

    def utc(self, source: int, time_s: float) -> str | None:
        """Return the time of day of a moment of stream time; None for a file."""
        return utc_of(self.sources[source], time_s)


def utc_of(source: RecordedSource, time_s: float) -> str | None:
    """Return the time of day of a moment of stream time; None for a file."""
    if source.started_utc is None:
        return None
    return utc_text(datetime.fromisoformat(source.started_utc) + timedelta(seconds=time_s))


def read_study(folder: Path, progress: Progress = lambda _: None) -> Study:
    """Read a session whole but for its telemetry, which may be long.

    Raises
    ------
    UsageError
        If the folder is no session, or its events are damaged before their end.
    """
    recorded = Recorded(folder)
    notes = _Notes(recorded.session.sources)
    for data in _events(recorded, progress):
        notes.take(data)
    return notes.study(recorded)


def _events(recorded: Recorded, progress: Progress) -> Iterator[EventData]:
    done = 0
    for record in recorded.records():
        progress(record.end - done)
        done = record.end
        yield record.envelope.data


class _Notes:
    """Gathers what a session tells, event by event."""

    def __init__(self, sources: Sequence[RecordedSource]) -> None:
        self._sources = tuple(sources)
        self._expressions: dict[str, Found] = {}
        self._moments: list[Moment] = []
        self._lasts = [0.0] * len(sources)
        self._scores: set[str] = set()
        self._rates: set[str] = set()
        self._stages: set[str] = set()

    def take(self, data: EventData) -> None:
        """Take one event."""
        if isinstance(data, Hello):
            return
        number = getattr(data, "source", 0)
        if number >= len(self._sources):
            raise UsageError(f"an event is of source {number}, which the session does not have")
        match data:
            case Telemetry():
                self._note_names(data)
                self._reach(data.source, data.time_s)
            case Expression():
                self._note_expression(data)
            case _:
                self._note_moment(data)

    def study(self, recorded: Recorded) -> Study:
        """Return everything that was taken."""
        return Study(
            recorded,
            self._sources,
            tuple(sorted(self._expressions.values(), key=lambda e: (e.start_s, e.source, e.id))),
            tuple(sorted(self._moments, key=lambda m: (m.time_s, m.source))),
            Names(*(tuple(sorted(s)) for s in (self._scores, self._rates, self._stages))),
            tuple(self._lasts),
        )

    def _reach(self, source: int, time_s: float) -> None:
        self._lasts[source] = max(self._lasts[source], time_s)

    def _note_names(self, data: Telemetry) -> None:
        self._scores.update(data.scores)
        self._rates.update(data.rates)
        self._stages.update(data.latency_ms)

    def _note_expression(self, data: Expression) -> None:
        if data.phase is Phase.RETRACTED:
            self._expressions.pop(data.id, None)
            return
        found = found_of(data)
        self._expressions[data.id] = found
        self._reach(found.source, found.end_s)

    def _note_moment(self, data: EventData) -> None:
        moment = moment_of(data)
        if moment is not None:
            utc = utc_of(self._sources[moment.source], moment.time_s)
            self._moments.append(replace(moment, utc=utc))
            self._reach(moment.source, moment.until_s or moment.time_s)
