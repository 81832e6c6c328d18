"""``fes-bench delay`` end to end."""

import pytest

from benchmarks.commands import delay
from benchmarks.measure.rendering import truth_of
from engines.intervals import Kind
from tests.benchmarks.commands.bench_runs import figures, part, report

SEED, SECONDS, REST_S = 3, 3.0, 1.0


def test_every_true_expression_is_found_or_missed(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delay, "REST_S", REST_S)
    document = report(
        capfd, "delay", "--camera", f"synthetic:{SEED}", "--seconds", str(SECONDS), "--no-serve"
    )
    kinds = part(figures(document), "kinds")
    truth = truth_of(SEED, round((SECONDS + REST_S) * 30), SECONDS)
    assert truth
    for kind in Kind:
        said = part(kinds, kind.value)
        assert said["true"] == sum(one.kind is kind for one in truth)
        assert said["found"] + said["missed"] == said["true"]  # type: ignore[operator]
    everything = part(kinds, "all")
    for count in ("true", "found", "missed", "false_alarms"):
        assert everything[count] == sum(part(kinds, kind.value)[count] for kind in Kind)  # type: ignore[misc]
    assert part(document, "options")["seed"] == SEED
