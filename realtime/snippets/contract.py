"""Which models of snippets a pipeline can feed, and how their snippets roll."""

from dataclasses import dataclass
from typing import Final

from engines.contracts import MOST_ROWS
from engines.errors import ModelError, UsageError
from engines.manifest import Manifest, SnippetContract
from realtime.snippets.pooling import SNIPPET_FEATURES
from realtime.types import NODES

SNIPPETS_VERSION: Final = 1
"""Version of pooled snippets, raised whenever the same windows would pool to other numbers.

A model carries the version that it was trained on, and is refused where it would be fed another."""


@dataclass(frozen=True, slots=True)
class Rolling:
    """How much of a stream a model of snippets sees, and how long it waits.

    Attributes
    ----------
    window
        Snippets that the model is given, the newest last: about a minute of snippets of 8 ticks
        by default, as much as it was trained on at a time.
    settle
        Snippets that must follow an expression before it is final: 4.3 s of snippets of 8 ticks by
        default, longer than an expression, so that what comes right after is known.

    Raises
    ------
    UsageError
        Unless 1 <= window <= 4096 and 0 <= settle < window.
    """

    window: int = 256
    settle: int = 16

    def __post_init__(self) -> None:
        if not 1 <= self.window <= MOST_ROWS:
            raise UsageError(f"--snippet-window {self.window} is not from 1 to {MOST_ROWS}")
        if not 0 <= self.settle < self.window:
            raise UsageError(
                f"--snippet-settle {self.settle} is not from 0 to {self.window - 1}, below "
                "--snippet-window"
            )


def rolling_of(window: int | None, settle: int | None) -> Rolling:
    """Return how snippets roll by what the user gave; a short window shortens the default wait.

    Raises
    ------
    UsageError
        If what was given is out of range.
    """
    default = Rolling()
    size = default.window if window is None else window
    return Rolling(size, min(default.settle, max(0, size - 1)) if settle is None else settle)


def require_pooled(manifest: Manifest) -> None:
    """Refuse a model of snippets that are pooled in another way than here.

    What it says of the windows is left to :func:`engines.manifest.require_contract`.

    Raises
    ------
    ModelError
        Naming the first difference.
    """
    contract = manifest.input
    if not isinstance(contract, SnippetContract) or contract.windows is None:
        return
    for what, model, own in (
        ("features", contract.features, SNIPPET_FEATURES),
        ("version of snippets", contract.extractor, SNIPPETS_VERSION),
    ):
        if model != own:
            raise ModelError(
                f"model {manifest.name}: its {what} is {model}, this pipeline's is {own}; use a "
                "model made for it"
            )
    if contract.windows.nodes != NODES:
        raise ModelError(
            f"model {manifest.name}: its snippets are pooled from other nodes than this "
            "pipeline's; use a model made for it"
        )
