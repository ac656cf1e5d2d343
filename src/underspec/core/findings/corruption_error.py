"""Mean corruption error of a published set."""

from collections.abc import Mapping
from dataclasses import dataclass

from underspec.core.findings.interval import Interval
from underspec.core.findings.probe import Gap

__all__ = ["CorruptionError"]


@dataclass(frozen=True)
class CorruptionError:
    """Mean corruption error of a published set (Hendrycks & Dietterich, ICLR 2019, section 4.2).

    Attributes:
        suite: the set, such as ``imagenet_c``; ``-gen`` at its end: made afresh, not comparable
            with published figures.
        baseline: whose errors divide each corruption's, None: the errors are averaged as they are.
        complete: whether all corruptions and severities of the set were there.
        families: error of each corruption over its severities, divided by the baseline's, the mean
            over kept variants.
        mean: over the corruptions (mCE), of the average kept variant.
        relative: the same of the errors added to those on the holdout, where all is there for it.
        gap: how far two kept variants typically differ in the mean, noise taken out.
        note: what the figure leaves out or may not be held against, None where nothing.
    """

    suite: str
    baseline: str | None
    complete: bool
    families: Mapping[str, float]
    mean: Interval
    relative: Interval
    gap: Gap
    note: str | None
