"""PWES (Yu et al.): spotting from one arbitrary labelled frame of every expression."""
