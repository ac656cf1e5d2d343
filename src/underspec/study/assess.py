"""From predictions to findings: who is near-equal, how far they part, what to ship."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from underspec.choose._protocol import Chooser
from underspec.choose.grade import evaluate, recommended
from underspec.choose.tally import Candidate
from underspec.core.errors import UsageError
from underspec.core.findings import (
    Arbitrariness,
    Findings,
    Intervals,
    Pool,
    StudyFacts,
    VariantCounts,
)
from underspec.core.records import Booleans, Floats, Predictions, Task, Variant
from underspec.core.streams import deciding
from underspec.measure import (
    CorruptionErrors,
    Evidence,
    arbitrariness,
    attribute,
    judge,
    relate,
    smallest_margin,
    spread_of,
)
from underspec.metrics._protocol import Metric
from underspec.select._protocol import Evidence as PoolEvidence
from underspec.select._protocol import Selection, Selector
from underspec.select.margin import smallest_keeping
from underspec.study.probing import ProbeRow
from underspec.study.tables import Examples

__all__ = ["Answered", "Assessment", "Judging", "assess", "reported"]


@dataclass(frozen=True, eq=False)
class Judging:
    """By what predictions are judged; nothing here changes what was trained.

    Attributes:
        name: of the study.
        task: of the study.
        metric: the metric.
        metric_name: its name.
        selector: the pool rule.
        max_drop: largest fall that is still fine.
        choosers: choice rules by name.
        seed: root seed, which halves the clusters.
        asked: how many variants were asked for.
    """

    name: str
    task: Task
    metric: Metric
    metric_name: str
    selector: Selector
    max_drop: float
    choosers: Mapping[str, Chooser]
    seed: int
    asked: int


@dataclass(frozen=True, eq=False)
class Answered:
    """One probe with what all trained variants said of it."""

    row: ProbeRow
    examples: Examples
    predictions: Predictions


@dataclass(frozen=True, eq=False)
class Assessment:
    """The findings, and each variant's mean on the reported half of each probe."""

    findings: Findings
    scores: Mapping[str, Mapping[str, float]]


def contributions(metric: Metric, predictions: Predictions) -> Floats:
    """Return a metric's contributions [variants, examples].

    Raises:
        UsageError: the predictions hold too little for the metric.
    """
    said = {
        "answer": predictions.answers,
        "label_score": predictions.label_scores,
        "scores": predictions.scores,
    }[metric.needs]
    if said is None:
        raise UsageError(
            f"The metric '{type(metric).__name__.lower()}' needs {metric.needs}, but these predictions "
            "hold answers only. Use metric: accuracy."
        )
    return metric(said, predictions.labels)


def reported(home: set[str], clusters: NDArray[np.str_], seed: int) -> Booleans:
    """Say which examples of a probe are reported: all, where none is related to the holdout.

    Args:
        home: the holdout's clusters.
        clusters: of the probe's examples.
        seed: root seed.
    """
    if home.isdisjoint(clusters.tolist()):
        return np.ones(len(clusters), dtype=np.bool_)
    return ~deciding(seed, clusters)


class _Seen:
    """Passes probes on as evidence, one at a time, keeping what later findings need."""

    def __init__(self, judging: Judging, holdout: Answered, kept: Sequence[int]) -> None:
        self._judging = judging
        self._home = set(holdout.examples.clusters.tolist())
        self._kept = list(kept)
        self.scores: dict[str, dict[str, float]] = {}
        self.arbitrary: list[Arbitrariness] = []
        self.evidence: list[Evidence] = []
        ids = [holdout.predictions.variants[at] for at in kept]
        self.errors = CorruptionErrors(ids)

    def take(self, answered: Answered) -> Evidence:
        """Return a probe as evidence."""
        row, predictions = answered.row, answered.predictions
        examples = answered.examples
        rows = reported(self._home, examples.clusters, self._judging.seed)
        whole = Evidence(
            name=row.name,
            title=row.title,
            kind=row.kind,
            family=row.family,
            severity=row.severity,
            variants=predictions.variants,
            contributions=contributions(self._judging.metric, predictions),
            clusters=examples.clusters,
        )
        if self._judging.metric_name == "accuracy":
            # Nothing is chosen by it, and published figures are over all images.
            self.errors.take(whole, row.suite, len(np.unique(examples.labels)))
        values = whole.contributions[:, rows]
        evidence = replace(whole, contributions=values, clusters=examples.clusters[rows])
        means = values.mean(axis=1)
        self.scores[row.name] = dict(zip(predictions.variants, map(float, means), strict=True))
        self.arbitrary.append(arbitrariness(row.name, predictions.answers[self._kept][:, rows]))
        self.evidence.append(evidence)
        return evidence


def assess(
    judging: Judging,
    failed: Mapping[str, str],
    probes: Callable[[], Iterator[Answered]],
    assigned: Sequence[Variant] = (),
) -> Assessment:
    """Return the findings of a study.

    Args:
        judging: by what to judge.
        failed: ids of variants that did not train, with the reasons.
        probes: gives the probes, the holdout first, one at a time; asked for twice.
        assigned: the variants with their seeds and values; without, nothing is attributed.

    Raises:
        UsageError: there is nothing to judge by.
    """
    metric = judging.metric
    stream = probes()
    holdout = next(stream)
    variants = holdout.predictions.variants
    values = contributions(metric, holdout.predictions)
    decides = deciding(judging.seed, holdout.examples.clusters)
    for half, word in ((decides, "decides"), (~decides, "is reported")):
        if not half.any():
            raise UsageError(
                f"The holdout has too few clusters to halve: of its {len(decides)} examples none {word}. "
                "Give it more examples, or finer clusters."
            )
    evidence = _pool_evidence(metric, variants, values, holdout.examples.clusters, decides)
    selection = judging.selector(evidence)
    kept = [variants.index(v) for v in selection.kept]
    seen = _Seen(judging, holdout, kept)
    yardstick = seen.take(holdout)
    judged = judge(
        yardstick,
        (seen.take(answered) for answered in stream),
        kept=selection.kept,
        metric_name=judging.metric_name,
        metric=metric,
        epsilon=judging.selector.epsilon,
        max_drop=judging.max_drop,
    )
    choices = evaluate(
        judging.choosers,
        variants,
        (_candidate(metric, answered) for answered in probes()),
        _repooling(judging.selector, metric, variants, values, holdout.examples.clusters),
        seed=judging.seed,
    )
    findings = Findings(
        schema=1,
        intervals=_INTERVALS,
        study=StudyFacts(
            name=judging.name,
            task=judging.task,
            metric=judging.metric_name,
            epsilon=judging.selector.epsilon,
            max_drop=judging.max_drop,
            smallest_margin=smallest_margin(evidence.contributions, evidence.clusters),
            variants=VariantCounts(judging.asked, len(variants), len(failed), len(selection.kept)),
        ),
        pool=_pool(selection, evidence, spread_of(yardstick, selection.kept, metric).true, judging),
        probes=judged,
        relations=relate(seen.evidence, kept=selection.kept),
        arbitrariness=tuple(seen.arbitrary),
        attribution=attribute(
            seen.evidence, {v.id: {**v.seeds, **v.values} for v in assigned}, metric
        ),
        choices=choices,
        recommended=recommended(choices),
        corruption_errors=seen.errors.findings(
            replace(yardstick, contributions=values, clusters=holdout.examples.clusters)
        ),
        notes=_alike(holdout.predictions),
    )
    return Assessment(findings, seen.scores)


_INTERVALS = Intervals(
    level=0.95,
    over="variants and examples (clusters) at once; choices: clusters only, for this pool",
    method=(
        "variants: chi-square with degrees of freedom from the kurtosis; examples: delete-one-cluster "
        "jackknife; choices: Bayesian bootstrap"
    ),
)


def _alike(predictions: Predictions) -> tuple[str, ...]:
    """Say so where the variants are one model: what was varied then changes nothing."""
    said = predictions.answers if predictions.scores is None else predictions.scores
    if len(said) > 1 and bool((said == said[0]).all()):
        return (
            (
                "All variants say exactly the same of the holdout: the sources that were varied change nothing "
                "with this trainer, so nothing here tells about variation."
            ),
        )
    return ()


def _pool_evidence(
    metric: Metric,
    variants: Sequence[str],
    values: Floats,
    clusters: NDArray[np.str_],
    rows: Booleans,
) -> PoolEvidence:
    return PoolEvidence(
        variants=variants,
        contributions=values[:, rows],
        clusters=clusters[rows],
        greater_is_better=metric.greater_is_better,
        proportion=metric.proportion,
    )


def _repooling(
    selector: Selector,
    metric: Metric,
    variants: Sequence[str],
    values: Floats,
    clusters: NDArray[np.str_],
) -> Callable[[Booleans], Sequence[int]]:
    def pool(decides: Booleans) -> Sequence[int]:
        chosen = selector(_pool_evidence(metric, variants, values, clusters, decides))
        return [variants.index(v) for v in chosen.kept]

    return pool


def _candidate(metric: Metric, answered: Answered) -> Candidate:
    merit = contributions(metric, answered.predictions)
    return Candidate(
        name=answered.row.name,
        family=answered.row.family,
        merit=merit if metric.greater_is_better else -merit,
        answers=answered.predictions.answers,
        clusters=answered.examples.clusters,
        may_choose=answered.row.may_choose,
    )


def _pool(
    selection: Selection, evidence: PoolEvidence, spread: float | None, judging: Judging
) -> Pool:
    note = None
    if len(selection.kept) < 10:
        enough = smallest_keeping(evidence)
        note = f"Only {len(selection.kept)} of {len(evidence.variants)} variants are near-equal"
        if len(evidence.variants) < 10:
            note += "; a verdict on spread needs 10, so train more."
        elif enough is not None:
            note += (
                f"; a verdict on spread needs 10, which an epsilon of {enough:.4g} around the median "
                f"would keep (it is {judging.selector.epsilon:g})."
            )
    return Pool(selection.kept, selection.dropped, spread, note)
