"""How far a build has come, as a bar on standard error, and how it is stopped."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from types import ModuleType
from typing import Protocol

from tqdm import tqdm


class Monitor(Protocol):
    """TensorRT's progress monitor, which must outlive the build."""

    def phase_start(self, name: str, parent: str | None, steps: int) -> None:
        """Note that a phase begins."""
        ...

    def step_complete(self, name: str, step: int) -> bool:
        """Note a step, counted from 0; False stops the build."""
        ...

    def phase_finish(self, name: str) -> None:
        """Note that a phase has ended."""
        ...


@dataclass(slots=True)
class _Phase:
    parent: str | None
    steps: int
    done: int = 0


class Phases:
    """Nested phases of a build, each one step of its parent, as one share of the whole."""

    def __init__(self) -> None:
        self._open: dict[str, _Phase] = {}
        self._share = 0.0

    @property
    def share(self) -> float:
        """How much is done, 0 to 1; it never falls."""
        return self._share

    @property
    def current(self) -> str:
        """Name of the innermost phase; empty before the first and after the last."""
        return next(reversed(self._open), "")

    def start(self, name: str, parent: str | None, steps: int) -> None:
        """Open a phase of ``steps`` steps within ``parent``, None for the outermost."""
        self._open.pop(name, None)
        self._open[name] = _Phase(parent if parent in self._open else None, max(steps, 1))
        self._update(name)

    def step(self, name: str, step: int) -> None:
        """Note that a step of a phase, counted from 0, is done."""
        if name in self._open:
            phase = self._open[name]
            phase.done = min(max(phase.done, step + 1), phase.steps)
            self._update(name)

    def finish(self, name: str) -> None:
        """Close a phase."""
        if name in self._open:
            phase = self._open[name]
            phase.done = phase.steps
            self._update(name)
            del self._open[name]

    def _update(self, name: str) -> None:
        share = 0.0
        inner: str | None = name
        seen = set()
        while inner in self._open and inner not in seen:
            seen.add(inner)
            phase = self._open[inner]
            share = min((phase.done + share) / phase.steps, 1.0)
            inner = phase.parent
        self._share = max(self._share, share)


class ProgressBar:
    """A bar on standard error, where that is a terminal; a context manager.

    Parameters
    ----------
    title
        What is built.
    shown
        False never shows it.
    """

    def __init__(self, title: str, shown: bool) -> None:
        self._phases = Phases()
        # None hides it where standard error is no terminal
        self._bar = tqdm(
            total=1.0,
            desc=title,
            file=sys.stderr,
            disable=None if shown else True,
            leave=False,
            bar_format="{desc}: {percentage:3.0f}%|{bar}| {elapsed}{postfix}",
        )

    @property
    def phases(self) -> Phases:
        """What it shows."""
        return self._phases

    def refresh(self, now: bool = False) -> None:
        """Draw what the phases say, ten times a second at most unless it must be ``now``."""
        self._bar.update(self._phases.share - self._bar.n)
        self._bar.set_postfix_str(self._phases.current, refresh=now)

    def __enter__(self) -> "ProgressBar":
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()


def make_monitor(trt: ModuleType, bar: ProgressBar, cancelled: Event) -> Monitor:
    """Return a monitor for TensorRT that moves a bar, and stops the build once ``cancelled``."""

    def phase_start(_: Monitor, name: str, parent: str | None, steps: int) -> None:
        bar.phases.start(name, parent, steps)
        # the longest phase has one step: its name must not wait for the next
        _draw(bar, now=True)

    def step_complete(_: Monitor, name: str, step: int) -> bool:
        bar.phases.step(name, step)
        _draw(bar)
        return not cancelled.is_set()

    def phase_finish(_: Monitor, name: str) -> None:
        bar.phases.finish(name)
        _draw(bar)

    return _subclass(
        trt.IProgressMonitor,
        {
            "phase_start": phase_start,
            "step_complete": step_complete,
            "phase_finish": phase_finish,
        },
    )()


def _draw(bar: ProgressBar, now: bool = False) -> None:
    try:
        bar.refresh(now)
    except (OSError, ValueError):  # a closed terminal must not end the process from within C++
        return


def _subclass(base: type, methods: dict[str, object]) -> Callable[[], Monitor]:
    def initialise(self: Monitor) -> None:
        # TensorRT's classes demand that their own initialiser is called by name
        base.__init__(self)  # type: ignore[misc]

    return type("Monitor", (base,), {"__init__": initialise, **methods})
