"""Reading of the exchange format into predictions, one array [variants, examples] a probe."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.names import slug
from underspec.core.records import Answers, Booleans, Floats, Predictions, Scores
from underspec.data.predictions.columns import Form, Layout
from underspec.data.predictions.files import Table
from underspec.data.predictions.foreign import Foreign, ForeignProbe
from underspec.data.predictions.index import Index
from underspec.data.predictions.texts import Texts, natural, plain_number

__all__ = ["read"]

_ROUNDING = 1e-6
_SUM = 1e-3


def read(paths: str | Path | Sequence[str | Path], holdout: str | None) -> Foreign:
    """Read predictions that were made elsewhere.

    Each file is Parquet or CSV with one row a probe, variant and example and the columns ``probe,
    variant, example, label`` and either ``prediction`` (a class), ``score`` (probability of class 1
    of two) or ``score_0 ... score_{C-1}``; optional are ``cluster``, ``group`` and
    ``source_<name>``. Files are read twice, in batches: first the keys, then what was predicted.

    Args:
        paths: one file or several, which together hold the analysis.
        holdout: the probe, as the files write it, that variants are ranked by.

    Returns:
        All probes and variants, in an order that does not hang on that of the rows.

    Raises:
        UsageError: in one sentence, what is wrong with which file, probe, variant or example.
    """
    listed = [paths] if isinstance(paths, str | Path) else list(paths)
    if not listed:
        raise UsageError("No file of predictions was given: name one or several.")
    tables = [Table(path) for path in listed]
    first = tables[0]
    for table in tables[1:]:
        if table.layout.values != first.layout.values:
            raise UsageError(
                f"{first.file} holds predictions as {_listed(first.layout)}, but {table.file} as "
                f"{_listed(table.layout)}: use one form in all files."
            )
    index = Index()
    for table in tables:
        index.add(table)
    index.settle(holdout)
    scores = None
    if first.layout.form == "prediction":
        answers, labels, classes = _answered(tables, index)
    else:
        labels, classes = _numbered(index, first.layout)
        scores = _scored(tables, index, len(classes))
        answers = np.stack([of.argmax(axis=1).astype(np.int32) for of in scores])
    return Foreign(_parts(index, answers, labels, scores), index.variants, classes)


def _answered(tables: Sequence[Table], index: Index) -> tuple[Answers, Answers, tuple[str, ...]]:
    """Return answers [variants, units], labels [units] and the classes of both."""
    known = index.classes.texts
    texts = Texts("prediction", write=plain_number)
    given = np.empty((len(index.variants), len(index.labels)), np.int32)
    for at, table in enumerate(tables):
        for part in _rows(table, index, at):
            codes = texts.code(part.columns[0], table.file, part.begin)
            given[part.variant, part.unit] = codes
    if not set(texts.texts) & set(known):
        raise UsageError(
            f"{tables[0].file}: no prediction is among the labels; predictions are such as "
            f"{texts.texts[0]!r}, labels such as {known[0]!r}: write both the same way."
        )
    classes = sorted({*known, *texts.texts}, key=natural)
    place = {text: code for code, text in enumerate(classes)}
    answers = np.array([place[text] for text in texts.texts], np.int32)[given]
    labels = np.array([place[text] for text in known], np.int32)[index.labels]
    return answers, labels, tuple(classes)


def _numbered(index: Index, layout: Layout) -> tuple[Answers, tuple[str, ...]]:
    """Return the labels [units] as the class codes that the score columns are numbered by."""
    count = 2 if layout.form == "score" else len(layout.values)
    classes = tuple(str(code) for code in range(count))
    known = index.classes.texts
    for text in known:
        if text not in classes:
            raise UsageError(
                f"The label {text!r} has no score: with {_listed(layout)}, labels must be class "
                f"numbers from 0 to {count - 1}."
            )
    return np.array([int(text) for text in known], np.int32)[index.labels], classes


def _scored(tables: Sequence[Table], index: Index, classes: int) -> Scores:
    """Return the scores [variants, units, classes]."""
    scores = np.empty((len(index.variants), len(index.labels), classes), np.float32)
    for at, table in enumerate(tables):
        wrong = _Wrong(table, index, at)
        for part in _rows(table, index, at):
            given = np.stack([_floats(column, table) for column in part.columns], axis=1)
            wrong.look(given, part.begin, table.layout.form)
            np.clip(given, 0, 1, out=given)
            if table.layout.form == "score":
                given = np.concatenate([1 - given, given], axis=1)
            scores[part.variant, part.unit] = given
        wrong.tell()
    return scores


class _Rows(NamedTuple):
    """Some rows of a file: how many were before, where they belong, what they hold."""

    begin: int
    unit: Answers
    variant: Answers
    columns: Sequence[Any]


def _rows(table: Table, index: Index, at: int) -> Iterator[_Rows]:
    """Yield the rows of the second reading.

    Raises:
        UsageError: there are more or fewer than in the first.
    """
    unit, variant = index.rows[at]
    begin = 0
    for batch in table.batches(table.layout.values):
        end = begin + batch.num_rows
        if end <= len(unit):
            yield _Rows(begin, unit[begin:end], variant[begin:end], batch.columns)
        begin = end
    if begin != len(unit):
        raise UsageError(
            f"{table.file} has {len(unit)} rows but {begin} of {_listed(table.layout)}: it is "
            "damaged, or was written to meanwhile."
        )


class _Wrong:
    """The scores of one file that are no probabilities: how many, and which row first."""

    def __init__(self, table: Table, index: Index, at: int) -> None:
        self._table, self._index, self._at = table, index, at
        self._found: dict[str, tuple[int, int, object]] = {}

    def look(self, given: Floats, begin: int, form: Form) -> None:
        finite = np.logical_and.reduce(np.isfinite(given), axis=1)
        inside = np.abs(given - 0.5).max(axis=1) <= 0.5 + _ROUNDING
        self._note("are no numbers", ~finite, given, begin)
        self._note("are not between 0 and 1", finite & ~inside, given, begin)
        if form == "scores":
            total = given.sum(axis=1)
            off = finite & inside & (np.abs(total - 1) > _SUM)
            self._note("do not sum to 1 over the classes", off, total[:, None], begin)

    def _note(self, what: str, rows: Booleans, given: Floats, begin: int) -> None:
        if rows.any():
            row = int(np.argmax(rows))
            count, first, value = self._found.get(
                what, (0, begin + row, [float(f"{v:.6g}") for v in given[row][:10]])
            )
            self._found[what] = count + int(rows.sum()), first, value

    def tell(self) -> None:
        for what, (count, row, value) in self._found.items():
            raise UsageError(
                f"{self._table.file}: the scores of {count} rows {what}, the first for "
                f"{self._index.where(self._at, row)}, {value}: give probabilities."
            )


def _floats(column: Any, table: Table) -> Floats:
    import pyarrow as pa

    try:
        # A null becomes NaN.
        values: Floats = np.asarray(column.cast(pa.float64()), dtype=np.float64)
    except pa.ArrowException:
        raise UsageError(
            f"{table.file}: {_listed(table.layout)} must hold numbers, but holds {column.type}."
        ) from None
    return values


def _parts(
    index: Index, answers: Answers, labels: Answers, scores: Scores | None
) -> tuple[ForeignProbe, ...]:
    ids, clusters, groups = index.ids, index.clusters, index.groups
    names = tuple(variant.id for variant in index.variants)
    probes = []
    for title, span in index.probes:
        true = labels[span]
        part = None if scores is None else scores[:, span]
        predictions = Predictions(
            variants=names,
            labels=true,
            answers=answers[:, span],
            label_scores=None if part is None else part[:, np.arange(len(true)), true],
            scores=part,
        )
        probes.append(
            ForeignProbe(
                name=slug(title),
                title=title,
                predictions=predictions,
                ids=ids[span],
                clusters=clusters[span],
                group=None if groups is None else groups[span],
            )
        )
    return tuple(probes)


def _listed(layout: Layout) -> str:
    first, last = layout.values[0], layout.values[-1]
    return f"'{first}'" if first == last else f"'{first}' to '{last}'"
