"""From predictions to findings: who is near-equal, how far they part, what to ship."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from underspec.choose._protocol import Chooser
from underspec.choose.advice import advise, recommended
from underspec.choose.grade import choices, together
from underspec.choose.tallied import tallied
from underspec.choose.transfer import transfer
from underspec.core.errors import UsageError
from underspec.core.findings import Findings, Intervals, StudyFacts, VariantCounts
from underspec.core.records import Booleans, Predictions, Task, Variant
from underspec.core.streams import deciding
from underspec.measure import (
    EpsilonSweep,
    attribute,
    judge,
    side_by_side,
    smallest_margin,
    spread_of,
)
from underspec.metrics._protocol import Metric
from underspec.select._protocol import Selector
from underspec.study.averages import Averages
from underspec.study.choosable import refuse_fitted
from underspec.study.epsilons import pools
from underspec.study.measuring import Answered, fixed, pool_evidence
from underspec.study.pooling import around_middle, candidates, pool, repooling
from underspec.study.positive import positive_note
from underspec.study.seen import Judged, Seen

__all__ = ["Assessment", "Judging", "assess"]


@dataclass(frozen=True, eq=False)
class Judging:
    """By what predictions are judged; nothing here changes what was trained.

    Attributes:
        name: of the study.
        task: of the study.
        metrics: name to metric; the first one selects and judges, the others are told beside it.
        selector: the pool rule.
        max_drop: largest fall that is still fine.
        choosers: choice rules by name.
        seed: root seed, which halves the clusters.
        asked: how many variants were asked for.
        classes: names of the classes in the order of their codes; empty where not known.
    """

    name: str
    task: Task
    metrics: Mapping[str, Metric]
    selector: Selector
    max_drop: float
    choosers: Mapping[str, Chooser]
    seed: int
    asked: int
    classes: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Assessment:
    """The findings, and each variant's mean on the reported half of each probe."""

    findings: Findings
    scores: Mapping[str, Mapping[str, float]]


def assess(
    judging: Judging,
    failed: Mapping[str, str],
    probes: Callable[[], Iterator[Answered]],
    assigned: Sequence[Variant] = (),
    averages: Averages | None = None,
) -> Assessment:
    """Return the findings of a study.

    Args:
        judging: by what to judge.
        failed: ids of variants that did not train, with the reasons.
        probes: gives the probes, the holdout first, one at a time; asked for twice, or thrice.
        assigned: the variants with their seeds and values; without, nothing is attributed.
        averages: asks models that are the mean of several; None where there are none.

    Raises:
        UsageError: there is nothing to judge by.
    """
    refuse_fitted(judging.choosers, judging.metrics)
    stream = probes()
    holdout = next(stream)
    variants = holdout.predictions.variants
    decides = _decides(judging.seed, holdout)
    judged = Judged(
        {name: fixed(metric, holdout, decides) for name, metric in judging.metrics.items()},
        judging.seed,
    )
    metric = judged.metric
    pooled = pool_evidence(metric, judged.name, holdout, decides, judging.seed)
    selection = judging.selector(pooled)
    kept = [variants.index(v) for v in selection.kept]
    middle = around_middle(judging.selector)
    task = "binary" if len(judging.classes) == 2 else judging.task
    seen = Seen(judged, holdout, kept, task, middle=middle)
    yardstick = seen.take(holdout)
    if yardstick is None:
        raise UsageError(
            f"The metric '{judged.name}' is not defined on the half of the holdout that is reported: give the "
            "holdout more examples, or another metric."
        )
    sweep = EpsilonSweep(
        yardstick,
        pools(judging.selector, pooled, selection),
        own=judging.selector.epsilon,
        metric=metric,
        max_drop=judging.max_drop,
        middle=middle,
    )
    found = judge(
        yardstick,
        (sweep.take(one) for one in seen.all(stream)),
        kept=selection.kept,
        metric_name=judged.name,
        metric=metric,
        epsilon=judging.selector.epsilon,
        max_drop=judging.max_drop,
        middle=middle,
    )
    tallies = tallied(
        candidates(judged, probes(), averages),
        repooling(judging.selector, judged, holdout),
        seed=judging.seed,
        whole=any(map(together, judging.choosers.values())),
    )
    made = choices(
        judging.choosers,
        variants,
        tallies,
        lambda: candidates(judged, probes(), averages),
        greater_is_better=metric.greater_is_better,
    )
    rule = recommended(made)
    side = side_by_side(seen.evidence, metric, kept=selection.kept, seed=judging.seed)
    findings = Findings(
        schema=1,
        intervals=_INTERVALS,
        study=StudyFacts(
            name=judging.name,
            task=judging.task,
            metric=judged.name,
            epsilon=judging.selector.epsilon,
            max_drop=judging.max_drop,
            smallest_margin=smallest_margin(pooled.contributions, pooled.clusters),
            variants=VariantCounts(judging.asked, len(variants), len(failed), len(selection.kept)),
        ),
        pool=pool(
            selection,
            pooled,
            spread_of(yardstick, selection.kept, metric).true,
            judging.selector.epsilon,
        ),
        probes=(*found, *seen.beside()),
        relations=side.relations,
        arbitrariness=tuple(seen.arbitrary),
        attribution=attribute(
            seen.evidence, {v.id: {**v.seeds, **v.values} for v in assigned}, metric
        ),
        choices=made,
        recommended=rule,
        advice=advise(
            selection.kept, [one for one in found if one.verdict != "reported"], made, rule
        ),
        corruption_errors=seen.corruption_errors(holdout),
        epsilon_curve=sweep.finding(),
        probe_groups=side.probe_groups,
        holdout_ranks=side.holdout_ranks,
        transfers=transfer(tallies.tallies, tallies.pools),
        accuracy_lines=side.accuracy_lines,
        notes=(
            *positive_note(judging.metrics, judging.classes),
            *_alike(holdout.predictions),
            *seen.notes,
        ),
    )
    return Assessment(findings, seen.scores)


def _decides(seed: int, holdout: Answered) -> Booleans:
    decides = deciding(seed, holdout.examples.clusters)
    for half, word in ((decides, "decides"), (~decides, "is reported")):
        if not half.any():
            raise UsageError(
                f"The holdout has too few clusters to halve: of its {len(decides)} examples none {word}. "
                "Give it more examples, or finer clusters."
            )
    return decides


_INTERVALS = Intervals(
    level=0.95,
    over=(
        "variants and examples (clusters) at once; choices: clusters only, for this pool; arbitrariness: "
        "ambiguity and other maxima over clusters only, for these variants"
    ),
    method=(
        "variants: chi-square with degrees of freedom from the kurtosis; examples: delete-one-cluster "
        "jackknife; choices: Bayesian bootstrap"
    ),
)


def _alike(predictions: Predictions) -> tuple[str, ...]:
    """Say so where variants are one model: what was varied then changes nothing."""
    said = predictions.answers if predictions.scores is None else predictions.scores
    kinds = len({own.tobytes() for own in said})
    if len(said) > 1 and kinds == 1:
        return (
            (
                "All variants say exactly the same of the holdout: the sources that were varied change nothing "
                "with this trainer, so nothing here tells about variation."
            ),
        )
    if kinds < len(said) and predictions.scores is not None:
        return (
            (
                f"The {len(said)} variants are {kinds} different models: the others say exactly the same of the "
                "holdout as one of these. Some source changes nothing; underspec run --pilot tells which."
            ),
        )
    return ()
