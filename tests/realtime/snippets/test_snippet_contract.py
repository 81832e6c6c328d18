from dataclasses import replace

import pytest

from engines.contracts import SnippetContract
from engines.errors import ModelError, UsageError
from engines.manifest import Manifest
from realtime.snippets.contract import Rolling, require_pooled, rolling_of
from tests.realtime.pipeline.pipeline_makers import manifest
from tests.realtime.snippets.snippet_live_makers import snippet_manifest


def changed(**changes: object) -> Manifest:
    own = snippet_manifest()
    assert isinstance(own.input, SnippetContract)
    return replace(own, input=replace(own.input, **changes))


def test_models_that_fit_and_models_of_windows_pass() -> None:
    require_pooled(snippet_manifest())
    require_pooled(snippet_manifest(ticks=16))
    require_pooled(manifest())


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"features": 60}, "its features is 60, this pipeline's is 108; use a model made for it"),
        ({"extractor": 9}, "its version of snippets is 9, this pipeline's is 1"),
    ],
)
def test_snippets_pooled_in_another_way_are_refused(
    changes: dict[str, object], reason: str
) -> None:
    with pytest.raises(ModelError, match=reason):
        require_pooled(changed(**changes))


def test_snippets_of_other_nodes_are_refused() -> None:
    contract = snippet_manifest().input
    assert isinstance(contract, SnippetContract)
    assert contract.windows is not None
    fewer = replace(contract.windows, nodes=contract.windows.nodes[:10])
    with pytest.raises(ModelError, match="pooled from other nodes than this pipeline's"):
        require_pooled(changed(windows=fewer))


def test_how_snippets_roll_is_what_the_user_says_within_bounds() -> None:
    assert rolling_of(None, None) == Rolling(256, 16)
    assert rolling_of(100, 30) == Rolling(100, 30)
    assert rolling_of(8, None) == Rolling(8, 7)
    for window, settle, reason in (
        (0, None, "--snippet-window 0 is not from 1 to 4096"),
        (4097, None, "--snippet-window 4097"),
        (None, 256, "--snippet-settle 256 is not from 0 to 255, below --snippet-window"),
        (10, -1, "--snippet-settle -1"),
    ):
        with pytest.raises(UsageError, match=reason):
            rolling_of(window, settle)
