"""Snippets: short runs of ticks that weakly supervised models score as one."""
