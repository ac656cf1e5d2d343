"""Acute kidney injury by the creatinine criteria of KDIGO 2012.

KDIGO Clinical Practice Guideline for Acute Kidney Injury, Kidney International Supplements 2(1),
2012, section 2.1: a rise by 0.3 mg/dL (26.5 umol/L) within 48 hours, or to 1.5 times a baseline that
is known or presumed to have been within the prior 7 days. Its criterion of urine output is not used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Floats

__all__ = ["UNITS", "Staged", "staged"]


class _Limits(NamedTuple):
    rise: float
    severe: float


UNITS: Mapping[str, _Limits] = MappingProxyType(
    {"mg/dL": _Limits(0.3, 4.0), "umol/L": _Limits(26.5, 353.6)}
)
"""Unit of creatinine to the guideline's absolute limits, which it states in both."""

_SHORT, _LONG = 48 * 3600, 7 * 24 * 3600
# Results have two decimals: 1.2 - 0.9 is a rise by 0.3, though not in binary, nor in float32.
_HAIR = 1e-5


@dataclass(frozen=True, eq=False)
class Staged:
    """The stage at each time that a subject's kidneys were judged, sorted by subject and time.

    Attributes:
        subjects: whose it is, [rows].
        hours: when, [rows].
        creatinine: in the unit given; NaN where the row is the start of dialysis, [rows].
        reference: what the ratio is to, the lowest of the previous 7 days (or the known baseline, where
            that is lower); NaN where nothing precedes, [rows].
        stage: 0 for none, to 3, int8 [rows].
    """

    subjects: NDArray[Any]
    hours: Floats
    creatinine: Floats
    reference: Floats
    stage: NDArray[np.int8]

    def onset(self, subjects: ArrayLike, stage: int = 1) -> Floats:
        """Return for each of these subjects when `stage` or a higher one was first reached.

        Returns:
            Hours [subjects], infinite where it never was.
        """
        asked = np.asarray(subjects)
        out = np.full(len(asked), np.inf)
        reached = np.flatnonzero(self.stage >= stage)
        # Sorted by subject, then time: the first row of a subject is its onset.
        names, first = np.unique(self.subjects[reached], return_index=True)
        if len(names):
            place = np.minimum(np.searchsorted(names, asked), len(names) - 1)
            found = names[place] == asked
            out[found] = self.hours[reached][first[place[found]]]
        return out


def staged(
    hours: ArrayLike,
    creatinine: ArrayLike,
    subjects: Any = None,
    *,
    unit: str = "mg/dL",
    baseline: Mapping[Any, float] | None = None,
    dialysis: tuple[ArrayLike, ArrayLike] | None = None,
) -> Staged:
    """Return the KDIGO stage at every measurement of creatinine.

    Stage 1: higher by 0.3 mg/dL than the lowest of the previous 48 hours, or 1.5 to below 2 times the
    reference; stage 2: 2 to below 3 times; stage 3: 3 times or more, or 4.0 mg/dL or more where one of
    the criteria of stage 1 holds. Both spans include their far end.

    The reference is the *lowest* of the previous 7 days, not their median: the guideline asks whether
    creatinine has risen to 1.5 times within 7 days, and it has if any value of these days is low
    enough. It needs no second value, and no later one ever changes a stage. The price is that one
    value that was measured too low makes a stage. A first value has nothing before it, so that an
    injury that came with the patient shows only if a baseline is known or creatinine rises further.

    Args:
        hours: when it was measured, in any order, on one clock a subject, [rows].
        creatinine: [rows]. Rows whose time or value is missing, infinite or not above 0 are left out;
            of several values at one time (to the second) the mean counts.
        subjects: whose each row is, [rows]; all of one subject where None.
        unit: ``mg/dL`` or ``umol/L``, of which the guideline states limits; nothing is converted.
        baseline: subject to a value known from before, which counts as one of the previous 7 days.
        dialysis: (subjects, hours) at which dialysis begins: from its subject's first on, all is of
            stage 3. Leave out patients who were on dialysis before.

    Raises:
        UsageError: columns differ in length, or the unit is no other than these.
    """
    if unit not in UNITS:
        raise UsageError(one_of("unit of creatinine", unit, tuple(UNITS)))
    whose, when, values = _rows(hours, creatinine, subjects)
    code, seconds = _coded(whose, when)
    reference = np.minimum(_lowest(values, code, seconds, _LONG), _known(baseline, whose))
    low = _lowest(values, code, seconds, _SHORT)
    limits = UNITS[unit]
    with np.errstate(invalid="ignore"):
        times = [values >= factor * reference - _HAIR for factor in (1.5, 2.0, 3.0)]
        acute = times[0] | (values - low >= limits.rise - _HAIR)
    stage = acute.astype(np.int8)
    stage[times[1]] = 2
    stage[times[2] | (acute & (values >= limits.severe - _HAIR))] = 3
    reference[np.isinf(reference)] = np.nan
    out = Staged(whose, when, values, reference, stage)
    return out if dialysis is None else _with_dialysis(out, *dialysis)


def _rows(
    hours: ArrayLike, creatinine: ArrayLike, subjects: Any
) -> tuple[NDArray[Any], Floats, Floats]:
    """Return the usable rows by subject and time, one a time."""
    when, values = (np.asarray(column, np.float64) for column in (hours, creatinine))
    whose = np.zeros(len(when), np.intp) if subjects is None else np.asarray(subjects)
    if not len(when) == len(values) == len(whose):
        raise UsageError(
            f"{len(when)} times, {len(values)} values of creatinine and {len(whose)} subjects: give one of "
            "each a row."
        )
    fine = np.isfinite(when) & np.isfinite(values)
    fine[fine] = values[fine] > 0
    whose, when, values = whose[fine], when[fine], values[fine]
    order = np.lexsort((when, whose))
    whose, when, values = whose[order], when[order], values[order]
    seconds = np.rint(when * 3600)
    fresh = np.ones(len(when), np.bool_)
    fresh[1:] = (whose[1:] != whose[:-1]) | (seconds[1:] != seconds[:-1])
    start = np.flatnonzero(fresh)
    if len(start) < len(when):
        counts = np.diff(np.append(start, len(when)))
        values = np.add.reduceat(values, start) / counts
    return whose[start], when[start], values


def _coded(whose: NDArray[Any], when: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    fresh = np.ones(len(whose), np.bool_)
    fresh[1:] = whose[1:] != whose[:-1]
    # Whole seconds, so that exactly 48 hours is exactly that.
    return np.cumsum(fresh) - 1, np.rint(when * 3600).astype(np.int64)


def _lowest(
    values: Floats, code: NDArray[np.int64], seconds: NDArray[np.int64], span: int
) -> Floats:
    """Return the lowest value of the same subject in the `span` seconds before each row, or infinity."""
    n = len(values)
    if n == 0:
        return np.empty(0)
    since = seconds - seconds.min()
    width = int(since.max()) + span + 1
    key = code * width + since
    # The start of the span lies in the subject's own stretch of keys or before it, never in another's.
    first = np.searchsorted(key, np.maximum(key - span, code * width), side="left")
    count = np.arange(n) - first
    out = np.full(n, np.inf)
    # Minima over runs of 1, 2, 4 ... values; two runs that overlap cover any span.
    level, run = 0, values
    while (count >= 1 << level).any():
        size = 1 << level
        rows = np.flatnonzero((count >= size) & (count < 2 * size))
        out[rows] = np.minimum(run[first[rows]], run[rows - size])
        if len(run) > size:
            run = np.minimum(run[:-size], run[size:])
        level += 1
    return out


def _known(baseline: Mapping[Any, float] | None, whose: NDArray[Any]) -> Floats:
    if not baseline:
        return np.full(len(whose), np.inf)
    names, back = np.unique(whose, return_inverse=True)
    values = [float(baseline.get(name, np.inf)) for name in names.tolist()]
    usable = [value if np.isfinite(value) and value > 0 else np.inf for value in values]
    return np.asarray(usable, np.float64)[back]


def _with_dialysis(found: Staged, subjects: ArrayLike, hours: ArrayLike) -> Staged:
    whose, when = np.asarray(subjects), np.asarray(hours, np.float64)
    if len(whose) != len(when):
        raise UsageError(f"Dialysis: {len(whose)} subjects but {len(when)} times: give one each.")
    whose, when = whose[np.isfinite(when)], when[np.isfinite(when)]
    order = np.lexsort((when, whose))
    names, first = np.unique(whose[order], return_index=True)
    start = when[order][first]
    if not len(names):
        return found
    place = np.minimum(np.searchsorted(names, found.subjects), len(names) - 1)
    since = (names[place] == found.subjects) & (found.hours >= start[place])
    blank = np.full(len(names), np.nan)
    columns = [
        np.concatenate([found.subjects, names]),
        np.concatenate([found.hours, start]),
        np.concatenate([found.creatinine, blank]),
        np.concatenate([found.reference, blank]),
        np.concatenate([np.where(since, 3, found.stage), np.full(len(names), 3)]).astype(np.int8),
    ]
    order = np.lexsort((columns[1], columns[0]))
    return Staged(*(column[order] for column in columns))
