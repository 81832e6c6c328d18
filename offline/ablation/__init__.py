"""Ablations: one table of networks that differ in one thing, trained and tested alike.

A *case* is a training preset and the datasets that it is trained and tested on. Subjects of a
dataset that is on both sides are held out: a share of them, the same in every case, or, with LOSO,
each in turn. So nobody is trained on who is tested. The folder of an ablation::

    OUT/CASE/            one case; with LOSO, the folder of a LOSO run (offline.loso), else
      case.json          what decides its figures; a folder of other choices is refused
      run/               the run folder (offline.training.run_folder)
      truth.csv          labels of the videos that were tested, ticks of 30 Hz
      subjects.csv       those videos, the ones without labels too
      predictions.csv    what was found, written last: with it, the case is finished
"""
