"""What the commands of ``fes-bench`` are made of. Needs neither ``offline`` nor torch."""
