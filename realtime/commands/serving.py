"""Options of the commands that serve events, and who listens by them."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from engines.errors import UsageError

if TYPE_CHECKING:
    from realtime.events.publisher import Sink
    from realtime.service.marking import MarkTaker

DEFAULT_PORT: Final = 8765


@dataclass(frozen=True, slots=True)
class Address:
    """Where the dashboard and the events are served, and to whom."""

    host: str
    port: int | None
    token: str | None
    tls_cert: Path | None
    tls_key: Path | None
    insecure: bool
    origins: tuple[str, ...]


_OPTIONS: Final = (
    click.option("--host", default="127.0.0.1", show_default=True),
    click.option("--port", type=int,
                 help=f"Port of the dashboard ({DEFAULT_PORT}); implies --serve."),
    click.option("--token", envvar="FES_TOKEN", help="What clients must send first."),
    click.option("--tls-cert", type=click.Path(path_type=Path), metavar="FILE",
                 help="Serve over TLS with this certificate (PEM)."),
    click.option("--tls-key", type=click.Path(path_type=Path), metavar="FILE",
                 help="Its key (PEM)."),
    click.option("--insecure", is_flag=True,
                 help="Listen beyond this machine without a token, or without TLS."),
    click.option("--allow-origin", "origins", multiple=True, metavar="ORIGIN",
                 help="A web page that may connect besides the dashboard; repeatable."),
)  # fmt: skip


def serving_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of the service, together as ``address``."""

    @functools.wraps(command)
    def gathered(
        *arguments: object,
        host: str,
        port: int | None,
        token: str | None,
        tls_cert: Path | None,
        tls_key: Path | None,
        insecure: bool,
        origins: tuple[str, ...],
        **others: object,
    ) -> None:
        address = Address(host, port, token, tls_cert, tls_key, insecure, origins)
        command(*arguments, address=address, **others)

    for option in reversed(_OPTIONS):
        gathered = option(gathered)
    return gathered


def open_sinks(
    address: Address | None, events: str | None, take_mark: "MarkTaker | None" = None
) -> "list[Sink]":
    """Open whoever listens: the service where it is wanted, and the file.

    Parameters
    ----------
    address
        Of the service; None for no service. Where it is goes to standard error.
    events
        A file for JSON lines, ``-`` for standard output, or None.
    take_mark
        Takes what clients of the service mark.

    Raises
    ------
    UsageError
        If one of them cannot be opened; the other is closed.
    """
    from realtime.events.jsonl import JsonLinesSink  # noqa: PLC0415

    out: list[Sink] = [] if address is None else [_serve(address, take_mark)]
    try:
        if events is not None:
            out.append(JsonLinesSink(events))
    except UsageError:
        for sink in out:
            sink.close()
        raise
    return out


def _serve(address: Address, take_mark: "MarkTaker | None") -> "Sink":
    from realtime.service.server import EventServer  # noqa: PLC0415
    from realtime.service.tls import certificate_of  # noqa: PLC0415

    server = EventServer(
        address.host,
        DEFAULT_PORT if address.port is None else address.port,
        token=address.token,
        insecure=address.insecure,
        origins=address.origins,
        take_mark=take_mark,
        certificate=certificate_of(address.tls_cert, address.tls_key),
    ).start()
    click.echo(f"dashboard: {server.url}", err=True)
    return server
