"""A backend's agreement with what is stored beside a model."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from typing import Final

import numpy as np

from engines.agreement import Difference, compare, compare_events, largest
from engines.backend import Backend, Windows
from engines.errors import ModelError
from engines.intervals import Interval
from engines.precision import TOLERANCES, Tolerance
from engines.scores import Scores
from engines.stored_check import StoredCheck

BATCHES: Final = (1, 2, 5, 32)
"""Windows per call, in turn: one, which a live run asks for and may be compiled apart, up to the
most that plans are built for. Of snippets, each such part is a video of its own."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a backend's answers are from the stored ones.

    Attributes
    ----------
    windows
        Number of windows compared.
    differences
        Largest differences per output name.
    tolerance
        What was accepted.
    events
        Expressions found in the stored sequence, equal in both.
    """

    windows: int
    differences: dict[str, Difference]
    tolerance: Tolerance
    events: tuple[Interval, ...]

    @property
    def worst(self) -> Difference:
        """Largest differences of all outputs."""
        return largest(self.differences)


def verify(backend: Backend, check: StoredCheck, tolerance: Tolerance | None = None) -> Agreement:
    """Run the stored inputs, compare the answers, and the expressions that they decode to.

    Parameters
    ----------
    backend
        What to verify.
    check
        What to expect.
    tolerance
        How far a probability may be off; by default what the backend's precision allows.

    Raises
    ------
    ModelError
        If the inputs do not fit the model, an answer differs by more than the tolerance or is
        not a number, or an expression differs; naming the first difference.
    """
    accepted = TOLERANCES[backend.precision] if tolerance is None else tolerance
    who = f"backend {backend.name} in {backend.precision}"
    sizes = compare(check.expected, _answers(backend, check.windows), accepted, who)
    answered = _answers(backend, check.sequence, whole=check.joint)
    ticks = compare(check.sequence_expected, answered, accepted, who)
    events = compare_events(
        check.sequence_expected, answered, check.rules, accepted, who, check.ticks_per_row
    )
    both = {name: largest({"windows": sizes[name], "sequence": ticks[name]}) for name in sizes}
    return Agreement(len(check.windows) + len(check.sequence), both, accepted, events)


def _answers(backend: Backend, windows: Windows, *, whole: bool = False) -> Scores:
    try:
        batches = [windows] if whole and len(windows) else parts_of(windows)
        parts = [backend.run(batch) for batch in batches]
    except ValueError as error:
        raise ModelError(f"the stored check does not fit the model: {error}") from error
    if not parts:
        raise ModelError("the stored check holds no windows; export the model again")
    names = parts[0].values
    return Scores({n: np.concatenate([part.values[n] for part in parts]) for n in names})


def parts_of(windows: Windows) -> Iterator[Windows]:
    """Yield consecutive windows, or videos of snippets, of :data:`BATCHES` in turn."""
    start = 0
    for size in cycle(BATCHES):
        if start >= len(windows):
            return
        yield np.ascontiguousarray(windows[start : start + size])
        start += size
