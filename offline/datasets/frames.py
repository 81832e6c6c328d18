"""From a video of a dataset to its frames."""

from dataclasses import replace

from engines.errors import SourceError, UsageError
from offline.datasets.records import DatasetVideo, LabelledInstance
from offline.datasets.sampling import SampledSource, Sampling
from realtime.sources.base import Source
from realtime.sources.open import open_source
from realtime.types import RATE_HZ


def open_video(video: DatasetVideo) -> Source:
    """Open the frames of a video that its sampling keeps.

    Raises
    ------
    SourceError
        If they are missing or cannot be read.
    """
    if video.source is None:
        raise SourceError(f"{video.name}: its frames are missing; see fes-offline dataset check")
    source = open_source(str(video.source), video.fps if video.source.is_dir() else None)
    return source if video.sampling.by_time else SampledSource(source, video.sampling)


def sampled(video: DatasetVideo, sampling: Sampling) -> DatasetVideo:
    """Return a video of which every n-th frame is read, its instances moved accordingly.

    Raises
    ------
    UsageError
        If it is sampled already.
    """
    if sampling.by_time:
        return video
    if not video.sampling.by_time:
        raise UsageError(f"{video.name}: every {video.sampling.every}th frame is read already")
    return replace(
        video,
        instances=tuple(_moved(one, sampling, video.frames) for one in video.instances),
        ignored=tuple(_moved(one, sampling, video.frames) for one in video.ignored),
        sampling=sampling,
    )


def _moved(one: LabelledInstance, sampling: Sampling, count: int | None) -> LabelledInstance:
    onset, offset = (sampling.frame(frame, count) for frame in (one.onset, one.offset))
    apex = None if one.apex is None else sampling.frame(one.apex, count)
    return replace(
        one,
        onset=onset,
        apex=apex,
        offset=offset,
        onset_s=onset / RATE_HZ,
        apex_s=None if apex is None else apex / RATE_HZ,
        offset_s=offset / RATE_HZ,
    )
