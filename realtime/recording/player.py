"""Plays a session again: the same events, in the same rhythm."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Final

from engines.errors import UsageError
from realtime.events.cloudevents import Envelope, seal
from realtime.events.messages import EventData, Hello
from realtime.events.publisher import Sink
from realtime.events.telemetry import Telemetry
from realtime.recording.reader import Record, Recorded
from realtime.stopping import Stopper

LONGEST_WAIT_S: Final = 1e6
"""For one event, s: more than the system's own timers take is not waited for."""


class Player:
    """Hands the events of a session to sinks when they are due.

    They are the very events of the session: same text, same numbers, same source. Only its hello
    is told anew, to say that this is a replay.

    Parameters
    ----------
    recorded
        The session.
    sinks
        Who gets the events; not closed here.
    speed
        1 for the session's own rhythm, 2 for twice as fast.
    wait
        Sleeps for so many seconds, or less when the user stops the replay.
    stopped
        Tells whether the user has stopped it.

    Raises
    ------
    UsageError
        If the speed is not above 0.
    """

    def __init__(
        self,
        recorded: Recorded,
        sinks: Sequence[Sink],
        speed: float,
        wait: Callable[[float], None],
        stopped: Callable[[], bool],
    ) -> None:
        if not speed > 0:  # nor is "not a number"
            raise UsageError(f"--speed: {speed:g} is no speed; give a number above 0")
        self._recorded = recorded
        self._sinks = sinks
        self._speed = speed
        self._wait = wait
        self._stopped = stopped

    def play(self, on_event: Callable[[EventData], None] = lambda _: None) -> bool:
        """Play to the end.

        Parameters
        ----------
        on_event
            Called with every event, telemetry and hello excepted.

        Returns
        -------
        bool
            False when the user stopped it.

        Raises
        ------
        UsageError
            If the session holds no event, or is damaged.
        """
        start: float | None = None
        for record in self._recorded.records():
            if start is None:
                start = time.monotonic() - record.elapsed_s / self._speed
            self._wait_for(record, start)
            if self._stopped():
                return False
            self._hand_over(record, on_event)
        if start is None:
            raise UsageError(f"{self._recorded.path} holds no event: there is nothing to replay")
        return True

    def _wait_for(self, record: Record, start_s: float) -> None:
        ahead_s = start_s + record.elapsed_s / self._speed - time.monotonic()
        if ahead_s > 0:
            self._wait(min(ahead_s, LONGEST_WAIT_S))

    def _hand_over(self, record: Record, on_event: Callable[[EventData], None]) -> None:
        envelope = _as_replay(record.envelope)
        for sink in self._sinks:
            sink.write(envelope)
        if not isinstance(envelope.data, Hello | Telemetry):
            on_event(envelope.data)


def replay_to(
    recorded: Recorded,
    sinks: Sequence[Sink],
    speed: float = 1.0,
    on_event: Callable[[EventData], None] = lambda _: None,
    enough: Callable[[], bool] = lambda: False,
) -> bool:
    """Play a session to sinks, which are closed here, until it ends or the user stops it.

    Parameters
    ----------
    recorded, sinks, speed
        As of :class:`Player`.
    on_event
        Called with every event, telemetry and hello excepted.
    enough
        Asked before every event: True ends the replay, such as when nobody listens any more.

    Returns
    -------
    bool
        False when the user stopped it.

    Raises
    ------
    UsageError
        If the session holds no event, or is damaged.
    """
    with ExitStack() as stack:
        for sink in sinks:
            stack.callback(sink.close)
        stopper = stack.enter_context(Stopper(lambda: None))
        player = Player(recorded, sinks, speed, stopper.wait, lambda: stopper.stopped or enough())
        return player.play(on_event) or not stopper.stopped


def _as_replay(envelope: Envelope) -> Envelope:
    """Return a hello that says that it is a replay; everything else as it is."""
    if not isinstance(envelope.data, Hello):
        return envelope
    hello = replace(envelope.data, replay=True, recording=False, recording_video=False, marks=False)
    head = json.loads(envelope.text)
    moment = datetime.fromisoformat(str(head["time"]))
    return seal(hello, identity=str(head["id"]), source=envelope.source, time=moment)
