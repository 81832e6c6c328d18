"""Well-behaved clients, in a process of their own, that check what they get.

    python -m benchmarks.service_followers http://127.0.0.1:8765/ CLIENTS

Each is the client of :mod:`realtime.client`. Half of them leave now and then and come back with
``since``. It says how far the slowest one is while it goes, and at the end, as JSON, what each got.
"""

import asyncio
import json
import random
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

import psutil

from benchmarks.measure.machine import MIB
from realtime.client import Envelope, EventClient, Missed
from realtime.events.messages import StreamEnd

REPORT_EVERY: Final = 64
LEAVE_EVERY: Final = 700
"""Mean number of events from one leave to the next."""


@dataclass(slots=True)
class Account:
    """What one client got.

    Attributes
    ----------
    events, telemetry
        How many messages.
    disordered
        Events that did not follow the one before: lost, doubled or out of order.
    missed
        Events that the service said it had no more.
    returns
        How often it left and came back.
    """

    events: int = 0
    telemetry: int = 0
    disordered: int = 0
    missed: int = 0
    returns: int = 0


async def follow(
    url: str, account: Account, leaves: random.Random | None, told: Callable[[], None]
) -> None:
    """Read to the end of the stream, over as many connections as it takes."""
    client = EventClient(url, since=0)
    last = 0
    while True:
        async for item in client:
            if isinstance(item, Missed):
                account.missed += item.last - item.first + 1
                last = item.last
            elif isinstance(item, Envelope) and item.sequence is not None:
                account.events += 1
                account.disordered += item.sequence != last + 1
                last = item.sequence
                if last % REPORT_EVERY == 0:
                    told()
                if isinstance(item.data, StreamEnd):
                    return
                if leaves is not None and leaves.random() < 1 / LEAVE_EVERY:
                    break
            elif isinstance(item, Envelope):
                account.telemetry += 1
        account.returns += 1
        client = EventClient(url, since=client.place.since, stream=client.place.stream)


async def run(url: str, count: int) -> list[Account]:
    """Follow with several clients at once; print progress."""
    accounts = [Account() for _ in range(count)]

    def told() -> None:
        sys.stdout.write(f"{min(account.events for account in accounts)}\n")
        sys.stdout.flush()

    async with asyncio.TaskGroup() as group:
        for number, account in enumerate(accounts):
            leaves = random.Random(number) if number % 2 else None
            group.create_task(follow(url, account, leaves, told))
    return accounts


def main() -> None:
    """Follow, then say what came."""
    accounts = asyncio.run(run(sys.argv[1], int(sys.argv[2])))
    said = {
        "clients": [asdict(account) for account in accounts],
        "resident_mib": round(psutil.Process().memory_info().rss / MIB, 1),
    }
    sys.stdout.write(json.dumps(said) + "\n")


if __name__ == "__main__":
    main()
