"""The words of a report: what each verdict and term means."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from underspec.core.findings import Findings, ProbeFinding, Verdict
from underspec.report.shown import plain

__all__ = [
    "GLOSSARY",
    "SOURCES",
    "VERDICTS",
    "WHOSE_GAIN",
    "Word",
    "open_axis",
    "ranges",
    "verdict_text",
]


@dataclass(frozen=True)
class Word:
    """A verdict as readers see it.

    Attributes:
        text: the word itself.
        mark: one or two characters that tell it without colour.
        colour: of the terminal.
        meaning: one clause.
    """

    text: str
    mark: str
    colour: str
    meaning: str


# Gravest first: the order of legends and of tables that are cut short.
VERDICTS: Mapping[Verdict, Word] = MappingProxyType(
    {
        "both": Word("both", "≠↓", "magenta", "the variants part, and their mean falls"),
        "underspecified": Word(
            "underspecified", "≠", "yellow", "equally good variants part from each other"
        ),
        "structural": Word("structural", "↓", "blue", "the mean of the variants falls"),
        "undecided": Word("undecided", "?", "bright_black", "the data cannot tell yet"),
        "clean": Word("clean", "✓", "green", "the variants neither part nor fall"),
        "reported": Word(
            "reported", "·", "bright_black", "told beside the metric that judges, not judged"
        ),
        "yardstick": Word("yardstick", "=", "cyan", "the holdout, which the others are held to"),
    }
)

SOURCES: Mapping[str, str] = MappingProxyType(
    {
        "init": "initial weights",
        "order": "the order of the data",
        "augment": "draws of augmentation",
        "dropout": "draws of dropout",
        "sample": "which rows were sampled",
        "split": "how the data were split",
        "epochs": "the length of training",
        "hardware": "the hardware",
    }
)

GLOSSARY: Mapping[str, str] = MappingProxyType(
    {
        "Variant": "One model of many, all from the same recipe; they differ only in what nobody "
        "decided, such as initial weights or the order of the data.",
        "Holdout": "Held-out examples like those of training. What is usually reported about a "
        "model, and here the yardstick.",
        "Near-equal, pool": "The variants that the holdout cannot tell apart within the margin "
        "epsilon. Only they are compared.",
        "Probe, stress test": "Examples that stand for something that happens in the field: a "
        "group, a distortion, another source of data.",
        "Underspecified": "The recipe does not settle how the model behaves there. Training again "
        "with another seed can give a model that is just as good on the holdout and "
        "clearly better or worse in the field.",
        "Structural": "The mean of the variants falls. Where they do not part either, all fall alike "
        "and another seed will not help; other data or another recipe may.",
        "Reported metric": "A metric that is told beside the one that judges: it neither selects the "
        "pool nor gets a verdict.",
        "Undecided": "The intervals are too wide to say. It does not mean that all is well.",
        "Contrastive, pairs, flips": "Examples as they are beside the same ones edited in a way that should "
        "not change the answer. Judged by the share of pairs whose two sides a variant answers alike; a "
        "pair that it does not is flipped.",
        "Gap": "How far two kept variants typically differ on a probe (mean absolute difference), "
        "with the part that a finite probe adds by itself taken out.",
        "Spread": "Standard deviation over variants. Observed spread is true spread plus noise: "
        "observed² = true² + noise². Noise is what a probe of this size shows even "
        "where all variants are equal in truth.",
        "Spread against holdout": "True spread on the probe over true spread on the holdout. The "
        "number to beat is not 1 but the ratio expected from a common skill "
        "alone, since any skill shows more when a task is harder.",
        "Reliability": "Share of the observed variance that is behaviour rather than luck: 1 is "
        "all behaviour, 0 is all luck.",
        "Power": "Chance that this study would have called a probe, had its true spread been twice "
        "what is allowed.",
        "Interval": "The values that the data leave open. Two intervals that overlap do not show "
        "that two numbers are equal.",
        "Disagreement": "Chance that two kept variants answer one example differently.",
        "Ambiguity, discrepancy": "Share of examples on which some variant differs from the "
        "majority; largest share that swapping in one variant changes. "
        "Both are maxima and grow with k, the number of variants.",
        "Random pick": "Shipping any kept variant, which is what training once amounts to. A rule "
        "for choosing is worth its name only if it beats that on examples it has "
        "not seen.",
        "Gain": "How much closer a rule's pick comes to the best kept variant on its worst stress "
        "test than a random pick, on the half of the examples that did not choose; averaged over "
        "halvings, each with its own pick.",
        "Transfer": "How much better a rule's pick is than the mean of the pool on stress tests that "
        "were left out when it was made; averaged over the same halvings.",
        "Winner's curse": "Whoever picks the best of many by some examples and reports it on the same "
        "ones reports its luck too. Here one half of the examples picks and the other one tells.",
        "Ensemble": "Several kept variants that answer together, by the mean of their scores. What one "
        "variant decides by luck, the others outvote.",
        "Abstention": "Giving no answer where too few of the kept variants agree. It buys accuracy, and "
        "costs the share of examples that is answered.",
        "Capacity": "Rashomon capacity: how many bits the choice of a variant can put into the scores of "
        "one example; 0 where all variants say the same. It grows with k.",
    }
)

# Said beside every table of rules: the figures are not those of the variant named there.
WHOSE_GAIN = (
    "Gain and transfer are the rule's, averaged over halvings of the examples with a pick each; "
    "the variant named is the pick of the study's own halving."
)


def open_axis(probe: ProbeFinding) -> str:
    """Return which axis stays open where the verdict knows the other, else nothing."""
    if probe.other is None:
        return ""
    return f"{'spread' if probe.spread_verdict == 'unknown' else 'drop'} undecided"


def ranges(findings: Findings) -> str:
    """Return what every range means, in full."""
    intervals = findings.intervals
    over = intervals.over
    if not findings.arbitrariness:
        # Nobody asks what the ranges of figures are over that are not there.
        over = "; ".join(part for part in over.split("; ") if not part.startswith("arbitrariness"))
    return f"Ranges are at {100 * intervals.level:.3g} %, over {plain(over)} ({plain(intervals.method, 400)})."


def verdict_text(probe: ProbeFinding) -> str:
    """Return the verdict in words, with the axis that stays open."""
    word, still_open = VERDICTS[probe.verdict].text, open_axis(probe)
    return f"{word}; {still_open}" if still_open else word
