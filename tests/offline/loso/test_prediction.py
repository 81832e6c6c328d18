import numpy as np
import pytest
import torch

from engines.decoding.batch import decode
from engines.decoding.rules import DecoderRules
from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.loso.decoders import load_rules
from offline.loso.held_out import MOST, held_out_features
from offline.loso.plan import Decoding
from offline.loso.prediction import f1_on, spot
from offline.spotformer.inference import score
from offline.spotformer.model import SCORE_NAMES, SpotFormer
from offline.training.validation import SpottingValidation
from tests.offline.loso.loso_makers import SETTINGS, plan, record

EAGER = Decoding(
    DecoderRules.from_dict(
        {k: {"apex_threshold": 0.1} for k in ("micro", "macro")} | {"nms_iou": 0.2}
    )
)


@pytest.fixture
def model() -> SpotFormer:
    """A network that was never trained, its logits spread around 0 so that it finds something."""
    torch.manual_seed(1)
    network = SpotFormer(SETTINGS.model).eval()
    columns = list(SETTINGS.model.node_indices)
    with torch.no_grad():
        noise = torch.from_numpy(record("v", "s", 0).features[:, :, columns])
        network.head.weight.mul_(300)
        network.head.bias.copy_(-network.head.weight @ network.encode(noise).mean(0))
    return network


def test_scores_lie_where_there_is_a_window_and_nowhere_else(model: SpotFormer) -> None:
    one = record("v", "s", 0)
    curves = spot(model, one, Decoding()).curves
    assert set(curves) == set(SCORE_NAMES)
    for name, curve in curves.items():
        assert curve.dtype == np.float32
        np.testing.assert_array_equal(np.isnan(curve), ~one.scored)
        expected = score(model, one.features[:70]).values[name]
        np.testing.assert_array_equal(curve[:70], expected)


def test_expressions_end_at_a_gap_and_are_those_of_the_decoder(model: SpotFormer) -> None:
    one = record("v", "s", 0)
    found = spot(model, one, EAGER).found
    parts = [
        decode(score(model, one.features[a:b]).values, EAGER.rules, a)
        for a, b in ((0, 70), (72, 80))
    ]
    assert found == sum(parts, ())
    assert found


def test_a_video_without_any_window_has_no_expression(model: SpotFormer) -> None:
    one = record("v", "s", 0)
    one.scored[:] = False
    spotted = spot(model, one, EAGER)
    assert spotted.found == ()
    assert all(np.isnan(curve).all() for curve in spotted.curves.values())


def test_labels_take_no_part_in_spotting(model: SpotFormer) -> None:
    marked, unmarked = record("v", "s", 0), record("v", "s", 0)
    object.__setattr__(unmarked, "intervals", ())
    assert spot(model, marked, EAGER).found == spot(model, unmarked, EAGER).found


def test_the_cap_keeps_the_best_of_each_kind_in_their_order() -> None:
    found = tuple(
        Interval(kind, 10 * n, 10 * n + 2, 10 * n + 4, score)
        for n, (kind, score) in enumerate(
            [(Kind.MICRO, 0.2), (Kind.MACRO, 0.1), (Kind.MICRO, 0.9), (Kind.MICRO, 0.5)]
        )
    )
    assert Decoding(top=2).cap(found) == (found[1], found[2], found[3])
    assert Decoding(top=9).cap(found) == Decoding().cap(found) == found


def test_f1_is_that_of_validation_during_training(model: SpotFormer) -> None:
    records = [record("v", "s", 0), record("w", "t", 1)]
    expected = SpottingValidation(records, EAGER.rules)(model)["val_f1"]
    assert f1_on(model, records, EAGER) == {"val_f1": expected}


def test_held_out_features_are_what_the_head_reads_of_each_class(model: SpotFormer) -> None:
    one = record("v", "s", 0)
    object.__setattr__(one, "ignored", (Interval(Kind.MICRO, 20, 22, 24),))
    kept = held_out_features(model, [one, record("w", "s", 1, quiet=True)], 0)
    # 10 and 21 ticks are labelled; 2 of 80 have no window, 5 are uncertain
    assert np.bincount(kept.labels).tolist() == [80 - 31 - 2 - 5 + 78, 21, 10]
    micro = kept.features[kept.labels == 2]
    columns = list(SETTINGS.model.node_indices)
    with torch.no_grad():
        expected = model.encode(torch.from_numpy(one.features[10:20][:, :, columns]))
    np.testing.assert_allclose(micro, expected.numpy(), atol=1e-5)


def test_of_many_frames_a_seeded_part_is_kept(model: SpotFormer) -> None:
    quiet = [record(str(n), "s", n, quiet=True) for n in range(6)]
    kept = held_out_features(model, quiet, 0)
    assert kept.features.shape == (MOST, SETTINGS.model.width)
    np.testing.assert_array_equal(kept.features, held_out_features(model, quiet, 0).features)
    assert not np.array_equal(kept.features, held_out_features(model, quiet, 1).features)


def test_rules_come_by_name_or_file_and_others_are_refused(tmp_path) -> None:
    assert load_rules("paper") == DecoderRules()
    assert load_rules("default") != DecoderRules()
    path = tmp_path / "mine.toml"
    path.write_text("nms_iou = 0.25\n")
    assert load_rules(str(path)).nms_iou == 0.25
    path.write_text("nms = 0.25\n")
    for bad in (str(path), "no-such-rules"):
        with pytest.raises(UsageError, match="--decoder"):
            load_rules(bad)


@pytest.mark.parametrize("change", [{"threads": 0}, {"seed": -1}, {"decoding": Decoding(top=-1)}])
def test_a_plan_with_impossible_numbers_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(UsageError, match="at least 1"):
        plan(**change)
