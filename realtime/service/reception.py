"""Decides what becomes of each request: a page, figures, a refusal, or a stream of events."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from realtime.events.cloudevents import SUBPROTOCOL
from realtime.service.doorkeeper import Doorkeeper
from realtime.service.guard import Guard
from realtime.service.metrics import Metrics, Refusal
from realtime.service.pages import SHARED, Pages, respond, share
from realtime.service.session import address_of, read_query

EVENTS_PATH: Final = "/events"
METRICS_PATH: Final = "/metrics"
_BEARER: Final = "bearer "


class Reception:
    """Answers plain requests with pages, and lets WebSocket clients through to the events."""

    def __init__(
        self, guard: Guard, doorkeeper: Doorkeeper, pages: Pages, metrics: Metrics
    ) -> None:
        self._guard = guard
        self._doorkeeper = doorkeeper
        self._pages = pages
        self._metrics = metrics

    async def answer(self, connection: ServerConnection, request: Request) -> Response | None:
        """Return a response, or None to go on with the WebSocket handshake."""
        path = request.path.partition("?")[0]
        method = getattr(request, "method", "GET")
        try:
            origin = request.headers.get("Origin")
            if path == EVENTS_PATH:
                return self._invite(request, origin)
            if path == METRICS_PATH and method in ("GET", "HEAD"):
                return await self._show_figures(connection, request, method)
        except LookupError:
            # the library's way to say that a header came twice
            return respond(HTTPStatus.BAD_REQUEST, "a header came twice\n")
        response = self._pages.answer(method, path)
        if origin is not None and path in SHARED and self._guard.shares_with(origin):
            share(response, origin)
        return response

    def _invite(self, request: Request, origin: str | None) -> Response | None:
        if not self._guard.allows_origin(origin, request.headers.get("Host", "")):
            self._metrics.refused(Refusal.ORIGIN)
            return respond(HTTPStatus.FORBIDDEN, "this origin may not read the events\n")
        try:
            read_query(request.path)
        except ValueError as error:
            self._metrics.refused(Refusal.QUERY)
            return respond(HTTPStatus.BAD_REQUEST, f"{error}\n")
        return None

    async def _show_figures(
        self, connection: ServerConnection, request: Request, method: str
    ) -> Response:
        """Give the figures to whoever may follow the stream: they say when people come and go."""
        if self._guard.token is not None:
            given = request.headers.get("Authorization", "")
            is_bearer = given[: len(_BEARER)].lower() == _BEARER
            token = given[len(_BEARER) :].strip() if is_bearer else None
            if token is None or not await self._doorkeeper.admits(address_of(connection), token):
                self._metrics.refused(Refusal.TOKEN)
                text = "the token is needed: Authorization: Bearer TOKEN\n"
                response = respond(HTTPStatus.UNAUTHORIZED, text, method=method)
                response.headers["WWW-Authenticate"] = "Bearer"
                return response
        body, kind = self._metrics.page(request.headers.get("Accept", ""))
        return respond(HTTPStatus.OK, body, kind, method)


def select_subprotocol(
    _connection: ServerConnection, offered: Sequence[Subprotocol]
) -> Subprotocol | None:
    """Take ours if it is offered; a plain client that offers none is served all the same."""
    return Subprotocol(SUBPROTOCOL) if SUBPROTOCOL in offered else None
