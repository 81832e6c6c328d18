"""The order and the units of a step's features."""

import numpy as np
import pytest

from realtime.flow.step import DEPTH_LEVER_PX, EYE_LEVER_PX, step_features
from realtime.types import FLOW_NODES, NODES


def test_every_value_of_a_step_has_its_node_and_is_in_canonical_px() -> None:
    patches = np.arange(20, dtype=np.float32).reshape(1, 10, 2)
    motions = np.array([[3.0, -4.0, 0.01, 0.02, 0.03, 0.05]])
    lids = np.array([[-1.5, 0.5]], np.float32)
    (out,) = step_features(patches, motions, lids, np.array([2], np.float32))
    assert (out[: len(FLOW_NODES)] == 2 * patches[0]).all()
    at = {name: out[NODES.index(name)].tolist() for name in NODES}
    assert at["lids"] == pytest.approx([-1.5, 0.5])
    assert at["head_shift"] == pytest.approx([6, -8])
    assert at["head_turn"] == pytest.approx([0.03 * DEPTH_LEVER_PX, 0.05 * DEPTH_LEVER_PX])
    assert at["head_roll_scale"] == pytest.approx([0.02 * EYE_LEVER_PX, 0.01 * EYE_LEVER_PX])
    assert all(at[name] == [0, 0] for name in NODES if name.startswith("posture"))


def test_every_window_has_a_scale_of_its_own() -> None:
    """Angles and lids do not hang on it; lengths do."""
    patches, motions = np.ones((3, 10, 2), np.float32), np.ones((3, 6))
    lids, scales = np.ones((3, 2), np.float32), np.array([0.5, 1, 4], np.float32)
    out = step_features(patches, motions, lids, scales)
    for name in (*FLOW_NODES, "head_shift"):
        assert out[:, NODES.index(name)] == pytest.approx(np.tile(scales[:, None], 2)), name
    for name in ("lids", "head_turn", "head_roll_scale"):
        assert (out[:, NODES.index(name)] == out[0, NODES.index(name)]).all(), name


def test_no_windows_have_no_features() -> None:
    empty = np.empty((0, 10, 2), np.float32)
    nothing = np.empty((0, 2), np.float32)
    out = step_features(empty, np.empty((0, 6)), nothing, np.empty(0, np.float32))
    assert out.shape == (0, len(NODES), 2)
    assert out.dtype == np.float32
