import numpy as np
import pytest
import torch

from engines.decoding import DecoderRules
from engines.decoding.snippets import SnippetRules, decode_snippets
from engines.errors import UsageError
from offline.mcwes.inference import score_record, score_snippets
from offline.methods.spotting import spot_video
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.model import SpotFormer
from realtime.types import NODES
from tests.offline.mcwes.mcwes_makers import network, record
from tests.offline.training.tiny_records import make_record

EAGER = SnippetRules(first_top=2, score_floor=0.0)


def rows(one):
    return np.ascontiguousarray(one.streams.transpose(1, 0, 2))


def test_snippets_between_gaps_are_a_video_of_their_own():
    one = record(snippets=20, seed=4)
    one.valid[[6, 13]] = False
    model = network()
    _, found = spot_video(model, one, EAGER)
    expected = []
    for first, last in ((0, 6), (7, 13), (14, 20)):
        scores = score_snippets(model, rows(one)[first:last])
        expected += decode_snippets(scores.values, EAGER, one.edges[first : last + 1])
    assert found == tuple(expected)
    assert len(found) > 0


def test_a_snippets_score_stands_for_its_ticks():
    model = network()
    one = record(snippets=5)
    one.valid[2] = False
    curves, _ = spot_video(model, one, EAGER)
    assert tuple(curves) == model.score_names
    assert {len(v) for v in curves.values()} == {40}
    (first, last, scores), (_, _, later) = score_record(model, one)
    assert (first, last) == (0, 2)
    micro = curves["micro"]
    assert (micro[:8] == scores.values["micro"][0]).all()
    assert (micro[8:16] == scores.values["micro"][1]).all()
    assert np.isnan(micro[16:24]).all()
    assert (micro[24:32] == later.values["micro"][0]).all()


@pytest.mark.parametrize("snippets", [0, 3])
def test_a_video_without_a_valid_snippet_holds_nothing(snippets):
    one = record(snippets=snippets)
    one.valid[:] = False
    curves, found = spot_video(network(), one, EAGER)
    assert found == ()
    assert all(np.isnan(v).all() and len(v) == 8 * snippets for v in curves.values())


def test_windows_are_for_networks_of_windows():
    torch.manual_seed(0)
    model = SpotFormer(SpotFormerConfig(width=4, heads=1, nodes=NODES)).eval()
    with pytest.raises(UsageError, match="holds snippets of i3d, and the network reads windows"):
        spot_video(model, record(), DecoderRules())
    with pytest.raises(UsageError, match="holds SW-MRO windows, and the network reads i3d"):
        spot_video(network(), make_record(20, ()), EAGER)


def test_rules_of_another_method_are_a_defect():
    with pytest.raises(TypeError, match="mc-wes does not go with DecoderRules"):
        spot_video(network(), record(), DecoderRules())
