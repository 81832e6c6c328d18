from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.errors import UsageError
from offline.ablation.cases import Case
from offline.ablation.datasets import Datasets, read_datasets
from offline.ablation.split import Sides, held_out, loso_corpus, split
from offline.loso.corpus import Clip, Corpus
from tests.offline.loso.loso_makers import write_corpus


def corpus(name: str, people: int) -> Corpus:
    """Two videos of everybody."""
    clips = tuple(
        Clip(Path(f"{name}{person}{n}"), f"{name}/v{person}{n}", f"{name}/s{person:02d}", 9, (),
             (), "")
        for person in range(people)
        for n in range(2)
    )  # fmt: skip
    return Corpus(name, clips)


TWO = Datasets({"casme2": corpus("casme2", 22), "samm-lv": corpus("samm-lv", 30)})


def sides(train: str, test: str, data: Datasets = TWO) -> Sides:
    return Sides.of(Case("row", "p", tuple(train.split()), tuple(test.split())), data)


def people(clips: tuple[Clip, ...]) -> set[str]:
    return {clip.subject for clip in clips}


@given(
    st.sampled_from(["casme2", "samm-lv", "casme2 samm-lv"]),
    st.sampled_from(["casme2", "samm-lv", "casme2 samm-lv"]),
    st.floats(0.01, 0.99),
    st.integers(0, 99),
)
@settings(deadline=None)
def test_nobody_is_trained_on_and_tested_and_nobody_of_the_datasets_is_left_over(
    train, test, share, seed
):
    chosen = split(sides(train, test), TWO, share, seed)
    assert not people(chosen.train) & people(chosen.test)
    assert chosen.train
    assert chosen.test
    both = set(train.split()) & set(test.split())
    for name in both:
        assert set(TWO.recorded[name].subjects) <= people(chosen.train) | people(chosen.test)
    for name in {*train.split(), *test.split()} - both:
        where = chosen.train if name in train.split() else chosen.test
        assert set(TWO.recorded[name].subjects) <= people(where)


def test_a_fifth_of_the_subjects_is_four_of_22_and_six_of_30():
    assert len(held_out(TWO.recorded["casme2"], 0.2, 0)) == 4
    assert len(held_out(TWO.recorded["samm-lv"], 0.2, 0)) == 6


def test_the_same_subjects_are_held_out_of_a_dataset_whatever_it_is_merged_with():
    alone = split(sides("casme2", "casme2"), TWO, 0.2, 7).held_out
    merged = split(sides("casme2 samm-lv", "casme2 samm-lv"), TWO, 0.2, 7).held_out
    assert set(alone) == {one for one in merged if one.startswith("casme2/")}
    assert alone != split(sides("casme2", "casme2"), TWO, 0.2, 8).held_out


def test_loso_on_two_merged_datasets_leaves_each_subject_of_both_out():
    corpus, left_out = loso_corpus(sides("casme2 samm-lv", "casme2 samm-lv"), TWO)
    assert len(left_out) == len(corpus.subjects) == 52


def test_loso_on_one_dataset_may_be_helped_by_another():
    corpus, left_out = loso_corpus(sides("casme2 samm-lv", "casme2"), TWO)
    assert set(left_out) == set(TWO.recorded["casme2"].subjects)
    assert len(corpus.subjects) == 52


def test_between_two_datasets_no_subject_is_left_out():
    assert loso_corpus(sides("casme2", "samm-lv"), TWO) is None


@pytest.mark.parametrize(
    ("train", "test", "word"),
    [("casme2", "casme2 samm-lv", "two cases"), ("simulated", "casme2", "no subjects")],
)
def test_loso_that_means_nothing_is_refused(train, test, word):
    data = Datasets(TWO.recorded, simulated=True)
    with pytest.raises(UsageError, match=word):
        loso_corpus(sides(train, test, data), data)


def test_a_dataset_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(UsageError, match=r"casme3.*casme2, samm-lv.*--data casme3=FOLDER"):
        sides("casme3", "casme2")


def test_datasets_may_have_videos_and_subjects_of_one_name(tmp_path):
    for name in ("one", "two"):
        write_corpus(tmp_path / name)
    data = read_datasets([f"one={tmp_path}/one", f"two={tmp_path}/two"])
    clips = data.clips(data.names)
    assert len({clip.name for clip in clips}) == len({clip.subject for clip in clips}) == 6
    assert data.recorded["one"].subjects == ("one/a", "one/b", "one/c")


@pytest.mark.parametrize(
    ("texts", "word"),
    [
        ([], "NAME=FOLDER"),
        (["features"], "write NAME=FOLDER"),
        (["=features"], "write NAME=FOLDER"),
        (["a/b=features"], "write NAME=FOLDER"),
        (["simulated=features"], "write NAME=FOLDER"),
        (["one={}", "one={}"], "named before"),
        (["one={}/nowhere"], "no such folder"),
    ],
)
def test_data_that_cannot_be_read_is_refused(tmp_path, texts, word):
    write_corpus(tmp_path)
    with pytest.raises(UsageError, match=word):
        read_datasets([text.format(tmp_path) for text in texts])
