"""Writing of the exchange format."""

import os
import secrets
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.data.predictions.foreign import Foreign, ForeignProbe

__all__ = ["write"]


def write(
    path: str | Path, foreign: Foreign, form: Literal["prediction", "scores"] | None = None
) -> None:
    """Write predictions as one file of the exchange format.

    Args:
        path: where to, ``.parquet`` or ``.csv``; the file appears whole or not at all.
        foreign: what to write, the holdout among its probes.
        form: ``prediction`` writes classes by name; ``scores`` writes ``score_0 ...`` and numbers
            the classes. Where None, scores if every probe has them. A regression has values, which
            are written as ``score``.

    Raises:
        UsageError: another suffix, scores that are not there, or more or fewer of them than
            classes.
    """
    target = Path(path)
    if target.suffix not in (".parquet", ".csv"):
        raise UsageError(f"{str(path)!r} must end in .parquet or .csv.")
    scored = all(probe.predictions.scores is not None for probe in foreign.probes)
    if form == "scores" and not scored:
        raise UsageError("Scores cannot be written: some probe has answers only.")
    scores = scored if form is None else form == "scores"
    new = target.with_name(f".{secrets.token_hex(8)}.new")
    try:
        _write(new, target.suffix, foreign, scores)
        os.replace(new, target)  # noqa: PTH105
    finally:
        new.unlink(missing_ok=True)


def _write(path: Path, suffix: str, foreign: Foreign, scores: bool) -> None:
    import pyarrow as pa
    from pyarrow import csv
    from pyarrow import parquet as pq

    make: Any = csv.CSVWriter if suffix == ".csv" else pq.ParquetWriter
    extras = _extras(foreign)
    writer = None
    try:
        for probe in foreign.probes:
            table = pa.concat_tables(
                pa.table(_columns(foreign, probe, v, scores, extras))
                for v in range(len(probe.predictions.variants))
            )
            if writer is None:
                writer = make(str(path), table.schema)
            writer.write_table(table)
    finally:
        if writer is not None:
            writer.close()


def _extras(foreign: Foreign) -> tuple[str, ...]:
    """Return the optional columns that say something."""
    found = []
    if any((probe.clusters != probe.ids).any() for probe in foreign.probes):
        found.append("cluster")
    if any(probe.group is not None for probe in foreign.probes):
        found.append("group")
    if any(probe.weights is not None for probe in foreign.probes):
        found.append("weight")
    if any(probe.pairs is not None for probe in foreign.probes):
        found += ["pair", "side"]
    names = dict.fromkeys(name for variant in foreign.variants for name in variant.values)
    return (*found, *(f"source_{name}" for name in names))


def _columns(
    foreign: Foreign, probe: ForeignProbe, v: int, scores: bool, extras: tuple[str, ...]
) -> dict[str, Any]:
    import pyarrow as pa

    n = len(probe.ids)
    said = probe.predictions
    regression = foreign.task == "regression"
    classes = np.array(
        [str(code) for code in range(len(foreign.classes))] if scores else foreign.classes
    )

    def same(text: str) -> Any:
        return pa.repeat(pa.scalar(text), n)

    columns: dict[str, Any] = {
        "probe": same(probe.title or probe.name),
        "variant": same(said.variants[v]),
        "example": pa.array(probe.ids),
        "label": _labels(said.labels, classes),
    }
    if regression:
        columns["score"] = pa.array(np.ascontiguousarray(said.answers[v]))
    elif scores and said.scores is not None:
        if said.scores.shape[2] != len(classes):
            raise UsageError(
                f"Probe {probe.name!r} has scores of {said.scores.shape[2]} classes, but there are "
                f"{len(classes)}."
            )
        for c in range(len(classes)):
            columns[f"score_{c}"] = pa.array(np.ascontiguousarray(said.scores[v, :, c]))
    else:
        columns["prediction"] = pa.array(classes[said.answers[v]])
    values = {variant.id: variant.values for variant in foreign.variants}.get(said.variants[v], {})
    for name in extras:
        if name == "cluster":
            columns[name] = pa.array(probe.clusters)
        elif name == "group":
            columns[name] = same("missing") if probe.group is None else pa.array(probe.group)
        elif name == "weight":
            columns[name] = pa.array(np.ones(n) if probe.weights is None else probe.weights)
        elif name == "pair":
            columns[name] = same("") if probe.pairs is None else pa.array(probe.pairs.pair)
        elif name == "side":
            side = None if probe.pairs is None else probe.pairs.side
            columns[name] = pa.nulls(n, pa.int8()) if side is None else pa.array(side)
        else:
            columns[name] = same(str(values.get(name.removeprefix("source_"), "missing")))
    return columns


def _labels(labels: NDArray[Any], classes: NDArray[np.str_]) -> Any:
    """Return the labels as a column, empty where there are none."""
    import pyarrow as pa

    if labels.dtype.kind == "f":
        return pa.array(labels, mask=np.isnan(labels))
    return pa.array(classes[labels], mask=labels < 0)
