"""Videos of a LOSO run whose features are snippets of I3D, and what a network says of them."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from engines.decoding.snippets import SnippetRules
from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.loso.corpus import Corpus, load_clips
from offline.loso.held_out import MOST, held_out_features, snippet_labels
from offline.loso.plan import Decoding
from offline.loso.prediction import spot
from offline.mcwes.inference import score_snippets
from offline.snippets.store import save_snippets
from tests.offline.mcwes.mcwes_makers import network, record
from tests.offline.snippets.snippet_makers import I3D, i3d_corpus, i3d_record, write_i3d

EAGER = Decoding(SnippetRules(first_top=2, score_floor=0.0))


def test_clips_of_snippets_have_ticks_labels_and_source(tmp_path: Path) -> None:
    corpus = i3d_corpus(tmp_path, "i3d-random-5")
    assert corpus.subjects == ("a", "b", "c")
    assert {clip.ticks for clip in corpus.clips} == {160}
    assert [len(clip.intervals) for clip in corpus.clips] == [2] * 3
    assert corpus.source == "i3d-random-5"
    assert corpus.describe()["source"] == "i3d-random-5"
    loaded = load_clips(corpus.clips[:1])
    np.testing.assert_array_equal(loaded[0].streams, i3d_record("a", 0).streams)


@pytest.mark.parametrize("change", ["streams", "valid", "edges", "labels", "subject"])
def test_whatever_changes_in_a_video_changes_the_digest(tmp_path: Path, change: str) -> None:
    corpus = i3d_corpus(tmp_path)
    one = i3d_record("a", 0)
    if change == "streams":
        one.streams[1, 2, 3] += 1
    elif change == "valid":
        one.valid[0] = False
    elif change == "edges":
        one.edges[1] += 0.5
    elif change == "labels":
        one = dataclasses.replace(one, ignored=one.intervals[:1], intervals=one.intervals[1:])
    else:
        one = dataclasses.replace(one, subject="z")
    save_snippets(tmp_path / "video-a.i3d", one)
    assert Corpus.of_folder(tmp_path, I3D).digest != corpus.digest
    with pytest.raises(UsageError, match="has changed"):
        load_clips(corpus.clips[:1])


def test_scores_are_as_long_as_the_video_and_lie_where_snippets_are(tmp_path: Path) -> None:
    write_i3d(tmp_path, "ab", times=True)
    (clip, _) = Corpus.of_folder(tmp_path, I3D).clips
    (one,) = load_clips([clip])
    spotted = spot(network(), one, EAGER)
    assert {len(curve) for curve in spotted.curves.values()} == {clip.ticks} == {165}
    # snippet 18 is a gap; 5 frames at the end fill no snippet
    expected = np.ones(165, np.bool_)
    expected[144:152] = expected[160:] = False
    np.testing.assert_array_equal(spotted.scored, expected)
    rows = np.ascontiguousarray(one.streams.transpose(1, 0, 2))
    for first, last in ((0, 18), (19, 20)):
        said = score_snippets(network(), rows[first:last]).values["micro"]
        for tick in range(8 * first, 8 * last):
            assert spotted.curves["micro"][tick] == said[tick // 8 - first]


def test_a_snippet_is_of_the_expression_that_holds_its_middle() -> None:
    micro, macro = Interval(Kind.MICRO, 10, 14, 21), Interval(Kind.MACRO, 35, 50, 60)
    one = dataclasses.replace(
        record(snippets=12),
        intervals=(macro, micro, Interval(Kind.MACRO, 10, 12, 15)),
        ignored=(Interval(Kind.MICRO, 80, 80, 81),),
    )
    one.valid[0] = False
    # edges 0, 8, ..., 96; [10, 22) is micro and holds 12 and 20, [35, 61) holds 36, 44, 52 and 60
    assert snippet_labels(one).tolist() == [-1, 2, 2, 0, 1, 1, 1, 1, 0, 0, -1, 0]
    shifted = dataclasses.replace(one, intervals=(Interval(Kind.MICRO, 29, 30, 42),), ignored=())
    # 28 is before [29, 43), 36 within it, 44 after it
    assert snippet_labels(shifted).tolist() == [-1, 0, 0, -1, 2, -1, 0, 0, 0, 0, 0, 0]


def test_held_out_features_are_what_the_classifier_reads_of_each_class() -> None:
    model, one = network(), i3d_record("a", 0)
    kept = held_out_features(model, [one, i3d_record("b", 1, kinds="")], 0)
    # of each 20 one is a gap; 1 and 3 snippets are labelled
    assert np.bincount(kept.labels).tolist() == [15 + 19, 3, 1]
    with torch.no_grad():
        rows = torch.from_numpy(np.ascontiguousarray(one.streams.transpose(1, 0, 2)))
        said = model(rows[:18])
        again = model.classifier(said.feature.T).T
    np.testing.assert_allclose(kept.features[kept.labels == 2], said.feature[2:3], atol=1e-6)
    np.testing.assert_allclose(again, said.cam, atol=1e-6)


def test_of_many_snippets_a_seeded_part_is_kept() -> None:
    model = network()
    quiet = [record(str(n), MOST, seed=n) for n in range(2)]
    kept = held_out_features(model, quiet, 0)
    assert kept.features.shape == (MOST, model.config.model.fused_width)
    np.testing.assert_array_equal(kept.features, held_out_features(model, quiet, 0).features)
    assert not np.array_equal(kept.features, held_out_features(model, quiet, 1).features)


def test_a_video_without_a_snippet_gives_no_features() -> None:
    kept = held_out_features(network(), [record(snippets=0)], 0)
    assert kept.features.shape == (0, 7)
