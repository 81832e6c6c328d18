import json

import pytest

from benchmarks.evaluator_speed import cli
from engines.console import run_command


def test_a_small_run_prints_what_it_measured(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--predictions", "90", "--labels", "12", "--videos", "3", "--json"]
    assert run_command(cli, arguments) == 0
    figures = json.loads(capsys.readouterr().out)
    assert (figures["predictions"], figures["labels"], figures["videos"]) == (90, 12, 3)
    assert 0 < figures["true_positives"] <= 12
    assert figures["counts_s"] >= 0
