"""One page's connection: answers what it asks, and tells it what became known."""

import asyncio
import json
import logging
import struct
from collections.abc import Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed
from websockets.frames import CloseCode

from engines.errors import FesError
from offline.labelling.desk import Desk
from offline.labelling.pictures import Pictures
from offline.labelling.requests import Delete, Mark, Request, ShowFrame, Undo, Watch, read_request
from offline.labelling.tapes import Tape
from realtime.events.cloudevents import JsonValue

log = logging.getLogger(__name__)

NEWS_EVERY_S: Final = 0.25
MOST_VALUES: Final = 8000
"""Times or scores in one message."""

MOST_WAITING: Final = 64
"""Pictures that a page may have asked for and not got; beyond, the oldest are forgotten."""

HEADER: Final = struct.Struct(">II")
"""Before the JPEG of a picture: video and frame."""


@dataclass(frozen=True, slots=True)
class Room:
    """What all pages share.

    Attributes
    ----------
    tapes, desk, pictures
        The videos, their points and their frames.
    about
        Constant part of the first message.
    watch
        Called with the video that a page looks at.
    tell_all
        Sends a text to every page.
    readers, writer
        Threads for decoding, and the one that changes points.
    """

    tapes: list[Tape]
    desk: Desk
    pictures: Pictures
    about: Mapping[str, JsonValue]
    watch: Callable[[int], None]
    tell_all: Callable[[str], None]
    readers: Executor
    writer: Executor


class PageSession:
    """Serves one page until it goes."""

    def __init__(self, connection: ServerConnection, room: Room) -> None:
        self._connection = connection
        self._room = room
        self._wanted: asyncio.Queue[ShowFrame] = asyncio.Queue()
        self._video = 0
        self._times_sent = 0
        self._scores_sent = 0
        self._last_news: tuple[str, str] = ("", "")

    async def run(self) -> None:
        """Serve until the page goes, or says what cannot be understood."""
        tasks: list[asyncio.Task[None]] = []
        try:
            await self._send({"type": "hello", **self._room.about, **points_of(self._room.desk)})
            tasks += [asyncio.create_task(self._show()), asyncio.create_task(self._news())]
            async for text in self._connection:
                await self._answer(read_request(text, len(self._room.tapes)))
        except ValueError as error:
            await self._connection.close(CloseCode.POLICY_VIOLATION, str(error))
        except ConnectionClosed:
            log.debug("the page went away")
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, request: Request) -> None:
        match request:
            case ShowFrame():
                self._wanted.put_nowait(request)
                if self._wanted.qsize() > MOST_WAITING:
                    await self._absent(self._wanted.get_nowait(), "too many were asked for")
            case Watch():
                self._video, self._times_sent, self._scores_sent = request.video, 0, 0
                self._last_news = ("", "")
                self._room.watch(request.video)
            case _:
                await self._change(request)

    async def _change(self, request: Mark | Delete | Undo) -> None:
        """Change points, tell every page, or say why not."""
        loop = asyncio.get_running_loop()
        try:
            said, where = await loop.run_in_executor(self._room.writer, self._apply, request)
        except FesError as error:
            await self._send({"type": "refused", "why": str(error)})
            return
        news = {"type": "points", "said": said, "where": where, **points_of(self._room.desk)}
        self._room.tell_all(json.dumps(news))

    def _apply(self, request: Mark | Delete | Undo) -> tuple[str, list[JsonValue] | None]:
        desk = self._room.desk
        if isinstance(request, Undo):
            said, place = desk.undo()
            return said, None if place is None else list(place)
        where: list[JsonValue] = [request.video, request.frame]
        if isinstance(request, Delete):
            return desk.delete(request.video, request.frame), where
        if request.frame >= len(self._room.tapes[request.video].index):
            raise FesError(f"the video has no frame {request.frame} that was read by now")
        return desk.mark(request.video, request.frame, request.kind), where

    async def _show(self) -> None:
        """Send the pictures that are wanted, in the order they were asked for."""
        loop = asyncio.get_running_loop()
        jpeg = self._room.pictures.jpeg
        while True:
            one = await self._wanted.get()
            try:
                data = await loop.run_in_executor(self._room.readers, jpeg, one.video, one.frame)
            except FesError as error:
                await self._absent(one, str(error))
            else:
                await self._connection.send(HEADER.pack(one.video, one.frame) + data)

    async def _absent(self, one: ShowFrame, why: str) -> None:
        await self._send({"type": "absent", "video": one.video, "frame": one.frame, "why": why})

    async def _news(self) -> None:
        """Tell what became known of the video that the page looks at."""
        while True:
            await self._tell_times()
            await self._tell_scores()
            await asyncio.sleep(NEWS_EVERY_S)

    async def _tell_times(self) -> None:
        index = self._room.tapes[self._video].index
        video, first, done = self._video, self._times_sent, index.done
        times = index.times_s(first)[:MOST_VALUES]
        whole = done and first + len(times) == len(index)
        mark = f"{video} {first + len(times)} {whole}"
        if mark == self._last_news[0]:
            return
        self._times_sent += len(times)
        self._last_news = (mark, self._last_news[1])
        await self._send(
            {
                "type": "times",
                "video": video,
                "first": first,
                "times": [round(time_s, 6) for time_s in times],
                "done": whole,
                "why": index.error,
            }
        )

    async def _tell_scores(self) -> None:
        scores = self._room.tapes[self._video].scores
        video, first = self._video, self._scores_sent
        # before the values: what is done has all of them
        stage, frames = scores.stage, scores.frames
        times, curves = scores.since(first, MOST_VALUES)
        mark = f"{video} {first + len(times)} {stage} {frames}"
        if mark == self._last_news[1]:
            return
        self._scores_sent += len(times)
        self._last_news = (self._last_news[0], mark)
        news: dict[str, JsonValue] = {"type": "scores", "video": video, "first": first}
        news |= {"times": [*times], "curves": {name: [*v] for name, v in curves.items()}}
        await self._send(news | {"stage": stage.value, "frames": frames, "why": scores.why})

    async def _send(self, message: Mapping[str, JsonValue]) -> None:
        await self._connection.send(json.dumps(message, separators=(",", ":")))


def points_of(desk: Desk) -> dict[str, JsonValue]:
    """Return the points as every page gets them."""
    return {
        "points": [[*point] for point in desk.points],
        "steps": desk.steps,
        "others": desk.others,
    }
