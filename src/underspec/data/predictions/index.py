"""First reading: which probes, variants and examples there are, and where each row belongs."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Answers, Variant
from underspec.data.predictions.files import Table
from underspec.data.predictions.texts import Constant, Texts, natural, plain_number

__all__ = ["Index"]


class Index:
    """The rows of all files by unit (an example of a probe) and variant.

    After `settle`, units are sorted by probe, the holdout first, then by example id, so that a
    probe is a range of them, and nothing depends on the order of the rows.

    Attributes:
        classes: texts of the labels, shared with the reading of predictions.
        rows: for each file the unit and the variant of each row, int32.
        probes: title and range of units of each probe, after `settle`.
        variants: after `settle`, in natural order of their ids.
    """

    def __init__(self) -> None:
        self.classes = Texts("label", write=plain_number)
        self.rows: list[tuple[Answers, Answers]] = []
        self.probes: list[tuple[str, slice]] = []
        self.variants: tuple[Variant, ...] = ()
        self._probe, self._variant = Texts("probe"), Texts("variant")
        self._example = Texts("example")
        self._unit: dict[int, int] = {}
        self._facts = {
            "label": (self.classes, Constant()),
            "cluster": (Texts("cluster"), Constant()),
            "group": (Texts("group", missing="missing"), Constant()),
        }
        self._sources: dict[str, tuple[Texts, Constant]] = {}
        self._order: NDArray[np.intp] = np.empty(0, np.intp)
        self._example_of: NDArray[np.int64] = np.empty(0, np.int64)

    def add(self, table: Table) -> None:
        """Read the keys of one file.

        Raises:
            UsageError: a value is missing, or rows contradict each other.
        """
        units: list[Answers] = []
        variants: list[Answers] = []
        begin = 0
        for batch in table.batches(table.layout.keys):
            column = dict(zip(table.layout.keys, batch.columns, strict=True))
            probe = self._probe.code(column["probe"], table.file, begin)
            example = self._example.code(column["example"], table.file, begin)
            variant = self._variant.code(column["variant"], table.file, begin)
            unit = self._units(probe, example)
            for name, (texts, constant) in self._facts.items():
                if name in column:
                    of = texts.code(column[name], table.file, begin)
                    self._same(table.file, name, unit, of, variant, constant, texts)
            for name in table.layout.sources:
                texts, constant = self._sources.setdefault(
                    name, (Texts(name, missing="missing"), Constant())
                )
                of = texts.code(column[name], table.file, begin)
                apart = np.flatnonzero(constant.note(variant, of))
                if len(apart):
                    at = apart[0]
                    raise UsageError(
                        f"{table.file}: variant {self._variant.texts[variant[at]]!r} has "
                        f"{name} {texts.texts[constant.of[variant[at]]]!r} in one row and "
                        f"{texts.texts[of[at]]!r} in another: a source has one value a variant."
                    )
            units.append(unit)
            variants.append(variant)
            begin += len(unit)
        if not begin:
            raise UsageError(f"{table.file} is empty: it has columns but no rows.")
        self.rows.append((np.concatenate(units), np.concatenate(variants)))

    def settle(self, holdout: str | None) -> None:
        """Put everything in order once all files were read.

        Raises:
            UsageError: no holdout or an unknown one, one variant or class only, rows that repeat,
                or variants that lack examples.
        """
        titles = sorted(self._probe.texts, key=natural)
        if not holdout:
            raise UsageError(
                "No holdout: say which probe the variants were ranked by, with --holdout NAME. "
                f"Probes: {', '.join(titles[:12])}."
            )
        if holdout not in titles:
            raise UsageError(one_of("probe", holdout, titles) + " One of them is the holdout.")
        titles = [holdout, *(title for title in titles if title != holdout)]
        ids = sorted(self._variant.texts, key=natural)
        if len(ids) < 2:
            raise UsageError(
                f"There is only one variant, {ids[0]!r}: give the predictions of two or more, "
                "trained alike but for what nobody decided."
            )
        self._sort(titles, ids)
        self._complete(ids)
        span = self.probes[0][1]
        labels = np.unique(self.labels[span])
        if len(labels) < 2:
            raise UsageError(
                f"All {span.stop} examples of the holdout {holdout!r} have one class only, "
                f"{self.classes.texts[labels[0]]!r}: nothing can be told apart by it."
            )
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
        """Provisional label code of each unit, its place in the texts of `classes`."""
        return self._facts["label"][1].of[self._order]

    @property
    def ids(self) -> NDArray[np.str_]:
        """Example id of each unit."""
        ids: NDArray[np.str_] = np.array(self._example.texts)[self._example_of[self._order]]
        return ids

    @property
    def clusters(self) -> NDArray[np.str_]:
        """Cluster of each unit: the example's id where its file names none."""
        return self._text("cluster", self.ids)

    @property
    def groups(self) -> NDArray[np.str_] | None:
        """Group of each unit, None if no file has groups."""
        return self._text("group", "missing") if len(self._facts["group"][0]) else None

    def where(self, file: int, row: int) -> str:
        """Say in words which row of a file that is, after `settle`."""
        unit, variant = self.rows[file]
        probe = next(title for title, span in self.probes if span.start <= unit[row] < span.stop)
        return (
            f"probe {probe!r}, variant {self.variants[variant[row]].id!r}, "
            f"example {str(self.ids[unit[row]])!r}"
        )

    def _units(self, probe: Answers, example: Answers) -> Answers:
        pairs, places = np.unique(probe.astype(np.int64) << 32 | example, return_inverse=True)
        known = self._unit
        codes = [known.setdefault(pair, len(known)) for pair in pairs.tolist()]
        return np.array(codes, np.int32)[places]

    def _same(
        self,
        file: str,
        what: str,
        unit: Answers,
        codes: Answers,
        variant: Answers,
        constant: Constant,
        texts: Texts,
    ) -> None:
        apart = np.flatnonzero(constant.note(unit, codes))
        if not len(apart):
            return
        at = apart[0]
        pair = list(self._unit)[unit[at]]
        raise UsageError(
            f"{file}: example {self._example.texts[pair & (1 << 32) - 1]!r} of probe "
            f"{self._probe.texts[pair >> 32]!r} has the {what} {texts.texts[codes[at]]!r} for "
            f"variant {self._variant.texts[variant[at]]!r} but "
            f"{texts.texts[constant.of[unit[at]]]!r} elsewhere (rows that do not match: {len(apart)}): "
            "it must be the same for all variants."
        )

    def _sort(self, titles: Sequence[str], ids: Sequence[str]) -> None:
        pairs = np.fromiter(self._unit, np.int64, len(self._unit))
        self._example_of = pairs & (1 << 32) - 1
        probe = _ranks(self._probe.texts, titles)[pairs >> 32]
        example = _ranks(self._example.texts, sorted(self._example.texts))
        self._order = np.lexsort((example[self._example_of], probe))
        place = np.empty(len(pairs), np.int32)
        place[self._order] = np.arange(len(pairs))
        ends = np.cumsum(np.bincount(probe, minlength=len(titles)))
        self.probes = [
            (title, slice(int(begin), int(end)))
            for title, begin, end in zip(titles, [0, *ends[:-1]], ends, strict=True)
        ]
        rank = _ranks(self._variant.texts, ids).astype(np.int32)
        self.rows = [(place[unit], rank[variant]) for unit, variant in self.rows]

    def _complete(self, ids: Sequence[str]) -> None:
        """Refuse rows that repeat and cells that no row fills."""
        count = len(self._order)
        seen = np.zeros(len(ids) * count, np.bool_)
        for unit, variant in self.rows:
            seen[variant * np.int64(count) + unit] = True
        total = sum(len(unit) for unit, _ in self.rows)
        if total > seen.sum():
            cells = np.concatenate([v * np.int64(count) + u for u, v in self.rows])
            first = np.unique(cells, return_index=True)[1]
            again = cells[np.setdiff1d(np.arange(total), first)[0]]
            probe = next(t for t, span in self.probes if again % count < span.stop)
            raise UsageError(
                f"{total - seen.sum()} rows repeat a probe, variant and example, the first for "
                f"probe {probe!r}, variant {ids[again // count]!r}, example "
                f"{str(self.ids[again % count])!r}: give each once."
            )
        if seen.all():
            return
        lacking = [
            (title, span, name, cells[span])
            for name, cells in zip(ids, seen.reshape(len(ids), count), strict=True)
            for title, span in self.probes
            if not cells[span].all()
        ]
        title, span, name, have = lacking[0]
        also = f" So it is with {len(lacking) - 1} more." if len(lacking) > 1 else ""
        raise UsageError(
            f"Variant {name!r} lacks {(~have).sum()} of the {len(have)} examples of probe "
            f"{title!r}, such as {str(self.ids[span][~have][0])!r}: every variant must have a "
            f"prediction for every example.{also}"
        )

    def _text(self, name: str, other: NDArray[np.str_] | str) -> NDArray[np.str_]:
        """Return the text of a fact for each unit, `other` where no row had the column."""
        texts, constant = self._facts[name]
        of = np.full(len(self._order), -1, np.int32)
        of[: len(constant.of)] = constant.of[: len(of)]
        codes = of[self._order]
        found = np.array([*texts.texts, ""])[codes]
        result: NDArray[np.str_] = np.where(codes < 0, other, found)
        return result


def _ranks(texts: Sequence[str], order: Sequence[str]) -> NDArray[np.intp]:
    """Return the place in `order` of each text."""
    place = {text: at for at, text in enumerate(order)}
    return np.array([place[text] for text in texts], np.intp)
