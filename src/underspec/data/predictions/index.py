"""Which probes, variants and examples there are, and where each row belongs."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Answers, Booleans, Floats, Pairs, Variant
from underspec.data.predictions.needs import (
    probes_in_order,
    two_classes,
    two_targets,
    variants_in_order,
)
from underspec.data.predictions.numbers import Numbers
from underspec.data.predictions.paired import first_ids, fit_pairs, pairs_of
from underspec.data.predictions.spill import Rows, Spill
from underspec.data.predictions.texts import Constant, Texts, plain_number

__all__ = ["Index", "Place", "Sheet"]


class Place(NamedTuple):
    """Where some rows belong, in the order of being met.

    Attributes:
        probe: int32 [rows].
        unit: int32 [rows].
        variant: int32 [rows].
        label: int32 [rows], the place of the label among the texts of `Index.classes`, -1 where the
            file has none; of no account for regression.
    """

    probe: Answers
    unit: Answers
    variant: Answers
    label: Answers


class Sheet(NamedTuple):
    """One probe after `Index.settle`.

    Attributes:
        title: how the files write it.
        code: of the probe, as rows were spilled.
        span: its range of the sorted units.
    """

    title: str
    code: int
    span: slice


class Index:
    """The units (examples of probes) and variants that rows are of.

    After `settle`, units are sorted by probe, the holdout first, then by example id, so that a
    probe is a range of them, and nothing depends on the order of the rows. Memory grows with the
    units and not with the rows.

    Args:
        regression: whether labels are numbers rather than classes.

    Attributes:
        classes: texts of the labels, shared with the reading of predictions; an empty one stands for
            none.
        sheets: the probes, after `settle`.
        variants: after `settle`, in natural order of their ids.
        unit_place: after `settle`, place of each unit met, int32.
        variant_place: after `settle`, place of each variant met, int32.
    """

    def __init__(self, *, regression: bool = False) -> None:
        self.classes = Texts("label", write=plain_number)
        self.sheets: list[Sheet] = []
        self.unit_place: Answers = np.empty(0, np.int32)
        self.variant_place: Answers = np.empty(0, np.int32)
        self.variants: tuple[Variant, ...] = ()
        self._probe, self._variant = Texts("probe"), Texts("variant")
        self._example = Texts("example")
        self._unit: dict[int, int] = {}
        self._facts = {
            "label": (self.classes, Constant()),
            "cluster": (Texts("cluster"), Constant()),
            "group": (Texts("group", missing="missing"), Constant()),
            "pair": (Texts("pair", missing=""), Constant()),
            "side": (Texts("side", missing="", write=plain_number), Constant()),
        }
        self._numbers = {"weight": Numbers("weight", positive=True)}
        self._regression = regression
        if regression:
            del self._facts["label"]
            self._numbers["label"] = Numbers("label")
        self._sources: dict[str, tuple[Texts, Constant]] = {}
        self._order: NDArray[np.intp] = np.empty(0, np.intp)
        self._example_of: NDArray[np.int64] = np.empty(0, np.int64)

    def add(self, column: Mapping[str, Any], file: str, begin: int) -> Place:
        """Take the keys of the next rows of a file and return where they belong.

        Args:
            column: Arrow arrays by name.
            file: where they are from, for errors.
            begin: rows of the file before these.

        Raises:
            UsageError: a value is missing, or rows contradict each other.
        """
        probe = self._probe.code(column["probe"], file, begin)
        example = self._example.code(column["example"], file, begin)
        variant = self._variant.code(column["variant"], file, begin)
        unit = self._units(probe, example)
        label = np.full(len(probe), -1, np.int32)
        # Examples that lack a label are told in the end, once it is known which are pairs.
        may_lack = "pair" in column
        for name, (texts, constant) in self._facts.items():
            if name in column:
                lacking = "" if name == "label" and may_lack else None
                of = texts.code(column[name], file, begin, lacking)
                apart = np.flatnonzero(constant.note(unit, of))
                if len(apart):
                    at = apart[0]
                    both = texts.texts[of[at]], texts.texts[constant.of[unit[at]]]
                    raise self._unlike(file, name, unit[at], variant[at], both, len(apart))
                label = of if name == "label" else label
        for name, numbers in self._numbers.items():
            if name in column:
                values = numbers.values(
                    column[name], file, begin, missing=name == "label" and may_lack
                )
                apart = np.flatnonzero(numbers.note(unit, values))
                if len(apart):
                    at = apart[0]
                    pair = float(values[at]), float(numbers.of[unit[at]])
                    raise self._unlike(file, name, unit[at], variant[at], pair, len(apart))
        for name in column:
            if not name.startswith("source_"):
                continue
            texts, constant = self._sources.setdefault(
                name, (Texts(name, missing="missing"), Constant())
            )
            of = texts.code(column[name], file, begin)
            apart = np.flatnonzero(constant.note(variant, of))
            if len(apart):
                at = apart[0]
                raise UsageError(
                    f"{file}: variant {self._variant.texts[variant[at]]!r} has "
                    f"{name} {texts.texts[constant.of[variant[at]]]!r} in one row and "
                    f"{texts.texts[of[at]]!r} in another: a source has one value a variant."
                )
        return Place(probe, unit, variant, label)

    def settle(self, holdout: str | None, spill: Spill) -> None:
        """Put everything in order once all files were read, and check that no row is one too few.

        Raises:
            UsageError: no holdout or an unknown one, one variant or class only, rows that repeat,
                variants that lack examples, a probe of which only some have weights or pairs, sides
                that do not make pairs, or an example of another probe without a label.
        """
        titles = probes_in_order(self._probe.texts, holdout)
        ids = variants_in_order(self._variant.texts)
        self._sort(titles, ids)
        self._complete(ids, spill)
        self._weighed()
        for sheet in self.sheets:
            self._labelled(sheet)
        if self._regression:
            two_targets(titles[0], self.targets[self.sheets[0].span])
        else:
            two_classes(titles[0], self.labels[self.sheets[0].span], self.classes.texts)
        codes = {text: code for code, text in enumerate(self._variant.texts)}
        self.variants = tuple(
            Variant(
                id=text,
                seeds={},
                values={
                    name.removeprefix("source_"): texts.texts[constant.of[codes[text]]]
                    for name, (texts, constant) in self._sources.items()
                    if codes[text] < len(constant.of) and constant.of[codes[text]] >= 0
                },
            )
            for text in ids
        )

    @property
    def labels(self) -> Answers:
        """Provisional label code of each unit, its place in the texts of `classes`; -1 for none."""
        texts, constant = self._facts["label"]
        of = np.full(len(self._order), -1, np.int32)
        of[: len(constant.of)] = constant.of[: len(of)]
        codes: Answers = of[self._order]
        none = np.array([not text for text in texts.texts] + [True])
        return np.where(none[codes], -1, codes).astype(np.int32)

    @property
    def targets(self) -> Floats:
        """Label of each unit, for regression."""
        return self._numbers["label"].at(self._order)

    def weights(self, span: slice) -> Floats | None:
        """Return the weight of each unit of a range, None where no file has weights for it."""
        weights = self._numbers["weight"].at(self._order[span])
        return None if np.isnan(weights).any() else weights

    def ids(self, span: slice) -> NDArray[np.str_]:
        """Return the example id of each unit of a range."""
        texts = self._example.texts
        return np.array([texts[code] for code in self._example_of[self._order[span]]])

    def clusters(self, span: slice) -> NDArray[np.str_]:
        """Return the cluster of each unit: the example's id where its file names none.

        Of an edit that is the id of its reference.
        """
        ids, pairs = self.ids(span), self.pairs(span)
        other = ids if pairs is None else first_ids(pairs, ids)
        return self._text("cluster", span, other)

    def pairs(self, span: slice) -> Pairs | None:
        """Return which units of a range are two sides of one, None where they are of no pairs."""
        return pairs_of(self._text("pair", span, ""), self._text("side", span, ""))

    def groups(self, span: slice) -> NDArray[np.str_] | None:
        """Return the group of each unit, None if no file has groups."""
        return self._text("group", span, "missing") if len(self._facts["group"][0]) else None

    def where(self, unit: int, variant: int) -> str:
        """Say in words which row that is, by the codes it was spilled with."""
        pair = list(self._unit)[unit]
        return (
            f"probe {self._probe.texts[pair >> 32]!r}, variant {self._variant.texts[variant]!r}, "
            f"example {self._example.texts[pair & (1 << 32) - 1]!r}"
        )

    def _units(self, probe: Answers, example: Answers) -> Answers:
        pairs, places = np.unique(probe.astype(np.int64) << 32 | example, return_inverse=True)
        known = self._unit
        codes = [known.setdefault(pair, len(known)) for pair in pairs.tolist()]
        return np.array(codes, np.int32)[places]

    def _unlike(
        self,
        file: str,
        what: str,
        unit: int,
        variant: int,
        both: tuple[object, object],
        many: int,
    ) -> UsageError:
        pair = list(self._unit)[unit]
        return UsageError(
            f"{file}: example {self._example.texts[pair & (1 << 32) - 1]!r} of probe "
            f"{self._probe.texts[pair >> 32]!r} has the {what} {both[0]!r} for "
            f"variant {self._variant.texts[variant]!r} but "
            f"{both[1]!r} elsewhere (rows that do not match: {many}): "
            "it must be the same for all variants."
        )

    def _labelled(self, sheet: Sheet) -> None:
        """Refuse sides that make no pairs, and examples of other probes that have no label."""
        span = sheet.span
        pair, side = self._text("pair", span, ""), self._text("side", span, "")
        lacks = np.isnan(self.targets[span]) if self._regression else self.labels[span] < 0
        first = sheet is self.sheets[0]
        if not fit_pairs(sheet.title, pair, side, self.ids(span), lacks, holdout=first):
            return
        order = np.lexsort((side, pair))
        clusters = self.clusters(span)[order]
        apart = np.flatnonzero(clusters[::2] != clusters[1::2])
        if len(apart):
            raise UsageError(
                f"The two sides of the pair {str(pair[order][2 * apart[0]])!r} of probe {sheet.title!r} lie in two "
                "clusters: they are one thing, so give both the same cluster."
            )

    def _weighed(self) -> None:
        """Refuse a probe of which some examples have a weight and others none."""
        for sheet in self.sheets if self._numbers["weight"] else ():
            lacking = np.isnan(self._numbers["weight"].at(self._order[sheet.span]))
            if lacking.any() and not lacking.all():
                raise UsageError(
                    f"{lacking.sum()} of the {len(lacking)} examples of probe {sheet.title!r} have no weight, "
                    f"such as {str(self.ids(sheet.span)[lacking][0])!r}: give each one, or none."
                )

    def _sort(self, titles: Sequence[str], ids: Sequence[str]) -> None:
        pairs = np.fromiter(self._unit, np.int64, len(self._unit))
        self._example_of = pairs & (1 << 32) - 1
        probe = _ranks(self._probe.texts, titles)[pairs >> 32]
        example = _ranks(self._example.texts, sorted(self._example.texts))
        self._order = np.lexsort((example[self._example_of], probe))
        self.unit_place = np.empty(len(pairs), np.int32)
        self.unit_place[self._order] = np.arange(len(pairs))
        ends = np.cumsum(np.bincount(probe, minlength=len(titles)))
        codes = {text: code for code, text in enumerate(self._probe.texts)}
        self.sheets = [
            Sheet(title, codes[title], slice(int(begin), int(end)))
            for title, begin, end in zip(titles, [0, *ends[:-1]], ends, strict=True)
        ]
        self.variant_place = _ranks(self._variant.texts, ids).astype(np.int32)

    def _complete(self, ids: Sequence[str], spill: Spill) -> None:
        """Refuse rows that repeat and cells that no row fills."""
        again: list[tuple[str, int]] = []
        lacking: list[tuple[Sheet, str, Booleans]] = []
        for sheet in self.sheets:
            seen = np.zeros((len(ids), sheet.span.stop - sheet.span.start), np.bool_)
            count = 0
            for rows in spill.keys(sheet.code):
                seen.reshape(-1)[self._cells(rows, sheet)] = True
                count += len(rows.unit)
            if count > seen.sum():
                again.append((self._repeat(sheet, spill), count - int(seen.sum())))
            lacking += [
                (sheet, name, cells)
                for name, cells in zip(ids, seen, strict=True)
                if not cells.all()
            ]
        if again:
            raise UsageError(
                f"{sum(count for _, count in again)} rows repeat a probe, variant and example, the "
                f"first for {again[0][0]}: give each once."
            )
        if not lacking:
            return
        sheet, name, have = lacking[0]
        also = f" So it is with {len(lacking) - 1} more." if len(lacking) > 1 else ""
        raise UsageError(
            f"Variant {name!r} lacks {(~have).sum()} of the {len(have)} examples of probe "
            f"{sheet.title!r}, such as {str(self.ids(sheet.span)[~have][0])!r}: every variant must "
            f"have a prediction for every example.{also}"
        )

    def _cells(self, rows: Rows, sheet: Sheet) -> NDArray[np.int64]:
        size = np.int64(sheet.span.stop - sheet.span.start)
        unit = self.unit_place[rows.unit] - sheet.span.start
        cells: NDArray[np.int64] = self.variant_place[rows.variant] * size + unit
        return cells

    def _repeat(self, sheet: Sheet, spill: Spill) -> str:
        """Say in words which row of a probe is the first that was there before."""
        every = list(spill.keys(sheet.code))
        cells = np.concatenate([self._cells(rows, sheet) for rows in every])
        first = np.unique(cells, return_index=True)[1]
        at = int(np.setdiff1d(np.arange(len(cells)), first)[0])
        return self.where(
            int(np.concatenate([rows.unit for rows in every])[at]),
            int(np.concatenate([rows.variant for rows in every])[at]),
        )

    def _text(self, name: str, span: slice, other: NDArray[np.str_] | str) -> NDArray[np.str_]:
        """Return the text of a fact for each unit of a range, `other` where no row had the column."""
        texts, constant = self._facts[name]
        of = np.full(len(self._order), -1, np.int32)
        of[: len(constant.of)] = constant.of[: len(of)]
        codes = of[self._order[span]]
        found = np.array([*texts.texts, ""])[codes]
        result: NDArray[np.str_] = np.where(codes < 0, other, found)
        return result


def _ranks(texts: Sequence[str], order: Sequence[str]) -> NDArray[np.intp]:
    """Return the place in `order` of each text."""
    place = {text: at for at, text in enumerate(order)}
    return np.array([place[text] for text in texts], np.intp)
