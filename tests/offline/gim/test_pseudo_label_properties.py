"""What holds for pseudo-labels of any record."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.intervals import Kind
from offline.gim.config import SOFT_LABELS, GimLossConfig
from offline.gim.labels import PseudoLabels, Stage, TickPoint
from offline.gim.pseudo_labels import pseudo_labels
from offline.spotformer.targets import KINDS
from tests.offline.gim.outputs import outputs_of


@st.composite
def labelled(draw: st.DrawFn) -> tuple[PseudoLabels, GimLossConfig]:
    ticks = draw(st.integers(1, 80))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    points = draw(
        st.sets(st.builds(TickPoint, st.integers(0, ticks - 1), st.sampled_from(Kind)), max_size=6)
    )
    config = GimLossConfig(soft_labels=draw(st.sampled_from(SOFT_LABELS)))
    outputs = outputs_of(
        rng.uniform(0.01, 0.99, ticks).tolist(), x=rng.normal(size=(ticks, 2)).tolist()
    )
    scored = rng.random(ticks) < draw(st.sampled_from([0.0, 0.5, 1.0]))
    found = pseudo_labels(outputs, list(points), scored, config, draw(st.integers(0, 40)), rng)
    return found, config


@settings(max_examples=150, deadline=None)
@given(labelled())
def test_labels_are_in_the_unit_interval_and_on_scored_ticks_only(
    case: tuple[PseudoLabels, GimLossConfig],
):
    found, _ = case
    assert ((found.soft >= 0) & (found.soft <= 1)).all()
    assert not (found.expression & ~found.scored).any()
    assert not (found.neutral & (found.expression | ~found.scored)).any()
    count = int(found.expression.sum())
    assert found.neutral.sum() == min(count, int(found.scored.sum()) - count)


@settings(max_examples=150, deadline=None)
@given(labelled())
def test_an_instance_holds_its_apex_and_is_no_longer_than_it_may_be(
    case: tuple[PseudoLabels, GimLossConfig],
):
    found, config = case
    for instance in found.instances:
        kind = instance.point.kind
        assert instance.apex in instance.ticks
        assert abs(instance.apex - instance.point.tick) <= config.k_c(kind) / 4
        longest = max(config.longest(kind), config.k_c(kind))
        assert instance.last - instance.first <= longest
        assert (found.soft[KINDS.index(kind), instance.ticks] > 0).all()
        if found.stage is Stage.GIM and config.soft_labels == "gaussian":
            assert instance.soft[instance.ticks == instance.apex] == 1
            assert instance.soft.max() == 1
