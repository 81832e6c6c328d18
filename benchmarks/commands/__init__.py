"""The commands of ``fes-bench``, one module each."""
