import io
import sys
from threading import Event
from types import ModuleType
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.tensorrt.progress import Phases, ProgressBar, make_monitor
from tests.engines.tensorrt.fake_builder import FakeBuilderModule

names = st.sampled_from(["build", "optimise", "time", "write"])
calls = st.one_of(
    st.tuples(st.just("start"), names, st.none() | names, st.integers(-1, 5)),
    st.tuples(st.just("step"), names, st.integers(-1, 9)),
    st.tuples(st.just("finish"), names),
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@given(st.lists(calls, max_size=60))
def test_the_share_never_falls_and_stays_within_0_and_1(order: list[tuple[object, ...]]) -> None:
    phases, before = Phases(), 0.0
    for method, *arguments in order:
        getattr(phases, str(method))(*arguments)
        assert before <= phases.share <= 1.0
        before = phases.share


def test_a_phase_is_one_step_of_its_parent() -> None:
    phases = Phases()
    phases.start("build", None, 4)
    phases.step("build", 0)
    assert phases.share == pytest.approx(1 / 4)
    phases.start("optimise", "build", 2)
    phases.step("optimise", 0)
    assert phases.share == pytest.approx((1 + 1 / 2) / 4)
    assert phases.current == "optimise"
    phases.finish("optimise")
    phases.step("build", 1)
    assert phases.share == pytest.approx(2 / 4)
    assert phases.current == "build"
    phases.finish("build")
    assert phases.share == 1.0
    assert phases.current == ""


def test_a_phase_may_come_again() -> None:
    phases = Phases()
    phases.start("build", None, 2)
    for step in range(2):
        phases.start("time", "build", 3)
        phases.finish("time")
        phases.step("build", step)
    assert phases.share == 1.0


def test_the_bar_shows_the_share_and_the_phase_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    with ProgressBar("tiny", shown=True) as bar:
        monitor = make_monitor(cast(ModuleType, FakeBuilderModule()), bar, Event())
        monitor.phase_start("Building engine", None, 2)
        monitor.step_complete("Building engine", 0)
        monitor.phase_finish("Building engine")
    assert "tiny:   0%" in terminal.getvalue()
    assert "Building engine" in terminal.getvalue()


@pytest.mark.parametrize(("stream", "shown"), [(io.StringIO(), True), (Terminal(), False)])
def test_no_bar_where_there_is_no_terminal_or_none_is_wanted(
    stream: io.StringIO, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stderr", stream)
    with ProgressBar("tiny", shown=shown) as bar:
        bar.phases.start("build", None, 1)
        bar.refresh()
    assert stream.getvalue() == ""


def test_a_terminal_that_closes_does_not_disturb_the_build(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    bar = ProgressBar("tiny", shown=True)
    monitor = make_monitor(cast(ModuleType, FakeBuilderModule()), bar, Event())
    with monkeypatch.context() as patch:
        patch.setattr(bar, "refresh", raise_closed)
        monitor.phase_start("Building engine", None, 1)
        assert monitor.step_complete("Building engine", 0)
        monitor.phase_finish("Building engine")


def raise_closed(now: bool = False) -> None:
    raise BrokenPipeError


def test_steps_are_refused_once_the_build_is_cancelled() -> None:
    cancelled = Event()
    with ProgressBar("tiny", shown=False) as bar:
        monitor = make_monitor(cast(ModuleType, FakeBuilderModule()), bar, cancelled)
        assert monitor.step_complete("Building engine", 0)
        cancelled.set()
        assert not monitor.step_complete("Building engine", 1)
