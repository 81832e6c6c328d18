"""The one place where events get their number and go to every sink."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from threading import Lock
from types import TracebackType
from typing import Protocol, Self
from uuid import uuid4

from realtime.events.cloudevents import UNSEQUENCED, Envelope, seal
from realtime.events.messages import EventData, Hello, Mark, StreamEnd


class Sink(Protocol):
    """Where envelopes go: a service, a file. It must never block the pipeline for long."""

    def write(self, envelope: Envelope) -> None:
        """Take one envelope; the first one of a stream is its hello."""
        ...

    def close(self) -> None:
        """Finish what was taken; safe to call twice."""
        ...


def _now() -> datetime:
    return datetime.now(UTC)


class Publisher:
    """Numbers events, seals each once and hands it to every sink in the same order.

    Parameters
    ----------
    hello
        Sent first.
    sinks
        Where the events go. :meth:`close` closes them.
    source
        URI of this run in every envelope; a new UUID by default.
    clock
        Gives the ``time`` of envelopes.

    Examples
    --------
    >>> from realtime.events.messages import FaceFound, ModelInfo
    >>> model = ModelInfo("demo", "1", "spotformer")
    >>> hello = Hello(model, 30, "onnxruntime", "fp32", 0.27, "clip.mp4")
    >>> with Publisher(hello) as publisher:
    ...     publisher.publish(FaceFound(face=0, time_s=0.1)).sequence
    1
    """

    def __init__(
        self,
        hello: Hello,
        sinks: Sequence[Sink] = (),
        source: str | None = None,
        clock: Callable[[], datetime] = _now,
    ) -> None:
        self.source = source or f"urn:uuid:{uuid4()}"
        self._sinks = tuple(sinks)
        self._clock = clock
        self._lock = Lock()
        self._sequence = 0
        self._unnumbered = 0
        self._ended: set[int] = set()
        self.publish(hello)

    @property
    def sequence(self) -> int:
        """Number of the last event; 0 before the first."""
        return self._sequence

    def publish(self, data: EventData) -> Envelope:
        """Send one event to every sink; callable from any thread.

        Raises
        ------
        FesError
            If a sink cannot take it, such as a file on a full disk.
        ValueError
            If a mark comes, from whatever thread, when its source has ended.
        """
        with self._lock:
            if isinstance(data, Mark) and data.source in self._ended:
                raise ValueError("the stream has ended")
            if isinstance(data, StreamEnd):
                self._ended.add(data.source)
            envelope = self._seal(data)
            for sink in self._sinks:
                sink.write(envelope)
        return envelope

    def _seal(self, data: EventData) -> Envelope:
        if isinstance(data, UNSEQUENCED):
            name = f"u{self._unnumbered}"
            envelope = seal(data, identity=name, source=self.source, time=self._clock())
            self._unnumbered += 1
            return envelope
        number = self._sequence + 1
        envelope = seal(
            data, identity=str(number), source=self.source, time=self._clock(), sequence=number
        )
        self._sequence = number
        return envelope

    def close(self) -> None:
        """Close every sink, in the order given."""
        for sink in self._sinks:
            sink.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
