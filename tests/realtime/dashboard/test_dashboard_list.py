"""The list of expressions: filter, jump, table, and ten thousand of them."""

import json
from pathlib import Path

import pytest

from engines.intervals import Kind
from realtime.events.messages import Phase
from tests.browser import Page, find_browser
from tests.realtime.dashboard.dashboard_makers import (
    ROWS,
    TWO,
    column,
    listed,
    script,
    shown,
    staging,
    watch,
)

pytestmark = pytest.mark.skipif(find_browser() is None, reason="needs Chromium")

MANY = 10_000


def choose(tab: Page, name: str, value: str) -> None:
    field = f"document.getElementById('{name}')"
    what = "checked = true" if value == "on" else f"value = {json.dumps(value)}"
    tab.run(f"{field}.{what}; {field}.dispatchEvent(new Event('input', {{bubbles: true}}))")


def test_the_filter_goes_by_kind_source_face_score_and_finality(tab: Page) -> None:
    with staging(TWO) as stage:
        watch(tab, stage)
        stage.say(1, 10.0, Kind.MICRO, score=0.2)
        stage.say(2, 20.0, Kind.MACRO, score=0.9)
        stage.say(3, 30.0, Kind.MICRO, score=0.9, face=4)
        stage.say(4, 40.0, Kind.MACRO, score=0.7, source=1)
        stage.say(5, 50.0, Kind.MICRO, score=0.7, phase=Phase.NEW)
        listed(tab, 5)
        assert column(tab, "who") == ["0 / 0", "1 / 0", "0 / 4", "0 / 0", "0 / 0"]
        for name, value, count in [
            ("filter-kind", "micro", 3), ("filter-final", "on", 2), ("filter-score", "0.5", 1),
            ("filter-kind", "", 3), ("filter-source", "1", 1), ("filter-source", "", 3),
            ("filter-face", "4", 1), ("filter-score", "0.95", 0),
        ]:  # fmt: skip
            choose(tab, name, value)
            listed(tab, count, of=5)
        tab.wait("document.getElementById('none').textContent === 'None is as the filter asks.'")
        assert tab.run("document.getElementById('download').disabled") is True


def test_keys_walk_the_list_and_enter_jumps(tab: Page) -> None:
    with staging() as stage:
        for number in range(40):
            stage.say(number, 10.0 + 10 * number)
        watch(tab, stage, 600.0)
        listed(tab, 40)
        tab.press("e")
        assert tab.run("document.activeElement.id") == "list"
        for key in ["ArrowDown", "ArrowDown", "ArrowDown"]:
            tab.press(key)
        active = "document.querySelector('.row[aria-selected=\"true\"]')"
        told = "document.getElementById('list').getAttribute('aria-activedescendant')"
        assert tab.run(f"{told} === {active}.id") is True
        assert tab.run(f"{active}.querySelector('.onset').textContent") == "6:19.0"
        assert tab.run(f"{active}.getAttribute('aria-selected')") == "true"
        tab.press("Enter")
        shown(tab, "6:0")
        tab.press("End")
        tab.wait(f"{active}.querySelector('.onset').textContent === '0:09.0'")
        assert tab.run(f"{active}.getAttribute('aria-rowindex')") == "41"
        tab.run("document.activeElement.blur()")
        tab.press("k")
        shown(tab, "0:05")
        assert tab.run(f"{active}.querySelector('.onset').textContent") == "0:19.0"


def test_ten_thousand_expressions_answer_like_ten(tab: Page) -> None:
    with staging(history=2 * MANY) as stage:
        stage.found()
        for number in range(MANY):
            stage.say(number, 3.0 + 0.3 * number, Kind.MICRO if number % 2 else Kind.MACRO)
        watch(tab, stage, 3100.0)
        listed(tab, MANY)
        assert tab.run("document.querySelectorAll('.row').length") < 60  # type: ignore[operator]
        assert tab.run("document.getElementById('list').getAttribute('aria-rowcount')") == "10001"
        tab.press("e")
        tab.press("End")
        tab.wait(f"{ROWS}.some((row) => row.querySelector('.onset').textContent === '0:02.0')")
        tab.press("Enter")
        shown(tab, "0:00 –")
        choose(tab, "filter-kind", "micro")
        listed(tab, MANY // 2, of=MANY)
        tab.press("Home")
        tab.press("Enter")
        shown(tab, "49:")
        tab.run("document.getElementById('everything').click()")
        shown(tab, "53 min up to now")
        stage.say(MANY, 3099.0, Kind.MICRO)
        listed(tab, MANY // 2 + 1, of=MANY + 1)


def test_what_is_read_stays_in_place_when_newer_ones_come(tab: Page) -> None:
    with staging() as stage:
        for number in range(60):
            stage.say(number, 10.0 + number)
        watch(tab, stage, 100.0)
        listed(tab, 60)
        height = "document.querySelector('.row').offsetHeight"
        tab.run(f"document.getElementById('list').scrollTop = 20 * {height}")
        tab.wait(f"{ROWS}.some((row) => row.at === 22)")
        place = (
            f"{ROWS}.find((row) => row.one.apex_s === 45).getBoundingClientRect().top -"
            " document.getElementById('list').getBoundingClientRect().top"
        )
        before = tab.run(place)
        for number in range(60, 65):
            stage.say(number, 10.0 + number)
        listed(tab, 65)
        assert tab.run(place) == before
        assert tab.run(f"document.getElementById('list').scrollTop / {height}") == 25


def test_the_table_holds_what_is_listed_and_no_formula(tab: Page, tmp_path: Path) -> None:
    with staging() as stage:
        watch(tab, stage)
        stage.say(1, 10.0, Kind.MICRO, onset_utc="2024-02-29T12:00:09.800Z")
        stage.say(2, 20.0, Kind.MACRO)
        listed(tab, 2)
        choose(tab, "filter-kind", "micro")
        listed(tab, 1, of=2)
        tab.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
        tab.press("d")
        for _ in range(600):
            found = [file for file in tmp_path.glob("*.csv") if file.stat().st_size]
            if found:
                break
            tab.run("new Promise((done) => setTimeout(done, 50))")
        text = found[0].read_bytes().decode("utf-8-sig")
        head, row, rest = text.split("\r\n")
        told = dict(zip(head.split(","), row.split(","), strict=True))
        assert rest == ""
        assert (told["id"], told["kind"], told["final"]) == ("0-0-1", "micro", "true")
        assert (told["onset_s"], told["apex_s"], told["offset_s"]) == ("9.8", "10", "10.2")
        assert (told["duration_s"], told["score"]) == ("0.4", "0.5")
        assert told["onset_utc"] == "2024-02-29T12:00:09.800Z"
        hostile = tab.run(script("hostile_table"))
        assert str(hostile).split("\r\n")[1].startswith('r,\'=1+1,,"a ""b"", c",')
