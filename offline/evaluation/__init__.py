"""How good a set of predicted expressions is (inclusive IoU, one-to-one; MEGC protocol)."""
