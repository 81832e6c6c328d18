from functools import partial

import numpy as np
import pytest
import torch

from engines.decoding.rules import DecoderRules
from engines.errors import UsageError
from engines.intervals import Interval, Kind
from offline.data.store import save_record
from offline.snippets.reads import Reads
from offline.spotformer.config import SpotFormerConfig
from offline.spotformer.inference import score
from offline.spotformer.model import Logits, SpotFormer
from offline.training.data import parse_sources, validation_records
from offline.training.validation import SpottingValidation, spot_record
from realtime.types import NODES
from tests.offline.training.tiny_records import TinyRecipe, make_record

MICRO, MACRO = Interval(Kind.MICRO, 30, 35, 40), Interval(Kind.MACRO, 100, 115, 130)


class Oracle(SpotFormer):
    """Answers from the tick in a window: sure of the marks of two expressions, and of no other."""

    def __init__(self) -> None:
        super().__init__(SpotFormerConfig(width=4, heads=1, nodes=NODES))

    def forward(self, windows: torch.Tensor) -> Logits:
        ticks = windows[:, 0, 0, 0]
        boundary = torch.zeros(len(ticks), 2, 3)
        apex = torch.full((len(ticks), 2), -9.0)
        for row, truth in enumerate((MICRO, MACRO)):
            boundary[:, row, 0] = 20.0 * (ticks == truth.onset)
            boundary[:, row, 1] = 20.0 * (ticks == truth.offset)
            boundary[:, row, 2] = 9.0
            apex[ticks == truth.apex, row] = 9.0
        return Logits(boundary, apex, apex, apex)


def test_a_perfect_network_validates_at_one():
    validate = SpottingValidation([make_record(200, (MICRO, MACRO))] * 2)
    assert validate(Oracle()) == {"val_f1": 1.0, "val_f1_micro": 1.0, "val_f1_macro": 1.0}


def test_false_and_missing_expressions_lower_the_score():
    missing = Interval(Kind.MACRO, 150, 160, 180)
    validate = SpottingValidation([make_record(200, (MICRO, missing))])
    assert validate(Oracle()) == {"val_f1": 0.5, "val_f1_micro": 1.0, "val_f1_macro": 0.0}


def test_no_expression_is_found_across_a_gap():
    record = make_record(200, (MICRO, MACRO))
    record.scored[[37, 99, 140]] = False
    found = spot_record(partial(score, Oracle()), record, DecoderRules())
    assert [(i.kind, i.onset, i.apex, i.offset) for i in found] == [(Kind.MACRO, 100, 115, 130)]


@pytest.mark.parametrize("ticks", [0, 5])
def test_a_record_without_scored_ticks_holds_nothing(ticks):
    record = make_record(ticks, ())
    record.scored[:] = False
    assert spot_record(partial(score, Oracle()), record, DecoderRules()) == ()


def test_sources_are_named_with_optional_shares(tmp_path):
    save_record(tmp_path / "a.npz", make_record(3, ()))
    simulated, folder = parse_sources(f"simulated=0.7,{tmp_path}", TinyRecipe)
    assert (simulated.name, simulated.share) == ("simulated", 0.7)
    assert isinstance(simulated.supply, TinyRecipe)
    assert (folder.name, folder.share, len(folder.supply)) == (str(tmp_path), 1.0, 1)


@pytest.mark.parametrize(
    "text", ["", "simulated,", "simulated=0", "simulated=x", "simulated=nan", "none/"]
)
def test_sources_that_cannot_be_used_are_refused(text):
    with pytest.raises(UsageError):
        parse_sources(text, TinyRecipe)


def test_sources_and_validation_are_of_the_window_that_the_network_reads(tmp_path):
    save_record(tmp_path / "a.npz", make_record(3, ()))
    (simulated,) = parse_sources("simulated", reads=Reads(25))
    assert simulated.supply.draw(np.random.default_rng(0)).window == 25
    assert validation_records("simulated", 3, Reads(9))[0].window == 9
    for read in (lambda: parse_sources(str(tmp_path), reads=Reads(25)),
                 lambda: validation_records(str(tmp_path), 3, Reads(25))):  # fmt: skip
        with pytest.raises(UsageError, match="extract again with --window 25"):
            read()


def test_simulated_validation_is_the_same_every_time():
    first, again = (validation_records("simulated", 3)[0] for _ in range(2))
    np.testing.assert_array_equal(first.features, again.features)
    assert not np.array_equal(first.features, validation_records("simulated", 4)[0].features)
