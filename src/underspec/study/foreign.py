"""The same findings from predictions that exist already: a study folder without training."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, get_args

import numpy as np
import yaml

from underspec import choose, metrics, select
from underspec._version import __version__
from underspec.choose._protocol import Chooser, Particular
from underspec.core.errors import StudyError, UsageError, one_of
from underspec.core.findings import Findings
from underspec.core.records import Task, Variant
from underspec.core.registry import Registry
from underspec.core.store import Store
from underspec.data.predictions import ForeignProbe, fingerprint, read_any
from underspec.metrics._protocol import Fitted, Metric
from underspec.metrics.measured import said_of, value_on
from underspec.select._protocol import Selector
from underspec.study import layout
from underspec.study.assess import Judging
from underspec.study.beforehand import foresee
from underspec.study.block import BlockDone
from underspec.study.bounds import check_bounds, check_sizes
from underspec.study.canonical import describe, plain
from underspec.study.choosable import with_baseline
from underspec.study.environment import encode, environment
from underspec.study.foreign_probes import BLOCK, Kept, examples_of, keep_probes
from underspec.study.guard import only_driver
from underspec.study.keeping import WHOLE_SCORES
from underspec.study.measuring import named_metrics, suits
from underspec.study.positive import with_positive
from underspec.study.record import forget, read_record, refuse_occupied
from underspec.study.results import (
    read_findings,
    write_findings,
    write_report,
    write_results,
)

__all__ = ["analyse", "analyse_files"]

RULES = ("minimax_regret", "medoid", "random_pick")
"""Choice rules of an analysis that names none."""


def analyse(
    predictions: Any,
    *,
    holdout: str,
    epsilon: float,
    out: str | Path,
    metric: str | Metric | Sequence[str | Metric] = "accuracy",
    max_drop: float | None = None,
    seed: int = 0,
    name: str = "analysis",
    labels: str | Path | None = None,
    epoch: str | None = None,
    task: Task | None = None,
    counted: str = "",
    choose: str | Chooser | Sequence[str | Chooser] | Mapping[str, Chooser] = RULES,
    positive: str | None = None,
) -> Findings:
    """Judge predictions that exist already and write a study folder with report.

    Args:
        predictions: a data frame (pandas, polars, pyarrow and others) or one or several files in the
            exchange format; a pattern such as ``preds/{probe}/{variant}.npy``; or a folder of
            predictions as WILDS names them.
        holdout: name of the probe that is the holdout.
        epsilon: margin within which variants count as near-equal, in the metric's units.
        out: folder to write.
        metric: name of a metric, or a metric, or several: the first one selects and judges.
        max_drop: largest fall that is still fine; 0.05 where None and the metric is a proportion.
        seed: root seed, which halves the clusters.
        name: of the study.
        labels: for patterns and WILDS folders, the true classes: a folder, a table or one array.
        epoch: for WILDS folders, ``best``, ``last`` or a number.
        task: ``regression`` where the predictions are numbers; then `metric` must be one for that.
            Where None, ``binary`` or ``classification``, as there are classes.
        counted: ``label`` or ``group``, where a fixed number of examples of each class or group was
            taken by design in every probe; empty where not.
        choose: choice rules: names, rules, or rules by name. Rules that average scores need them.
        positive: of two classes, the positive one of metrics such as sensitivity and F1; the
            second in natural order of their names where None.

    Raises:
        UsageError: the predictions are wrong, or lack the holdout.
        StudyError: `out` holds something else.
    """
    return analyse_files(
        predictions,
        str(out),
        holdout=holdout,
        near_equal=select.get("margin", epsilon=epsilon),
        metric=metric,
        max_drop=max_drop,
        seed=seed,
        name=name,
        labels=labels,
        epoch=epoch,
        task=task,
        counted=counted,
        choosers=choose,
        positive=positive,
    )


def analyse_files(
    files: Any,
    out: str,
    *,
    holdout: str | None,
    near_equal: Selector,
    metric: str | Metric | Sequence[str | Metric] = "accuracy",
    max_drop: float | None = None,
    seed: int = 0,
    name: str = "analysis",
    choosers: str | Chooser | Sequence[str | Chooser] | Mapping[str, Chooser] = RULES,
    labels: str | Path | None = None,
    epoch: str | None = None,
    task: Task | None = None,
    counted: str = "",
    positive: str | None = None,
) -> Findings:
    """Judge predictions that exist already; one probe at a time is in memory.

    Args:
        files: what `analyse` takes as predictions.
        out: folder to write; one that holds the analysis of the same files is written anew.
        holdout: name of the probe that is the holdout.
        near_equal: pool rule.
        metric: name of a metric, or a metric, or several: the first one selects and judges.
        max_drop: largest fall that is still fine; 0.05 where None and the metric is a proportion.
        seed: root seed, which halves the clusters.
        name: of the study.
        choosers: choice rules: names, rules, or rules by name.
        labels: the true classes, where the predictions come without.
        epoch: which predictions of a WILDS folder.
        task: ``regression`` where the predictions are numbers; by the classes where None.
        counted: ``label`` or ``group``, what was counted off by design; empty for nothing.
        positive: of two classes, the one with code 1; the second where None.

    Raises:
        UsageError: the files are wrong, or lack the holdout.
        StudyError: `out` holds something else.
    """
    given = (
        list(metric) if isinstance(metric, Sequence) and not isinstance(metric, str) else [metric]
    )
    judged = named_metrics(given)
    names = list(judged)
    rules = with_baseline(choosers)
    if task is not None and task not in get_args(Task):
        raise UsageError(one_of("task", task, get_args(Task)))
    if counted not in ("", *_countable(task)):
        raise UsageError(one_of("column that was counted off", counted, _countable(task)))
    if task is not None:
        for measure_name, measure in judged.items():
            suits(measure, measure_name, task)
    if max_drop is None and not judged[names[0]].proportion:
        raise UsageError(
            f"The metric '{names[0]}' is no proportion, so the largest fall that is still fine has no default. "
            "Give --max-drop in the metric's units."
        )
    foreign = read_any(files, holdout, labels=labels, epoch=epoch, whole=WHOLE_SCORES, task=task)
    if task == "binary" and foreign.task != task:
        raise UsageError(
            f"The task is binary but there are {len(foreign.classes)} classes. Say --task classification."
        )
    check_bounds(judged[names[0]], names[0], near_equal.epsilon, max_drop)
    if positive is not None:
        foreign = with_positive(foreign, positive)
    check_sizes(rules, len(foreign.variants))
    store = Store(out)
    parts = {"files": fingerprint(files, foreign), "holdout": holdout}
    _refuse_other(store, parts)
    variants = [Variant(v.id, v.seeds, v.values) for v in foreign.variants]
    judging = Judging(
        name=name,
        task=task or foreign.task,
        metrics=judged,
        selector=near_equal,
        max_drop=0.05 if max_drop is None else max_drop,
        choosers=rules,
        seed=seed,
        asked=len(variants),
        classes=foreign.classes,
    )
    for measure_name, measure in judged.items():
        suits(measure, measure_name, judging.task)
        # Before what an earlier analysis found is forgotten.
        _tried(measure, foreign.probes[0])
    written = [_written(one, metrics.registry) for one in judged.values()]
    with only_driver(store):
        forget(store)
        store.remove("blocks")
        resolved = {
            "schema": 1,
            "name": name,
            "seed": seed,
            "task": judging.task,
            "metric": written if len(written) > 1 else written[0],
            "predictions": _named(files),
            **({} if labels is None else {"labels": Path(labels).name}),
            "holdout": holdout,
            **({"counted": counted} if counted else {}),
            **({} if positive is None else {"positive": positive}),
            "variants": len(variants),
            "near_equal": plain(near_equal),
            "verdict": {"max_drop": judging.max_drop},
            "choose": [_written(rule, choose.registry) for rule in rules.values()],
        }
        record: dict[str, Any] = {
            "passed": None,
            "resolved": resolved,
            "identity": parts,
            "notices": [],
        }
        store.write(layout.STUDY, yaml.safe_dump(record, sort_keys=False).encode())
        kept = keep_probes(store, foreign, counted)
        if any(isinstance(rule, Particular) for rule in rules.values()):
            # Else such a rule would be told that there is no such probe.
            foresee(
                judged,
                rules,
                kept.rows,
                partial(examples_of, store),
                classes=len(foreign.classes),
                seed=seed,
            )
        done = _commit(store, kept, variants)
        facts = {**environment("predictions", "none", 0), "underspec": __version__}
        store.write(layout.ENVIRONMENT, encode(facts))
        notes = [*foreign.notes, *kept.notes]
        findings = write_results(store, judging, variants, kept.rows, done, notes)
        write_findings(store, findings)
        write_report(store)
    return read_findings(store)


def _written(member: Any, registry: Registry[Any]) -> Any:
    """Return a member as a study file would write it; its name alone where all is as by default."""
    described = describe(member, registry)
    (name,) = described
    if name in registry.names():
        with suppress(UsageError):
            if registry.get(name) == member:
                return name
    return described


def _countable(task: Task | None) -> tuple[str, ...]:
    return ("group",) if task == "regression" else ("label", "group")


def _named(files: Any) -> list[str]:
    """Return the names of files without their folders, which are nobody's business."""
    if not isinstance(files, str | Path | list | tuple):
        return ["a data frame"]
    listed = [files] if isinstance(files, str | Path) else files
    return [Path(f).name for f in listed]


def _refuse_other(store: Store, parts: dict[str, Any]) -> None:
    refuse_occupied(store)
    # An analysis without findings failed, and may be tried again with other files.
    if store.exists(layout.STUDY) and store.exists(layout.FINDINGS):
        before = read_record(store)["identity"]
    elif store.exists(layout.STUDY):
        before = parts if "files" in read_record(store)["identity"] else None
    else:
        before = parts
    if before != parts:
        raise StudyError(
            f"The folder {store} holds another study or the analysis of other files. Give another --out."
        )


def _commit(store: Store, kept: Kept, variants: Sequence[Variant]) -> dict[str, BlockDone]:
    index = {"stress": None, "probes": [asdict(row) for row in kept.rows[1:]], "notes": []}
    store.write(layout.stress_index("foreign"), json.dumps(index, indent=1).encode())
    records = {
        v.id: {
            "status": "trained",
            "seconds": None,
            "error": None,
            "seeds": dict(v.seeds),
            "values": dict(v.values),
        }
        for v in variants
    }
    keys = tuple(sorted(row.key for row in kept.rows))
    done = BlockDone("predictions", records, keys, kept.files)
    store.write(
        layout.done(BLOCK),
        json.dumps({**asdict(done), "probes": list(done.probes)}, indent=1, default=str).encode(),
    )
    return {BLOCK: done}


def _tried(metric: Metric, holdout: ForeignProbe) -> None:
    """Ask a metric about the holdout, so that one of the user's own that fails does so at once."""
    said = said_of(metric, holdout.predictions)
    if not isinstance(metric, Fitted) and len(said):
        first = holdout.predictions.ordered(holdout.predictions.variants[:1])
        value_on(metric, first, np.ones(len(holdout.ids), dtype=np.bool_), holdout.weights)
