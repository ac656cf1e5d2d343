"""The same findings from predictions that exist already: a study folder without training."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple, get_args

import numpy as np
import yaml

from underspec import choose, select
from underspec._version import __version__
from underspec.core.errors import StudyError, UsageError, one_of
from underspec.core.findings import Findings
from underspec.core.names import part
from underspec.core.records import Kind, Predictions, Task, Variant
from underspec.core.store import Store, sha256
from underspec.data.predictions import Foreign, ForeignProbe, fingerprint, read_any
from underspec.metrics.measured import said_of
from underspec.select._protocol import Selector
from underspec.study import layout
from underspec.study.assess import Judging
from underspec.study.block import BlockDone
from underspec.study.canonical import digest, plain
from underspec.study.counted import Listed, carried
from underspec.study.environment import encode, environment
from underspec.study.guard import only_driver
from underspec.study.keeping import WHOLE_SCORES
from underspec.study.measuring import named_metrics, suits
from underspec.study.probing import HOLDOUT, ProbeRow
from underspec.study.record import forget, read_record, refuse_occupied
from underspec.study.results import (
    SMALLEST_GROUP,
    read_findings,
    write_findings,
    write_report,
    write_results,
)
from underspec.study.tables import pack_kept, pack_rows, pack_said

__all__ = ["analyse", "analyse_files"]

_BLOCK = layout.block_id(0)


def analyse(
    predictions: Any,
    *,
    holdout: str,
    epsilon: float,
    out: str | Path,
    metric: str | Sequence[str] = "accuracy",
    max_drop: float | None = None,
    seed: int = 0,
    name: str = "analysis",
    labels: str | Path | None = None,
    epoch: str | None = None,
    task: Task | None = None,
    counted: str = "",
) -> Findings:
    """Judge predictions that exist already and write a study folder with report.

    Args:
        predictions: a data frame (pandas, polars, pyarrow and others) or one or several files in the
            exchange format; a pattern such as ``preds/{probe}/{variant}.npy``; or a folder of
            predictions as WILDS names them.
        holdout: name of the probe that is the holdout.
        epsilon: margin within which variants count as near-equal, in the metric's units.
        out: folder to write.
        metric: name of the metric, or of several: the first one selects and judges.
        max_drop: largest fall that is still fine; 0.05 where None and the metric is a proportion.
        seed: root seed, which halves the clusters.
        name: of the study.
        labels: for patterns and WILDS folders, the true classes: a folder, a table or one array.
        epoch: for WILDS folders, ``best``, ``last`` or a number.
        task: ``regression`` where the predictions are numbers; then `metric` must be one for that.
            Where None, ``binary`` or ``classification``, as there are classes.
        counted: ``label`` or ``group``, where a fixed number of examples of each class or group was
            taken by design in every probe; empty where not.

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
    )


def analyse_files(
    files: Any,
    out: str,
    *,
    holdout: str | None,
    near_equal: Selector,
    metric: str | Sequence[str] = "accuracy",
    max_drop: float | None = None,
    seed: int = 0,
    name: str = "analysis",
    choosers: Sequence[str] = ("minimax_regret", "medoid", "random_pick"),
    labels: str | Path | None = None,
    epoch: str | None = None,
    task: Task | None = None,
    counted: str = "",
) -> Findings:
    """Judge predictions that exist already; one probe at a time is in memory.

    Args:
        files: what `analyse` takes as predictions.
        out: folder to write; one that holds the analysis of the same files is written anew.
        holdout: name of the probe that is the holdout.
        near_equal: pool rule.
        metric: name of the metric, or of several: the first one selects and judges.
        max_drop: largest fall that is still fine; 0.05 where None and the metric is a proportion.
        seed: root seed, which halves the clusters.
        name: of the study.
        choosers: names of choice rules.
        labels: the true classes, where the predictions come without.
        epoch: which predictions of a WILDS folder.
        task: ``regression`` where the predictions are numbers; by the classes where None.
        counted: ``label`` or ``group``, what was counted off by design; empty for nothing.

    Raises:
        UsageError: the files are wrong, or lack the holdout.
        StudyError: `out` holds something else.
    """
    names = [metric] if isinstance(metric, str) else list(metric)
    judged = named_metrics(names)
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
        choosers={rule: choose.get(rule) for rule in choosers},
        seed=seed,
        asked=len(variants),
    )
    for measure_name, measure in judged.items():
        suits(measure, measure_name, judging.task)
        # Before what an earlier analysis found is forgotten.
        said_of(measure, foreign.probes[0].predictions)
    with only_driver(store):
        forget(store)
        store.remove("blocks")
        resolved = {
            "schema": 1,
            "name": name,
            "seed": seed,
            "task": judging.task,
            "metric": names if len(names) > 1 else names[0],
            "predictions": _named(files),
            **({} if labels is None else {"labels": Path(labels).name}),
            "holdout": holdout,
            **({"counted": counted} if counted else {}),
            "variants": len(variants),
            "near_equal": plain(near_equal),
            "verdict": {"max_drop": judging.max_drop},
            "choose": list(choosers),
        }
        record: dict[str, Any] = {
            "passed": None,
            "resolved": resolved,
            "identity": parts,
            "notices": [],
        }
        store.write(layout.STUDY, yaml.safe_dump(record, sort_keys=False).encode())
        kept = _keep(store, foreign, counted)
        done = _commit(store, kept, variants)
        facts = {**environment("predictions", "none", 0), "underspec": __version__}
        store.write(layout.ENVIRONMENT, encode(facts))
        notes = [*foreign.notes, *kept.notes]
        findings = write_results(store, judging, variants, kept.rows, done, notes)
        write_findings(store, findings)
        write_report(store)
    return read_findings(store)


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


def _strata(probe: ForeignProbe) -> list[ForeignProbe]:
    """Return one probe for each group of a probe that is large enough to be reported."""
    if probe.group is None:
        return []
    found = []
    for group in np.unique(probe.group).tolist():
        rows = np.flatnonzero(probe.group == group)
        if len(rows) >= SMALLEST_GROUP:
            title = f"{probe.title}, group = {group}"
            found.append(
                ForeignProbe(
                    name=f"{part(f'{probe.name}_by_group')}-{part(str(group))}",
                    title=title,
                    predictions=probe.predictions.only(rows),
                    ids=probe.ids[rows],
                    clusters=probe.clusters[rows],
                    weights=None if probe.weights is None else probe.weights[rows],
                )
            )
    return found


def _too_small(probe: ForeignProbe) -> list[str]:
    if probe.group is None:
        return []
    groups, counts = np.unique(probe.group, return_counts=True)
    return [
        f"{probe.title}, group = {group} is left out: {count} examples, and it takes {SMALLEST_GROUP}."
        for group, count in zip(groups.tolist(), counts.tolist(), strict=True)
        if count < SMALLEST_GROUP
    ]


class _Kept(NamedTuple):
    """What was written of the probes: their rows, the holdout first, hashes of files, notes."""

    rows: list[ProbeRow]
    files: dict[str, str]
    notes: list[str]


def _listed(probe: ForeignProbe) -> Listed:
    groups = {} if probe.group is None else {"group": probe.group}
    return Listed(probe.predictions.labels, probe.clusters, groups)


def _keep(store: Store, foreign: Foreign, counted: str) -> _Kept:
    """Write all probes and their strata, one probe at a time."""
    whole: list[ProbeRow] = []
    strata: list[ProbeRow] = []
    files: dict[str, str] = {}
    notes: list[str] = []
    home: Listed | None = None
    for probe in foreign.probes:
        own = _listed(probe)
        if home is None and counted == "group" and probe.group is None:
            raise UsageError(
                f"Examples were counted off by group, but '{probe.title}' has no column 'group'. Name the "
                "groups there, or say nothing of counting."
            )
        home = home or own
        of = "" if counted == "group" and probe.group is None else counted
        of = carried(of, own, home)
        whole.append(_keep_probe(store, probe, "shifted" if whole else "holdout", files, of))
        # Of the examples of one group, classes were not counted off; and it is one stratum alone.
        strata += [_keep_probe(store, part, "stratified", files, "") for part in _strata(probe)]
        notes += _too_small(probe)
    return _Kept([*whole, *strata], files, notes)


def _keep_probe(
    store: Store, probe: ForeignProbe, kind: Kind, files: dict[str, str], counted: str
) -> ProbeRow:
    family, _, severity = probe.name.partition("-")
    labels = probe.predictions.labels.tolist()
    weights = [] if probe.weights is None else [probe.weights.tolist()]
    row = ProbeRow(
        key=digest([probe.name, probe.ids.tolist(), labels, *weights]),
        stress=HOLDOUT if kind == HOLDOUT else "foreign",
        name=_name(probe, kind),
        title=probe.title,
        kind=kind,
        family=HOLDOUT if kind == HOLDOUT else family,
        severity=_severity(severity) if kind == "shifted" else None,
        n=len(probe.ids),
        may_choose=True,
    )
    columns = {"id": probe.ids.tolist(), "label": labels, "cluster": probe.clusters.tolist()}
    if probe.group is not None:
        columns["group_group"] = probe.group.tolist()
    if probe.weights is not None:
        columns["weight"] = probe.weights.tolist()
    examples = [
        dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)
    ]
    store.write(layout.probe_examples(row.key), pack_rows(examples, list(columns), counted))
    content = _packed(probe.predictions)
    name = layout.predictions(_BLOCK, row.key)
    store.write(name, content)
    files[name.rpartition("/")[2]] = sha256(content)
    return row


def _packed(said: Predictions) -> bytes:
    if said.scores is None and said.label_scores is not None:
        kept = {"answer": said.answers, "label_score": said.label_scores}
        return pack_kept(said.variants, [kept])
    return pack_said(said)


def _name(probe: ForeignProbe, kind: Kind) -> str:
    if kind == HOLDOUT:
        return HOLDOUT
    # The yardstick's name is taken, whatever it was called.
    return part(f"{probe.title} ") if probe.name == HOLDOUT else probe.name


def _severity(text: str) -> float | None:
    return float(text) if text.replace(".", "", 1).isdigit() else None


def _commit(store: Store, kept: _Kept, variants: Sequence[Variant]) -> dict[str, BlockDone]:
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
        layout.done(_BLOCK),
        json.dumps({**asdict(done), "probes": list(done.probes)}, indent=1, default=str).encode(),
    )
    return {_BLOCK: done}
