"""Reading of the exchange format into predictions, one array [variants, examples] a probe."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.names import slug
from underspec.core.records import Answers, Floats, Predictions, Scores, Task
from underspec.data.predictions.columns import Form, Layout
from underspec.data.predictions.files import Table
from underspec.data.predictions.foreign import Foreign, ForeignProbe, OneByOne
from underspec.data.predictions.frame import FrameTable
from underspec.data.predictions.index import Index, Place
from underspec.data.predictions.numbers import as_floats
from underspec.data.predictions.probabilities import faults
from underspec.data.predictions.spill import Spill
from underspec.data.predictions.texts import Texts, natural, plain_number
from underspec.data.predictions.values import Valued

__all__ = ["read"]


def read(
    paths: str | Path | Sequence[str | Path] | FrameTable,
    holdout: str | None,
    *,
    whole: int | None = None,
    task: Task | None = None,
) -> Foreign:
    """Read predictions that were made elsewhere.

    Each file is Parquet or CSV with one row a probe, variant and example and the columns ``probe,
    variant, example, label`` and either ``prediction`` (a class), ``score`` (probability of class 1
    of two) or ``score_0 ... score_{C-1}``; optional are ``cluster``, ``group``,
    ``weight``, ``pair`` with ``side`` and ``source_<name>``. For regression, ``label`` is a number and ``score`` the value
    predicted. Files are read once, in batches, and their rows sorted into probes, on disk
    where they are many; a probe becomes an array when it is asked for. So memory holds one probe
    and what is known of each example, whatever the order of the rows.

    Args:
        paths: one file or several, which together hold the analysis; or a data frame.
        holdout: the probe, as the files write it, that variants are ranked by.
        whole: up to so many classes all scores are kept; above, the answer and the label's score
            are. All are kept where None.
        task: ``regression`` where labels and scores are numbers; otherwise they are classes.

    Returns:
        All probes and variants, in an order that does not hang on that of the rows.

    Raises:
        UsageError: in one sentence, what is wrong with which file, probe, variant or example.
    """
    regression = task == "regression"
    tables = _tables(paths, regression)
    layout = tables[0].layout
    count = 2 if layout.form == "score" else len(layout.values)
    said: _Answered | _Scored | Valued
    if regression:
        said = Valued()
    elif layout.form == "prediction":
        said = _Answered()
    elif whole is None or count <= whole:
        said = _Scored(layout, compact=False)
    else:
        said = _Scored(layout, compact=True)
    index = Index(regression=regression)
    for table in tables:
        begin = 0
        for batch in table.batches((*table.layout.keys, *table.layout.values)):
            column = dict(zip(batch.schema.names, batch.columns, strict=True))
            place = index.add(column, table.file, begin)
            said.add(table, index, place, [column[name] for name in layout.values], begin)
            begin += batch.num_rows
        if not begin:
            raise UsageError(f"{table.file} is empty: it has columns but no rows.")
    index.settle(holdout, said.spill)
    classes = said.settle(index, tables[0].file)
    return Foreign(_Probes(index, said), index.variants, classes)


def _tables(
    paths: str | Path | Sequence[str | Path] | FrameTable, regression: bool
) -> Sequence[Table | FrameTable]:
    tables: Sequence[Table | FrameTable]
    if isinstance(paths, FrameTable):
        tables = [paths]
    else:
        listed = [paths] if isinstance(paths, str | Path) else list(paths)
        if not listed:
            raise UsageError("No file of predictions was given: name one or several.")
        numbers = ("weight", "label") if regression else ("weight",)
        tables = [Table(path, numbers) for path in listed]
    first = tables[0]
    if regression and first.layout.form != "score":
        raise UsageError(
            f"{first.file} holds predictions as {_listed(first.layout)}, but for regression they are the column "
            "'score', the value predicted: rename it."
        )
    for table in tables[1:]:
        if table.layout.values != first.layout.values:
            raise UsageError(
                f"{first.file} holds predictions as {_listed(first.layout)}, but {table.file} as "
                f"{_listed(table.layout)}: use one form in all files."
            )
    return tables


class _Answered:
    """Predictions given as classes."""

    def __init__(self) -> None:
        self.spill = Spill(np.dtype(np.int32), 1)
        self._texts = Texts("prediction", write=plain_number)
        self._places: Answers = np.empty(0, np.int32)
        self._labels: Answers = np.empty(0, np.int32)

    def add(
        self,
        table: Table | FrameTable,
        index: Index,  # noqa: ARG002
        place: Place,
        columns: Sequence[Any],
        begin: int,
    ) -> None:
        codes = self._texts.code(columns[0], table.file, begin)
        self.spill.add(place.probe, place.unit, place.variant, codes[:, None])

    def settle(self, index: Index, file: str) -> tuple[str, ...]:
        known, texts = [text for text in index.classes.texts if text], self._texts.texts
        if not set(texts) & set(known):
            raise UsageError(
                f"{file}: no prediction is among the labels; predictions are such as "
                f"{texts[0]!r}, labels such as {known[0]!r}: write both the same way."
            )
        classes = sorted({*known, *texts}, key=natural)
        place = {text: code for code, text in enumerate(classes)}
        self._places = np.array([place[text] for text in texts], np.int32)
        codes = [place.get(text, -1) for text in index.classes.texts]
        self._labels = np.array([*codes, -1], np.int32)[index.labels]
        return tuple(classes)

    def predictions(self, index: Index, code: int, span: slice) -> Predictions:
        answers = np.empty((len(index.variants), span.stop - span.start), np.int32)
        for rows in self.spill.rows(code):
            at = index.variant_place[rows.variant], index.unit_place[rows.unit] - span.start
            answers[at] = self._places[rows.values[:, 0]]
        return Predictions(tuple(v.id for v in index.variants), self._labels[span], answers)


class _Scored:
    """Predictions given as scores of classes; compact ones keep the answer and the label's score."""

    def __init__(self, layout: Layout, *, compact: bool) -> None:
        self._layout, self._compact = layout, compact
        self._count = 2 if layout.form == "score" else len(layout.values)
        # A class below 2**24 is the same number as float32.
        self.spill = Spill(np.dtype(np.float32), 2 if compact else self._count)
        self._labels: Answers = np.empty(0, np.int32)
        self._wrong = _Wrong()

    def add(
        self,
        table: Table | FrameTable,
        index: Index,
        place: Place,
        columns: Sequence[Any],
        begin: int,  # noqa: ARG002
    ) -> None:
        shown = _listed(table.layout)
        given = np.stack([as_floats(column, shown, table.file) for column in columns], axis=1)
        self._wrong.look(table.file, given, place, self._layout.form)
        np.clip(given, 0, 1, out=given)
        if self._layout.form == "score":
            given = np.concatenate([1 - given, given], axis=1)
        if self._compact:
            # A label that is no class is told later.
            codes = [_code(text, self._count) or 0 for text in index.classes.texts]
            given = given.astype(np.float32)
            own = given[np.arange(len(given)), np.array([*codes, 0], np.intp)[place.label]]
            given = np.stack([given.argmax(axis=1), own], axis=1)
        self.spill.add(place.probe, place.unit, place.variant, given.astype(np.float32))

    def settle(self, index: Index, file: str) -> tuple[str, ...]:  # noqa: ARG002
        codes = []
        for text in index.classes.texts:
            code = _code(text, self._count) if text else -1
            if code is None:
                raise UsageError(
                    f"The label {text!r} has no score: with {_listed(self._layout)}, labels must "
                    f"be class numbers from 0 to {self._count - 1}.{_hint(text)}"
                )
            codes.append(code)
        self._labels = np.array([*codes, -1], np.int32)[index.labels]
        self._wrong.tell(index)
        return tuple(str(code) for code in range(self._count))

    def predictions(self, index: Index, code: int, span: slice) -> Predictions:
        n, labels = span.stop - span.start, self._labels[span]
        names = tuple(v.id for v in index.variants)
        if self._compact:
            answers = np.empty((len(names), n), np.int32)
            own = np.empty((len(names), n), np.float32)
            for rows in self.spill.rows(code):
                at = index.variant_place[rows.variant], index.unit_place[rows.unit] - span.start
                answers[at], own[at] = rows.values[:, 0], rows.values[:, 1]
            return Predictions(names, labels, answers, own)
        scores: Scores = np.empty((len(names), n, self._count), np.float32)
        for rows in self.spill.rows(code):
            at = index.variant_place[rows.variant], index.unit_place[rows.unit] - span.start
            scores[at] = rows.values
        return Predictions(
            names,
            labels,
            np.stack([of.argmax(axis=1).astype(np.int32) for of in scores]),
            scores[:, np.arange(n), labels],
            scores,
        )


class _Found(NamedTuple):
    """How many rows have one fault, where the first belongs and what it holds."""

    many: int
    unit: int
    variant: int
    values: list[float]


class _Wrong:
    """Scores that are no probabilities: in which file, how many, and which row first."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], _Found] = {}

    def look(self, file: str, given: Floats, place: Place, form: Form) -> None:
        for fault in faults(given, summed=form == "scores"):
            row = int(np.argmax(fault.rows))
            fresh = _Found(0, int(place.unit[row]), int(place.variant[row]), fault.first)
            known = self._found.get((file, fault.what), fresh)
            many = known.many + int(fault.rows.sum())
            self._found[file, fault.what] = known._replace(many=many)

    def tell(self, index: Index) -> None:
        for (file, what), found in self._found.items():
            raise UsageError(
                f"{file}: the scores of {found.many} rows {what}, the first for "
                f"{index.where(found.unit, found.variant)}, {found.values}: give probabilities."
            )


def _code(text: str, count: int) -> int | None:
    """Return the class number that a label is, None if it is none of these classes."""
    code = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else count
    return code if code < count and text == str(code) else None


def _hint(label: str) -> str:
    """Say what to do where a label is a number that is no class."""
    try:
        number = float(label)
    except ValueError:
        return ""
    return "" if number.is_integer() else " For numbers to predict say --task regression."


class _Probes(OneByOne):
    """The probes of files in the exchange format."""

    def __init__(self, index: Index, said: _Answered | _Scored | Valued) -> None:
        self._index, self._said = index, said

    def __len__(self) -> int:
        return len(self._index.sheets)

    def load(self, at: int) -> ForeignProbe:
        title, code, span = self._index.sheets[at]
        return ForeignProbe(
            name=slug(title),
            title=title,
            predictions=self._said.predictions(self._index, code, span),
            ids=self._index.ids(span),
            clusters=self._index.clusters(span),
            group=self._index.groups(span),
            weights=self._index.weights(span),
            pairs=self._index.pairs(span),
        )


def _listed(layout: Layout) -> str:
    first, last = layout.values[0], layout.values[-1]
    return f"'{first}'" if first == last else f"'{first}' to '{last}'"
