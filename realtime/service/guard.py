"""Who may reach the service: where it listens, which pages may connect, who has the token."""

import hmac
import ipaddress
import json
import socket
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from engines.errors import UsageError

_MAX_SEQUENCE_DIGITS: Final = 18


@dataclass(frozen=True, slots=True)
class Resume:
    """Where a client wants to go on.

    Attributes
    ----------
    since
        The last sequence that the client has, or None when it starts afresh.
    stream
        The ``source`` of the events that it has, or None when it does not say.
    """

    since: int | None = None
    stream: str | None = None


@dataclass(frozen=True, slots=True)
class Guard:
    """The rules of access.

    Attributes
    ----------
    host
        Address to listen on.
    token
        What a client must send first, or None for no token.
    insecure
        Allow an open address without a token, or without TLS.
    origins
        Web origins that may connect besides the dashboard's own, as ``https://host[:port]``.
    encrypted
        Whether the service speaks TLS.

    Raises
    ------
    UsageError
        If the address is open to others and neither a token with TLS nor ``insecure`` is given,
        if it is unknown, or if the token is empty.
    """

    host: str
    token: str | None = None
    insecure: bool = False
    origins: Collection[str] = ()
    encrypted: bool = False

    def __post_init__(self) -> None:
        if self.token is not None and not self.token.strip():
            raise UsageError("the token of the event service is empty: give one, or none at all")
        lacking = [
            f"{what} ({option})"
            for what, option, given in (
                ("a token", "--token", self.token is not None),
                ("TLS", "--tls-cert, --tls-key", self.encrypted),
            )
            if not given
        ]
        if lacking and not self.insecure and not is_loopback(self.host):
            raise UsageError(
                f"the event service would be open to others on {self.host or 'every address'} "
                f"without {' and '.join(lacking)}: give what lacks, listen on 127.0.0.1, or say "
                "--insecure"
            )

    def allows_origin(self, origin: str | None, host_header: str) -> bool:
        """Tell whether a page may connect.

        No origin means that the client is not a browser. A page served from the address it
        connects to is the dashboard itself, if that address is not a name that somebody else
        controls: a foreign name may be made to point at this machine (DNS rebinding).
        """
        if origin is None or origin in self.origins:
            return True
        try:
            page = urlsplit(origin)
        except ValueError:
            return False
        if page.scheme not in ("http", "https") or page.netloc.lower() != host_header.lower():
            return False
        return _is_own_name(page.hostname or "", self.host)

    def shares_with(self, origin: str | None) -> bool:
        """Tell whether a page of another origin was named as one that may read."""
        return origin is not None and origin in self.origins

    def accepts(self, token: str | None) -> bool:
        """Compare a client's token with the right one in constant time."""
        if self.token is None:
            return True
        # JSON may carry half a surrogate pair, which UTF-8 proper cannot.
        given = (token or "").encode(errors="surrogatepass")
        return hmac.compare_digest(given, self.token.encode(errors="surrogatepass"))


def is_loopback(host: str) -> bool:
    """Tell whether every address that ``host`` means is reachable from this machine only.

    Raises
    ------
    UsageError
        If the name is unknown.
    """
    if not host:
        return False
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UsageError(f"cannot listen on {host}: no such address; try 127.0.0.1") from error
    return all(ipaddress.ip_address(str(entry[4][0]).split("%")[0]).is_loopback for entry in found)


def read_since(text: str | None) -> int | None:
    """Read ``since`` from a query; raise ``ValueError`` unless it is a whole number from 0."""
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_SEQUENCE_DIGITS):
        raise ValueError("since must be a whole number from 0")
    return int(text)


def read_connect(text: str | bytes, asked: Resume) -> tuple[str | None, Resume]:
    """Read a client's first message.

    Parameters
    ----------
    text
        What it sent (``schemas/connect.json``).
    asked
        What its address asked for; the message goes before it.

    Returns
    -------
    token, resume
        The token is None when there is none.

    Raises
    ------
    ValueError
        If the message is not a JSON object of the right types.
    """
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError("the first message must be JSON") from error
    if not isinstance(message, dict):
        raise ValueError("the first message must be a JSON object")
    token, since, stream = (message.get(name) for name in ("token", "since", "stream"))
    if not isinstance(token, str | None) or not isinstance(stream, str | None):
        raise ValueError("token and stream must be text")
    since = None if since is None else read_since(str(since))
    return token, Resume(
        asked.since if since is None else since, asked.stream if stream is None else stream
    )


def _is_own_name(name: str, host: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        own = {"localhost", host.lower(), socket.gethostname().lower(), socket.getfqdn().lower()}
        return name.lower() in own
    return True
