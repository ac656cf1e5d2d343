"""The pool as findings tell it, and the pools and candidates by which choices are graded."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.choose.tally import Candidate, Value
from underspec.core.errors import UsageError
from underspec.core.findings import Pool
from underspec.core.records import Booleans, Floats, Predictions, Scores
from underspec.metrics._protocol import Mean, Metric
from underspec.select._protocol import Evidence as PoolEvidence
from underspec.select._protocol import Selection, Selector
from underspec.select.margin import Margin, smallest_keeping
from underspec.select.top import Top
from underspec.study.averages import Averages
from underspec.study.measuring import Answered, merit, pool_evidence, values
from underspec.study.pairs import edits, told_by
from underspec.study.seen import Judged

__all__ = ["around_middle", "candidates", "pool", "repooling"]


def pool(
    selection: Selection, evidence: PoolEvidence, spread: float | None, epsilon: float
) -> Pool:
    """Return the pool, with a note where it is too small to judge spread."""
    note = None
    if len(selection.kept) < 10:
        enough = smallest_keeping(evidence)
        note = f"Only {len(selection.kept)} of {len(evidence.variants)} variants are near-equal"
        if len(evidence.variants) < 10:
            note += "; a verdict on spread needs 10, so train more."
        elif enough is not None:
            note += (
                f"; a verdict on spread needs 10, which an epsilon of {enough:.4g} around the median "
                f"would keep (it is {epsilon:g})."
            )
    return Pool(selection.kept, selection.dropped, spread, note)


def around_middle(selector: Selector) -> bool:
    """Say whether a rule keeps variants around the middle of all; otherwise it keeps the best."""
    return (
        getattr(selector, "around", "median" if not isinstance(selector, Top) else "best") != "best"
    )


def repooling(
    selector: Selector, judged: Judged, holdout: Answered
) -> Callable[[Booleans], Sequence[int]]:
    """Return what gives the pool, as positions, for any half of the holdout; none where undefined."""
    variants = holdout.predictions.variants

    # Rules that look at the variants' means alone are spared what each example pulls.
    plain = isinstance(selector, Margin | Top)

    def kept(decides: Booleans) -> Sequence[int]:
        try:
            seen = pool_evidence(
                judged.metric, judged.name, holdout, decides, judged.seed, plain=plain
            )
        except UsageError:
            return []
        return [variants.index(v) for v in selector(seen).kept]

    return kept


def candidates(
    judged: Judged, probes: Iterable[Answered], averages: Averages | None = None
) -> Iterator[Candidate]:
    """Yield the probes as choices see them, but for those that do not define the metric.

    Contrastive ones are seen as pairs, and only where the metric's margins hold for them: agreement
    is not to be weighed against figures of another kind.

    Args:
        judged: the metrics.
        probes: the holdout first.
        averages: asks models that are the mean of several; None where there are none.
    """
    for answered in probes:
        if not told_by(judged.name, judged.metric, answered):
            continue
        gained = merit(judged.metric, answered, judged.seed)
        if gained is None:
            continue
        pairs = answered.examples.pairs is not None
        plain = pairs or isinstance(judged.metric, Mean)
        every = np.ones(len(answered.examples.ids), dtype=np.bool_)
        # How unlike two variants are shows where they were put to the test.
        seen = edits(answered, every) if pairs else answered
        yield Candidate(
            name=answered.row.name,
            family=answered.row.family,
            merit=gained,
            answers=seen.predictions.answers,
            clusters=seen.examples.clusters,
            may_choose=answered.row.may_choose,
            weights=seen.examples.weights if plain else None,
            value=None if plain else _value(judged.metric, answered),
            scores=answered.predictions.scores,
            rescored=_rescored(judged, answered, plain=plain),
            averaged=None if averages is None else partial(averages.scores, answered.row),
        )


def _value(metric: Metric, answered: Answered) -> Callable[[Booleans], Floats]:
    def value(rows: Booleans) -> Floats:
        found = values(metric, answered, rows)
        return found if metric.greater_is_better else -found

    return value


def _rescored(
    judged: Judged, answered: Answered, *, plain: bool
) -> Callable[[Scores], tuple[Floats, Value | None]]:
    """Return what grades the scores of made-up variants, such as means, on the same examples.

    Of a contrastive probe they are of both sides: what is said together is said before it is paired.
    """

    def rescored(scores: Scores) -> tuple[Floats, Value | None]:
        own = replace(answered, predictions=_saying(scores, answered.predictions.labels))
        gained = merit(judged.metric, own, judged.seed)
        if gained is None:
            gained = np.full(scores.shape[:2], np.nan)  # never of pairs, which define agreement
        return gained, None if plain else _value(judged.metric, own)

    return rescored


def _saying(scores: Scores, labels: NDArray[Any]) -> Predictions:
    regression = labels.dtype.kind == "f"
    return Predictions(
        variants=tuple(f"made-{at}" for at in range(len(scores))),
        labels=labels,
        answers=scores[:, :, 0] if regression else scores.argmax(axis=2).astype(np.int32),
        label_scores=None if regression else scores[:, np.arange(len(labels)), labels],
        scores=scores,
    )
