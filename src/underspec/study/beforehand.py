"""Metrics tried on the labels of a study's probes, before anything is trained."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.choose._protocol import Chooser, Particular, matching
from underspec.core.errors import UsageError
from underspec.core.records import Booleans
from underspec.core.streams import deciding
from underspec.metrics._protocol import Mean, Metric
from underspec.metrics.function import Function
from underspec.study.made_up import made_up
from underspec.study.measuring import Answered, Undefined, evidence, fixed, values
from underspec.study.probing import ProbeRow
from underspec.study.seen import reported
from underspec.study.tables import Examples

__all__ = ["foresee"]

_HALVES = ("decides", "is reported")

_FEW = 50
"""Examples of the rarest class under which it is asked whether luck can be told from behaviour."""


def foresee(
    metrics: Mapping[str, Metric],
    choosers: Mapping[str, Chooser],
    rows: Sequence[ProbeRow],
    examples: Callable[[ProbeRow], Examples],
    *,
    classes: int,
    seed: int,
) -> list[str]:
    """Try each metric that is no mean on made-up scores of the probes' own examples.

    Args:
        metrics: name to metric, the first one first.
        choosers: choice rules by name.
        rows: the probes, the holdout first.
        examples: gives a probe's examples.
        classes: how many the models tell apart; not looked at for regression.
        seed: root seed of the study.

    Returns:
        One sentence for each stress probe that does not define a metric.

    Raises:
        UsageError: a function of the user's fails, or the first metric is not defined on a half of the
            holdout, on no stress probe, or on those that a choice rule looks at.
    """
    tried = {name: metric for name, metric in metrics.items() if not isinstance(metric, Mean)}
    if not tried:
        return []
    lacks: dict[str, dict[str, str]] = {name: {} for name in tried}
    known: dict[bytes, dict[str, str]] = {}
    holdout = made_up(rows[0], examples(rows[0]), classes)
    decides = deciding(seed, holdout.examples.clusters)
    ready = {
        name: _on_holdout(
            name, metric, holdout, decides, first=name == next(iter(metrics)), seed=seed
        )
        for name, metric in tried.items()
    }
    home = set(holdout.examples.clusters.tolist())
    # Contrastive probes are read by agreement, which hangs on no label.
    rows = [row for row in rows if row.kind != "contrastive"]
    for row in rows[1:]:
        own = examples(row)
        key = _key(own)
        if key not in known:
            # All distortions of a set have the same examples.
            probe = made_up(row, own, classes)
            here = reported(home, own.clusters, seed)
            found = {name: _why(ready[name], probe, here, seed) for name in tried}
            known[key] = {name: why for name, why in found.items() if why}
        for name, why in known[key].items():
            lacks[name][row.name] = why
    first = next(iter(metrics))
    if first in tried:
        _refuse(first, lacks[first], choosers, rows)
    titles = {row.name: row.title for row in rows}
    return [
        f"{name} is not defined on {titles[probe]}: {why}. It will be left out there."
        for name, of in lacks.items()
        for probe, why in of.items()
    ]


def _key(examples: Examples) -> bytes:
    parts = [examples.labels, examples.clusters]
    parts += [] if examples.weights is None else [examples.weights]
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        digest.update(str(part.dtype).encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.digest()


def _on_holdout(
    name: str, metric: Metric, holdout: Answered, decides: Booleans, *, first: bool, seed: int
) -> Metric:
    """Return the metric as it is on the probes; refuse one that the holdout does not do for."""
    if not decides.any() or decides.all():
        raise UsageError(
            f"The holdout has too few clusters to halve: all {len(decides)} examples fall in one half. Give "
            "it more examples, or finer clusters."
        )
    try:
        ready = fixed(metric, holdout, decides)
        lacking = [_why(ready, holdout, rows, seed) for rows in (decides, ~decides)]
    except UsageError as error:
        raise UsageError(
            f"{error} It was tried with made-up scores; nothing was trained."
        ) from None
    for half, rows, why in zip(_HALVES, (decides, ~decides), lacking, strict=True):
        if why and (first or isinstance(metric, Function)):
            raise UsageError(
                f"The metric '{name}' is not defined on the {int(rows.sum())} holdout examples of the half that "
                f"{half}: {why}. Give the holdout more examples, or another metric; nothing was trained."
            )
    return ready


def _why(metric: Metric, probe: Answered, rows: Booleans, seed: int) -> str:
    """Return why some examples do not define a metric, empty where they do."""
    if not rows.any():
        return "none of its examples is reported"
    function = isinstance(metric, Function)
    if function:
        # Asked once: what a call costs is the user's to know.
        one = probe.predictions.ordered(probe.predictions.variants[:1])
        probe = replace(probe, predictions=one)
    if not np.isfinite(values(metric, probe, rows)).all():
        return _lacking(probe.examples.labels[rows], function=function)
    if function or _rarest(probe.examples.labels[rows]) >= _FEW:
        return ""
    made = evidence(metric, probe, rows, seed)
    return made.why if isinstance(made, Undefined) else ""


def _lacking(labels: NDArray[Any], *, function: bool) -> str:
    count = len(labels)
    if labels.dtype.kind != "f" and len(np.unique(labels)) == 1:
        return f"all {count} examples that count there are of one class"
    if function:
        return f"the function returned nan for the {count} examples that count there"
    return "they lack a class or anything to tell apart"


def _rarest(labels: NDArray[Any]) -> int:
    if labels.dtype.kind == "f":
        return len(labels)
    return int(np.unique(labels, return_counts=True)[1].min())


def _refuse(
    name: str, lacks: Mapping[str, str], choosers: Mapping[str, Chooser], rows: Sequence[ProbeRow]
) -> None:
    titles = {row.name: row.title for row in rows}
    stressed = [row.name for row in rows[1:]]
    if stressed and len(lacks) == len(stressed):
        raise UsageError(
            f"The metric '{name}' is not defined on any stress test of this study, such as {titles[stressed[0]]}: "
            f"{lacks[stressed[0]]}. Give other stress tests, or another metric."
        )
    for rule, made in choosers.items():
        named = matching(made.probe, titles) if isinstance(made, Particular) else []
        if named and all(probe in lacks for probe in named):
            raise UsageError(
                f"The choice rule '{rule}' looks at {titles[named[0]]}, on which the metric '{name}' is not "
                f"defined: {lacks[named[0]]}. Name another probe, or another metric."
            )
