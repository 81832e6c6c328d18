"""Decides what becomes of each request: a page, a refusal, or a stream of events."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from realtime.events.cloudevents import SUBPROTOCOL
from realtime.service.guard import Guard
from realtime.service.pages import Pages, respond
from realtime.service.session import read_query

EVENTS_PATH: Final = "/events"


class Reception:
    """Answers plain requests with pages, and lets WebSocket clients through to the events."""

    def __init__(self, guard: Guard, pages: Pages) -> None:
        self._guard = guard
        self._pages = pages

    def answer(self, _connection: ServerConnection, request: Request) -> Response | None:
        """Return a response, or None to go on with the WebSocket handshake."""
        path = urlsplit(request.path).path
        if path != EVENTS_PATH:
            return self._pages.answer(getattr(request, "method", "GET"), path)
        headers = request.headers
        if not self._guard.allows_origin(headers.get("Origin"), headers.get("Host", "")):
            return respond(HTTPStatus.FORBIDDEN, "this origin may not read the events\n")
        try:
            read_query(request.path)
        except ValueError as error:
            return respond(HTTPStatus.BAD_REQUEST, f"{error}\n")
        return None


def select_subprotocol(
    _connection: ServerConnection, offered: Sequence[Subprotocol]
) -> Subprotocol | None:
    """Take ours if it is offered; a plain client that offers none is served all the same."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None
