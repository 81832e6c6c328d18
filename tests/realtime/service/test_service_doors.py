"""Who is kept waiting at the door, and who is not."""

import asyncio
import time

import pytest

from realtime.service.connection import Connections
from realtime.service.doorkeeper import AT_ONCE, Doorkeeper, lane_of
from realtime.service.guard import Guard

TOKEN = "correct horse battery"  # noqa: S105 - opens nothing
HERE, THERE = "192.0.2.7", "198.51.100.9"
LONG_S = 60.0


def doorkeeper(hold_s: float = LONG_S) -> Doorkeeper:
    return Doorkeeper(Guard("127.0.0.1", TOKEN), hold_s)


async def passes(keeper: Doorkeeper, address: str) -> bool:
    async with asyncio.timeout(30):
        return await keeper.admits(address, TOKEN)


async def crowd(keeper: Doorkeeper, count: int) -> list[asyncio.Task[bool]]:
    """Wrong tokens that are all at the door."""
    tasks = [asyncio.create_task(keeper.admits(HERE, "wrong")) for _ in range(count)]
    await asyncio.sleep(0)
    return tasks


def cancel(tasks: list[asyncio.Task[bool]]) -> None:
    for task in tasks:
        task.cancel()


def test_a_right_token_passes_while_wrong_ones_of_the_same_address_are_held() -> None:
    async def scene() -> None:
        keeper = doorkeeper()
        held = await crowd(keeper, AT_ONCE - 1)
        assert await passes(keeper, HERE)
        assert not any(task.done() for task in held)
        cancel(held)

    asyncio.run(scene())


def test_another_address_is_never_kept_waiting() -> None:
    async def scene() -> None:
        keeper = doorkeeper()
        held = await crowd(keeper, 500)
        assert await passes(keeper, THERE)
        cancel(held)

    asyncio.run(scene())


def test_an_address_cannot_try_more_at_a_time_than_its_lane_holds() -> None:
    async def scene() -> None:
        keeper = doorkeeper()
        held = await crowd(keeper, AT_ONCE)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await keeper.admits(HERE, TOKEN)
        cancel(held)

    asyncio.run(scene())


def test_who_waits_in_line_is_admitted_in_the_end() -> None:
    async def scene() -> None:
        keeper = doorkeeper(hold_s=0.01)
        held = await crowd(keeper, 4 * AT_ONCE)
        assert await passes(keeper, HERE)
        assert await asyncio.gather(*held) == [False] * (4 * AT_ONCE)

    asyncio.run(scene())


def test_a_wrong_token_is_answered_no_sooner_than_it_should() -> None:
    async def scene() -> float:
        keeper, start_s = doorkeeper(hold_s=0.2), time.monotonic()
        assert not await keeper.admits(HERE, "wrong")
        assert not await keeper.admits(HERE, None)
        return time.monotonic() - start_s

    # a sleep ends no earlier than asked, whatever else the machine does
    assert asyncio.run(scene()) >= 0.39


def test_lanes_are_forgotten_when_nobody_is_in_them() -> None:
    async def scene() -> Doorkeeper:
        keeper = doorkeeper(hold_s=0.0)
        for number in range(300):
            await keeper.admits(f"203.0.113.{number}", "wrong")
        return keeper

    assert not asyncio.run(scene())._lanes


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("192.0.2.7", "192.0.2.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.7", "192.0.2.7", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
        ("::1", "::1", True),
        ("", "nonsense", False),
    ],
)
def test_addresses_share_a_lane_when_one_owner_chooses_among_them(
    one: str, other: str, same: bool
) -> None:
    assert (lane_of(one) == lane_of(other)) is same


class FakeTransport:
    def __init__(self) -> None:
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True


class FakeConnection:
    def __init__(self) -> None:
        self.transport = FakeTransport()


def come(house: Connections, count: int) -> list[FakeConnection]:
    guests = [FakeConnection() for _ in range(count)]
    for guest in guests:
        house.add(guest)  # type: ignore[arg-type]
    return guests


def test_a_full_house_drops_whoever_has_been_asking_longest() -> None:
    dropped: list[None] = []
    house = Connections(3, lambda: dropped.append(None))
    admitted, oldest, younger = come(house, 3)
    house.admit(admitted)  # type: ignore[arg-type]
    (new,) = come(house, 1)
    assert oldest.transport.aborted
    assert not any(guest.transport.aborted for guest in (admitted, younger, new))
    assert (len(house), len(dropped)) == (3, 1)


def test_a_house_full_of_admitted_guests_turns_the_next_one_away() -> None:
    house = Connections(2)
    guests = come(house, 2)
    for guest in guests:
        house.admit(guest)  # type: ignore[arg-type]
    (new,) = come(house, 1)
    assert new.transport.aborted
    assert not any(guest.transport.aborted for guest in guests)
    house.remove(guests[0])  # type: ignore[arg-type]
    assert not come(house, 1)[0].transport.aborted
