"""The fold that turns the events of a stream into its state."""

from realtime.events.messages import (
    EventData,
    Expression,
    FaceFound,
    FaceLost,
    Phase,
    Snapshot,
    StreamEnd,
)


class StreamState:
    """Faces in view and expressions still open, after every event applied so far.

    Applying the events after some point again, in their order, leads to the same state: a client
    that resumes may therefore get a snapshot that is newer than the events replayed to it.
    """

    def __init__(self) -> None:
        self._faces: dict[int, FaceFound] = {}
        self._open: dict[str, Expression] = {}
        self._ended: StreamEnd | None = None

    @property
    def ended(self) -> StreamEnd | None:
        """The end of the stream, once it ended."""
        return self._ended

    def apply(self, data: EventData) -> None:
        """Take one event into account; those that carry no state change nothing."""
        match data:
            case FaceFound():
                self._faces[data.face] = data
            case FaceLost():
                self._faces.pop(data.face, None)
            case Expression(phase=Phase.NEW | Phase.UPDATE):
                self._open[data.id] = data
            case Expression():
                self._open.pop(data.id, None)
            case StreamEnd():
                self._ended = data
            case _:
                pass

    def snapshot(self, sequence: int) -> Snapshot:
        """Return the state, labelled with the last event that it includes."""
        return Snapshot(
            sequence=sequence,
            faces=tuple(self._faces[face] for face in sorted(self._faces)),
            open_expressions=tuple(self._open.values()),
            ended=self._ended,
        )
