"""Sessions on disk: what a run saw and said, written so that a crash loses next to nothing."""
