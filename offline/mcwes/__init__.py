"""MC-WES: trained from which kinds of expression a video holds, and nothing else.

Yu et al., "Weakly-supervised Micro- and Macro-expression Spotting Based on Multi-level
Consistency". Section, equation and table numbers of this package are that paper's.
"""
