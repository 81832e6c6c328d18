from pathlib import Path

import pytest

from engines.errors import UsageError
from offline.evaluation.subjects import assign_subjects, read_subjects


def test_a_list_of_subjects_is_read(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("subject,video,age\n006,006_1,30\n006,006_2,30\n007,007_1,\n")
    assert read_subjects(path) == {"006_1": "006", "006_2": "006", "007_1": "007"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("video\na\n", "has no column subject"),
        ("video,subject\na,\n", "line 2: subject is empty"),
        ("video,subject\na,1\na,2\n", "line 3: video 'a' has two subjects, '1' and '2'"),
        ("video,subject\na\n", "line 2: has not as many cells"),
    ],
)
def test_a_bad_list_is_refused_with_its_line(tmp_path: Path, text: str, reason: str) -> None:
    path = tmp_path / "people.csv"
    path.write_text(text)
    with pytest.raises(UsageError, match=reason):
        read_subjects(path)


def test_tables_are_brought_together_and_other_videos_stand_for_themselves() -> None:
    found = assign_subjects("cab", ("T", {"a": "one"}), ("S", {"a": "one", "d": "one"}))
    assert dict(found.by_video) == {"a": "one", "b": "b", "c": "c", "d": "one"}
    assert found.unknown == ("b", "c")
    assert (found.named, found.count) == (True, 3)


def test_tables_that_differ_are_refused() -> None:
    with pytest.raises(UsageError, match="video 'a' is of subject 'one' in T and of 'two' in S"):
        assign_subjects("a", ("T", {"a": "one"}), ("S", {"a": "two"}))


def test_without_any_table_no_subject_is_named() -> None:
    assert not assign_subjects("ab").named
    assert not assign_subjects("").named
