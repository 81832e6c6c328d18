"""Folders of I3D features whose few numbers show what the videos hold."""

import dataclasses
from pathlib import Path

import numpy as np

from offline.data.origin import Origin
from offline.loso.corpus import Corpus
from offline.snippets.reads import Reads
from offline.snippets.record import SnippetRecord
from offline.snippets.store import save_snippets
from tests.offline.mcwes.mcwes_makers import record

SNIPPETS, TICKS = 20, 8
I3D = Reads(source="i3d")


def i3d_record(subject: str, seed: int, source: str = "i3d", kinds: str = "mM") -> SnippetRecord:
    """Twenty snippets of 8 ticks, of 6 features; snippet 18 is not valid."""
    made = record(f"video-{subject}", SNIPPETS, kinds, seed, source=source)
    made.valid[18] = False
    made.streams[:, 18] = 0
    return dataclasses.replace(made, subject=subject)


def write_i3d(
    folder: Path, subjects: str = "abc", source: str = "i3d", *, times: bool = False
) -> None:
    """One video for each subject; with times, of 5 frames after the last snippet too."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = np.arange(SNIPPETS * TICKS + 5) / 30
    for number, subject in enumerate(subjects):
        origin = Origin("{}", f"frames-{subject}", "own times", frames, 0) if times else None
        made = i3d_record(subject, number, source)
        save_snippets(folder / f"video-{subject}.i3d", made, origin)


def i3d_corpus(folder: Path, source: str = "i3d") -> Corpus:
    """Write such features and return them as a corpus."""
    write_i3d(folder, source=source)
    return Corpus.of_folder(folder, Reads(source=source))
