"""One backend for many callers: whatever waits while it runs is scored together, in its next call.

No thread of its own and no timer: nobody waits for company. The caller that finds the backend idle
leads: it runs what waits, its own windows among it, and hands everyone their rows; whoever comes
meanwhile waits and is served by the next leader.

A window's scores must not depend on what else is in the batch. ONNX Runtime on the CPU keeps that
exactly for the default model: batches of 2 to 32 gave, bit for bit, the scores of batches of one
(ONNX Runtime 1.31.1, AVX2, one and two threads; the 64 windows of the stored check and 64 of
noise, drawn at random). That is a property of its kernels, not a promise: other processors, and
GPUs, may add in another order for another batch, which moves the last bits. A model that is
quantised while it runs, by the range of the whole batch, would break it altogether.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from threading import Condition
from typing import Final, Self

import numpy as np

from engines.backend import Backend, Windows, require_windows
from engines.errors import ModelError
from engines.manifest import Manifest
from engines.precision import Precision
from engines.scores import Scores

MOST: Final = 32
"""Windows in one call: what TensorRT plans are built for."""


@dataclass(slots=True, eq=False)
class _Caller:
    """One caller's windows and what has been answered of them."""

    windows: Windows
    answers: list[Scores] = field(default_factory=list)
    error: Exception | None = None

    @property
    def unanswered(self) -> Windows:
        return self.windows[sum(map(len, self.answers)) :]

    @property
    def settled(self) -> bool:
        return self.error is not None or len(self.unanswered) == 0

    def result(self) -> Scores:
        if self.error is not None:
            raise self.error
        return self.answers[0] if len(self.answers) == 1 else _joined(self.answers)


_Call = list[tuple[_Caller, Windows]]


class BatchingBackend:
    """Runs the windows of all callers that wait in one call; safe for any number of threads.

    First come, first served, window by window: a call takes the ``most`` windows that have waited
    longest. With ``n`` windows waiting, its own among them, a caller has its scores after the call
    in progress and ``ceil(n / most)`` more. A caller with more windows than ``most`` gets them in
    as many calls as it takes: a plan runs no larger batch, and others get their turn no later than
    if these had come one by one. The snippets of a video go in one call, alone.

    Parameters
    ----------
    backend
        What runs the model; closed with this. Nobody else may use it meanwhile.
    manifest
        The model's contract. Windows are checked against it before they wait, so that bad ones
        fail whoever brought them and nobody else.
    most
        Windows in one call.

    Raises
    ------
    ValueError
        If ``most`` is below one.
    """

    def __init__(self, backend: Backend, manifest: Manifest, most: int = MOST) -> None:
        if most < 1:
            raise ValueError(f"most must be at least 1, not {most}")
        self._backend = backend
        self._manifest = manifest
        self._most = most
        self._changed = Condition()
        # A caller stays in here until it has left: only it takes itself out, so that one that is
        # interrupted at any point, leading or waiting, takes nobody else's windows with it.
        self._callers: list[_Caller] = []
        self._leader: _Caller | None = None
        self._closed = False

    @property
    def name(self) -> str:
        """What runs the model."""
        return self._backend.name

    @property
    def precision(self) -> Precision:
        """The number format in which the network is run."""
        return self._backend.precision

    def run(self, windows: Windows) -> Scores:
        """Score a batch of windows, with those of others; see :meth:`engines.backend.Backend.run`.

        An error of the backend reaches everyone whose windows were in the call that failed.
        """
        require_windows(windows, self._manifest)
        caller = _Caller(windows)
        try:
            with self._changed:
                self._callers.append(caller)
            while not self._served(caller):
                self._lead()
        finally:
            self._leave(caller)
        return caller.result()

    def close(self) -> None:
        """Release the model after the call in progress; safe to call twice.

        Callers that are not in that call get the ``ValueError`` of a closed backend.
        """
        with self._changed:
            self._closed = True
            self._changed.wait_for(lambda: self._leader is None)
            self._backend.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _served(self, caller: _Caller) -> bool:
        """Wait until a caller has its answer, True, or must lead the next call, False."""
        with self._changed:
            self._changed.wait_for(lambda: caller.settled or self._leader is None)
            if caller.settled:
                return True
            if self._closed:
                raise ValueError("the backend is closed")
            self._leader = caller
            return False

    def _lead(self) -> None:
        """Run the next call and answer everyone in it."""
        with self._changed:
            call = self._next_call()
        try:
            answers: Sequence[Scores | Exception] = self._answers(call)
        except Exception as error:  # raised again in every caller's own thread
            answers = [error] * len(call)
        with self._changed:
            for (caller, _), answer in zip(call, answers, strict=True):
                if isinstance(answer, Exception):
                    caller.error = answer
                else:
                    caller.answers.append(answer)
            self._leader = None
            self._changed.notify_all()

    def _next_call(self) -> _Call:
        if self._manifest.input.joint:
            # what one snippet says depends on the others of the call: each video goes alone
            return [(one, one.windows) for one in self._callers if not one.settled][:1]
        call, room = [], self._most
        for caller in self._callers:
            part = caller.unanswered[:room]
            if len(part) and not caller.settled:
                call.append((caller, part))
                room -= len(part)
        return call

    def _answers(self, call: _Call) -> list[Scores]:
        parts = [part for _, part in call]
        scores = self._backend.run(parts[0] if len(parts) == 1 else np.concatenate(parts))
        ends = list(accumulate(len(part) for part in parts))
        if len(scores) != ends[-1]:
            raise ModelError(
                f"model {self._manifest.name}: {self.name} answered {len(scores)} windows "
                f"of {ends[-1]}; use another backend"
            )
        return [_rows(scores, end - len(part), end) for part, end in zip(parts, ends, strict=True)]

    def _leave(self, caller: _Caller) -> None:
        """Forget a caller; one that was interrupted while it led lets another lead."""
        with self._changed:
            if caller in self._callers:
                self._callers.remove(caller)
            if self._leader is caller:
                self._leader = None
            self._changed.notify_all()


def _rows(scores: Scores, start: int, end: int) -> Scores:
    if (start, end) == (0, len(scores)):
        return scores
    return Scores({name: vector[start:end] for name, vector in scores.values.items()})


def _joined(parts: Sequence[Scores]) -> Scores:
    names = parts[0].values
    return Scores({name: np.concatenate([part.values[name] for part in parts]) for name in names})
