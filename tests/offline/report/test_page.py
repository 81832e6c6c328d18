from pathlib import Path

import pytest

from offline.report.page import PageOptions
from tests.offline.report.report_makers import (
    FOUND,
    PEOPLE,
    TRUTH,
    Outline,
    page_of,
    write_fold,
    write_json,
    write_loso,
    write_scores,
    write_training,
)

NASTY = "<script>alert('1')</script>&\"x\""


def test_a_page_has_all_sections_of_a_finished_run_in_order(tmp_path: Path) -> None:
    outline = Outline(page_of(write_loso(tmp_path / "run")))
    assert [text.lstrip("0123456789") for text in outline.texts["h2"]] == [
        "At a glance",
        "Spotting",
        "Over IoU",
        "Subjects",
        "Score curves",
        "False positives and misses",
        "Features of held-out frames",
        "Training",
        "To run it again",
    ]
    assert not outline.open


def test_tables_and_figures_are_numbered_without_gaps(tmp_path: Path) -> None:
    outline = Outline(page_of(write_loso(tmp_path / "run")))
    numbered = [text for text in outline.texts["b"] if text.startswith(("Table", "Figure"))]
    for name in ("Table", "Figure"):
        found = [text for text in numbered if text.startswith(name)]
        assert found == [f"{name} {n}." for n in range(1, len(found) + 1)]
        assert len(found) > 3


def test_counts_and_shares_are_those_of_the_protocol(tmp_path: Path) -> None:
    outline = Outline(page_of(write_loso(tmp_path / "run")))
    # 1 of 2 macro found, none wrong: P 1, R 1/2, F1 2/3. Micro: 1 found, 1 wrong.
    assert outline.row("run", "Macro", "2")[2:6] == ["2", "1", "0", "1"]
    assert outline.row("run", "Macro", "2")[8].startswith("0.6667")
    assert outline.row("run", "Micro", "1")[2:6] == ["1", "1", "1", "0"]
    assert outline.row("run", "Overall", "3")[2:6] == ["3", "2", "1", "1"]
    assert outline.row("run", "Overall", "3")[8].startswith("0.6667")
    assert outline.row("s1", "1")[1:8] == ["1", "2", "1", "0", "1", "1.000", "0.500"]
    assert outline.row("s2", "1")[1:8] == ["1", "1", "1", "1", "0", "0.500", "1.000"]


def test_boundary_errors_are_given_in_ticks_and_seconds(tmp_path: Path) -> None:
    outline = Outline(page_of(write_loso(tmp_path / "run")))
    # the macro apex is 2 ticks late, 2 / 30 s
    assert outline.row("run", "Macro", "0.0 (0.000 s)")[3] == "2.0 (0.067 s)"


def test_wrong_proposals_and_missed_labels_are_explained(tmp_path: Path) -> None:
    outline = Outline(page_of(write_loso(tmp_path / "run")))
    assert outline.row("False positives") == ["False positives", "0", "1", "1"]
    assert outline.row("no label there") == ["no label there", "0", "1", "1"]
    assert outline.row("Misses") == ["Misses", "1", "0", "1"]
    assert outline.row("nothing proposed there") == ["nothing proposed there", "1", "0", "1"]


def test_every_video_has_a_chart_with_its_labels_and_proposals(tmp_path: Path) -> None:
    page = page_of(write_loso(tmp_path / "run"))
    assert page.count('aria-label="Scores of video') == 2
    # inclusive ticks 10 to 19 last from 10/30 s to 20/30 s
    assert "micro label, found: 0.33 to 0.67 s" in page
    assert "macro label, missed: 3.33 to 5.00 s" in page
    assert "micro proposal, false positive, no label there: 6.67 to 7.00 s, score 0.7" in page


def test_a_page_says_what_is_needed_to_run_it_again(tmp_path: Path) -> None:
    page = page_of(write_loso(tmp_path / "run"))
    outline = Outline(page)
    assert outline.row("seed") == ["seed", "5"]
    assert outline.row("selection") == ["selection", "last"]
    assert outline.row("missing offsets")[1] == "mirror (4 offsets)"
    assert outline.row("packages.torch")[1] == "2.6.0"
    commands = "".join(outline.texts["pre"])
    assert "fes-offline loso" in commands
    assert "--selection last" in commands
    assert "--seed 5" in commands
    assert "[model]\nwidth = 8" in commands


def test_a_page_asks_for_nothing_outside_it(tmp_path: Path) -> None:
    page = page_of(write_loso(tmp_path / "run", dataset="samm-lv"), write_training(tmp_path / "t"))
    outline = Outline(page)
    assert all(address.startswith("#") for address in outline.addresses)
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(outline.tags)
    for outside in ("http:", "https:", "//cdn", "url(", "@import"):
        assert outside not in page
    assert "default-src 'none'" in page


def test_links_lead_to_sections_of_the_page(tmp_path: Path) -> None:
    page = page_of(write_loso(tmp_path / "run"))
    for address in Outline(page).addresses:
        assert f'id="{address[1:]}"' in page


def test_names_are_text_whatever_they_hold(tmp_path: Path) -> None:
    rename = {"v1": f"v{NASTY}", "s1": f"s{NASTY}"}
    rows = [[tuple(rename.get(str(c), c) for c in row) for row in rows]
            for rows in (TRUTH, FOUND, PEOPLE)]  # fmt: skip
    run = write_loso(
        tmp_path / "run", dataset=NASTY, truth=rows[0], found=rows[1], people=rows[2],
        config={"method": NASTY, "selection": NASTY, "data": {"subjects": 2}, NASTY: NASTY},
    )  # fmt: skip
    page = page_of(run, options=PageOptions(title=NASTY))
    assert "<script" not in page
    outline = Outline(page)
    assert not outline.open
    assert outline.texts["h1"] == [NASTY]
    assert outline.row(f"s{NASTY}", "1")[2] == "2"
    assert f"v{NASTY}" in "".join(outline.texts["p"])


def test_equal_runs_give_equal_pages(tmp_path: Path) -> None:
    run = write_loso(tmp_path / "run")
    assert page_of(run) == page_of(run)


def test_runs_stand_side_by_side_and_differences_are_marked(tmp_path: Path) -> None:
    first = write_loso(tmp_path / "a")
    other = {"method": "spotformer", "selection": "oracle", "seed": 6, "data": {"subjects": 2}}
    page = page_of(first, write_loso(tmp_path / "b", config=other))
    outline = Outline(page)
    decided, settings = [row for row in outline.rows if row[0] == "seed"]
    assert decided == settings == ["seed", "5", "6"]
    assert '<tr class="differs"><th scope="row">seed</th>' in page
    assert "v1 · a" in page
    assert "v1 · b" in page


def test_an_oracle_is_named_at_the_head_and_in_the_table(tmp_path: Path) -> None:
    config = {"method": "spotformer", "selection": "oracle", "data": {"subjects": 2}}
    page = page_of(write_loso(tmp_path / "run", config=config))
    assert "chosen on the held-out subjects’ own labels" in page[: page.index('id="results"')]
    assert '<em class="flag">oracle</em>' in page


def test_a_run_without_an_oracle_has_no_warning(tmp_path: Path) -> None:
    page = page_of(write_loso(tmp_path / "run"))
    assert 'class="prose warning"' not in page


def test_a_training_run_has_its_curves_and_settings(tmp_path: Path) -> None:
    outline = Outline(page_of(write_training(tmp_path / "first")))
    headings = [text.lstrip("0123456789") for text in outline.texts["h2"]]
    assert headings == ["Training", "To run it again"]
    assert "fes-offline train" in "".join(outline.texts["pre"])
    assert "simulated=0.5" in "".join(outline.texts["pre"])


def test_an_interrupted_training_is_shown_as_unfinished(tmp_path: Path) -> None:
    page = page_of(write_training(tmp_path / "first", epochs=1))
    assert '<em class="flag">unfinished</em>' in page
    assert "1 epoch finished so far" in page


def test_an_unfinished_run_shows_what_there_is(tmp_path: Path) -> None:
    run = tmp_path / "run"
    write_json(run / "config.json", {"selection": "last", "data": {"subjects": 3}})
    write_fold(run, "s1")
    write_fold(run, "s2", finished=False, features=False)
    page = page_of(run)
    assert '<em class="flag">unfinished</em>' in page
    assert "1 of 3 folds are finished" in page
    assert "nothing can be evaluated" in page
    assert "Features of held-out frames" in page
    assert "2 folds" in page


def test_a_run_that_has_only_begun_has_a_page(tmp_path: Path) -> None:
    run = tmp_path / "run"
    write_json(run / "config.json", {"selection": "inner", "data": {"subjects": 3}})
    page = page_of(run)
    assert "0 of 3 folds are finished" in page
    assert "it has no environment.json" in page


@pytest.mark.parametrize("rows", [(), FOUND])
def test_a_run_without_scores_features_or_labels_has_a_page(
    tmp_path: Path, rows: tuple[tuple[object, ...], ...]
) -> None:
    run = write_loso(tmp_path / "run", truth=(), found=rows, features=False)
    for file in run.glob("folds/*/scores/*"):
        file.unlink()
    outline = Outline(page_of(run))
    assert "Features of held-out frames" not in "".join(outline.texts["h2"])
    assert outline.row("run", "Overall", "0")[3:6] == ["0", str(len(rows)), "0"]


def test_a_stored_result_that_the_tables_contradict_is_said(tmp_path: Path) -> None:
    run = write_loso(tmp_path / "run")
    overall = {"tp": 3, "fp": 1, "fn": 0}
    write_json(run / "result.json", {"data": {}, "evaluation": {"overall": overall}})
    assert "this page is made from the tables" in page_of(run)


def test_the_number_of_charts_can_be_bounded_and_the_page_says_so(tmp_path: Path) -> None:
    page = page_of(write_loso(tmp_path / "run"), options=PageOptions(videos=1, gallery=0))
    assert page.count('aria-label="Scores of video') == 1
    assert "1 of 2 videos" in page
    assert "highest score first" not in page


def test_a_long_noisy_video_takes_less_than_100_kb(tmp_path: Path) -> None:
    run = write_loso(tmp_path / "run")
    before = len(page_of(run))
    write_scores(run, "s1", "v1", 36_000)
    assert len(page_of(run)) - before < 100_000


def test_the_page_follows_the_theme_and_fits_phones_and_paper(tmp_path: Path) -> None:
    page = page_of(write_training(tmp_path / "run"))
    for rule in ("prefers-color-scheme: dark", "@media print", "@media (max-width"):
        assert rule in page
    assert 'name="viewport" content="width=device-width' in page
