"""The sub commands of ``fes-live`` that do not run a source."""
