"""The mesh's graph run by hand, against the solution that mediapipe builds around it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import mediapipe
import numpy as np
import pytest
import skimage.data
from mediapipe.python.solutions.face_mesh import FaceMesh
from numpy.typing import NDArray

from realtime.faces.graph import GRAPH, MeshGraph
from realtime.faces.tracks import as_input
from realtime.faces.wire import points_of

Image = NDArray[np.uint8]


def portrait() -> Image:
    return np.ascontiguousarray(skimage.data.astronaut()[:240, 120:360])


def pictures() -> list[Image]:
    """A face that moves, is covered, and is back; then two of it."""
    moving = [np.roll(portrait(), 3 * k, axis=1) for k in range(5)]
    covered = [np.zeros_like(portrait())] * 2
    two = [np.concatenate([portrait(), image], axis=1) for image in moving]
    return [*moving, *covered, *moving, *two]


@contextmanager
def opened(max_faces: int) -> Iterator[MeshGraph]:
    graph = MeshGraph(max_faces)
    try:
        yield graph
    finally:
        graph.close()


@pytest.mark.parametrize("max_faces", [1, 2])
def test_the_landmarks_are_those_of_the_wheels_own_solution(max_faces: int) -> None:
    with opened(max_faces) as graph, FaceMesh(
        max_num_faces=max_faces, refine_landmarks=True,
        min_detection_confidence=0.5, min_tracking_confidence=0.5,
    ) as solution:  # fmt: skip
        counts = []
        for image in pictures():
            found = graph.process(as_input(image))
            wanted = solution.process(image).multi_face_landmarks or []
            assert len(found) == len(wanted)
            for one, other in zip(found, wanted, strict=True):
                points = np.array([(p.x, p.y, p.z) for p in other.landmark], np.float32)
                np.testing.assert_array_equal(points_of(one), points)
            counts.append(len(found))
    assert counts[:5] == [1] * 5
    assert counts[6] == 0
    assert max(counts) == max_faces


def test_the_graph_asks_half_of_the_confidence_for_a_face_to_be_found_and_followed() -> None:
    graph = mediapipe.ValidatedGraphConfig()
    graph.initialize(binary_graph_path=str(Path(mediapipe.__file__).parents[1] / GRAPH))
    text = graph.text_config
    assert "min_score_thresh: 0.5" in text
    assert "threshold: 0.5" in text.split("facelandmarkcpu__ThresholdingCalculator")[1]


def test_a_picture_is_not_written_to() -> None:
    image = portrait()
    before = image.copy()
    with opened(1) as graph:
        graph.process(as_input(image))
    np.testing.assert_array_equal(image, before)
