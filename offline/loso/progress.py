"""Progress of folds that may run anywhere, read from what they write."""

import threading
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Final, NoReturn, Self

from tqdm import tqdm

from offline.loso.folder import FoldFolder
from offline.loso.plan import LosoPlan
from offline.training.run_folder import METRICS

POLL_S: Final = 2.0


class FoldProgress:
    """Shows on standard error how many epochs of all folds are done, and the time left.

    Parameters
    ----------
    folds
        Folders of the folds that this command is to finish.
    plan
        Tells how many epochs a fold has.
    show
        False: nothing is shown.
    """

    def __init__(self, folds: Sequence[FoldFolder], plan: LosoPlan, show: bool = True) -> None:
        self._folds = folds
        trainings = 2 if plan.splits else 1
        self._each = plan.epochs * trainings
        self._show = show
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="folds", daemon=True)

    def epochs(self) -> int:
        """Return the epochs that are done."""
        return sum(self._each if fold.finished else _lines(fold) for fold in self._folds)

    def finished(self) -> int:
        """Return the folds that are done."""
        return sum(fold.finished for fold in self._folds)

    def _watch(self) -> None:
        before = self.epochs()
        bar: tqdm[NoReturn]
        with tqdm(
            total=self._each * len(self._folds), initial=before, desc="folds", unit="epoch",
            smoothing=0, dynamic_ncols=True, disable=not self._show,
        ) as bar:  # fmt: skip
            while not self._stopped.wait(POLL_S):
                self._update(bar)
            self._update(bar)

    def _update(self, bar: "tqdm[NoReturn]") -> None:
        bar.set_postfix_str(f"{self.finished()}/{len(self._folds)} folds", refresh=False)
        bar.update(self.epochs() - bar.n)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopped.set()
        self._thread.join()


def _lines(fold: FoldFolder) -> int:
    count = 0
    for path in (fold.path / METRICS, fold.inner / METRICS):
        with suppress(OSError):
            count += path.read_bytes().count(b"\n")
    return count
