"""A part of a data set: the rows of some groups."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.inner import notice_of, read, reader

__all__ = ["Where"]

_CLASS = "label"
_WHAT = "The examples of 'where'"


@dataclass(frozen=True)
class Where(Reader):
    """The examples of some groups, such as all but one camera.

    Classes keep their codes and names, even those of which no example is left.

    Attributes:
        of: the examples: ``{reader: {parameter: value}}``, or, in Python, a reader or `Data`.
        column: one of their group columns, or ``label`` for the class.
        keep: groups to keep; give this or `leave_out`.
        leave_out: groups to leave out.
    """

    of: Any
    column: str
    keep: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("keep", "leave_out"):
            given: Any = getattr(self, name)
            texts = given if isinstance(given, list | tuple) else (given,)
            object.__setattr__(self, name, tuple(str(value) for value in texts))
        if bool(self.keep) == bool(self.leave_out):
            raise UsageError(
                f"Which groups of '{self.column}' does 'where' take? Give keep: [...] or leave_out: [...], one "
                "of the two."
            )
        reader(self.of, _WHAT)

    @property
    def notice(self) -> str | None:
        """The notice of the whole."""
        return notice_of(self.of, _WHAT)

    def __call__(self) -> Data:
        """Read the whole and keep a part.

        Raises:
            UsageError: no such column or group, or no example is left.
        """
        whole = read(self.of, _WHAT)
        column = self._column(whole)
        known = np.unique(column).tolist()
        named = self.keep or self.leave_out
        for group in named:
            if group not in known:
                raise UsageError(one_of(f"group of '{self.column}'", group, known))
        rows = np.isin(column, named)
        rows = rows if self.keep else ~rows
        if not rows.any():
            raise UsageError(
                f"'where' leaves out all groups of '{self.column}': {', '.join(known[:20])}. Leave out fewer."
            )
        part = whole.take(rows)
        # How many of a class fall into some groups is luck, whatever was counted off.
        return part if part.counted in ("", self.column) else replace(part, counted="")

    def _column(self, whole: Data) -> NDArray[np.str_]:
        if self.column == _CLASS and whole.classes:
            texts: NDArray[np.str_] = np.asarray(whole.classes, dtype=np.str_)[whole.labels]
            return texts
        if self.column not in whole.groups:
            known = (*((_CLASS,) if whole.classes else ()), *sorted(whole.groups))
            raise UsageError(one_of("group column", self.column, known))
        return whole.groups[self.column]
