"""Where a client is in a stream, and what each message means for it."""

from dataclasses import dataclass, field

from realtime.client.notices import Missed, Notice, Restarted
from realtime.events.cloudevents import Envelope
from realtime.events.messages import Hello, Snapshot


@dataclass(slots=True)
class Place:
    """The fold of what came: nothing twice, nothing out of order, no hole unsaid.

    Attributes
    ----------
    since
        Sequence of the last event that came; None before the first snapshot.
    stream
        The ``source`` of the envelopes; None before the first hello.
    fresh
        True until the next hello has been passed on: it and the snapshot after it are only of
        use where what was known before is void.
    """

    since: int | None = None
    stream: str | None = None
    fresh: bool = field(default=True, init=False)
    _opening: bool = field(default=False, init=False)

    def greet(self, envelope: Envelope, hello: Hello) -> tuple[list[Envelope | Notice], bool]:
        """Take a hello.

        Returns
        -------
        items, go_on
            What to pass on, and False where the connection must be made anew to get what the
            service still holds.
        """
        items: list[Envelope | Notice] = []
        other = self.stream is not None and envelope.source != self.stream
        if other:
            items.append(Restarted(str(self.stream), envelope.source))
            self.fresh = True
        self.stream = envelope.source
        if hello.resumed is False:
            oldest = hello.oldest or 0
            if not other and self.since is not None and oldest > self.since:
                items.append(Missed(self.since + 1, oldest))
            self.fresh, self.since = True, oldest
            return items, False
        self._opening, self.fresh = self.fresh, False
        if self._opening:
            items.append(envelope)
        return items, True

    def settle(self, envelope: Envelope, snapshot: Snapshot) -> list[Envelope | Notice]:
        """Take a snapshot."""
        if self.since is None:
            self.since = snapshot.sequence
        opening, self._opening = self._opening, False
        return [envelope] if opening else []

    def take(self, envelope: Envelope) -> list[Envelope | Notice]:
        """Take any other message."""
        number = envelope.sequence
        if number is None:
            return [envelope]
        since = number - 1 if self.since is None else self.since
        if number <= since:
            return []
        self.since = number
        if number == since + 1:
            return [envelope]
        return [Missed(since + 1, number - 1), envelope]
