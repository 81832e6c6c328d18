"""The timeline follows, stands, scrolls and zooms: by keys, buttons, wheel, drag and fingers."""

import pytest

from engines.intervals import Kind
from tests.browser import CTRL, SHIFT, Page, find_browser
from tests.realtime.dashboard.dashboard_makers import (
    SETTLE,
    Stage,
    listed,
    script,
    shown,
    staging,
    watch,
)

pytestmark = pytest.mark.skipif(find_browser() is None, reason="needs Chromium")

CENTRE = (
    "(() => { const box = document.getElementById('curves').getBoundingClientRect();"
    " return [box.left + box.width / 2, box.top + box.height / 3]; })()"
)


def watch_history(tab: Page, stage: Stage) -> None:
    """Show a stream that is ten minutes old, and has curves from its start."""
    for minute in range(10):
        stage.say(minute, 60.0 * minute + 5, Kind.MICRO)
    watch(tab, stage, None)
    stage.found()
    stage.look(1.0)
    tab.wait("document.getElementById('score-macro').textContent === '0.25'")
    stage.look(600.0, macro=0.75)
    tab.wait("document.getElementById('score-macro').textContent === '0.75'")
    listed(tab, 10)
    shown(tab, "30 s up to now")


def middle(tab: Page) -> tuple[float, float]:
    x, y = tab.run(CENTRE)  # type: ignore[misc]
    return float(x), float(y)


def wheel(tab: Page, sideways: float, up: float) -> None:
    x, y = middle(tab)
    tab.call("Input.dispatchMouseEvent", type="mouseWheel", x=x, y=y, deltaX=sideways, deltaY=up)


def end_of(tab: Page) -> float:
    """Where the right end of the window is, s from the oldest."""
    return float(tab.run("Number(document.getElementById('place').value)"))  # type: ignore[arg-type]


def test_keys_pause_scroll_zoom_and_return(tab: Page) -> None:
    with staging() as stage:
        watch_history(tab, stage)
        tab.press(" ")
        tab.wait("document.getElementById('follow-text').textContent === 'Live'")
        shown(tab, "9:3")
        tab.press("ArrowLeft", SHIFT)
        shown(tab, "9:0")
        tab.press("ArrowLeft", SHIFT)
        shown(tab, "8:3")
        tab.press("+")
        tab.wait("document.getElementById('range').textContent.endsWith('19 s')")
        tab.press("ArrowDown")
        tab.wait("document.getElementById('range').textContent.endsWith('30 s')")
        tab.press("Home")
        shown(tab, "0:00 –")
        tab.press("l")
        shown(tab, "30 s up to now")
        tab.press("h")
        shown(tab, "10 min up to now")
        tab.press("ArrowLeft", CTRL)
        tab.run(SETTLE)
        shown(tab, "10 min up to now")


def test_buttons_do_what_keys_do(tab: Page) -> None:
    with staging() as stage:
        watch_history(tab, stage)
        tab.run("document.getElementById('earlier').click()")
        tab.wait("document.getElementById('follow').dataset.live === 'false'")
        tab.run("document.getElementById('wider').click()")
        tab.wait("document.getElementById('range').textContent.endsWith('48 s')")
        tab.run("document.getElementById('follow').click()")
        shown(tab, "48 s up to now")
        tab.run("document.getElementById('everything').click()")
        shown(tab, "10 min up to now")


def test_the_wheel_zooms_and_sideways_scrolls(tab: Page) -> None:
    with staging() as stage:
        watch_history(tab, stage)
        wheel(tab, 0, 600)
        tab.wait("!document.getElementById('range').textContent.startsWith('30 s')")
        wheel(tab, -400, 0)
        tab.wait("document.getElementById('follow').dataset.live === 'false'")
        before = end_of(tab)
        wheel(tab, 100_000, 0)
        tab.wait("document.getElementById('follow').dataset.live === 'true'")
        tab.run(SETTLE)
        assert end_of(tab) > before


def test_a_drag_scrolls_and_a_row_jumps(tab: Page) -> None:
    with staging() as stage:
        watch_history(tab, stage)
        x, y = middle(tab)
        tab.call("Input.dispatchMouseEvent", type="mousePressed", x=x, y=y, button="left",
                 buttons=1, clickCount=1)  # fmt: skip
        for step in range(1, 6):
            tab.call("Input.dispatchMouseEvent", type="mouseMoved", x=x + 50 * step, y=y,
                     button="left", buttons=1)  # fmt: skip
        tab.call("Input.dispatchMouseEvent", type="mouseReleased", x=x + 250, y=y, button="left")
        tab.wait("document.getElementById('follow').dataset.live === 'false'")
        row = "document.querySelectorAll('.row')"
        for number, start in ((0, "8:5"), (3, "5:5"), (0, "8:5")):
            tab.run(f"{row}[{number}].click()")
            shown(tab, start)
        tab.press("j")
        shown(tab, "7:5")
        tab.press("k")
        shown(tab, "8:5")
        tab.run(f"{row}[5].click()")
        shown(tab, "3:5")
        tab.press("l")
        shown(tab, "30 s up to now")


def test_a_click_on_an_interval_picks_it_in_the_list(tab: Page) -> None:
    with staging() as stage:
        watch_history(tab, stage)
        place = "document.getElementById('place')"
        tab.run(f"{place}.value = 560 - 1; {place}.dispatchEvent(new Event('input'))")
        shown(tab, "8:5")
        # the oldest is at 1 s: the window ends at 9:20, and in its middle one has its apex
        tab.wait("document.getElementById('follow').dataset.live === 'false'")
        tab.run(SETTLE)
        left, width, y = tab.run(script("plot"))  # type: ignore[misc]
        tab.click(left + width / 2, y)
        picked = "document.querySelector('.row[aria-selected=\"true\"] .onset')?.textContent"
        tab.wait(f"{picked} === '9:04.8'")


def test_two_fingers_zoom(tab: Page) -> None:
    with staging() as stage:
        watch_history(tab, stage)
        x, y = middle(tab)
        touch = "Input.dispatchTouchEvent"
        for kind, apart in (("touchStart", 40), ("touchMove", 80), ("touchMove", 160)):
            points = [{"x": x - apart, "y": y, "id": 1}, {"x": x + apart, "y": y, "id": 2}]
            tab.call(touch, type=kind, touchPoints=points)
        tab.call(touch, type="touchEnd", touchPoints=[])
        tab.wait("!document.getElementById('range').textContent.includes('30 s')")


def test_the_strip_of_the_whole_history_is_a_slider(tab: Page) -> None:
    with staging() as stage:
        watch_history(tab, stage)
        place = "document.getElementById('place')"
        tab.run(f"{place}.value = 120; {place}.dispatchEvent(new Event('input'))")
        shown(tab, "1:3")
        assert tab.run(f"{place}.getAttribute('aria-valuetext').startsWith('1:3')") is True
        tab.run(f"{place}.value = {place}.max; {place}.dispatchEvent(new Event('input'))")
        shown(tab, "30 s up to now")


def test_the_time_under_the_mouse_is_told_with_its_scores(tab: Page) -> None:
    with staging() as stage:
        watch_history(tab, stage)
        tab.press(" ")
        x, y = middle(tab)
        tab.call("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)
        tab.wait("!document.getElementById('cursor').hidden")
        assert tab.text("cursor-text").startswith("9:4")
        assert tab.text("cursor-text").endswith("no scores")


def test_a_page_without_a_stream_takes_every_key(tab: Page) -> None:
    with staging() as stage:
        watch(tab, stage, None)
        for key in [" ", "ArrowLeft", "ArrowUp", "+", "-", "Home", "End", "h", "j", "k", "[", "]",
                    "0", "d", "m", "a", "l"]:  # fmt: skip
            tab.press(key)
        wheel(tab, 50, 50)
        x, y = middle(tab)
        tab.click(x, y)
        assert tab.text("none") == "None yet."
