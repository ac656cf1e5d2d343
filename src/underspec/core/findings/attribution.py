"""Which source the spread comes from."""

from dataclasses import dataclass
from typing import Literal

from underspec.core.findings.interval import Interval

__all__ = ["Attribution"]


@dataclass(frozen=True)
class Attribution:
    """How much of the spread on a probe one source brings, over all trained variants.

    Attributes:
        probe: its name.
        source: the source, several joined by `` + `` where they move together; of the rest, the
            sources that differ in every variant, or ``interaction``.
        kind: ``source``, or ``rest`` for what no source explains by itself.
        layout: ``one_at_a_time`` where each source varies alone around one base, ``levels`` where
            variants share levels of sources (crossed, nested).
        levels: levels of the source; variants for the rest.
        spread: standard deviation that the source brings, noise of a finite probe taken out.
        variance: its square, signed and unbiased; may be negative by luck.
        share: of the variance of a run that draws every source anew; with ``one_at_a_time`` of the
            sum over the sources.
        icc: the share as observed, noise left in.
        f: on these very examples; against the rest, with ``one_at_a_time`` against their noise.
        df: degrees of freedom of f above the line.
        df_below: below it, None where f is against the noise of the examples.
        p: one-sided, that the source does nothing on these examples.
        p_true: the same of examples like these: f less the luck with these examples that variants
            of one level share.
        p_adjusted: `p_true` over all sources and probes of the study (Benjamini-Hochberg).
        note: what to bear in mind, or why there is no value.
    """

    probe: str
    source: str
    kind: Literal["source", "rest"]
    layout: Literal["one_at_a_time", "levels"]
    levels: int
    spread: Interval
    variance: float | None
    share: Interval
    icc: float | None
    f: float | None
    df: float | None
    df_below: float | None
    p: float | None
    p_true: float | None
    p_adjusted: float | None
    note: str | None
