"""A dial between a group and the label: how far one tells the other."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.core.streams import Stream, stream
from underspec.data._protocol import Reader
from underspec.data.inner import notice_of, read, reader

__all__ = ["Cells", "Confounded", "cells", "check_pair", "check_ratio", "confound"]

_WHAT = "The examples of 'confounded'"


class Cells(NamedTuple):
    """Rows by group and class.

    Attributes:
        groups: the two groups, A and B.
        rows: positions of group A's negatives and positives, then of B's.
    """

    groups: tuple[str, str]
    rows: tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]

    @property
    def share(self) -> float:
        """Of A's examples that are positive."""
        negative, positive = (len(rows) for rows in self.rows[:2])
        return positive / max(1, negative + positive)


@dataclass(frozen=True)
class Confounded(Reader):
    """Examples picked so that a group goes with the label, as far as a dial says.

    Of group A a share `ratio` is positive, of group B a share 1 - `ratio`, to the nearest whole
    number, and as many examples of both groups are taken. So half of all are positive at any ratio,
    and two ratios r and 1 - r differ in nothing but which way the two go together; 0.5 is none. As
    many are taken as the scarcest of the four allows, those whose draw, by id and seed, is lowest.

    Attributes:
        of: the examples: ``{reader: {parameter: value}}``, or, in Python, a reader or `Data`; of two classes,
            the second of which is the positive one.
        column: one of their group columns.
        ratio: from 0 to 1.
        groups: A and B; where empty the two groups of the column, sorted. Others are left out.
        seed: of the draw.
    """

    of: Any
    column: str
    ratio: float
    groups: tuple[str, ...] = ()
    seed: int = 0

    def __post_init__(self) -> None:
        check_ratio(self.ratio)
        object.__setattr__(self, "groups", check_pair(self.groups))
        if isinstance(self.seed, bool) or not isinstance(self.seed, int):
            raise UsageError(f"The seed of 'confounded' is a whole number, got {self.seed!r}.")
        reader(self.of, _WHAT)

    @property
    def notice(self) -> str | None:
        """The notice of the whole."""
        return notice_of(self.of, _WHAT)

    def __call__(self) -> Data:
        """Read the whole and keep a part.

        Raises:
            UsageError: the column has not two groups, the labels not two classes, or too few
                examples are there for the ratio.
        """
        whole = read(self.of, _WHAT)
        found = cells(whole, self.column, self.groups)
        return confound(whole, found, self.ratio, stream(self.seed, "confounded"))


def check_ratio(ratio: Any) -> None:
    """Check the share of one group that is to be positive.

    Raises:
        UsageError: it is no number from 0 to 1.
    """
    if isinstance(ratio, bool) or not isinstance(ratio, int | float) or not 0 <= ratio <= 1:
        raise UsageError(
            f"A ratio of 'confounded' is the share of group A that is positive, from 0 to 1; got {ratio!r}."
        )


def check_pair(groups: Any) -> tuple[str, ...]:
    """Return the names of two groups as text, or none.

    Raises:
        UsageError: there are other than two.
    """
    named = tuple(str(group) for group in groups) if isinstance(groups, list | tuple) else None
    if named is None or len(set(named)) != len(named) or len(named) not in (0, 2):
        raise UsageError(f"'groups' of 'confounded' are two, A and B; got {groups!r}.")
    return named


def cells(data: Data, column: str, groups: Sequence[str]) -> Cells:
    """Return the rows of two groups and two classes.

    Args:
        data: of two classes.
        column: a group column.
        groups: A and B; the two of the column, sorted, where empty.

    Raises:
        UsageError: the column has not two groups, or the labels not two classes.
    """
    if column not in data.groups:
        raise UsageError(one_of("group column", column, sorted(data.groups)))
    if data.regression or len(data.classes or np.unique(data.labels)) != 2:
        many = "targets of a regression" if data.regression else f"{len(data.classes)} classes"
        raise UsageError(f"'confounded' wants labels of two classes, but these are {many}.")
    known = np.unique(data.groups[column]).tolist()
    for group in groups:
        if group not in known:
            raise UsageError(one_of(f"group of '{column}'", group, known))
    pair = list(groups) or known
    if len(pair) != 2:
        raise UsageError(
            f"'confounded' wants two groups, but '{column}' has {len(pair)}: {', '.join(pair[:20])}. Name two: "
            "groups: [A, B]."
        )
    positive = data.labels == 1
    rows = [
        np.flatnonzero((data.groups[column] == group) & (positive == answer))
        for group in pair
        for answer in (False, True)
    ]
    return Cells((pair[0], pair[1]), (rows[0], rows[1], rows[2], rows[3]))


def confound(data: Data, found: Cells, ratio: float, key: Stream) -> Data:
    """Return as many examples as the ratio allows (see `Confounded`), in the order of `data`.

    Args:
        data: the examples.
        found: their `cells`.
        ratio: the share of group A that is to be positive.
        key: each example's turn is drawn from its own part of this stream.

    Raises:
        UsageError: no example of a group and class that the ratio needs.
    """
    there = np.array([len(rows) for rows in found.rows])
    shares = np.array([1 - ratio, ratio, ratio, 1 - ratio])
    asked = shares > 0
    many = int(np.floor((there[asked] / shares[asked]).min() + 1e-9))
    while many > 0 and (_counts(many, ratio) > there).any():  # what rounding up asks too much
        many -= 1
    if many == 0:
        told = ", ".join(
            f"{n} {word} of {group}"
            for (group, word), n in zip(
                ((group, word) for group in found.groups for word in ("negative", "positive")),
                there.tolist(),
                strict=True,
            )
        )
        raise UsageError(f"There are too few examples for a ratio of {ratio:g}: {told}.")
    picked = [
        rows[np.argsort(_draws(key, data.ids[rows]), kind="stable")[:n]]
        for rows, n in zip(found.rows, _counts(many, ratio).tolist(), strict=True)
    ]
    # The noise of shares that were set is smaller than that of shares that came so: no less is said.
    return replace(data.take(np.sort(np.concatenate(picked))), counted="")


def _counts(many: int, ratio: float) -> NDArray[np.intp]:
    positive = int(np.floor(ratio * many + 0.5))
    return np.array([many - positive, positive, positive, many - positive])


def _draws(key: Stream, ids: Iterable[Any]) -> NDArray[np.float64]:
    return np.array([key.example(str(name)).random() for name in ids])
