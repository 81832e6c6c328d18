"""Settings of the GIM network and of what it is trained for."""

from dataclasses import dataclass, field
from typing import Final

from engines.errors import UsageError
from engines.intervals import Kind
from offline.spotformer.config import SpotFormerConfig

INTENSITY_LOSSES: Final = ("mse", "bce")
SOFT_LABELS: Final = ("gaussian", "hard", "cosine", "class-mean", "mined")
OVERLAPS: Final = ("random", "higher", "lower")
NORMS: Final = ("mean", "sum")
OTHER_KINDS: Final = ("ignored", "negative")
MEANS: Final = ("ticks", "kinds")


@dataclass(frozen=True, slots=True)
class HeadConfig:
    """The two branches on the encoder (figure 3); the defaults are the published values.

    Attributes
    ----------
    dropout
        Dropout after the first layer of the intensity branch, in [0, 1).
    output_dropout
        Dropout of both branches between their last layer and the sigmoid, in [0, 1). A dropped
        value reads 0.5.
    leaky_slope
        Slope of the leaky ReLU below zero, in [0, 1].

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    dropout: float = 0.7
    output_dropout: float = 0.7
    leaky_slope: float = 0.2

    def __post_init__(self) -> None:
        for name in ("dropout", "output_dropout"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(f"head: {name} {getattr(self, name)} must be in [0, 1)")
        if not 0 <= self.leaky_slope <= 1:
            raise UsageError(f"head: leaky_slope {self.leaky_slope} must be in [0, 1]")


@dataclass(frozen=True, slots=True)
class GimConfig:
    """A GIM network: the encoder of a SpotFormer and two branches."""

    model: SpotFormerConfig = field(default_factory=SpotFormerConfig)
    head: HeadConfig = field(default_factory=HeadConfig)


@dataclass(frozen=True, slots=True)
class GimLossConfig:
    """Pseudo-labels and losses; the defaults are the paper's for CAS(ME)² (section 4.1).

    SAMM-LV differs in ``weight_norm`` 0.3 and ``weight_contrast`` 2e-5.

    Attributes
    ----------
    weight_smooth, weight_norm, weight_contrast
        λ1, λ2 and λ3 of equation 14; ``weight_contrast`` 0 leaves the contrastive loss out.
    norm
        ``"mean"``: equation 10 divided by the number of ticks. ``"sum"`` is equation 10 as
        printed; with λ2 = 2.5 its slope of 2.5 per tick exceeds that of equation 9, at most
        2 / (N_neut + N_exp), on every tick, and no label can hold an intensity up.
    intensity_loss
        ``"mse"`` is equation 9; ``"bce"`` the cross-entropy of table 2.
    soft_labels
        ``"gaussian"`` is GIM. Of table 3: ``"hard"`` labels 1 over GIM's durations, ``"cosine"``
        similarity to the pseudo-apex, ``"class-mean"``, the mean feature of the video's labelled
        frames of one class as μ. ``"mined"`` is no part of the paper: labels 1 on the run of
        ticks above θ that holds the labelled frame, at least stage 1's and within k_c / 2, as
        methods of point-supervised action localisation label neighbours.
    overlap
        Which label stays where two of one class meet (table 4).
    action_other_kind, action_mean
        Variants of equation 13 (:func:`offline.gim.action_loss.action_loss`); ``"ignored"`` and
        ``"ticks"`` are the printed one, which never tells a micro-expression from a macro one:
        nothing lowers the score of the kind that a tick is not.
    tau, contrast_normalise
        Temperature of equation 7, which the paper does not give, and whether features are scaled
        to unit length before, which the paper does not do.
    reliable
        Pseudo-labels above it take part in equations 7 and 13.
    neutral_ratio, neutral_least
        N_neut is the larger of ``neutral_ratio`` N_exp, rounded down, and ``neutral_least``, as
        far as there are unlabelled ticks; 1 and 0 are equation 6. Only with a ``neutral_least``
        does a video without points teach what neutral ticks are.
    neutral_beyond_micro, neutral_beyond_macro
        Where every expression has its point, ticks farther than this from each point of a kind
        hold no expression of it. Those far from all points are then neutral, and no others, in
        place of equation 6. That one takes the ticks of lowest intensity: never those that the
        network mistakes for expressions, such as blinks, and first the held middle of a
        macro-expression, where nothing moves. Ticks; 0 for both is equation 6.
    k_c_micro, k_c_macro
        General duration of a kind, ticks (table 5 varies macro).
    delta
        Expansion of the rough duration.
    shortest
        Least expanded duration, as a share of k_c.
    longest_micro, longest_macro
        Largest expanded duration, ticks.
    k_s1_micro, k_s1_macro, k_s2_micro, k_s2_macro
        Reach of stage 1 and stage 2 to both sides of the labelled frame, ticks.
    hard_epochs, warm_epochs
        Epochs of stage 1 and stage 2; all later ones are stage 3.
    theta_start, theta_end, theta_epochs
        θ in the first epoch of stage 3, in the one ``theta_epochs`` later and ever after; linear
        between.
    reward_micro, reward_macro
        Weights of a reward on the intensity of reliable ticks, which the published code has (0.6
        and 0.4) and the paper has not.
    apex_focal
        Weight of a focal loss on the action scores around pseudo-apexes in stage 3, which the
        published code has (1) and the paper has not.

    Raises
    ------
    UsageError
        If a value cannot be honoured.
    """

    weight_smooth: float = 0.1
    weight_norm: float = 2.5
    weight_contrast: float = 1.4e-4
    norm: str = "mean"
    intensity_loss: str = "mse"
    soft_labels: str = "gaussian"
    overlap: str = "random"
    action_other_kind: str = "ignored"
    action_mean: str = "ticks"
    tau: float = 0.5
    contrast_normalise: bool = False
    reliable: float = 0.5
    neutral_ratio: float = 1.0
    neutral_least: int = 0
    neutral_beyond_micro: int = 0
    neutral_beyond_macro: int = 0
    k_c_micro: int = 16
    k_c_macro: int = 32
    delta: float = 1.2
    shortest: float = 0.5
    longest_micro: int = 16
    longest_macro: int = 36
    k_s1_micro: int = 3
    k_s1_macro: int = 5
    k_s2_micro: int = 2
    k_s2_macro: int = 4
    hard_epochs: int = 1
    warm_epochs: int = 4
    theta_start: float = 0.8
    theta_end: float = 0.5
    theta_epochs: int = 30
    reward_micro: float = 0.0
    reward_macro: float = 0.0
    apex_focal: float = 0.0

    def __post_init__(self) -> None:
        self._check_choices()
        for name in ("weight_smooth", "weight_norm", "weight_contrast", "neutral_ratio"):
            self._require(getattr(self, name) >= 0, name, "at least 0")
        for name in ("reward_micro", "reward_macro", "apex_focal", "neutral_least", "shortest"):
            self._require(getattr(self, name) >= 0, name, "at least 0")
        for name in ("hard_epochs", "warm_epochs", "theta_epochs"):
            self._require(getattr(self, name) >= 0, name, "at least 0")
        for kind in Kind:
            name = f"neutral_beyond_{kind}"
            value = getattr(self, name)
            self._require(
                value >= self.longest(kind) / 2 or not self.knows_neutral,
                name,
                f"at least half of longest_{kind}, or 0 for both kinds",
            )
        for name in ("theta_start", "theta_end"):
            self._require(0 <= getattr(self, name) <= 1, name, "in [0, 1]")
        for name in ("k_s1_micro", "k_s1_macro", "k_s2_micro", "k_s2_macro"):
            self._require(getattr(self, name) >= 0, name, "at least 0")
        self._require(0 <= self.reliable < 1, "reliable", "in [0, 1)")
        self._require(self.tau > 0, "tau", "above 0")
        self._require(self.delta > 0, "delta", "above 0")
        self._check_durations()

    def _check_choices(self) -> None:
        choices = {
            "norm": NORMS,
            "intensity_loss": INTENSITY_LOSSES,
            "soft_labels": SOFT_LABELS,
            "overlap": OVERLAPS,
            "action_other_kind": OTHER_KINDS,
            "action_mean": MEANS,
        }
        for name, known in choices.items():
            self._require(getattr(self, name) in known, name, f"one of {', '.join(known)}")

    def _check_durations(self) -> None:
        for kind in Kind:
            name = f"k_c_{kind}"
            self._require(getattr(self, name) >= 4, name, "at least 4 ticks")
            least = self.shortest * self.k_c(kind)
            self._require(
                self.longest(kind) >= least,
                f"longest_{kind}",
                f"at least shortest x {name}, {least:g} ticks",
            )

    def _require(self, holds: bool, name: str, rule: str) -> None:
        if not holds:
            raise UsageError(f"loss: {name} {getattr(self, name)} must be {rule}")

    @property
    def knows_neutral(self) -> bool:
        """Whether ticks far from all points are neutral."""
        return self.neutral_beyond_micro != 0 or self.neutral_beyond_macro != 0

    def neutral_beyond(self, kind: Kind) -> int:
        """Return how far from a point of a kind its expression may reach, ticks."""
        return self.neutral_beyond_micro if kind is Kind.MICRO else self.neutral_beyond_macro

    def k_c(self, kind: Kind) -> int:
        """Return the general duration of a kind, ticks."""
        return self.k_c_micro if kind is Kind.MICRO else self.k_c_macro

    def longest(self, kind: Kind) -> int:
        """Return the largest expanded duration of a kind, ticks."""
        return self.longest_micro if kind is Kind.MICRO else self.longest_macro

    def k_s1(self, kind: Kind) -> int:
        """Return the reach of stage 1, ticks."""
        return self.k_s1_micro if kind is Kind.MICRO else self.k_s1_macro

    def k_s2(self, kind: Kind) -> int:
        """Return the reach of stage 2, ticks."""
        return self.k_s2_micro if kind is Kind.MICRO else self.k_s2_macro
