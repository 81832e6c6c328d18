"""SpotFormer: network, targets and losses."""
