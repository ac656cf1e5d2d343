"""What a file of predictions holds, once read."""

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import overload

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Floats, Pairs, Predictions, Task, Variant

__all__ = ["Foreign", "ForeignProbe", "OneByOne"]


@dataclass(frozen=True, eq=False)
class ForeignProbe:
    """One probe and what the variants said about it.

    Attributes:
        name: safe name of the probe, `core.names.slug` of its title.
        title: how the file writes it; any text.
        predictions: of all variants; no scores where the file holds answers only.
        ids: example ids, text [examples], unique and sorted.
        clusters: text [examples]; the ids where the file has none. An id that two probes share is
            one cluster: an example and its distorted form.
        group: text [examples], None where the file has no such column.
        weights: float64 [examples], None where the file has none for this probe.
        pairs: of a contrastive probe, which examples are two sides of one; its labels may then be
            -1, or NaN, where nobody named them.
    """

    name: str
    title: str
    predictions: Predictions
    ids: NDArray[np.str_]
    clusters: NDArray[np.str_]
    group: NDArray[np.str_] | None = None
    weights: Floats | None = None
    pairs: Pairs | None = None


class OneByOne(Sequence[ForeignProbe]):
    """Probes that are read anew each time one is asked for, so that one at a time is in memory."""

    @abstractmethod
    def load(self, at: int) -> ForeignProbe:
        """Return a probe by its place."""

    @overload
    def __getitem__(self, at: int) -> ForeignProbe: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[ForeignProbe]: ...
    def __getitem__(self, at: int | slice) -> ForeignProbe | Sequence[ForeignProbe]:
        places = range(len(self))[at]
        return self.load(places) if isinstance(places, int) else [self.load(p) for p in places]


@dataclass(frozen=True, eq=False)
class Foreign:
    """All that the files of one analysis hold.

    Attributes:
        probes: the holdout first, the others in natural order of their titles; one that is read
            from files is read anew at each access.
        variants: in natural order of their ids, the order of axis 0 of all predictions; `values`
            holds the ``source_<name>`` columns as text.
        classes: names of the class codes; none for regression.
        notes: what the findings should say of how they were read.
        files: what was read beside tables in the exchange format: arrays and labels.
    """

    probes: Sequence[ForeignProbe]
    variants: tuple[Variant, ...]
    classes: tuple[str, ...]
    notes: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()

    @property
    def task(self) -> Task:
        """What the variants were asked: told by the classes, of which a regression has none."""
        if not self.classes:
            return "regression"
        return "binary" if len(self.classes) == 2 else "classification"
