import pytest

from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.training.video_labels import KindsOfFile, KindsOfRecords
from tests.offline.training.tiny_records import make_record

MICRO, MACRO = Interval(Kind.MICRO, 3, 5, 8), Interval(Kind.MACRO, 10, 20, 30)


def write(folder, text):
    path = folder / "kinds.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("intervals", "kinds"),
    [
        ((), set()), ((MICRO,), {"micro"}), ((MACRO, MACRO), {"macro"}),
        ((MACRO, MICRO), {"micro", "macro"}),
    ],
)  # fmt: skip
def test_a_records_kinds_are_those_that_occur(intervals, kinds):
    labels = KindsOfRecords()
    assert labels.of(make_record(40, intervals)) == kinds
    assert labels.describe() == {"from_truth": True}


def test_a_table_says_what_each_video_holds(tmp_path):
    text = "subject,video,kinds\n1,a,micro\n1,b, macro+micro \n2,c,none\n2,d,macro\n"
    labels = KindsOfFile.read(write(tmp_path, text))
    said = {name: labels.of(make_record(4, (MICRO,), name=name)) for name in "abcde"}
    assert said == {
        "a": {Kind.MICRO}, "b": {Kind.MICRO, Kind.MACRO}, "c": set(), "d": {Kind.MACRO}, "e": None
    }  # fmt: skip


def test_what_a_table_says_is_known_by_its_content(tmp_path):
    first = KindsOfFile.read(write(tmp_path, "video,kinds\na,micro\nb,micro+macro\n"))
    again = KindsOfFile.read(write(tmp_path, "kinds;video\nmacro + micro;b\nmicro;a\n"))
    other = KindsOfFile.read(write(tmp_path, "video,kinds\na,macro\nb,micro+macro\n"))
    assert first.describe() == again.describe()
    assert first.digest != other.digest
    assert first.describe()["file"] == "kinds.csv"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("video,kinds\na,\n", "line 2: kinds is empty"),
        ("video,kinds\na,small\n", "line 2: kinds 'small' are not micro, macro, micro"),
        ("video,kinds\na,micro+none\n", "line 2: kinds 'micro.none'"),
        ("video,kinds\na,micro+micro\n", "line 2: kinds"),
        ("video,kinds\na,micro\na,macro\n", "line 3: video 'a' has a row before"),
        ("video,kinds\n,micro\n", "line 2: video is empty"),
        ("video,kind\na,micro\n", "has no column kinds"),
        ("video,kinds\n", "holds no video"), ("", "is empty"),
    ],
)  # fmt: skip
def test_a_table_that_cannot_be_right_is_refused(tmp_path, text, said):
    with pytest.raises(UsageError, match=said):
        KindsOfFile.read(write(tmp_path, text))


def test_a_table_of_other_videos_is_refused(tmp_path):
    labels = KindsOfFile.read(write(tmp_path, "video,kinds\na.mp4,micro\n"))
    with pytest.raises(UsageError, match=r"none of its 1 videos is in --data x, which has a, b"):
        labels.require_known({"b", "a"}, "--data x")
    labels.require_known({"a.mp4", "b"}, "--data x")
