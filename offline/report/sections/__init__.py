"""The sections of a report, each a function from runs to blocks."""
