"""Faces in a frame: tracking, the 68-point scheme, lids and rigid points."""
