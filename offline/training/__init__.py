"""Training: sampling, schedule, checkpoints and run folders."""
