"""The page in a real browser: keys, exact frames, what a reload keeps."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engines.intervals import Kind
from offline.points.points import Point, read_points
from tests.browser import CTRL, SHIFT, Page, browsing, find_browser
from tests.offline.labelling.labelling_makers import (
    BITS,
    BLOCK,
    HEIGHT,
    WIDTH,
    Labelling,
    labelling,
    write_numbered,
)

pytestmark = pytest.mark.skipif(find_browser() is None, reason="needs Chromium")

COUNT = 200
# the number that the pixels on the canvas show, whatever the page says it is
READ = f"""(() => {{
  const canvas = document.getElementById("picture");
  const row = canvas.getContext("2d").getImageData(0, {HEIGHT // 2}, {WIDTH}, 1).data;
  let number = 0;
  for (let bit = 0; bit < {BITS}; bit += 1)
    if (row[4 * ({BLOCK} * bit + {BLOCK // 2})] > 127) number += 2 ** bit;
  const label = document.getElementById("frame").textContent;
  return [number, Number(canvas.dataset.frame), Number(label)];
}})()"""


@pytest.fixture(scope="module")
def tab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    with browsing(tmp_path_factory.mktemp("profile")) as page:
        yield page


@pytest.fixture
def one(tmp_path: Path, tab: Page) -> Iterator[Labelling]:
    times_s = np.cumsum(np.random.default_rng(1).integers(20, 60, COUNT) / 1000).tolist()
    videos = [
        write_numbered(tmp_path / "first.mp4", COUNT, options={"g": "40", "bf": "3"}),
        write_numbered(tmp_path / "second.mkv", COUNT, times_s=times_s),
    ]
    with labelling(tmp_path / "points.csv", *videos) as server:
        tab.run("try { sessionStorage.clear() } catch { /* no page yet */ }")
        tab.open(server.server.url)
        tab.run("sessionStorage.clear()")
        shows(tab, 0)
        tab.wait(f"document.getElementById('of').textContent === 'of 0 to {COUNT - 1}'")
        yield server
        tab.open("about:blank#done")


def shows(tab: Page, frame: int) -> None:
    """Wait for a frame, and check that its pixels, its number and the label's number agree."""
    tab.wait(f"document.getElementById('picture').dataset.frame === '{frame}'")
    assert tab.run(READ) == [frame, frame, frame]


def rows(tab: Page, *expected: tuple[str, int]) -> None:
    """Wait until the list shows these points."""
    wanted = [f"{kind}frame {frame}" for kind, frame in expected]
    script = (
        "JSON.stringify([...document.querySelectorAll('#list li .go')].map((b) =>"
        " b.children[0].textContent + b.children[1].textContent))"
    )
    tab.wait(f"{script} === {json.dumps(json.dumps(wanted, separators=(',', ':')))}")


def test_steps_show_exactly_the_frame_that_they_lead_to(one: Labelling, tab: Page) -> None:
    at = 0
    for key, modifiers, step in (
        ("ArrowRight", 0, 1), ("ArrowRight", SHIFT, 10), ("ArrowLeft", 0, -1),
        ("ArrowRight", SHIFT, 10), ("ArrowLeft", SHIFT, -10),
    ):  # fmt: skip
        tab.press(key, modifiers)
        at += step
        shows(tab, at)
    tab.press("End")
    shows(tab, COUNT - 1)
    tab.press("ArrowRight")
    tab.press("ArrowLeft")
    shows(tab, COUNT - 2)
    tab.press("Home")
    tab.press("ArrowLeft")
    shows(tab, 0)


def test_a_click_on_the_curves_leads_to_the_frame_of_that_moment(one: Labelling, tab: Page) -> None:
    tab.press("PageDown")
    tab.wait("document.getElementById('title').textContent === 'second'")
    shows(tab, 0)
    tab.wait(f"document.getElementById('of').textContent === 'of 0 to {COUNT - 1}'")
    box = tab.run(
        "(() => { const b = document.getElementById('timeline').getBoundingClientRect();"
        " return [b.left, b.top, b.width, b.height] })()"
    )
    assert isinstance(box, list)
    tab.click(box[0] + 0.6 * box[2], box[1] + box[3] / 2)
    tab.wait("Number(document.getElementById('picture').dataset.frame) > 80")
    frame = tab.run("Number(document.getElementById('picture').dataset.frame)")
    assert isinstance(frame, int)
    shows(tab, frame)


def test_keys_mark_the_frame_that_is_shown_and_undo_and_delete(one: Labelling, tab: Page) -> None:
    tab.press("ArrowRight", SHIFT)
    shows(tab, 10)
    tab.press("m")
    rows(tab, ("micro", 10))
    tab.press("ArrowRight", SHIFT)
    shows(tab, 20)
    tab.press("a")
    rows(tab, ("micro", 10), ("macro", 20))
    tab.press("ArrowRight")
    shows(tab, 21)
    tab.press("M", SHIFT)
    rows(tab, ("micro", 10), ("macro", 20), ("macro", 21))
    assert read_points(one.out) == [
        Point("first", 10, Kind.MICRO), Point("first", 20, Kind.MACRO),
        Point("first", 21, Kind.MACRO),
    ]  # fmt: skip
    tab.press("u")
    rows(tab, ("micro", 10), ("macro", 20))
    shows(tab, 21)
    tab.press("x")
    rows(tab, ("micro", 10))
    tab.press("z", CTRL)
    rows(tab, ("micro", 10), ("macro", 20))
    shows(tab, 20)
    tab.press("m")
    rows(tab, ("micro", 10), ("micro", 20))
    assert read_points(one.out)[1] == Point("first", 20, Kind.MICRO)


def test_a_reload_keeps_points_steps_and_the_video(one: Labelling, tab: Page) -> None:
    tab.press("PageDown")
    tab.wait("document.getElementById('title').textContent === 'second'")
    shows(tab, 0)
    tab.press("ArrowRight", SHIFT)
    shows(tab, 10)
    tab.press("m")
    rows(tab, ("micro", 10))
    tab.reload()
    tab.wait("document.getElementById('title').textContent === 'second'")
    rows(tab, ("micro", 10))
    tab.press("u")
    rows(tab)
    assert read_points(one.out) == []


def test_playing_shows_every_frame_in_order_and_a_mark_is_of_the_one_on_show(
    one: Labelling, tab: Page
) -> None:
    # at half speed each frame has two or more refreshes of the screen
    tab.press("[")
    tab.run(
        f"window.seen = []; (function look() {{ const [p, f] = {READ};"
        " if (window.seen.at(-1)?.[0] !== p) window.seen.push([p, f]);"
        " requestAnimationFrame(look); })()"
    )
    tab.press(" ")
    tab.wait("window.seen.at(-1)[0] > 30")
    tab.press("m")
    tab.wait("document.querySelectorAll('#list li').length === 1")
    tab.press(" ")
    seen = tab.run("window.seen")
    assert isinstance(seen, list)
    assert all(pixels == frame for pixels, frame in seen)
    numbers = [pixels for pixels, _ in seen]
    assert numbers == sorted(numbers)
    (point,) = read_points(one.out)
    assert point.frame in numbers
    assert point.frame > 30


def test_buttons_do_what_keys_do_and_keep_their_own(one: Labelling, tab: Page) -> None:
    tab.run("document.getElementById('on-10').click()")
    shows(tab, 10)
    tab.run("document.getElementById('mark-macro').click()")
    rows(tab, ("macro", 10))
    tab.run("document.getElementById('on-1').focus()")
    tab.press(" ")
    shows(tab, 11)
    assert tab.text("play") == "Play"
    tab.run("document.getElementById('mark-micro').click()")
    rows(tab, ("macro", 10), ("micro", 11))
    tab.run("document.querySelector('#list .drop').focus()")
    tab.press("Enter")
    rows(tab, ("micro", 11))
    assert tab.run("document.activeElement.ariaLabel") == "Delete the micro point at frame 11"
    tab.press("u")
    rows(tab, ("macro", 10), ("micro", 11))
    tab.run("document.querySelectorAll('#list .drop')[1].click()")
    rows(tab, ("macro", 10))
    tab.run("document.querySelector('#list .drop').click()")
    rows(tab)
    tab.run("document.getElementById('undo').click()")
    rows(tab, ("macro", 10))
    shows(tab, 10)
    assert tab.run("document.getElementById('timeline').getAttribute('aria-valuetext')") == (
        "frame 10, 0:00.333"
    )


def test_nothing_is_asked_of_another_host_and_nothing_fails(one: Labelling, tab: Page) -> None:
    tab.reload()
    shows(tab, 0)
    assert tab.asked
    own = (one.server.url, "about:", "data:", "http://127.0.0.1:")
    assert all(url.startswith(own) for url in tab.asked)
    assert tab.errors == []


def test_every_control_has_a_name(one: Labelling, tab: Page) -> None:
    nameless = tab.run(
        "[...document.querySelectorAll('button, select, canvas, section, input')].filter((e) =>"
        " !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby')"
        " || e.textContent.trim() || e.labels?.length)).map((e) => e.outerHTML)"
    )
    assert nameless == []
