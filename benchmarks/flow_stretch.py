"""Stretches of consecutive ticks, cropped once, that every flow is then run on."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from engines.errors import SourceError
from realtime.clock import Clock, Tick
from realtime.faces.landmarks import to_68
from realtime.faces.tracker import open_tracker
from realtime.flow.canonical import Anchor
from realtime.flow.sites import PATCH_LANDMARKS, Sites
from realtime.sources.open import open_source
from realtime.synthesis.render import RenderedFrame
from realtime.types import Face, Frame

PLACES: Final = (0.5, 0.25, 0.75, 0.0)
"""Where in a clip a stretch is looked for, as fractions of it: the first with a face throughout."""

SETTLE: Final = 5
"""Ticks that the tracker sees before the stretch begins."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive crops of one anchor.

    Attributes
    ----------
    name
        Of the clip or the film.
    crops
        uint8 (224, 208) each, one a tick.
    sites
        Places to be read on each crop.
    opens
        Where a window begins: the anchor still holds there.
    places
        float32 (ticks, 10, 2): true positions of the patches' landmarks, px of the crop; None
        where nobody knows them.
    """

    name: str
    crops: tuple[NDArray[np.uint8], ...]
    sites: tuple[Sites, ...]
    opens: tuple[bool, ...]
    places: NDArray[np.float32] | None = None

    def truth(self, start: int, end: int) -> NDArray[np.float32]:
        """Return the true displacement of the ten landmarks, float32 (10, 2), canonical px.

        Raises
        ------
        ValueError
            If the truth is not known.
        """
        if self.places is None:
            raise ValueError(f"{self.name}: the true motion is known of rendered faces only")
        scale = np.float32(self.sites[start].to_canonical)
        return np.asarray((self.places[end] - self.places[start]) * scale, np.float32)


def stretch_of(
    name: str,
    images: Sequence[NDArray[np.uint8]],
    faces: Sequence[Face],
    places: NDArray[np.float32] | None = None,
) -> Stretch:
    """Crop pictures around the face of the first one.

    Parameters
    ----------
    name
        Of the clip or the film.
    images
        uint8 RGB (H, W, 3), one a tick.
    faces
        The face on each.
    places
        float32 (ticks, 10, 2), px of the frame, where known.
    """
    anchor = Anchor.of(faces[0].landmarks)
    return Stretch(
        name,
        tuple(anchor.crop(image) for image in images),
        tuple(Sites.of(face, anchor) for face in faces),
        tuple(anchor.holds(face.landmarks) for face in faces),
        None if places is None else np.stack([anchor.to_crop(at) for at in places]),
    )


def film_stretch(name: str, frames: Sequence[RenderedFrame]) -> Stretch:
    """Return a rendered film with its truth; the sites are the true places."""
    faces = [Face(0, frame.mesh, to_68(frame.mesh), 1.0) for frame in frames]
    places = np.stack([face.landmarks[list(PATCH_LANDMARKS)] for face in faces])
    return stretch_of(name, [frame.image for frame in frames], faces, places)


def clip_stretch(path: Path, ticks: int) -> Stretch:
    """Return a stretch of a clip, from its middle where a face is there throughout.

    Raises
    ------
    SourceError
        If the clip has no such stretch.
    """
    total = sum(1 for _ in _ticks(path))
    for place in PLACES:
        first = max(0, min(round(place * total), total - ticks))
        found = _tracked(path, first, ticks)
        if len(found) == ticks:
            return stretch_of(path.stem, [i for i, _ in found], [face for _, face in found])
    raise SourceError(f"{path}: no {ticks} consecutive ticks with a face; ask for fewer (--frames)")


def _ticks(path: Path) -> Iterator[Frame]:
    """Yield the frame of every tick; of a gap, nothing."""
    clock = Clock()
    with closing(open_source(str(path))) as source:
        for frame in source:
            yield from (event.frame for event in clock.push(frame) if isinstance(event, Tick))


def _tracked(path: Path, first: int, count: int) -> list[tuple[NDArray[np.uint8], Face]]:
    """Return pictures and faces from tick ``first`` on, until ``count`` or no face is there."""
    out: list[tuple[NDArray[np.uint8], Face]] = []
    begin = max(0, first - SETTLE)
    with open_tracker() as tracker:
        for number, frame in enumerate(islice(_ticks(path), begin, first + count), start=begin):
            faces = tracker.track(frame)
            if number < first:
                continue
            if not faces:
                break
            out.append((frame.image, faces[0]))
    return out
