"""What the numbers in images' names say, beside what the annotation's frames are taken to mean."""

from collections.abc import Iterator, Mapping

from offline.datasets.media import Media


def remarks(media: Mapping[str, Media], first_frame: int | None) -> Iterator[str]:
    """Give what is odd about videos, and where images begin at another number than the table.

    Labels count images in order, whatever the images are called. If an annotation means the
    numbers in their names instead, then it is off by a constant where they begin elsewhere.

    Parameters
    ----------
    media
        By the video's name.
    first_frame
        What the annotation is taken to call the first frame; None where somebody said it.
    """
    yield from (f"{name}: {one.remark}" for name, one in media.items() if one.remark)
    first = {name: n for name, one in media.items() if (n := one.first_number) is not None}
    other = {name: number for name, number in first.items() if number != first_frame}
    if first_frame is None or not other:
        return
    name, number = next(iter(other.items()))
    advice = ""
    if set(other.values()) == {1 - first_frame} and len(other) == len(first):
        advice = f": give --first-frame {number} if the table means these numbers"
    yield (
        f"the images of {len(other)} of {len(first)} videos are not numbered from {first_frame}, "
        f"those of {name} from {number}, but the first image is taken to be what the table calls "
        f"frame {first_frame}{advice}"
    )
