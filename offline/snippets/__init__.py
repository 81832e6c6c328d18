"""Snippets of recorded videos, from SW-MRO features or from I3D."""
