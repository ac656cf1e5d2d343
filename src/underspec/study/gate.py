"""A study's findings held against thresholds: shown to hold, shown to fail, or undecided.

It reads findings and the variants' means: nothing is computed from predictions, and nothing that a
folder names is imported.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fnmatch import fnmatchcase
from typing import TypeAlias

import numpy as np

from underspec import metrics
from underspec.core.errors import UsageError, one_of
from underspec.core.findings import Findings, ProbeFinding
from underspec.core.metric_words import spoken
from underspec.core.records import Floats
from underspec.core.store import Store
from underspec.measure.verdict import LEAST_KEPT
from underspec.metrics._protocol import Metric
from underspec.report.checks import Check, Checks, Quantity, left_out
from underspec.report.numbers import Ended, chance
from underspec.report.shown import shown, title
from underspec.stats.evidence import holm
from underspec.stats.spread import TWO_SIDED
from underspec.stats.tails import Told, gap_tail, mean_tail, ratio_tail
from underspec.study import layout
from underspec.study.tables import unpack_rows

__all__ = ["Scores", "Thresholds", "hold", "read_scores"]

Scores: TypeAlias = Mapping[str, Mapping[str, float]]
"""Probe name to variant id to its mean on what is reported of the probe."""

_QUANTITIES: Mapping[str, Quantity] = {
    "max_gap": "gap",
    "max_drop": "drop",
    "max_ratio": "ratio",
    "min_mean": "mean",
    "max_mean": "mean",
}


@dataclass(frozen=True)
class Thresholds:
    """What is allowed, in the metric's units (0.02 of accuracy is two points); None: not held.

    Attributes:
        max_gap: largest gap between two kept variants.
        max_drop: largest drop from the holdout.
        max_ratio: largest ratio of true spread to that on the holdout.
        min_mean: smallest mean, for metrics of which more is better.
        max_mean: largest mean, for metrics of which less is better.

    Raises:
        UsageError: none is given, or one is no number that could be meant.
    """

    max_gap: float | None = None
    max_drop: float | None = None
    max_ratio: float | None = None
    min_mean: float | None = None
    max_mean: float | None = None

    def __post_init__(self) -> None:
        given = list(self.given())
        if not given:
            options = ", ".join(_option(field.name) for field in fields(self))
            raise UsageError(f"A gate needs a threshold. Give one of {options}.")
        for name, bound in given:
            least = -math.inf if name.endswith("mean") else 0.0
            if not math.isfinite(bound) or bound < least:
                raise UsageError(
                    f"{_option(name)} must be a finite number of 0 or more. Got {bound}."
                )

    def given(self) -> Iterator[tuple[str, float]]:
        """Yield the names and values of those that are held."""
        for field in fields(self):
            bound = getattr(self, field.name)
            if bound is not None:
                yield field.name, bound


def hold(
    findings: Findings,
    thresholds: Thresholds,
    *,
    metric: str | None = None,
    scores: Scores | None = None,
    probes: Sequence[str] = (),
    per_probe: bool = False,
    allow_undecided: bool = False,
) -> Checks:
    """Hold each probe's interval against each threshold.

    A check *holds* if the interval's far end is within the threshold, so that at most 2.5 % of
    studies let a probe through that is beyond it in truth; for all probes together no adjustment is
    due, since every one of them must be shown (Berger 1982). Contrastive probes are held to gap and
    drop alone, the latter being what changes between the two sides of a pair. It *fails* if the near end is beyond
    and, unless `per_probe`, Holm's adjusted p-value over all checks is at most 2.5 %: then some
    check fails by luck alone in at most 2.5 % of studies, however many there are. Else it is
    *undecided*: as where an end is missing, or under 10 kept variants for gap and ratio.

    Args:
        findings: of a finished study.
        thresholds: what is allowed.
        metric: whose figures are held; those of the metric that judges where None.
        scores: from `read_scores`; without them fewer failures are told among many checks.
        probes: patterns of the names to hold, all probes where there is none.
        per_probe: whether each check stands by itself, without adjustment for their number.
        allow_undecided: whether an undecided check lets the gate pass.

    Raises:
        UsageError: a pattern matches nothing, the study has no such metric, there is no probe at all, or a threshold cannot be
            meant for this metric.
    """
    if metric not in (None, findings.study.metric):
        # The table of means is of the first metric only.
        scores = None
    findings = _under(findings, metric or findings.study.metric)
    for name, bound in thresholds.given():
        _refuse_meaningless(name, bound, findings.study.metric)
    held = _matching(findings, probes)
    rows = [
        _check(findings, probe, name, bound, (scores or {}).get(probe.name, {}))
        for probe in held
        for name, bound in thresholds.given()
        if _has(probe, name, findings.study.metric)
    ]
    if not rows:
        raise UsageError(
            "All probes to hold are contrastive, which have no spread on the holdout to stand over and no mean "
            f"of {spoken(findings.study.metric)}. Give --max-gap or --max-drop."
        )
    return Checks(
        title="gate",
        study=findings.study.name,
        metric=findings.study.metric,
        rows=tuple(rows if per_probe else _adjusted(rows)),
        allow_undecided=allow_undecided,
        basis=f"Held: {spoken(findings.study.metric)}. "
        + _basis(len(rows), findings.study.variants.kept, per_probe, allow_undecided)
        + left_out(shown(findings).suppressed),
    )


def read_scores(store: Store) -> Scores | None:
    """Return the variants' means of a study folder, None where they are not in it.

    Raises:
        StudyError: the file is damaged.
    """
    if not store.exists(layout.SCORES):
        return None
    scores: dict[str, dict[str, float]] = {}
    for row in unpack_rows(store.read(layout.SCORES), layout.SCORES):
        scores.setdefault(row["probe"], {})[row["variant"]] = row["mean"]
    return scores


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _basis(count: int, kept: int, per_probe: bool, allow_undecided: bool) -> str:
    family = (
        "each check by itself, not adjusted for their number"
        if per_probe or count == 1
        else f"failures adjusted over {count} checks (Holm)"
    )
    rule = "is let through" if allow_undecided else "fails the gate"
    return (
        f"95 % intervals over variants and examples of {kept} kept variants; {family}; what is undecided "
        f"{rule}."
    )


def _metric(name: str) -> Metric | None:
    """Return one of our own metrics: a folder may name another, which is not for us to load."""
    own = {member.name for member in metrics.table() if member.origin == "underspec"}
    try:
        return metrics.get(name) if name in own else None
    except (UsageError, TypeError):
        return None


def _refuse_meaningless(name: str, bound: float, metric_name: str) -> None:
    metric = _metric(metric_name)
    if metric is None:
        return
    if name.endswith("mean") and (name == "min_mean") != metric.greater_is_better:
        more, other = ("more", "min") if metric.greater_is_better else ("less", "max")
        raise UsageError(
            f"Of {metric_name} {more} is better, so {_option(name)} would let bad models pass. Use "
            f"--{other}-mean."
        )
    low, high = metric.range
    most = {"max_gap": (high - low) / 2, "max_drop": high - low}.get(name, math.inf)
    if bound >= most:
        raise UsageError(
            f"{_option(name)} {bound:g} would always hold: for {metric_name} it is {most:g} at most. Give "
            "it in the metric's units, where 0.02 of accuracy is two points."
        )
    if name.endswith("mean") and not low <= bound <= high:
        raise UsageError(
            f"{_option(name)} {bound:g} is no {metric_name}, which is from {low:g} to {high:g}."
        )


def _under(findings: Findings, metric: str) -> Findings:
    """Return the findings of one metric alone, as if it were the first."""
    known = list(dict.fromkeys([findings.study.metric, *(p.metric for p in findings.probes)]))
    if metric not in known:
        raise UsageError(one_of("metric in this study", metric, known))
    return replace(
        findings,
        study=replace(findings.study, metric=metric),
        probes=tuple(probe for probe in findings.probes if probe.metric == metric),
    )


def _matching(findings: Findings, patterns: Sequence[str]) -> list[ProbeFinding]:
    found = list(shown(findings).stressed)
    names = [probe.name for probe in found]
    if not found:
        raise UsageError(f"The study '{findings.study.name}' has no stress test to hold.")
    for pattern in patterns:
        # A pattern that has come to match nothing would pass for ever.
        if not any(fnmatchcase(name, pattern) for name in names):
            raise UsageError(one_of("probe", pattern, names))
    if not patterns:
        return found
    return [p for p in found if any(fnmatchcase(p.name, pattern) for pattern in patterns)]


def _has(probe: ProbeFinding, name: str, metric: str) -> bool:
    """Say whether a threshold is meant for a probe: contrastive ones have no ratio and another mean."""
    if probe.kind != "contrastive":
        return True
    own = metric in ("agreement", "closeness")
    return name in ("max_gap", "max_drop") or (own and name.endswith("mean"))


def _check(
    findings: Findings, probe: ProbeFinding, name: str, bound: float, scores: Mapping[str, float]
) -> Check:
    quantity, least = _QUANTITIES[name], name.startswith("min")
    ended: Ended = getattr(probe, quantity)
    row = Check(
        probe=probe.name,
        title=title(probe),
        name=f"{name.replace('_', '-')} {bound:g} of {spoken(findings.study.metric)}",
        quantity=quantity,
        bound=bound,
        value=ended.value,
        low=ended.low,
        high=ended.high,
        outcome="undecided",
        because="",
    )
    kept = findings.study.variants.kept
    if quantity in ("gap", "ratio") and kept < LEAST_KEPT:
        because = f"only {kept} variants are kept, and a {quantity} is judged from {LEAST_KEPT} on"
        return replace(row, because=f"Undecided: {because}.")
    far, near = (ended.low, ended.high) if least else (ended.high, ended.low)
    sign, words = (-1, ("lower", "upper")) if least else (1, ("upper", "lower"))
    if far is not None and sign * far <= sign * bound:
        return replace(
            row, outcome="holds", because=f"The interval's {words[0]} end is within the threshold."
        )
    if near is not None and sign * near > sign * bound:
        pool = findings.pool.kept
        known = len(pool) > 0 and all(variant in scores for variant in pool)
        means = np.array([scores[variant] for variant in pool]) if known else None
        p = _tail(findings, probe, row, means)
        because = f"The interval's {words[1]} end is beyond the threshold."
        return replace(row, outcome="fails", because=because, p_adjusted=p)
    if far is None and near is None:
        return replace(row, because="Undecided: there is too little data for an interval.")
    if far is None:
        return replace(row, because=f"Undecided: the data give no {words[0]} end.")
    return replace(row, because="Undecided: the threshold is inside the interval.")


def _tail(findings: Findings, probe: ProbeFinding, row: Check, means: Floats | None) -> float:
    """Return the p-value, not too small, that a threshold is passed; the near end is beyond it.

    Where the file holds too little for one it is 2.5 %, which the end alone shows.
    """
    kept, bound, spread = findings.study.variants.kept, row.bound, probe.spread
    if row.quantity in ("drop", "mean"):
        near = row.high if row.name.startswith("min") else row.low
        if row.value is None or near is None:
            return TWO_SIDED
        return mean_tail(row.value, near, bound, kept)
    if None in (row.low, spread.observed, spread.true_squared, spread.low):
        return TWO_SIDED
    low, observed, true, end = row.low, spread.observed, spread.true_squared, spread.low
    told = Told(kept, observed**2, true, end**2, means)  # type: ignore[operator, arg-type]
    if row.quantity == "gap":
        return gap_tail(row.value**2, low**2, bound**2, told)  # type: ignore[operator]
    holdout = next((p.spread for p in findings.probes if p.kind == "holdout"), None)
    if holdout is None or holdout.true_squared is None or holdout.observed is None:
        return TWO_SIDED
    lab = holdout.true_squared, holdout.observed**2
    return ratio_tail(low, bound, told, lab)  # type: ignore[arg-type]


def _adjusted(rows: list[Check]) -> list[Check]:
    """Return the rows with Holm's p-values; a failure that these do not bear out is undecided."""
    raw = np.array([1.0 if row.p_adjusted is None else row.p_adjusted for row in rows])
    found = []
    for row, p in zip(rows, holm(raw).tolist(), strict=True):
        if row.p_adjusted is None:
            found.append(row)
        elif p <= TWO_SIDED * (1 + 1e-6):
            found.append(replace(row, p_adjusted=p))
        else:
            because = (
                f"Undecided: the interval is beyond the threshold, but not so surely that it could not be "
                f"luck in one of {len(rows)} checks (adjusted p {chance(p)}, it takes 0.025)."
            )
            found.append(replace(row, outcome="undecided", because=because, p_adjusted=p))
    return found
