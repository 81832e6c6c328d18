"""The page: sections, numbered, in one HTML file that needs nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import metadata, resources
from itertools import count

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from offline.report.blocks import Figure, Section, Table
from offline.report.run_data import Run
from offline.report.sections.features import features
from offline.report.sections.glance import glance
from offline.report.sections.mistakes import mistakes
from offline.report.sections.overlap import overlap
from offline.report.sections.people import people
from offline.report.sections.pseudo_labels import pseudo_labels
from offline.report.sections.rerun import rerun
from offline.report.sections.results import results
from offline.report.sections.training import training
from offline.report.sections.videos import videos


@dataclass(frozen=True, slots=True)
class PageOptions:
    """What a page shows.

    Attributes
    ----------
    title
        Its heading.
    videos
        Videos whose scores are drawn, at most.
    gallery
        Charts in a gallery of false positives or misses, at most.
    """

    title: str = "Facial expression spotting"
    videos: int = 60
    gallery: int = 12


class _Numbers:
    """Numbers tables and figures in the order in which they stand on the page."""

    def __init__(self) -> None:
        self._counters = {Table.name: count(1), Figure.name: count(1)}

    def next(self, name: str) -> int:
        return next(self._counters[name])


def render(runs: Sequence[Run], options: PageOptions) -> str:
    """Return the page about some runs; equal runs give equal pages.

    Raises
    ------
    UsageError
        If a file of scores is damaged.
    """
    environment = Environment(
        loader=PackageLoader("offline.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        title=options.title,
        runs=runs,
        sections=[s for s in _sections(runs, options) if s.blocks],
        style=_style(),
        numbers=_Numbers(),
        version=metadata.version("fes"),
    )


def _sections(runs: Sequence[Run], options: PageOptions) -> list[Section]:
    return [
        glance(runs),
        results(runs),
        overlap(runs),
        people(runs),
        videos(runs, options.videos),
        mistakes(runs, options.gallery),
        features(runs),
        pseudo_labels(runs),
        training(runs),
        rerun(runs),
    ]


def _style() -> Markup:
    """Return the style sheet; it is this package's own and holds no markup."""
    text = (resources.files("offline.report") / "templates" / "style.css").read_text("utf-8")
    return Markup(text)  # noqa: S704 - a file of the package, not input
