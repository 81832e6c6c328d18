"""Data, training and evaluation of spotting models."""
