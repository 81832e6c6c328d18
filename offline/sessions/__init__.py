"""Recorded sessions for the programs in which people study them."""
