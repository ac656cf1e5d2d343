"""What a file of predictions holds, once read."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from underspec.core.records import Predictions, Variant

__all__ = ["Foreign", "ForeignProbe"]


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
    """

    name: str
    title: str
    predictions: Predictions
    ids: NDArray[np.str_]
    clusters: NDArray[np.str_]
    group: NDArray[np.str_] | None = None


@dataclass(frozen=True, eq=False)
class Foreign:
    """All that the files of one analysis hold.

    Attributes:
        probes: the holdout first, the others in natural order of their titles.
        variants: in natural order of their ids, the order of axis 0 of all predictions; `values`
            holds the ``source_<name>`` columns as text.
        classes: names of the class codes.
    """

    probes: tuple[ForeignProbe, ...]
    variants: tuple[Variant, ...]
    classes: tuple[str, ...]
