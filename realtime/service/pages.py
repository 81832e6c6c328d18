"""The plain HTTP side: dashboard, descriptions of the events, health."""

import json
import mimetypes
from collections.abc import Callable, Mapping
from email.utils import formatdate
from http import HTTPStatus
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Final

from websockets.datastructures import Headers
from websockets.http11 import Response

from realtime.events.cloudevents import JsonValue
from realtime.events.schema import DOCUMENTS, document_bytes

SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-cache",
}

_TYPES: Final[Mapping[str, str]] = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
}

HEALTH_PATH: Final = "/healthz"
SHARED: Final = frozenset((HEALTH_PATH, "/js/client.js", *(f"/{name}" for name in DOCUMENTS)))
"""What pages of other origins may read, if they may read the events."""

Health = Callable[[], dict[str, JsonValue]]


class Pages:
    """Answers plain requests from what was read at the start; no path reaches the disk.

    Parameters
    ----------
    health
        Gives the document of ``/healthz``.
    """

    def __init__(self, health: Health) -> None:
        self._health = health
        self._files = dict(_load())

    def answer(self, method: str, path: str) -> Response:
        """Return the response to one request."""
        if method not in ("GET", "HEAD"):
            return respond(HTTPStatus.METHOD_NOT_ALLOWED, "only GET is served here\n")
        if path == HEALTH_PATH:
            body, kind = json.dumps(self._health()).encode(), _TYPES[".json"]
        elif path in self._files:
            body, kind = self._files[path]
        else:
            return respond(HTTPStatus.NOT_FOUND, "no such page\n", method=method)
        return respond(HTTPStatus.OK, body, kind, method)


def respond(
    status: HTTPStatus,
    body: bytes | str,
    kind: str = "text/plain; charset=utf-8",
    method: str = "GET",
) -> Response:
    """Build a response with the security headers; HEAD gets the headers only."""
    content = body.encode() if isinstance(body, str) else body
    headers = Headers(
        {
            "Date": formatdate(usegmt=True),
            "Connection": "close",
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            **SECURITY_HEADERS,
        }
    )
    return Response(status, status.phrase, headers, b"" if method == "HEAD" else content)


def share(response: Response, origin: str) -> None:
    """Let a page of another origin read a response."""
    del response.headers["Cross-Origin-Resource-Policy"]
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = origin
    response.headers["Vary"] = "Origin"


def read_folder(folder: Traversable) -> dict[str, tuple[bytes, str]]:
    """Return every file below a folder, with its content type, by the path of its address."""
    return {path: (file.read_bytes(), _kind(path)) for path, file in _walk(folder, "")}


def _load() -> Mapping[str, tuple[bytes, str]]:
    found = {f"/{name}": (document_bytes(name), _TYPES[".json"]) for name in DOCUMENTS}
    found |= read_folder(files("realtime") / "dashboard")
    found["/"] = found["/index.html"]
    return found


def _walk(folder: Traversable, path: str) -> list[tuple[str, Traversable]]:
    found = []
    for entry in folder.iterdir():
        name = f"{path}/{entry.name}"
        found += _walk(entry, name) if entry.is_dir() else [(name, entry)]
    return found


def _kind(path: str) -> str:
    suffix = path[path.rfind(".") :]
    return _TYPES.get(suffix) or mimetypes.guess_type(path)[0] or "application/octet-stream"
