"""One probe of two studies: which of its examples may be compared, and what they say."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from underspec.core.findings import Interval
from underspec.core.records import Booleans
from underspec.core.streams import stream
from underspec.metrics._protocol import Metric
from underspec.report.shown import title
from underspec.stats.beats import beats
from underspec.stats.centre import Moved, moved
from underspec.stats.multi_bootstrap import multi_bootstrap
from underspec.stats.totals import Totals, group, total
from underspec.stats.two_samples import difference, unpaired
from underspec.study.comparison import Compared
from underspec.study.measuring import Answered, evidence
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
    if len(p.ids) != len(q.ids):
        return None
    order = np.argsort(q.ids)
    at = np.searchsorted(q.ids, p.ids, sorter=order)
    rows: NDArray[np.intp] = order[np.minimum(at, len(order) - 1)]
    same = all(
        np.array_equal(ours, theirs[rows])
        for ours, theirs in ((p.ids, q.ids), (p.labels, q.labels), (p.clusters, q.clusters))
    )
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
            f"{label} has other examples in each study, so they are independent samples there; ids, labels "
            "and clusters must all be the same to be paired."
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
        b = _reordered(b, at)
        rows = others = rows & others[at]
    least = SMALLEST_GROUP if a.row.kind == "stratified" else 2
    # One seed for both, so that their halves are the same.
    first, second = (
        _totals(study.judging, side, own, one.seed)
        for study, side, own in ((one, a, rows), (two, b, others))
    )
    if first is None or second is None:
        notes.append(f"{label} is left out: its examples do not define the metric.")
        return None
    if any(len(side.sizes) < 2 or side.n < least for side in (first, second)):
        notes.append(
            f"{label} is left out: {int(first.n)} and {int(second.n)} examples are reported, too few."
        )
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
        ),
    )


def _totals(metric: Metric, answered: Answered, rows: Booleans, seed: int) -> Totals | None:
    found = evidence(metric, answered, rows, seed)
    if found is None:
        return None
    return total(found.contributions, group(found.clusters), found.truth)


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
