"""Leave-one-subject-out: every person is spotted by a network that never saw that person.

The folder of a LOSO run::

    OUT/
      config.json        what was asked, and the commands as typed; a folder of another
                         configuration is refused
      environment.json   versions and hardware
      folds/SUBJECT/     one fold: an ordinary run folder (offline.training.run_folder) and
        selection.json   rule, epoch, file of weights, F1 by epoch where one was chosen, bar
        scores/VIDEO.npz float32 (T,) by score name; ``scored`` bool (T,): ticks with scores
        features.npz     what the head reads, of some held-out frames, or
                         snippets (offline.loso.held_out)
        predictions.csv  written last: with it, the fold is finished
        inner/           with --selection inner or --bar inner: the run whose validation chose
      predictions.csv    of all finished folds
      truth.csv          labels of the same videos
      subjects.csv       video, subject, ticks: the same videos, those without labels too; with
                         --bar inner also the least score that counts in each
      result.json        the evaluator's figures, and all that they depend on
      features/          of a dataset, unless they are kept elsewhere

Tables hold ticks of the 30 Hz grid, so that ``fes-offline evaluate --truth truth.csv
--predictions predictions.csv --subjects subjects.csv --fps 30`` repeats the figures, after ``--bar
inner`` with ``--bars subjects.csv``. Names of subjects and videos are quoted as in URLs where they
become names of files (:func:`offline.loso.folder.file_name`). No file tells a time, so that equal
runs of one command are equal files; only ``metrics.jsonl`` counts seconds.
"""
