"""Portraits that make scripted expressions, rendered with known truth."""
