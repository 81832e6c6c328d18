from dataclasses import asdict
from itertools import chain

import pytest

from engines.errors import UsageError
from offline.ablation.cases import PAPER, SETS, Case, find_cases
from offline.training.settings import SpotFormerSettings, load_settings

ROWS = {
    "modules": 4, "architectures": 5, "windows": 7, "lambda": 8, "cross-dataset": 3,
    "gim-losses": 4, "gim-labels": 4, "gim-overlaps": 3, "gim-durations": 5,
    "mc-wes-fusion": 3, "mc-wes-h": 7, "mc-wes-snippets": 3, "mc-wes-losses": 8,
    "mc-wes-components": 5, "pwes-components": 3, "pwes-mining": 6, "pwes-warmup": 5,
    "pwes-theta": 5, "pwes-k": 3, "pwes-tau": 6, "pwes-regions": 5, "pwes-losses": 6,
    "pwes-printed": 4, "pwes-fusion": 3, "pwes-snippets": 3,
}  # fmt: skip
"""Rows of SpotFormer's tables 2 to 5, columns of MC-WES's table 7, and rows of the others'."""


@pytest.mark.parametrize(("name", "rows"), ROWS.items())
def test_a_set_has_the_rows_of_its_table(name, rows):
    assert len(find_cases([name])) == rows
    assert set(SETS) == set(ROWS)


def changed(preset: str) -> dict[str, object]:
    """What a preset sets otherwise than the published settings."""
    ours, published = load_settings(preset), SpotFormerSettings()
    return {
        f"{section}.{name}": value
        for section in ("model", "loss", "training")
        for name, value in asdict(getattr(ours, section)).items()
        if value != getattr(getattr(published, section), name)
    }


@pytest.mark.parametrize(
    ("preset", "difference"),
    [
        ("spotformer-adjacent", {"model.flow": "adjacent"}),
        ("spotformer-no-flgp", {"model.pooling": "global"}),
        (
            "spotformer-adjacent-no-flgp",
            {"model.flow": "adjacent", "model.pooling": "global"},
        ),
        *((f"spotformer-{a}", {"model.architecture": a})
          for a in ("seq-st", "simul-ts", "paral-st", "paral-st-shared")),
        *((f"spotformer-window-{w}", {"model.window": w}) for w in (9, 11, 15, 19, 21, 25)),
        *((f"spotformer-lambda-{v}", {"loss.supcon_weight": v})
          for v in (0.0, 0.001, 0.003, 0.008, 0.01, 0.03, 0.05)),
    ],
)  # fmt: skip
def test_an_ablation_differs_from_the_published_network_in_what_it_is_called_after(
    preset, difference
):
    assert changed(preset) == difference


def test_every_row_of_every_set_is_a_preset_that_loads():
    for case in chain.from_iterable(find_cases([name]) for name in SETS):
        load_settings(case.preset)


def test_the_cross_dataset_cases_are_those_of_mc_wes():
    one, other, merged = find_cases(["cross-dataset"])
    assert one == Case("cross-separate1", PAPER, ("casme2",), ("samm-lv",))
    assert other == Case("cross-separate2", PAPER, ("samm-lv",), ("casme2",))
    assert merged.train_on == merged.test_on == ("casme2", "samm-lv")


def test_presets_that_several_sets_share_come_once():
    cases = find_cases(["windows", "lambda", PAPER])
    assert len(cases) == 7 + 8 - 1
    assert [case.name for case in cases].count(PAPER) == 1


def test_presets_take_the_datasets_that_are_asked_for_and_cases_keep_their_own():
    preset, case = find_cases([PAPER, "cross-separate1"], ["a"], ["b", "c"])
    assert (preset.train_on, preset.test_on) == (("a",), ("b", "c"))
    assert (case.train_on, case.test_on) == (("casme2",), ("samm-lv",))


def test_a_file_is_called_by_its_name_and_two_of_one_name_are_refused():
    (case,) = find_cases(["some/where/own.toml"])
    assert (case.name, case.preset) == ("own", "some/where/own.toml")
    with pytest.raises(UsageError, match="one name"):
        find_cases(["a/own.toml", "b/own.toml"])


def test_no_preset_at_all_is_refused_with_the_names_of_the_sets():
    with pytest.raises(UsageError, match="architectures"):
        find_cases([])
