from pathlib import Path

import pytest

from benchmarks.score_clips import Row, read_labels, total_f1


def test_distractors_are_no_labels_but_their_clip_is_labelled(tmp_path: Path) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(
        "clip,onset,apex,offset,kind,certain\n"
        "one,3,5,9,micro,yes\none,20,25,60,macro,no\none,70,72,75,blink,yes\ntwo,1,2,3,turn,yes\n"
    )
    labels = read_labels(path)
    assert [(label.onset, label.kind, label.certain) for label in labels["one"]] == [
        (3, "micro", True),
        (20, "macro", False),
    ]
    assert labels["two"] == []


def test_f1_counts_all_labelled_clips_together() -> None:
    """2 hits of 3 labels and 1 false alarm: 2 * 2 / (2 + 3 + 1)."""
    rows = [
        Row("a", 1.0, 2, hits=1, labels=1, false_alarms=1),
        Row("b", 1.0, 1, hits=1, labels=2, false_alarms=0),
        Row("unlabelled", 1.0, 9),
    ]
    assert total_f1(rows) == pytest.approx(2 / 3)
    assert total_f1([]) == 0
