"""One probe of two studies: which of its examples may be compared, and what they say."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from underspec.core.findings import Interval
from underspec.core.records import Booleans, Pairs
from underspec.core.streams import stream
from underspec.measure.contrastive import oriented
from underspec.measure.reading import Reader
from underspec.metrics._protocol import Metric
from underspec.report.shown import title
from underspec.stats.beats import beats
from underspec.stats.centre import Moved, moved
from underspec.stats.multi_bootstrap import multi_bootstrap
from underspec.stats.totals import Totals
from underspec.stats.two_samples import difference, unpaired
from underspec.study.comparison import Compared
from underspec.study.measuring import Answered, Undefined, evidence
from underspec.study.probing import ProbeRow
from underspec.study.reopened import Reopened
from underspec.study.results import SMALLEST_GROUP

__all__ = ["Options", "compared"]


@dataclass(frozen=True)
class Options:
    """How probes are compared.

    Attributes:
        variants: ids compared, of A and of B.
        pools: whether they were kept out of all that trained.
        paired: whether the two lists are pairs.
        resamples: of the Multi-Bootstrap; 0 for none.
        seed: root of its randomness.
    """

    variants: tuple[tuple[str, ...], tuple[str, ...]]
    pools: bool
    paired: bool
    resamples: int
    seed: int


def _aligned(a: Answered, b: Answered) -> NDArray[np.intp] | None:
    """Return where A's examples stand in B, None where the two are not the same examples."""
    p, q = a.examples, b.examples
    if len(p.ids) != len(q.ids) or (p.weights is None) != (q.weights is None):
        return None
    order = np.argsort(q.ids)
    at = np.searchsorted(q.ids, p.ids, sorter=order)
    rows: NDArray[np.intp] = order[np.minimum(at, len(order) - 1)]
    same = all(
        np.array_equal(ours, theirs[rows])
        for ours, theirs in ((p.ids, q.ids), (p.labels, q.labels), (p.clusters, q.clusters))
    )
    if same and p.weights is not None and q.weights is not None:
        same = np.array_equal(p.weights, q.weights[rows])
    return rows if same else None


def compared(
    one: Reopened, two: Reopened, name: str, options: Options, notes: list[str]
) -> Compared | None:
    """Return a probe's comparison, p not yet adjusted, None where it has too few examples."""
    a = next(one.answered([name], one.trained))
    b = next(two.answered([name], two.trained))
    rows, others = one.halved(a), two.halved(b)
    at = _aligned(a, b)
    label = title(next(f for f in one.findings.probes if f.name == name))
    if at is None:
        notes.append(
            f"{label} has other examples in each study, so they are independent samples there; ids, labels, "
            "clusters and weights must all be the same to be paired."
        )
    else:
        if one.seed != two.seed and not (rows.all() and others.all()):
            notes.append(
                f"The studies halve their clusters by different seeds ({one.seed} and {two.seed}), so fewer "
                "examples are reported in both; with one seed it would be half."
            )
        if a.row.key != b.row.key and a.row.stress != "foreign" != b.row.stress:
            notes.append(
                f"{label} has the same examples with other inputs in each study (other settings or another draw), so the "
                "difference is also one between the two."
            )
        a, b = _counted_alike(a, _reordered(b, at))
        rows = others = rows & others[at]
    least = SMALLEST_GROUP if a.row.kind == "stratified" else 2
    # One seed for both, so that their halves are the same.
    if min(int(rows.sum()), int(others.sum())) < least:
        notes.append(
            f"{label} is left out: {int(rows.sum())} and {int(others.sum())} examples are reported, too few."
        )
        return None
    first, second = (
        _totals(study.judging, side, own, one.seed)
        for study, side, own in ((one, a, rows), (two, b, others))
    )
    for found in (first, second):
        if isinstance(found, Undefined):
            notes.append(f"{label} is left out: the metric is not defined there: {found.why}.")
            return None
    assert isinstance(first, Totals) and isinstance(second, Totals)  # noqa: S101, PT018 - as looked at
    if min(len(first.sizes), len(second.sizes)) < 2:
        notes.append(f"{label} is left out: its examples come from fewer than two clusters.")
        return None
    sides = first, second if at is not None else unpaired(second)
    pools = tuple(
        side.only(np.array([answered.predictions.variants.index(v) for v in ids], dtype=np.intp))
        for side, answered, ids in zip(sides, (a, b), options.variants, strict=True)
    )
    centres = tuple(
        moved(side.means, pool.means, middle=study.middle)
        for side, pool, study in zip(sides, pools, (one, two), strict=True)
    )
    return _measured(
        a.row, label, pools[0], pools[1], centres if options.pools else (), one.metric, options
    )


def _reordered(answered: Answered, at: NDArray[np.intp]) -> Answered:
    """Return a probe with its examples in another order."""
    examples = answered.examples
    return replace(
        answered,
        predictions=answered.predictions.only(at),
        examples=replace(
            examples,
            ids=examples.ids[at],
            labels=examples.labels[at],
            clusters=examples.clusters[at],
            weights=None if examples.weights is None else examples.weights[at],
            groups={name: of[at] for name, of in examples.groups.items()},
            pairs=examples.pairs and Pairs(examples.pairs.pair[at], examples.pairs.side[at]),
        ),
    )


def _counted_alike(a: Answered, b: Answered) -> tuple[Answered, Answered]:
    """Return the same examples of two studies with what both say to have been counted off."""
    if a.examples.counted == b.examples.counted:
        return a, b
    # Means of one mix of classes less means of another would be luck that nothing pairs.
    one, two = (replace(of, examples=replace(of.examples, counted="")) for of in (a, b))
    return one, two


def _totals(metric: Metric, answered: Answered, rows: Booleans, seed: int) -> Totals | Undefined:
    found = evidence(metric, answered, rows, seed)
    if isinstance(found, Undefined):
        return found
    return Reader()(oriented(found, metric), found.variants)


def _measured(
    row: ProbeRow,
    label: str,
    a: Totals,
    b: Totals,
    centres: tuple[Moved, ...],
    metric: Metric,
    options: Options,
) -> Compared:
    apart = difference(a, b, metric.range, paired_variants=options.paired, centres=centres)
    sign = 1.0 if metric.greater_is_better else -1.0
    chance = beats(sign * a.means, sign * b.means, apart.luck)
    drawn = (
        multi_bootstrap(
            a,
            b,
            stream(options.seed, "compare", row.name),
            resamples=options.resamples,
            paired_variants=options.paired,
        )
        if options.resamples
        else None
    )
    return Compared(
        name=row.name,
        title=label,
        kind=row.kind,
        same_examples=np.array_equal(a.names, b.names),
        examples=(int(a.n), int(b.n)),
        clusters=(len(a.sizes), len(b.sizes)),
        mean=(float(a.means.mean()), float(b.means.mean())),
        difference=Interval(apart.value, apart.low, apart.high),
        p=apart.p,
        p_adjusted=apart.p,
        better="unknown",
        beats=Interval(*chance),
        detectable=apart.detectable,
        multi_bootstrap=None if drawn is None else Interval(drawn.value, drawn.low, drawn.high),
        multi_bootstrap_p=None if drawn is None else drawn.p,
    )
