"""Makes guessing of the token slow, for the address that guesses and for no other."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from realtime.service.guard import Guard

HOLD_S: Final = 0.5
"""How long the answer to a wrong token is held back."""

AT_ONCE: Final = 8
"""Tokens of one address that are held at a time: it can try sixteen a second."""

_HOME_BITS: Final = 64
"""Leading bits of an IPv6 address that whoever has it cannot choose."""


@dataclass(slots=True)
class _Lane:
    places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    users: int = 0


class Doorkeeper:
    """Compares tokens, with a lane for each address.

    A right token passes at once; a wrong one stays in its lane for a while. Where a lane is full
    of wrong ones, the next token of the same address waits in line, right or wrong.

    Parameters
    ----------
    guard
        Knows the token.
    hold_s
        See :data:`HOLD_S`.
    """

    def __init__(self, guard: Guard, hold_s: float = HOLD_S) -> None:
        self._guard = guard
        self._hold_s = hold_s
        self._lanes: dict[str, _Lane] = {}

    async def admits(self, address: str, token: str | None) -> bool:
        """Tell whether a token is right.

        Parameters
        ----------
        address
            Where it comes from.
        token
            None when there was none.
        """
        async with self._lane(lane_of(address)) as lane, lane.places:
            if self._guard.accepts(token):
                return True
            await asyncio.sleep(self._hold_s)
            return False

    @asynccontextmanager
    async def _lane(self, name: str) -> AsyncIterator[_Lane]:
        lane = self._lanes.setdefault(name, _Lane())
        lane.users += 1
        try:
            yield lane
        finally:
            lane.users -= 1
            if not lane.users:
                del self._lanes[name]


def lane_of(address: str) -> str:
    """Return what an address shares with the others that its owner can choose from.

    Examples
    --------
    >>> lane_of("192.0.2.7"), lane_of("2001:db8::1"), lane_of("2001:db8::ffff")
    ('192.0.2.7', '2001:db8::/64', '2001:db8::/64')
    """
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is not None:
        known = known.ipv4_mapped
    if known.version == 4 or known.is_loopback:
        return str(known)
    return str(ipaddress.ip_network(f"{known}/{_HOME_BITS}", strict=False))
