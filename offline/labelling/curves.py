"""Scores of a model over a recorded video, tick by tick, for the curves under the picture."""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from engines.backend import Backend
from engines.errors import FesError
from engines.intervals import Kind
from engines.manifest import Manifest, require_windows
from realtime.faces.tracker import open_tracker
from realtime.flow.step import Alignment
from realtime.live import LiveOptions, load
from realtime.pipeline.features import FeatureStream, Item, Windows
from realtime.pipeline.scoring import Scored, Scorer
from realtime.sources.open import open_source

REPORT_EVERY: Final = 30
"""Frames between two reports of new scores."""

INTENSITY: Final = "intensity"
_SHOWN: Final = ("{kind}_apex", "{kind}_action", "{kind}_expression", "{kind}")


@dataclass(frozen=True, slots=True)
class Piece:
    """New scores of one video.

    Attributes
    ----------
    times_s
        Stream time of each tick, s, in any order.
    curves
        Probability by curve, each as long as ``times_s``.
    frames
        Frames of the video that were read by now.
    """

    times_s: list[float]
    curves: dict[str, list[float]]
    frames: int


def shown_outputs(outputs: Sequence[str]) -> dict[str, str]:
    """Return which of a model's outputs is drawn as which curve.

    One for each kind, the apex where the model has it, and the intensity where it has that.

    Examples
    --------
    >>> shown_outputs(("intensity", "micro_action", "macro_action"))
    {'macro': 'macro_action', 'micro': 'micro_action', 'intensity': 'intensity'}
    """
    shown = {}
    for kind in (Kind.MACRO, Kind.MICRO):
        names = [form.format(kind=kind.value) for form in _SHOWN]
        found = next((name for name in names if name in outputs), None)
        if found is not None:
            shown[kind.value] = found
    if INTENSITY in outputs:
        shown[INTENSITY] = INTENSITY
    return shown


class Curves:
    """Scores videos one after the other with one model.

    Parameters
    ----------
    options
        The model and how it runs.
    """

    def __init__(self, options: LiveOptions) -> None:
        self._options = options

    def score_all(
        self,
        videos: Callable[[], tuple[int, Path] | None],
        report: Callable[[int, Piece], None],
        finished: Callable[[int, str | None], None],
        stop: threading.Event,
    ) -> None:
        """Score what ``videos`` names until it names nothing more.

        Parameters
        ----------
        videos
            Returns the number and the path of the next video, or None.
        report
            Called with new scores of a video.
        finished
            Called with a video and what went wrong in it, or None.
        stop
            Ends it early.

        Raises
        ------
        ModelError
            If the model cannot be used.
        """
        model, backend = load(self._options)
        with backend:
            while not stop.is_set() and (entry := videos()) is not None:
                number, path = entry
                error = None
                try:
                    for piece in self._pieces(path, model.manifest, backend, stop):
                        report(number, piece)
                except FesError as failure:
                    error = str(failure)
                finished(number, error)

    def _pieces(
        self, path: Path, manifest: Manifest, backend: Backend, stop: threading.Event
    ) -> Iterator[Piece]:
        shown = shown_outputs(manifest.outputs)
        contract = require_windows(manifest, "labelling")
        scorer = Scorer(backend, contract.nodes)
        alignment = Alignment(contract.alignment)
        with open_source(str(path)) as source, open_tracker(self._options.face_model) as tracker:
            stream = FeatureStream(tracker, alignment, self._options.flow)
            due: list[Item] = []
            count = 0
            for count, frame in enumerate(source, 1):
                due += stream.push(frame)
                if count % REPORT_EVERY == 0:
                    yield _piece(due, scorer, stream, shown, count)
                    due = []
                if stop.is_set():
                    return
            yield _piece([*due, *stream.finish()], scorer, stream, shown, count)


def _piece(
    items: Sequence[Item],
    scorer: Scorer,
    stream: FeatureStream,
    shown: Mapping[str, str],
    frames: int,
) -> Piece:
    """Score what is due, a window for a tick: of several faces, that of the first."""
    first: dict[int, Scored] = {}
    windows = sorted((i for i in items if isinstance(i, Windows)), key=lambda item: item.track)
    for item in windows:
        for scored in scorer.score(item.windows) if item.windows else ():
            first.setdefault(scored.tick, scored)
    ticks = sorted(first)
    times_s = [round(stream.clock.time_s(tick), 4) for tick in ticks]
    curves = {
        curve: [round(first[tick].scores[output], 4) for tick in ticks]
        for curve, output in shown.items()
    }
    return Piece(times_s, curves, frames)
