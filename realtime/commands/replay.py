"""``fes-live replay``."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engines.console import EXIT_INTERRUPTED, option_debug, setup_log
from realtime.commands.serving import Address, open_sinks, serving_options

if TYPE_CHECKING:
    from realtime.events.messages import EventData
    from realtime.recording.reader import Recorded

EPILOG = """\b
Examples:
  fes-live replay sessions/p01
  fes-live replay sessions/p01 --speed 4
  fes-live replay sessions/p01 --no-serve --speed 1000 --events - | jq .
"""


@click.command(epilog=EPILOG)
@click.argument("session", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--speed", type=click.FloatRange(min=0, min_open=True), default=1.0,
              show_default=True, metavar="X", help="How many times as fast.")  # fmt: skip
@click.option("--serve/--no-serve", default=True, show_default=True,
              help="Serve dashboard and events.")  # fmt: skip
@click.option("--events", metavar="FILE|-", help="Write the events as JSON lines.")
@serving_options
@option_debug
@click.pass_context
def replay(
    context: click.Context,
    session: Path,
    speed: float,
    serve: bool,
    events: str | None,
    address: Address,
    debug: bool,
) -> None:
    """Serve a session that was recorded with --record DIR again, in its own rhythm.

    The events are the same to the last character, telemetry included; hello says that it is a
    replay. Nothing is scored anew.
    """
    setup_log(debug)
    from realtime.events.jsonl import STDOUT, JsonLinesSink  # noqa: PLC0415
    from realtime.recording.player import replay_to  # noqa: PLC0415
    from realtime.recording.reader import Recorded  # noqa: PLC0415

    recorded = Recorded(session)
    sinks = open_sinks(address if serve else None, events)

    def nobody_listens() -> bool:
        return bool(sinks) and all(isinstance(s, JsonLinesSink) and s.broken for s in sinks)

    on_event = _silent if events == STDOUT else _printer(recorded)
    completed = replay_to(recorded, sinks, speed, on_event, nobody_listens)
    context.exit(0 if completed else EXIT_INTERRUPTED)


def _printer(recorded: "Recorded") -> "Callable[[EventData], None]":
    from realtime.printing import final_printer  # noqa: PLC0415

    session = recorded.session
    names = [source.name for source in session.sources]
    return final_printer(names, session.options.get("max_faces", 1) != 1)


def _silent(_: "EventData") -> None:
    """Leave standard output to the events themselves."""
