"""The subcommands of ``fes-engine``, one file each."""
