"""Parquet files of a study: predictions, probes, variants and scores."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import StudyError
from underspec.core.records import Data, Floats, Pairs, Predictions, Scores
from underspec.study.counted import strata, told_apart
from underspec.study.keeping import Kept, keep

__all__ = [
    "Examples",
    "pack_examples",
    "pack_kept",
    "pack_predictions",
    "pack_rows",
    "pack_said",
    "unpack_examples",
    "unpack_predictions",
    "unpack_rows",
]

_GROUP = "group_"
_COUNTED = b"counted"


@dataclass(frozen=True, eq=False)
class Examples:
    """What a study keeps of a probe's examples: all but the inputs.

    Attributes:
        ids: text [examples].
        labels: class codes int32 [examples]; for regression the targets, float64. Where nobody
            named them, as may be in contrastive probes, -1 and NaN.
        clusters: text [examples].
        weights: how much each counts in metrics, float64 [examples]; all alike where None.
        groups: column to the group of each example, text [examples].
        counted: what was counted off by design, ``label`` or one of the groups; empty for nothing.
        pairs: of a contrastive probe, which examples are two sides of one.
    """

    ids: NDArray[np.str_]
    labels: NDArray[Any]
    clusters: NDArray[np.str_]
    weights: Floats | None = None
    groups: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)
    counted: str = ""
    pairs: Pairs | None = None

    @cached_property
    def strata(self) -> NDArray[np.intp] | None:
        """Stratum of each example, None where nothing was counted off or a cluster lies in several."""
        if not self.counted:
            return None
        codes = strata(self.counted, self.labels, self.groups)
        return codes if told_apart(codes, self.clusters) else None


def _written(table: Any) -> bytes:
    import pyarrow.parquet as pq

    buffer = io.BytesIO()
    pq.write_table(table, buffer, compression="zstd")
    return buffer.getvalue()


def _read(data: bytes, name: str) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # In this thread alone: Arrow's own may still hold Python objects when the process ends,
        # which aborts it (apache/arrow issue 34314).
        return pq.ParquetFile(pa.BufferReader(data), pre_buffer=False).read(use_threads=False)
    except (pa.ArrowInvalid, OSError) as error:
        raise StudyError(
            f"{name} is damaged ({str(error).splitlines()[0]}). Run the study with --verify to find and "
            "recompute damaged files."
        ) from None


def pack_predictions(variants: Sequence[str], scores: Scores, labels: NDArray[Any]) -> bytes:
    """Return a prediction file: a row an example, a column a variant.

    Args:
        variants: ids, one a row of axis 0.
        scores: [variants, examples, classes].
        labels: class codes, or targets, [examples].
    """
    return pack_kept(variants, [keep(scores, labels)])


def pack_kept(variants: Sequence[str], parts: Sequence[Kept]) -> bytes:
    """Return a prediction file of what `keep` kept of consecutive examples."""
    import pyarrow as pa

    columns = {}
    for v, variant in enumerate(variants):
        own = {name: np.concatenate([part[name][v] for part in parts]) for name in parts[0]}
        made = [_column(values) for values in own.values()]
        columns[variant] = (
            made[0] if "scores" in own else pa.StructArray.from_arrays(made, list(own))
        )
    return _written(pa.table(columns))


def _column(values: NDArray[Any]) -> Any:
    import pyarrow as pa

    if values.ndim == 1:
        return pa.array(values)
    return pa.FixedSizeListArray.from_arrays(pa.array(values.reshape(-1)), values.shape[1])


def pack_said(said: Predictions) -> bytes:
    """Return a prediction file of foreign predictions, which may be answers alone."""
    import pyarrow as pa

    if said.scores is not None:
        return pack_predictions(said.variants, said.scores, said.labels)
    return _written(
        pa.table({v: pa.array(a) for v, a in zip(said.variants, said.answers, strict=True)})
    )


def unpack_predictions(
    files: Sequence[tuple[bytes, Sequence[str], str]], labels: NDArray[Any]
) -> Predictions:
    """Return the predictions of several blocks as one.

    Args:
        files: content, variants wanted from it, and name (for errors), of each file.
        labels: class codes of the probe's examples, or their targets.

    Raises:
        StudyError: a file is damaged or does not fit the probe.
    """
    import pyarrow as pa

    names: list[str] = []
    whole: list[Scores] = []
    answers: list[NDArray[Any]] = []
    own: list[Scores] = []
    regression = labels.dtype.kind == "f"
    for data, wanted, name in files:
        table = _read(data, name)
        if table.num_rows != len(labels):
            raise StudyError(f"{name} has {table.num_rows} rows for {len(labels)} examples.")
        for variant in wanted:
            column = table.column(variant).combine_chunks()
            names.append(variant)
            if pa.types.is_integer(column.type):
                answers.append(column.to_numpy())
            elif pa.types.is_struct(column.type):
                answers.append(column.field("answer").to_numpy())
                own.append(column.field("label_score").to_numpy())
            else:
                scores = column.flatten().to_numpy().reshape(len(labels), -1)
                whole.append(scores)
                if regression:
                    answers.append(scores[:, 0])
                    continue
                answers.append(scores.argmax(axis=1).astype(np.int32))
                own.append(scores[np.arange(len(labels)), labels])
    n = len(labels)
    return Predictions(
        variants=tuple(names),
        labels=labels,
        answers=np.stack(answers)
        if answers
        else np.empty((0, n), np.float32 if regression else np.int32),
        label_scores=np.stack(own) if own and len(own) == len(names) else None,
        scores=np.stack(whole) if whole and len(whole) == len(names) else None,
    )


def pack_examples(data: Data, pairs: Pairs | None = None) -> bytes:
    """Return a probe file: ids, labels, clusters and groups, weights and pairs where there are some."""
    import pyarrow as pa

    columns = {
        "id": pa.array(data.ids.tolist()),
        "label": pa.array(data.labels.astype(np.float64 if data.regression else np.int32)),
        "cluster": pa.array(data.clusters.tolist()),
        **{f"{_GROUP}{name}": pa.array(column.tolist()) for name, column in data.groups.items()},
        **({} if data.weights is None else {"weight": pa.array(data.weights)}),
        **({} if pairs is None else {"pair": pa.array(pairs.pair.tolist())}),
        **({} if pairs is None else {"side": pa.array(pairs.side.astype(np.int8))}),
    }
    return _written(_marked(pa.table(columns), data.counted))


def _marked(table: Any, counted: str) -> Any:
    return table.replace_schema_metadata({_COUNTED: counted}) if counted else table


def unpack_examples(data: bytes, name: str) -> Examples:
    """Return what `pack_examples` wrote."""
    table = _read(data, name)
    labels = table.column("label").to_numpy()
    weighted = "weight" in table.column_names
    return Examples(
        ids=np.asarray(table.column("id").to_pylist(), dtype=np.str_),
        labels=labels.astype(np.float64 if labels.dtype.kind == "f" else np.int32),
        clusters=np.asarray(table.column("cluster").to_pylist(), dtype=np.str_),
        weights=table.column("weight").to_numpy().astype(np.float64) if weighted else None,
        groups={
            column.removeprefix(_GROUP): np.asarray(table.column(column).to_pylist(), dtype=np.str_)
            for column in table.column_names
            if column.startswith(_GROUP)
        },
        counted=(table.schema.metadata or {}).get(_COUNTED, b"").decode(),
        pairs=_pairs(table) if "pair" in table.column_names else None,
    )


def _pairs(table: Any) -> Pairs:
    return Pairs(
        np.asarray(table.column("pair").to_pylist(), dtype=np.str_),
        table.column("side").to_numpy().astype(np.int8),
    )


def pack_rows(
    rows: Sequence[Mapping[str, Any]], columns: Sequence[str], counted: str = ""
) -> bytes:
    """Return a small table of plain values as a file, of examples with what was counted off."""
    import pyarrow as pa

    table = pa.table({c: pa.array([row.get(c) for row in rows]) for c in columns})
    return _written(_marked(table, counted))


def unpack_rows(data: bytes, name: str) -> list[dict[str, Any]]:
    """Return the rows of a small table."""
    rows: list[dict[str, Any]] = _read(data, name).to_pylist()
    return rows
