"""Results of a study folder: computed from its predictions, and read back for reports."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import yaml

from underspec import report
from underspec.core.errors import StudyError
from underspec.core.findings import Findings
from underspec.core.findings_json import findings_from_json, findings_json
from underspec.core.records import Data, Variant
from underspec.core.store import Store
from underspec.data.bundled import Bundled
from underspec.data.digits import Digits
from underspec.report import Dossier, VariantRow
from underspec.study import layout
from underspec.study.assess import Answered, Judging, assess
from underspec.study.block import BlockDone
from underspec.study.exhibits import are_images, read_exhibits, shown, write_exhibits
from underspec.study.probing import HOLDOUT, ProbeRow
from underspec.study.study import Study
from underspec.study.tables import pack_rows, unpack_examples, unpack_predictions, unpack_rows

__all__ = ["answered_probes", "read_dossier", "read_findings", "write_report", "write_results"]


def answered_probes(
    store: Store, rows: Sequence[ProbeRow], done: Mapping[str, BlockDone], asked: Sequence[str]
) -> Iterator[Answered]:
    """Yield each probe with the predictions of the variants asked for, one probe at a time.

    Raises:
        StudyError: a file is missing or damaged.
    """
    wanted = set(asked)
    for row in rows:
        name = layout.probe_examples(row.key)
        examples = unpack_examples(_read(store, name), name)
        files = []
        for block, record in sorted(done.items()):
            own = [v for v in record.trained() if v in wanted]
            if own:
                path = layout.predictions(block, row.key)
                files.append((_read(store, path), own, path))
        said = unpack_predictions(files, examples.labels)
        yield Answered(row, examples, said.ordered([v for v in asked if v in said.variants]))


def _read(store: Store, name: str) -> bytes:
    try:
        return store.read(name)
    except FileNotFoundError:
        raise StudyError(
            f"{name} is missing in {store}. Run the study with --verify to compute it again."
        ) from None


def write_results(
    store: Store,
    judging: Judging,
    variants: Sequence[Variant],
    rows: Sequence[ProbeRow],
    done: Mapping[str, BlockDone],
    notes: Sequence[str] = (),
) -> Findings:
    """Compute the findings, and write the tables that reports read beside them.

    Args:
        store: the study folder.
        judging: by what to judge.
        variants: those asked for.
        rows: of the probes, the holdout first.
        done: what blocks have committed.
        notes: what else the findings should say.
    """
    asked = [v.id for v in variants]
    records = {v: row for record in done.values() for v, row in record.variants.items()}
    failed = {v: records[v]["error"] for v in asked if records[v]["status"] == "failed"}
    result = assess(judging, failed, lambda: answered_probes(store, rows, done, asked))
    store.write(layout.VARIANTS, _variants_table(variants, records))
    scores = [
        {"probe": probe, "variant": variant, "mean": mean}
        for probe, means in result.scores.items()
        for variant, mean in means.items()
    ]
    store.write(layout.SCORES, pack_rows(scores, ["probe", "variant", "mean"]))
    said = Counter(records[v].get("note") for v in asked)
    trained = [
        f"{count} of {len(asked)} variants, while training: {note}"
        for note, count in said.items()
        if note
    ]
    return replace(result.findings, notes=(*notes, *result.findings.notes, *trained))


def _variants_table(variants: Sequence[Variant], records: Mapping[str, Mapping[str, Any]]) -> bytes:
    sources = list(dict.fromkeys(s for v in variants for s in (*v.seeds, *v.values)))
    table = []
    for variant in variants:
        record = records[variant.id]
        given = {**variant.seeds, **variant.values}
        table.append(
            {
                "id": variant.id,
                **{f"source_{s}": None if s not in given else str(given[s]) for s in sources},
                "status": record["status"],
                "seconds": record["seconds"],
                "error": record["error"],
            }
        )
    names = ["id", *(f"source_{s}" for s in sources), "status", "seconds", "error"]
    return pack_rows(table, names)


def write_findings(store: Store, findings: Findings) -> None:
    """Write `findings.json`, which makes a study finished."""
    store.write(layout.FINDINGS, findings_json(findings).encode())


def exhibit(
    store: Store,
    study: Study,
    findings: Findings,
    rows: Sequence[ProbeRow],
    done: Mapping[str, BlockDone],
    holdout: Data,
) -> None:
    """Write the exhibits, or remove them where the study shows none."""
    # What users bring is theirs to show or not.
    ours = isinstance(study.recipe.holdout, Bundled | Digits)
    wanted = study.exhibits is True or (study.exhibits == "auto" and ours)
    if not wanted or not are_images(holdout.inputs):
        store.remove("exhibits")
        return
    names = {HOLDOUT, *shown(findings)}
    some = [row for row in rows if row.name in names]
    asked = [v.id for v in study.assignment(study.variants, study.seed)]
    answered = {a.row.name: a for a in answered_probes(store, some, done, asked)}
    write_exhibits(store, findings, answered, study.stress, holdout, study.seed)


def read_findings(store: Store) -> Findings:
    """Return the findings of a study folder.

    Raises:
        StudyError: it is no study, or not finished, or damaged.
    """
    try:
        return findings_from_json(store.read(layout.FINDINGS).decode())
    except FileNotFoundError:
        what = "an unfinished study" if store.exists(layout.STUDY) else "no study"
        raise StudyError(
            f"{store} holds {what}: there is no findings.json. Run the study first."
        ) from None
    except UnicodeDecodeError:
        raise StudyError(f"findings.json in {store} is damaged. Run the study again.") from None


def read_dossier(store: Store) -> Dossier:
    """Return everything that a report may show, from the folder alone; nothing is imported.

    Raises:
        StudyError: the folder is no finished study.
    """
    findings = read_findings(store)
    scores: dict[str, dict[str, float]] = {}
    for row in unpack_rows(_read(store, layout.SCORES), layout.SCORES):
        scores.setdefault(row["probe"], {})[row["variant"]] = row["mean"]
    variants = tuple(
        VariantRow(
            id=row["id"],
            sources={
                k.removeprefix("source_"): v
                for k, v in row.items()
                if k.startswith("source_") and v
            },
            status=row["status"],
            seconds=row["seconds"],
            error=row["error"],
        )
        for row in unpack_rows(_read(store, layout.VARIANTS), layout.VARIANTS)
    )
    record = yaml.safe_load(_read(store, layout.STUDY))
    environment = (
        json.loads(store.read(layout.ENVIRONMENT)) if store.exists(layout.ENVIRONMENT) else {}
    )
    seconds = [v.seconds for v in variants if v.seconds is not None]
    cost = {"training seconds, all variants": sum(seconds)} if seconds else {}
    if "wall_seconds" in environment:
        cost["wall seconds, training and predicting"] = environment.pop("wall_seconds")
    return Dossier(
        findings=findings,
        variants=variants,
        scores=scores,
        exhibits=read_exhibits(store),
        study=record["resolved"],
        environment=environment,
        notices=tuple(record.get("notices", ())),
        cost=cost,
    )


def write_report(store: Store) -> None:
    """Draw `report.html` from the folder."""
    store.write("report.html", report.get("html")(read_dossier(store)).encode())
