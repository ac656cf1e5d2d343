"""From a hospital's results and stays to examples: what the readers of published layouts share."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Booleans, Data, Floats
from underspec.core.streams import stream
from underspec.data import by_hash
from underspec.data.by_hash import Part
from underspec.data.records.kdigo import staged
from underspec.data.records.windows import Events, Stays, Windows

__all__ = ["LABS", "Results", "age_band", "examples", "gathered", "selected"]

LABS = (
    "creatinine", "urea", "potassium", "bicarbonate", "sodium", "chloride", "glucose", "calcium",
    "haemoglobin", "platelets", "white_cells", "lactate", "bilirubin", "crp",
)  # fmt: skip
"""Laboratory items by the names that the synthetic cohort and the stress tests use."""

_BEFORE = 7 * 24.0  # hours before a stay whose creatinine may be the baseline
_BANDS = MappingProxyType({18: "18-49", 50: "50-64", 65: "65-79", 80: "80+"})


@dataclass(frozen=True, eq=False)
class Results:
    """Results of stays, one row each; `drawn` and `known` in hours on the stay's clock."""

    stays: NDArray[np.intp]
    drawn: Floats
    known: Floats
    items: NDArray[np.intp]
    values: Floats


def age_band(age: Floats) -> NDArray[np.str_]:
    """Return ``18-49``, ``50-64``, ``65-79``, ``80+``, ``under 18``; empty where it is missing."""
    names = np.asarray(["under 18", *_BANDS.values()])
    named = names[np.searchsorted(list(_BANDS), np.nan_to_num(age), side="right")]
    return np.where(np.isnan(age), "", named)


def selected(
    patients: NDArray[np.str_], key: str, part: Part, share: float, limit: int | None
) -> Booleans:
    """Say which stays are of a part's patients, of the `limit` first ones by hash."""
    rows = by_hash.chosen(patients, key, part, share)
    if limit is None:
        return rows
    draws = stream(0, "data", key, "patients")
    names = np.unique(patients[rows])
    order = np.argsort([draws.example(name).random() for name in names.tolist()], kind="stable")
    return rows & np.isin(patients, names[order[:limit]])


def gathered(parts: Iterable[Results], stays: Stays, horizon: float) -> Results:
    """Return the results that matter to stays: from a week before, to the last label's end.

    Each part is cut as it comes, so that memory holds no more than these and one part.
    """
    kept: list[Results] = []
    for part in parts:
        near = (part.drawn >= stays.start[part.stays] - _BEFORE) & (
            part.drawn <= stays.end[part.stays] + horizon
        )
        near &= np.isfinite(part.values)
        if near.any():
            kept.append(
                Results(
                    part.stays[near].astype(np.int32),
                    part.drawn[near],
                    np.fmax(part.known[near], part.drawn[near]),
                    part.items[near].astype(np.int8),
                    part.values[near].astype(np.float32),
                )
            )
    if not kept:
        raise UsageError("No result of the items was found during or before the stays.")
    return Results(
        *(
            np.concatenate([getattr(part, name) for part in kept])
            for name in ("stays", "drawn", "known", "items", "values")
        )
    )


def examples(
    results: Results,
    stays: Stays,
    windows: Windows,
    items: tuple[str, ...],
    *,
    unit: str = "mg/dL",
    highest: float | None = 4.0,
) -> Data:
    """Return the examples, labelled by KDIGO from the creatinine drawn in each stay.

    Args:
        results: of all items; those of a week before a stay count as its history.
        stays: `onset` is overwritten.
        windows: makes the examples.
        items: names of the items' codes.
        unit: of creatinine.
        highest: stays whose lowest creatinine until the first prediction time is above this are
            left out, as of patients who may be on dialysis; None to keep them.

    Raises:
        UsageError: no example is left.
    """
    rows = results.items == items.index("creatinine")
    whose, when, values = results.stays[rows], results.drawn[rows], results.values[rows]
    everyone = np.arange(len(stays.ids))
    onset = staged(when, values.astype(np.float64), whose, unit=unit).onset(everyone)
    if highest is not None:
        early = when <= stays.start[whose] + windows.after
        lowest = np.full(len(stays.ids), np.inf)
        np.minimum.at(lowest, whose[early], values[early])
        # A stay without an early value has no history to predict from either.
        onset[np.isfinite(lowest) & (lowest > highest)] = -np.inf
    known = Events(
        results.stays.astype(np.intp), results.known, results.items.astype(np.intp),
        results.values.astype(np.float64),
    )  # fmt: skip
    return windows(known, _with_onset(stays, onset), items)


def _with_onset(stays: Stays, onset: Floats) -> Stays:
    columns: Mapping[str, Floats] = stays.constants
    return Stays(
        stays.ids, stays.patients, stays.start, stays.end, onset, columns, dict(stays.groups)
    )
