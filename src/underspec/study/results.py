"""Results of a study folder: computed from its predictions, and read back for reports."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

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
from underspec.study.assess import Judging, assess
from underspec.study.averages import Averages
from underspec.study.block import BlockDone
from underspec.study.exhibits import are_images, read_exhibits, shown, write_exhibits
from underspec.study.measuring import Answered
from underspec.study.probing import HOLDOUT, ProbeRow
from underspec.study.record import read_json, read_record
from underspec.study.seen import reported
from underspec.study.study import Study
from underspec.study.tables import (
    Examples,
    pack_rows,
    unpack_examples,
    unpack_predictions,
    unpack_rows,
)

_SYNTHETIC = "Synthetic"

SMALLEST_GROUP = 10
"""A group with fewer reported examples is not reported: it would tell of single people."""

__all__ = ["answered_probes", "read_dossier", "read_findings", "write_report", "write_results"]


def answered_probes(
    store: Store, rows: Sequence[ProbeRow], done: Mapping[str, BlockDone], asked: Sequence[str]
) -> Iterator[Answered]:
    """Yield each probe with the predictions of the variants asked for, one probe at a time.

    Raises:
        StudyError: a file is missing or damaged.
    """
    keys = [row.key for row in rows]
    usable = {
        block: set(record.trained()) - set(record.failed(keys)) for block, record in done.items()
    }
    for row in rows:
        examples = _examples(store, row)
        files = []
        for block in sorted(done):
            own = [v for v in asked if v in usable[block]]
            if own:
                path = layout.predictions(block, row.key)
                files.append((_read(store, path), own, path))
        said = unpack_predictions(files, examples.labels)
        yield Answered(row, examples, said.ordered([v for v in asked if v in said.variants]))


def _examples(store: Store, row: ProbeRow) -> Examples:
    name = layout.probe_examples(row.key)
    return unpack_examples(_read(store, name), name)


def reportable(
    store: Store, rows: Sequence[ProbeRow], seed: int
) -> tuple[list[ProbeRow], list[str]]:
    """Return the probes of which enough examples are left to report, and notes on the others."""
    home = set(_examples(store, rows[0]).clusters.tolist())
    kept, notes = [rows[0]], []
    for row in rows[1:]:
        left = int(reported(home, _examples(store, row).clusters, seed).sum())
        least = SMALLEST_GROUP if row.kind == "stratified" else 1
        if left >= least:
            kept.append(row)
        else:
            notes.append(
                f"{row.title} is left out: {left} of its {row.n} examples are in the half that is reported, and "
                f"it takes {least}."
            )
    return kept, notes


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
    averages: Averages | None = None,
) -> Findings:
    """Compute the findings, and write the tables that reports read beside them.

    Args:
        store: the study folder.
        judging: by what to judge.
        variants: those asked for.
        rows: of the probes, the holdout first.
        done: what blocks have committed.
        notes: what else the findings should say.
        averages: asks models that are the mean of several; None where there are none.
    """
    asked = [v.id for v in variants]
    rows, left_out = reportable(store, rows, judging.seed)
    keys = [row.key for row in rows]
    records = {v: dict(row) for record in done.values() for v, row in record.variants.items()}
    failed = {
        v: why for record in done.values() for v, why in record.failed(keys).items() if v in asked
    }
    for variant, why in failed.items():
        records[variant].update(status="failed", error=why)
    if len(failed) == len(asked):
        raise StudyError(
            f"No variant is left to judge. The first one failed with: {failed[asked[0]]}"
        )
    result = assess(
        judging,
        failed,
        lambda: answered_probes(store, rows, done, asked),
        variants,
        averages,
    )
    for choice in result.findings.choices:
        if averages is not None and choice.weights:
            averages.keep(choice.variants)
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
    told = (*notes, *left_out, *result.findings.notes, *trained, *_mixtures(done))
    return replace(result.findings, notes=told)


def _mixtures(done: Mapping[str, BlockDone]) -> Iterator[str]:
    """Yield what differs between blocks beside the sources."""
    records = list(done.values())
    if len({record.recipe for record in records}) > 1:
        yield "Variants were trained with different versions of the trainer's code, as was accepted."
    packages = sorted({name for record in records for name in record.packages})
    mixed = [n for n in packages if len({record.packages.get(n) for record in records}) > 1]
    if mixed:
        yield f"Variants were trained with different versions of {', '.join(mixed)}."


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
    if not wanted or holdout.regression or not are_images(holdout.inputs):
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
    record = read_record(store)
    environment = read_json(store, layout.ENVIRONMENT)
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
        synthetic=_synthetic(record.get("notices", ())),
    )


def _synthetic(notices: Sequence[str]) -> str | None:
    """Return what the notices of synthetic data say, which begin with that word; None for real data."""
    said = [notice for notice in notices if notice.startswith(_SYNTHETIC)]
    told = [notice.removeprefix(_SYNTHETIC).lstrip(": ").rstrip(".") for notice in said]
    return "; ".join(text[:1].upper() + text[1:] for text in told) or None


def write_report(store: Store) -> None:
    """Draw `report.html` from the folder."""
    store.write("report.html", report.get("html")(read_dossier(store)).encode())
