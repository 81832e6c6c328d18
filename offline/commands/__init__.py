"""Subcommands of ``fes-offline``, one module each."""
