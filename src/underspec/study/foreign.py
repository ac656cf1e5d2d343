"""The same findings from predictions that exist already: a study folder without training."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from underspec import choose, metrics
from underspec._version import __version__
from underspec.core.errors import StudyError, UsageError
from underspec.core.findings import Findings
from underspec.core.names import part
from underspec.core.records import Kind, Variant
from underspec.core.store import Store, sha256
from underspec.data.predictions import ForeignProbe, read
from underspec.select._protocol import Selector
from underspec.study import layout
from underspec.study.assess import Judging
from underspec.study.block import BlockDone
from underspec.study.canonical import digest, plain
from underspec.study.environment import encode, environment
from underspec.study.guard import only_driver
from underspec.study.probing import HOLDOUT, ProbeRow
from underspec.study.record import forget, read_record, refuse_occupied
from underspec.study.results import (
    SMALLEST_GROUP,
    read_findings,
    write_findings,
    write_report,
    write_results,
)
from underspec.study.tables import pack_rows, pack_said

__all__ = ["analyse_files"]

_BLOCK = layout.block_id(0)


def analyse_files(
    files: Sequence[Path],
    out: str,
    *,
    holdout: str | None,
    near_equal: Selector,
    metric: str = "accuracy",
    max_drop: float | None = None,
    seed: int = 0,
    name: str = "analysis",
    choosers: Sequence[str] = ("minimax_regret", "medoid", "random_pick"),
) -> Findings:
    """Judge predictions in the exchange format and write a study folder with report.

    Args:
        files: Parquet or CSV, a row per probe, variant and example.
        out: folder to write; one that holds the analysis of the same files is written anew.
        holdout: name of the probe that is the holdout.
        near_equal: pool rule.
        metric: name of the metric.
        max_drop: largest fall that is still fine; 0.05 where None and the metric is a proportion.
        seed: root seed, which halves the clusters.
        name: of the study.
        choosers: names of choice rules.

    Raises:
        UsageError: the files are wrong, or lack the holdout.
        StudyError: `out` holds something else.
    """
    measure = metrics.get(metric)
    if max_drop is None and not measure.proportion:
        raise UsageError(
            f"The metric '{metric}' is no proportion, so the largest fall that is still fine has no default. "
            "Give --max-drop in the metric's units."
        )
    foreign = read(files, holdout=holdout)
    store = Store(out)
    parts = {"files": sorted(sha256(Path(f).read_bytes())[:16] for f in files), "holdout": holdout}
    _refuse_other(store, parts)
    variants = [Variant(v.id, v.seeds, v.values) for v in foreign.variants]
    judging = Judging(
        name=name,
        task="binary" if len(foreign.classes) == 2 else "classification",
        metric=measure,
        metric_name=metric,
        selector=near_equal,
        max_drop=0.05 if max_drop is None else max_drop,
        choosers={rule: choose.get(rule) for rule in choosers},
        seed=seed,
        asked=len(variants),
    )
    with only_driver(store):
        forget(store)
        store.remove("blocks")
        resolved = {
            "schema": 1,
            "name": name,
            "seed": seed,
            "task": judging.task,
            "metric": metric,
            "predictions": [Path(f).name for f in files],
            "holdout": holdout,
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
        yardstick, *others = foreign.probes
        strata = [stratum for probe in foreign.probes for stratum in _strata(probe)]
        rows = [
            _keep_probe(store, yardstick, "holdout"),
            *(_keep_probe(store, probe, "shifted") for probe in others),
            *(_keep_probe(store, probe, "stratified") for probe in strata),
        ]
        done = _commit(store, rows, variants)
        facts = {**environment("predictions", "none", 0), "underspec": __version__}
        store.write(layout.ENVIRONMENT, encode(facts))
        notes = [note for probe in foreign.probes for note in _too_small(probe)]
        findings = write_results(store, judging, variants, rows, done, notes)
        write_findings(store, findings)
        write_report(store)
    return read_findings(store)


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


def _keep_probe(store: Store, probe: ForeignProbe, kind: Kind) -> ProbeRow:
    family, _, severity = probe.name.partition("-")
    row = ProbeRow(
        key=digest([probe.name, probe.ids.tolist(), probe.predictions.labels.tolist()]),
        stress=HOLDOUT if kind == HOLDOUT else "foreign",
        name=_name(probe, kind),
        title=probe.title,
        kind=kind,
        family=HOLDOUT if kind == HOLDOUT else family,
        severity=_severity(severity) if kind == "shifted" else None,
        n=len(probe.ids),
        may_choose=True,
    )
    examples = [
        {"id": i, "label": int(label), "cluster": c}
        for i, label, c in zip(
            probe.ids.tolist(), probe.predictions.labels, probe.clusters.tolist(), strict=True
        )
    ]
    store.write(layout.probe_examples(row.key), pack_rows(examples, ["id", "label", "cluster"]))
    store.write(layout.predictions(_BLOCK, row.key), pack_said(probe.predictions))
    return row


def _name(probe: ForeignProbe, kind: Kind) -> str:
    if kind == HOLDOUT:
        return HOLDOUT
    # The yardstick's name is taken, whatever it was called.
    return part(f"{probe.title} ") if probe.name == HOLDOUT else probe.name


def _severity(text: str) -> float | None:
    return float(text) if text.replace(".", "", 1).isdigit() else None


def _commit(
    store: Store, rows: Sequence[ProbeRow], variants: Sequence[Variant]
) -> dict[str, BlockDone]:
    index = {"stress": None, "probes": [asdict(row) for row in rows[1:]], "notes": []}
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
    names = [layout.predictions(_BLOCK, row.key) for row in rows]
    files = {name.rpartition("/")[2]: sha256(store.read(name)) for name in names}
    done = BlockDone("predictions", records, tuple(sorted(row.key for row in rows)), files)
    store.write(
        layout.done(_BLOCK),
        json.dumps({**asdict(done), "probes": list(done.probes)}, indent=1, default=str).encode(),
    )
    return {_BLOCK: done}
