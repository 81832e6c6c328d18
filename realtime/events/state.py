"""The fold that turns the events of a stream into its state."""

from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    FaceLost,
    Hello,
    Phase,
    Snapshot,
    StreamEnd,
    StreamState,
)


class StreamFold:
    """Faces in view, open expressions and how each source is, after every event applied so far.

    Applying the events after some point again, in their order, leads to the same state: a client
    that resumes may therefore get a snapshot that is newer than the events replayed to it.
    """

    def __init__(self) -> None:
        self._sources = 1
        self._faces: dict[tuple[int, int], FaceFound] = {}
        self._open: dict[str, Expression] = {}
        self._states: dict[int, StreamState] = {}
        self._ends: dict[int, StreamEnd] = {}

    @property
    def ended(self) -> StreamEnd | None:
        """The last end, once every source has ended."""
        if len(self._ends) < self._sources:
            return None
        return list(self._ends.values())[-1]

    def apply(self, data: EventData) -> None:
        """Take one event into account; those that carry no state change nothing."""
        match data:
            case Hello():
                self._sources = len(data.sources)
            case FaceFound():
                self._faces[data.source, data.face] = data
            case FaceLost():
                self._faces.pop((data.source, data.face), None)
            case Expression(phase=Phase.NEW | Phase.UPDATE):
                self._open[data.id] = data
            case Expression():
                self._open.pop(data.id, None)
            case StreamState():
                self._states[data.source] = data
            case StreamEnd():
                self._ends.pop(data.source, None)
                self._ends[data.source] = data
            case _:
                pass

    def snapshot(self, sequence: int) -> Snapshot:
        """Return the state, labelled with the last event that it includes."""
        return Snapshot(
            sequence=sequence,
            faces=tuple(self._faces[face] for face in sorted(self._faces)),
            open_expressions=tuple(self._open.values()),
            ended=self.ended,
            states=tuple(self._states[source] for source in sorted(self._states)),
            ends=tuple(self._ends[source] for source in sorted(self._ends)),
        )
