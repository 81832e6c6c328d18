"""What the comparison of flows prints."""

import json

import numpy as np
import pytest

from benchmarks.flow_banks import FLOWS
from benchmarks.flow_table import as_document, print_tables
from benchmarks.flow_trial import Trial


def trial(name: str, truth: bool) -> Trial:
    still = np.zeros((3, 10, 2), np.float32)
    return Trial(
        name,
        dict.fromkeys(FLOWS, still),
        {flow: [10.0, 20.0] for flow in FLOWS},
        np.zeros(3, bool),
        np.zeros((3, 10), bool),
        still if truth else None,
    )


def test_the_document_is_json_even_where_nothing_moved() -> None:
    """A correlation does not exist there, and JSON has no NaN."""
    document = as_document([trial("clip", False)], {"micro": [trial("film", True)]})
    back = json.loads(json.dumps(document, allow_nan=False))
    assert set(back["flows"]) == set(FLOWS)
    streaming = back["flows"]["streaming"]
    assert streaming["agreement"]["all"]["r"] is None
    assert streaming["agreement"]["consistent"] is None
    assert streaming["error"]["micro"] == {"mean_px": 0, "median_px": 0}
    assert streaming["times"]["faster"] == 1
    assert list(streaming["clips"]) == ["clip"]


def test_every_flow_has_a_line_and_a_missed_bar_is_named(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_tables([trial("clip", False)], {"micro": [trial("film", True)]})
    printed = capsys.readouterr().out
    for flow in FLOWS:
        assert f"| {flow} | 15.00 |" in printed
    assert "| times faster | >= 40 | 1.0 | NOT MET |" in printed
    widths = {line.count("|") for line in printed.split("\n\n")[0].splitlines()}
    assert len(widths) == 1


def test_without_clips_the_films_are_still_shown(capsys: pytest.CaptureFixture[str]) -> None:
    print_tables([], {"micro": [trial("film", True)], "macro": []})
    printed = capsys.readouterr().out
    assert "error, micro" in printed
    assert "error, macro" not in printed
