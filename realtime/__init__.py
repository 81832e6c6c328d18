"""Pixels to expression events, frame by frame."""
