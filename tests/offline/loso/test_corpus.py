from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.errors import UsageError
from offline.data.store import save_record
from offline.loso.corpus import Clip, Corpus, load_clips
from tests.offline.loso.loso_makers import record, write_corpus


def clip(subject: str, name: str) -> Clip:
    return Clip(Path(f"{name}.npz"), name, subject, 10, (), (), "digest")


@given(
    st.lists(st.sampled_from("abcde"), min_size=2, max_size=12).filter(lambda s: len(set(s)) > 1)
)
def test_a_subject_and_all_others_share_no_video_and_leave_none_out(people: list[str]) -> None:
    corpus = Corpus("any", tuple(clip(who, f"video {n}") for n, who in enumerate(people)))
    for subject in corpus.subjects:
        own, others = corpus.of_subject(subject), corpus.without(subject)
        assert {one.subject for one in own} == {subject}
        assert subject not in {one.subject for one in others}
        assert len(own) + len(others) == len(people)


@pytest.mark.parametrize("people", ["", "a", "aaa"])
def test_fewer_than_two_subjects_are_refused(people: str) -> None:
    with pytest.raises(UsageError, match="two subjects or more"):
        Corpus("small", tuple(clip(who, f"video {n}") for n, who in enumerate(people)))


def test_two_files_of_one_video_are_refused() -> None:
    with pytest.raises(UsageError, match="one video"):
        Corpus("twice", (clip("a", "v"), clip("b", "v")))


def test_videos_and_subjects_without_expressions_are_in_it(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path, "abc", quiet="c")
    assert corpus.subjects == ("a", "b", "c")
    assert [len(one.intervals) for one in corpus.clips] == [2, 2, 0]
    assert [one.ticks for one in corpus.clips] == [80] * 3


def test_a_folder_of_nothing_or_no_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="extract some first"):
        Corpus.of_folder(tmp_path)
    with pytest.raises(UsageError, match="no such folder"):
        Corpus.of_folder(tmp_path / "absent")


def test_a_damaged_feature_file_is_named(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    (tmp_path / "video-b.npz").write_bytes(b"PK")
    with pytest.raises(UsageError, match=r"video-b\.npz"):
        Corpus.of_folder(tmp_path)


@pytest.mark.parametrize("change", ["features", "labels", "scored", "subject"])
def test_whatever_changes_in_a_video_changes_the_digest(tmp_path: Path, change: str) -> None:
    before = write_corpus(tmp_path).digest
    one = record("video-a", "a", 0)
    if change == "features":
        one.features[3, 4, 5, 0] += 1
    elif change == "labels":
        one = replace(one, ignored=one.intervals[:1], intervals=one.intervals[1:])
    elif change == "scored":
        one.scored[0] = False
    else:
        one = replace(one, subject="z")
    save_record(tmp_path / "video-a.npz", one)
    assert Corpus.of_folder(tmp_path).digest != before


def test_the_digest_does_not_depend_on_where_files_lie(tmp_path: Path) -> None:
    assert write_corpus(tmp_path / "x").digest == write_corpus(tmp_path / "y").digest


def test_records_are_called_as_their_clips_also_where_datasets_are_merged(tmp_path: Path) -> None:
    """What is found in a video is looked up by the clip's name."""
    clip = write_corpus(tmp_path).clips[1]
    renamed = replace(clip, name="samm/video-b", subject="samm/b")
    (loaded,) = load_clips([renamed])
    assert (loaded.name, loaded.subject) == ("samm/video-b", "samm/b")
    assert loaded.intervals == clip.intervals


def test_a_file_that_changes_during_a_run_is_refused(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path)
    loaded = load_clips(corpus.clips[:1])
    np.testing.assert_array_equal(loaded[0].features, record("video-a", "a", 0).features)
    save_record(tmp_path / "video-a.npz", record("video-a", "a", 9))
    with pytest.raises(UsageError, match="has changed"):
        load_clips(corpus.clips[:1])


@pytest.mark.parametrize("name", ["", " a", "a "])
def test_a_name_that_no_table_can_hold_is_refused(tmp_path: Path, name: str) -> None:
    save_record(tmp_path / "x.npz", record("video", name, 0))
    with pytest.raises(UsageError, match="subject is called"):
        Corpus.of_folder(tmp_path)


def test_records_are_called_as_the_clips_are(tmp_path: Path) -> None:
    """An ablation calls the videos of merged datasets by other names than their files do."""
    first = write_corpus(tmp_path).clips[0]
    (loaded,) = load_clips([replace(first, name="casme2/one", subject="casme2/a")])
    assert (loaded.name, loaded.subject) == ("casme2/one", "casme2/a")
