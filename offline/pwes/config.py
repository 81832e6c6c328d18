"""Settings of pseudo labels, feature contrast and losses of PWES."""

from dataclasses import dataclass
from typing import Final

from engines.errors import UsageError

STRATEGIES: Final = ("none", "c", "ca", "caf1", "caf2", "full")
DISTANCES: Final = ("nearest", "farthest")
BACKGROUNDS: Final = ("capped", "lowest", "printed")
REGIONS: Final = ("labelled", "time")
CONFIDENCES: Final = ("mean", "softmax", "two-sided")
AVERAGES: Final = ("labelled", "even")


@dataclass(frozen=True, slots=True)
class MiningConfig:
    """Pseudo labels (MPLG, section 3.3); the defaults are the paper's for CAS(ME)².

    SAMM-LV differs in ``warmup_steps`` 50 and ``theta`` 0.9.

    Attributes
    ----------
    strategy
        Of table 2: ``"full"`` is MPLG; ``"c"`` reads class probabilities alone (steps 4 to 6),
        ``"ca"`` also attention (step 2), ``"caf1"`` and ``"caf2"`` of the similarities the one of
        step 1 and the one of step 3. ``"none"`` learns from no snippet label at all, as table 1's
        baseline.
    warmup_steps
        Steps before pseudo labels and memory bank start (table 3).
    share
        k as a share of a video's snippets, in (0, 1] (table 5).
    theta
        θ of equation 8, in [0, 1) (table 4).
    distance
        ``"nearest"``: ε of equation 5 is a softmax of the negative distance. ``"farthest"``: as
        printed, a softmax of the distance, which favours the class whose centre is farthest.
    distance_scale
        Distances are divided by it before the softmax; 1 is the paper's.
    background
        ``"capped"``: equation 9 takes 2k snippets, but none that is labelled or among the k with
        the highest attention. ``"lowest"``: the 2k lowest whatever they are, as in Algorithm 1.
        ``"printed"``: all but the 2k highest, as equation 9 is printed.
    labelled_above
        A snippet is labelled where its labels exceed it: 0; or 1, as Algorithm 1 is printed, which
        no label does, so that steps 1 and 3 find no feature to compare with.

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    strategy: str = "full"
    warmup_steps: int = 80
    share: float = 0.3
    theta: float = 0.8
    distance: str = "nearest"
    distance_scale: float = 1.0
    background: str = "capped"
    labelled_above: int = 0

    def __post_init__(self) -> None:
        choices = {"strategy": STRATEGIES, "distance": DISTANCES, "background": BACKGROUNDS}
        for name, known in choices.items():
            self._require(getattr(self, name) in known, name, f"one of {', '.join(known)}")
        self._require(self.warmup_steps >= 0, "warmup_steps", "at least 0")
        self._require(0 < self.share <= 1, "share", "in (0, 1]")
        self._require(0 <= self.theta < 1, "theta", "in [0, 1)")
        self._require(self.distance_scale > 0, "distance_scale", "above 0")
        self._require(self.labelled_above in (0, 1), "labelled_above", "0 or 1")

    def _require(self, holds: bool, name: str, rule: str) -> None:
        if not holds:
            raise UsageError(f"mining: {name} {getattr(self, name)} must be {rule}")


@dataclass(frozen=True, slots=True)
class ContrastConfig:
    """Regions, memory bank and contrast (DFCL, section 3.4); the paper's for CAS(ME)².

    SAMM-LV differs in ``background`` 8.

    Attributes
    ----------
    micro, macro, background
        Regions of a class and video, K_c of equation 11 (table 7 varies background); all of a
        class as region 0 comes on top.
    regions
        ``"labelled"``: the labelled snippets of a class, in order, in K_c even parts. ``"time"``:
        the video in K_c even parts, of which those without a labelled snippet are left out.
    tau
        τ of equation 17 (table 6).

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    micro: int = 2
    macro: int = 3
    background: int = 10
    regions: str = "labelled"
    tau: float = 1.0

    def __post_init__(self) -> None:
        for name in ("micro", "macro", "background"):
            self._require(getattr(self, name) >= 0, name, "at least 0")
        self._require(self.regions in REGIONS, "regions", f"one of {', '.join(REGIONS)}")
        self._require(self.tau > 0, "tau", "above 0")

    @property
    def counts(self) -> tuple[int, int, int]:
        """K_c of micro, macro and background."""
        return self.micro, self.macro, self.background

    def _require(self, holds: bool, name: str, rule: str) -> None:
        if not holds:
            raise UsageError(f"contrast: {name} {getattr(self, name)} must be {rule}")


@dataclass(frozen=True, slots=True)
class PwesLossConfig:
    """Equation 18; the defaults are the paper's for all datasets.

    Attributes
    ----------
    weight_video, weight_snippet, weight_contrast, weight_guide, weight_sparsity
        λ1 to λ5; 0 leaves a term out.
    weight_mutual
        Of L_aml, which the paper does not weigh.
    confidence
        How a pooled probability becomes a video's. ``"mean"`` takes it as it is, as equations 12
        and 13 say: nothing in them then speaks against a class that is absent. ``"softmax"`` over
        the classes, as MC-WES does with its logits. ``"two-sided"`` is no part of the paper: as
        ``"mean"``, and an absent class costs -log(1 - p).
    h_micro, h_macro, h_background
        h of MC-WES's equation 7: a class is pooled over the highest ⌊T / h⌋ snippets.
    focus
        Power of equation 16.
    average
        ``"labelled"``: equation 16 is a mean over all labelled snippets. ``"even"`` is no part of
        the paper: the mean of that of foreground and that of background, of which there are many
        times more.

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    weight_video: float = 1.0
    weight_snippet: float = 1.0
    weight_contrast: float = 0.1
    weight_guide: float = 1.0
    weight_sparsity: float = 0.8
    weight_mutual: float = 1.0
    confidence: str = "mean"
    h_micro: int = 9
    h_macro: int = 7
    h_background: int = 5
    focus: float = 2.0
    average: str = "labelled"

    def __post_init__(self) -> None:
        for name in ("video", "snippet", "contrast", "guide", "sparsity", "mutual"):
            self._require(getattr(self, f"weight_{name}") >= 0, f"weight_{name}", "at least 0")
        for name in ("h_micro", "h_macro", "h_background"):
            self._require(getattr(self, name) >= 1, name, "at least 1")
        self._require(self.focus >= 0, "focus", "at least 0")
        known = ", ".join(CONFIDENCES)
        self._require(self.confidence in CONFIDENCES, "confidence", f"one of {known}")
        known = ", ".join(AVERAGES)
        self._require(self.average in AVERAGES, "average", f"one of {known}")

    @property
    def h(self) -> tuple[int, int, int]:
        """Of micro, macro and background."""
        return self.h_micro, self.h_macro, self.h_background

    def _require(self, holds: bool, name: str, rule: str) -> None:
        if not holds:
            raise UsageError(f"loss: {name} {getattr(self, name)} must be {rule}")
