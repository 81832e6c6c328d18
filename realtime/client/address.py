"""Where a service is."""

from urllib.parse import urlencode, urlsplit

from engines.errors import UsageError

_SCHEMES = {"http": "ws", "https": "wss", "ws": "ws", "wss": "wss"}
_EVENTS = "/events"


def events_address(url: str) -> str:
    """Return the address of the events of a service.

    Parameters
    ----------
    url
        Of the dashboard or of the events; ``http``, ``https``, ``ws`` or ``wss``.

    Raises
    ------
    UsageError
        If it is no such address.

    Examples
    --------
    >>> events_address("https://lab-pc:8765")
    'wss://lab-pc:8765/events'
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise UsageError(f"{url} is no address of a service: {error}") from error
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise UsageError(f"{url} is no address of a service: give http://HOST:PORT/")
    path = parts.path.rstrip("/")
    path = path if path.endswith(_EVENTS) else path + _EVENTS
    return f"{_SCHEMES[parts.scheme]}://{parts.netloc}{path}"


def with_resume(address: str, since: int | None, stream: str | None) -> str:
    """Return the address that goes on after an event."""
    asked = {"since": since, "stream": stream}
    query = urlencode({name: value for name, value in asked.items() if value is not None})
    return f"{address}?{query}" if query else address
