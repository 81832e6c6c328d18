"""The examples of the documentation run as they are printed."""

import queue
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import realtime
import realtime.client
from engines.intervals import Kind
from realtime.events.messages import Expression, Phase
from tests.realtime.service.service_makers import Service, running

ROOT = Path(realtime.__file__).parent.parent
ADDRESS = "http://127.0.0.1:8765/"
FOUND = Expression("0-1-0", Phase.END, Kind.MICRO, 1.0, 1.25, 1.5, 0.5, 1)
WAIT_S = 120.0


def examples(page: str) -> list[str]:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)
    return [block for block in blocks if "realtime.client" in block]


def test_readme_and_page_show_the_same_example() -> None:
    assert len(examples("README.md")) == 1
    assert examples("docs/service.md") == examples("README.md")
    shown = realtime.client.__doc__ or ""
    lines = [line.strip() for line in examples("README.md")[0].splitlines() if line.strip()]
    assert [line for line in lines if line not in shown] == []


def publish_until(over: threading.Event, service: Service) -> None:
    """The example begins with what comes next, whenever that is."""
    while not over.wait(0.2):
        service.publisher.publish(FOUND)


@pytest.mark.parametrize("text", examples("docs/service.md"))
def test_the_example_prints_each_expression(text: str) -> None:
    over = threading.Event()
    with running() as service:
        source = text.replace(ADDRESS, service.server.url)
        assert source != text
        process = subprocess.Popen(
            [sys.executable, "-u", "-c", source], stdout=subprocess.PIPE, text=True, cwd=ROOT
        )
        publishing = threading.Thread(target=publish_until, args=(over, service))
        publishing.start()
        try:
            said: queue.Queue[str] = queue.Queue()
            reading = threading.Thread(target=lambda: said.put(first_line(process)))
            reading.start()
            assert said.get(timeout=WAIT_S) == "micro 1.0 1.5\n"
        finally:
            over.set()
            publishing.join()
            process.kill()
            process.communicate()


def first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline()
