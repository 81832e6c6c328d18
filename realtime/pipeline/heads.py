"""What follows the windows: models that score each by itself, and models of snippets."""

from collections.abc import Sequence
from typing import Final, Protocol

from engines.backend import Backend
from engines.decoding import SnippetRules, TickRules, read_rules
from engines.manifest import Manifest, SnippetContract
from realtime.pipeline.scoring import Scored, Scorer
from realtime.pipeline.spotter import Result, Spotter
from realtime.snippets.contract import Rolling
from realtime.snippets.spotter import SnippetSpotter
from realtime.types import HALF_WINDOW, RATE_HZ, FlowWindow

LOOKAHEAD_S: Final = HALF_WINDOW / RATE_HZ
"""A tick is scored when the last frame of its window is there: 8 ticks later, s."""


class Head(Protocol):
    """From the windows of all faces to what is spotted in each."""

    @property
    def lookahead_s(self) -> float:
        """How long after a moment its scores are known, s."""
        ...

    @property
    def delay_s(self) -> float:
        """What a listener is told: how long after a moment, at the soonest, it is decided, s."""
        ...

    @property
    def tracks(self) -> tuple[int, ...]:
        """Faces that were followed."""
        ...

    def score(self, windows: Sequence[FlowWindow]) -> list[Scored]:
        """Score windows of all faces, at least one, where each is scored by itself."""
        ...

    def push(
        self, track: int, windows: Sequence[FlowWindow], scored: Sequence[Scored]
    ) -> list[Result]:
        """Take the next windows of one face, with the scores that they have by themselves."""
        ...

    def end(self, track: int) -> list[Result]:
        """End the segment of one face, if there is one."""
        ...

    def forget(self, track: int) -> None:
        """Drop what is known of a face that will not be seen again; its segment has ended."""
        ...


class WindowHead:
    """Scores windows one by one, those of all faces in one call.

    Parameters
    ----------
    backend, manifest
        The model, and its nodes.
    rules
        Its decoder parameters.
    """

    def __init__(self, backend: Backend, nodes: Sequence[str], rules: TickRules) -> None:
        self._scorer = Scorer(backend, nodes)
        self._rules = rules
        self._spotters: dict[int, Spotter] = {}
        self.lookahead_s = LOOKAHEAD_S
        self.delay_s = LOOKAHEAD_S

    @property
    def tracks(self) -> tuple[int, ...]:
        """Faces that were followed."""
        return tuple(self._spotters)

    def score(self, windows: Sequence[FlowWindow]) -> list[Scored]:
        """Score windows of all faces, at least one."""
        return self._scorer.score(windows)

    def push(
        self,
        track: int,
        windows: Sequence[FlowWindow],  # noqa: ARG002 - what every head takes
        scored: Sequence[Scored],
    ) -> list[Result]:
        """Take the scores of the next windows of one face."""
        if track not in self._spotters:
            self._spotters[track] = Spotter(self._rules)
        return self._spotters[track].push(scored)

    def end(self, track: int) -> list[Result]:
        """End the segment of one face, if there is one."""
        spotter = self._spotters.get(track)
        return [] if spotter is None else spotter.finish()

    def forget(self, track: int) -> None:
        """Drop what is known of a face that will not be seen again."""
        self._spotters.pop(track, None)


class SnippetHead:
    """Pools the windows of each face into snippets, and scores the newest of them together.

    Parameters
    ----------
    backend, rules
        The model and its decoder parameters.
    ticks
        Of a snippet.
    rolling
        How much of the stream the model sees; None for whole videos.
    """

    def __init__(
        self, backend: Backend, rules: SnippetRules, ticks: int, rolling: Rolling | None
    ) -> None:
        self._backend = backend
        self._rules = rules
        self._ticks = ticks
        self._rolling = rolling
        self._spotters: dict[int, SnippetSpotter] = {}
        settle = 0 if rolling is None else rolling.settle
        self.lookahead_s = LOOKAHEAD_S + ticks / RATE_HZ
        self.delay_s = LOOKAHEAD_S + settle * ticks / RATE_HZ

    @property
    def tracks(self) -> tuple[int, ...]:
        """Faces that were followed."""
        return tuple(self._spotters)

    def score(self, windows: Sequence[FlowWindow]) -> list[Scored]:  # noqa: ARG002 - as every head
        """Return nothing: no window has scores of its own."""
        return []

    def push(
        self,
        track: int,
        windows: Sequence[FlowWindow],
        scored: Sequence[Scored],  # noqa: ARG002 - what every head takes
    ) -> list[Result]:
        """Take the next windows of one face."""
        if track not in self._spotters:
            self._spotters[track] = SnippetSpotter(
                self._backend, self._rules, self._ticks, self._rolling
            )
        return self._spotters[track].push(windows)

    def end(self, track: int) -> list[Result]:
        """End the segment of one face, if there is one."""
        spotter = self._spotters.get(track)
        return [] if spotter is None else spotter.finish()

    def forget(self, track: int) -> None:
        """Drop what is known of a face that will not be seen again."""
        self._spotters.pop(track, None)


def make_head(backend: Backend, manifest: Manifest, rolling: Rolling | None) -> Head:
    """Return what a model needs behind its windows.

    Raises
    ------
    ModelError
        If its decoder rules cannot be used.
    """
    rules, contract = read_rules(manifest), manifest.input
    if isinstance(rules, SnippetRules):
        return SnippetHead(backend, rules, round(contract.ticks_per_row), rolling)
    # read_rules let no snippets through
    nodes = () if isinstance(contract, SnippetContract) else contract.nodes
    return WindowHead(backend, nodes, rules)
