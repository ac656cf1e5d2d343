"""Reading of one file a probe and variant, with labels beside them."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.names import slug
from underspec.core.records import Answers, Floats, Predictions, Scores, Variant
from underspec.data.predictions.arrays import array_of, coded, numbers_of
from underspec.data.predictions.columns import Form
from underspec.data.predictions.foreign import Foreign, ForeignProbe, OneByOne
from underspec.data.predictions.labels import Labels, Truth
from underspec.data.predictions.needs import (
    probes_in_order,
    two_classes,
    two_targets,
    variants_in_order,
)
from underspec.data.predictions.pattern import Found
from underspec.data.predictions.probabilities import faults
from underspec.data.predictions.texts import natural
from underspec.data.predictions.values import said

__all__ = ["read_arrays"]

_CELLS = 1 << 21


def read_arrays(
    found: Found,
    labels: Labels,
    holdout: str | None,
    *,
    apart: bool = False,
    whole: int | None = None,
    notes: Sequence[str] = (),
    regression: bool = False,
) -> Foreign:
    """Read predictions that lie in one file for each probe and variant.

    An array holds classes [n] (integers or text), probabilities of class 1 of two [n] (floats),
    probabilities [n, C], or, for regression, the values predicted [n]. All are looked through once, a piece at a time; a probe becomes an array
    when it is asked for.

    Args:
        found: probe to variant to file.
        labels: the true classes.
        holdout: the probe that variants are ranked by.
        apart: whether no two probes have an example in common. Otherwise those whose labels are
            the same in the same order are taken for the same examples, if no ids tell.
        whole: up to so many classes all scores are kept; above, the answer and the label's score
            are. All are kept where None.
        notes: what the findings should say of how the files were found.
        regression: whether predictions are values, and labels targets.

    Raises:
        UsageError: in one sentence, what is wrong with which file.
    """
    titles = probes_in_order(found, holdout)
    variants = variants_in_order({v for files in found.values() for v in files})
    for title in titles:
        lacking = [v for v in variants if v not in found[title]]
        if lacking:
            raise UsageError(
                f"The probe {title!r} lacks the variant {lacking[0]!r}"
                f"{f' and {len(lacking) - 1} more' if len(lacking) > 1 else ''}: every variant must "
                "have predictions for every probe."
            )
    truths = {title: labels.of(title) for title in titles}
    form = _look(found, truths, titles, variants, regression)
    classes = () if regression else _classes(form, truths)
    probes = _Probes(found, truths, titles, variants, classes, form, whole)
    probes.name_examples(apart=apart)
    if regression:
        two_targets(titles[0], truths[titles[0]].labels)
    else:
        two_classes(titles[0], truths[titles[0]].labels, truths[titles[0]].classes)
    return Foreign(
        probes,
        tuple(Variant(v, {}) for v in variants),
        classes,
        (*notes, *probes.notes),
        (*(found[t][v] for t in titles for v in variants), *labels.files),
    )


@dataclass(frozen=True)
class _Form:
    """How predictions are given: in which form, of how many classes, and which answers there are."""

    form: Form
    count: int
    answers: tuple[str, ...] = ()


def _look(
    found: Found,
    truths: Mapping[str, Truth],
    titles: Sequence[str],
    variants: Sequence[str],
    regression: bool,
) -> _Form:
    """Look through all files once."""
    first: tuple[_Form, Path] | None = None
    answers: dict[str, None] = {}
    for title in titles:
        for variant in variants:
            path = found[title][variant]
            array = array_of(path)
            if len(array) != len(truths[title].labels):
                raise UsageError(
                    f"'{path}' holds {len(array)} predictions, but the probe {title!r} has "
                    f"{len(truths[title].labels)} labels: give one prediction for each, in their order."
                )
            if regression:
                numbers_of(array, path, "predictions")
                first = first or (_Form("score", 1), path)
                continue
            form = _form(array, path)
            if first is None:
                first = form, path
            if form != first[0]:
                raise UsageError(
                    f"'{first[1]}' holds {_words(first[0])}, but '{path}' {_words(form)}: use one "
                    "form in all files."
                )
            if form.form == "prediction":
                answers |= dict.fromkeys(coded(array, path, "prediction").texts)
            else:
                _look_at_scores(array, path)
    assert first is not None  # noqa: S101  # there are two variants
    return _Form(first[0].form, first[0].count, tuple(answers))


def _form(array: NDArray[Any], path: Path) -> _Form:
    if array.ndim == 1:
        return _Form("score", 2) if array.dtype.kind == "f" else _Form("prediction", 0)
    if array.dtype.kind != "f":
        raise UsageError(
            f"'{path}' holds {array.dtype} of shape {list(array.shape)}: scores of classes must be "
            "floats."
        )
    return _Form("scores", array.shape[1])


def _words(form: _Form) -> str:
    if form.form == "scores":
        return f"scores of {form.count} classes"
    return "one score an example" if form.form == "score" else "classes"


def _pieces(array: NDArray[Any]) -> Iterator[tuple[int, Floats]]:
    """Yield the rows of an array of scores with the number of those before, some at a time."""
    each = max(1, _CELLS // (array.shape[1] if array.ndim == 2 else 1))
    for begin in range(0, len(array), each):
        yield begin, np.asarray(array[begin : begin + each], dtype=np.float64)


def _look_at_scores(array: NDArray[Any], path: Path) -> None:
    for begin, part in _pieces(array):
        for fault in faults(part.reshape(len(part), -1), summed=array.ndim == 2):
            row = begin + int(np.argmax(fault.rows)) + 1
            raise UsageError(
                f"'{path}': the score in row {row} {fault.one}, {fault.first}: give probabilities, or "
                "classes as whole numbers."
            )


def _classes(form: _Form, truths: Mapping[str, Truth]) -> tuple[str, ...]:
    known = list(dict.fromkeys(text for truth in truths.values() for text in truth.classes))
    if form.form == "prediction":
        if not set(known) & set(form.answers):
            raise UsageError(
                f"No prediction is among the labels; predictions are such as {form.answers[0]!r}, "
                f"labels such as {known[0]!r}: write both the same way."
            )
        return tuple(sorted({*known, *form.answers}, key=natural))
    classes = tuple(str(code) for code in range(form.count))
    for text in known:
        if text not in classes:
            raise UsageError(
                f"The label {text!r} has no score: with {_words(form)}, labels must be class numbers "
                f"from 0 to {form.count - 1}."
            )
    return classes


class _Probes(OneByOne):
    """Probes of which each variant has a file."""

    def __init__(
        self,
        found: Found,
        truths: Mapping[str, Truth],
        titles: Sequence[str],
        variants: Sequence[str],
        classes: Sequence[str],
        form: _Form,
        whole: int | None,
    ) -> None:
        self._found, self._truths, self._titles = found, truths, titles
        self._variants, self._form = tuple(variants), form
        self._place = {text: code for code, text in enumerate(classes)}
        self._regression = form == _Form("score", 1)
        self._compact = form.form != "prediction" and whole is not None and form.count > whole
        self._ids: dict[str, NDArray[np.str_]] = {}
        self.notes: list[str] = []

    def __len__(self) -> int:
        return len(self._titles)

    def name_examples(self, *, apart: bool) -> None:
        """Give every example an id."""
        owners: dict[str, str] = {}
        alike: list[str] = []
        for title in self._titles:
            truth = self._truths[title]
            if truth.ids is not None:
                values, counts = np.unique(truth.ids, return_counts=True)
                if (counts > 1).any():
                    raise UsageError(
                        f"The labels of the probe {title!r} have the example "
                        f"{str(values[counts > 1][0])!r} twice: give each once."
                    )
                self._ids[title] = truth.ids
                continue
            owner = title if apart else owners.setdefault(self._labels_digest(title), title)
            n = len(truth.labels)
            self._ids[title] = np.array([f"{owner}:{row:0{len(str(n))}d}" for row in range(n)])
            alike += [title] if owner != title else []
        if alike:
            named = ", ".join(alike[:3]) + (f" and {len(alike) - 3} more" if len(alike) > 3 else "")
            self.notes.append(
                f"Nothing names the examples, so that those of {named} are taken for examples of other "
                "probes with the same labels in the same order. If they are not, give --labels as a "
                "table with an 'example' column."
            )

    def load(self, at: int) -> ForeignProbe:
        title = self._titles[at]
        truth, ids = self._truths[title], self._ids[title]
        order = np.argsort(ids)
        labels = self._labels(truth)[order]
        predictions = self._predictions(title, labels, order)
        clusters = ids if truth.clusters is None else truth.clusters
        return ForeignProbe(
            name=slug(title),
            title=title,
            predictions=predictions,
            ids=ids[order],
            clusters=clusters[order],
            group=None if truth.group is None else truth.group[order],
            weights=None if truth.weights is None else truth.weights[order],
        )

    def _predictions(
        self, title: str, labels: NDArray[Any], order: NDArray[np.intp]
    ) -> Predictions:
        n, paths = len(labels), [self._found[title][v] for v in self._variants]
        if self._regression:
            values = [numbers_of(array_of(path), path, "predictions")[order] for path in paths]
            return said(self._variants, labels, np.stack(values).astype(np.float32))
        if self._form.form == "prediction":
            given = [coded(array_of(path), path, "prediction") for path in paths]
            answers = np.stack([self._codes(one.texts)[one.codes][order] for one in given])
            return Predictions(self._variants, labels, answers)
        place = np.argsort(order)
        scores: Scores = np.empty((0, n, self._form.count), np.float32)
        if not self._compact:
            scores = np.empty((len(paths), n, self._form.count), np.float32)
        answers = np.empty((len(paths), n), np.int32)
        own = np.empty((len(paths), n), np.float32)
        for v, path in enumerate(paths):
            for begin, part in _pieces(array_of(path)):
                sure = np.clip(part, 0, 1)
                both = sure if sure.ndim == 2 else np.stack([1 - sure, sure], axis=1)
                rows = place[begin : begin + len(part)]
                kept = both.astype(np.float32)
                answers[v, rows] = kept.argmax(axis=1)
                own[v, rows] = kept[np.arange(len(kept)), labels[rows]]
                if not self._compact:
                    scores[v, rows] = kept
        return Predictions(self._variants, labels, answers, own, None if self._compact else scores)

    def _codes(self, texts: Sequence[str]) -> Answers:
        return np.array([self._place[text] for text in texts], np.int32)

    def _labels_digest(self, title: str) -> str:
        labels = self._labels(self._truths[title])
        width = "<f8" if self._regression else "<i4"
        return hashlib.sha256(labels.astype(width).tobytes()).hexdigest()

    def _labels(self, truth: Truth) -> NDArray[Any]:
        return truth.labels if self._regression else self._codes(truth.classes)[truth.labels]
