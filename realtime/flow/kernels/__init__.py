"""Numba kernels of the streaming flow: one core, no allocation, compiled once and cached."""
