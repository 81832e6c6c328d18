"""Several faces and sources: one of them, or all below each other."""

import pytest

from engines.intervals import Kind
from realtime.events.messages import FaceLost
from tests.browser import Page, find_browser
from tests.realtime.dashboard.dashboard_makers import TWO, Stage, listed, staging, watch

pytestmark = pytest.mark.skipif(find_browser() is None, reason="needs Chromium")

BUTTONS = "[...document.querySelectorAll('#faces button')]"
PRESSED = f"{BUTTONS}.filter((one) => one.ariaPressed === 'true').map((one) => one.textContent)"


def watch_three(tab: Page, stage: Stage) -> None:
    """Show two faces of one source, and one of another."""
    watch(tab, stage)
    stage.found(3)
    stage.found(0, source=1)
    stage.look(60.0, 3, macro=0.5)
    stage.look(60.0, 0, 1, macro=0.75)
    tab.wait(f"{BUTTONS}.length === 4")


def press(tab: Page, text: str) -> None:
    tab.run(f"{BUTTONS}.find((one) => one.textContent.endsWith({text!r})).click()")


def test_each_face_is_chosen_by_its_button_or_its_key(tab: Page) -> None:
    with staging(TWO) as stage:
        watch_three(tab, stage)
        press(tab, "clip.mp4: face 3")
        tab.wait("document.getElementById('score-macro').textContent === '0.50'")
        assert tab.run(PRESSED) == ["clip.mp4: face 3"]
        tab.press("]")
        tab.wait("document.getElementById('score-macro').textContent === '0.75'")
        assert tab.run(PRESSED) == ["door: face 0"]
        tab.press("]")
        tab.wait("document.getElementById('score-macro').textContent === '0.25'")
        tab.press("0")
        tab.wait("document.getElementById('chart').dataset.rows === 'many'")
        tab.wait(f"String({PRESSED}) === 'All faces'")


def test_a_jump_shows_the_face_of_the_expression(tab: Page) -> None:
    with staging(TWO) as stage:
        watch_three(tab, stage)
        stage.say(1, 30.0, Kind.MICRO, id="0-3-1", face=3)
        listed(tab, 1)
        tab.run("document.querySelector('.row').click()")
        tab.wait(f"({PRESSED})[0] === 'clip.mp4: face 3'")


def test_a_face_that_left_can_be_looked_back_at_and_live_shows_who_is_there(tab: Page) -> None:
    with staging(TWO) as stage:
        watch_three(tab, stage)
        press(tab, "clip.mp4: face 0")
        stage.publisher.publish(FaceLost(0, 60.5))
        tab.wait(f"{BUTTONS}[1].classList.contains('away')")
        assert tab.run(PRESSED) == ["clip.mp4: face 0"]
        tab.press("l")
        tab.wait(f"({PRESSED})[0] === 'clip.mp4: face 3'")


def test_a_crowd_that_comes_and_goes_leaves_a_bounded_page(tab: Page) -> None:
    with staging(history=4096) as stage:
        watch(tab, stage)
        for face in range(1, 300):
            stage.found(face)
            stage.look(60.0 + face, face)
            stage.say(face, 59.5 + face, id=f"0-{face}-1", face=face)
            stage.publisher.publish(FaceLost(face, 60.0 + face))
        listed(tab, 299)
        tab.wait(f"{BUTTONS}.length > 2")
        assert tab.run(f"{BUTTONS}.length <= 26") is True
        tab.run("document.getElementById('list').scrollTop = 1e6")
        tab.wait(
            "[...document.querySelectorAll('.row:not([hidden])')].some((one) => one.at === 298)"
        )
        tab.run("[...document.querySelectorAll('.row')].find((one) => one.at === 298).click()")
        tab.wait("document.getElementById('follow').dataset.live === 'false'")
