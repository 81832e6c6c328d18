"""Leave-one-subject-out: every person is spotted by a network that never saw that person.

The folder of a LOSO run::

    OUT/
      config.json        what was asked; a folder of another configuration is refused
      environment.json   versions and hardware
      folds/SUBJECT/     one fold: an ordinary run folder (offline.training.run_folder) and
        selection.json   rule, epoch, file of weights, F1 by epoch where one was chosen
        scores/VIDEO.npz float32 (T,) by score name; ``scored`` bool (T,): ticks with a window
        features.npz     what the head reads, of some held-out frames (offline.loso.held_out)
        predictions.csv  written last: with it, the fold is finished
        inner/           with --selection inner: the run whose validation chose the epoch
      predictions.csv    of all finished folds
      truth.csv          labels of the same videos
      subjects.csv       video, subject, ticks: the same videos, those without labels too
      result.json        the evaluator's figures, and all that they depend on
      features/          of a dataset, unless they are kept elsewhere

Tables hold ticks of the 30 Hz grid, so that ``fes-offline evaluate --truth truth.csv
--predictions predictions.csv --subjects subjects.csv --fps 30`` repeats the figures. Names of
subjects and videos are quoted as in URLs where they become names of files
(:func:`offline.loso.folder.file_name`). No file tells a time, so that equal runs are equal files;
only ``metrics.jsonl`` counts seconds.
"""
