"""From tables of events to examples: what was known at a time, and whether injury began after it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Data, Floats, Scores
from underspec.data.arrays import of

__all__ = ["CLOCK", "PARTS_OF_DAY", "Events", "Stays", "Windows"]

CLOCK = ("hour_sin", "hour_cos")
"""Columns of a step's clock time: sine and cosine of its end, a day being a full turn."""

PARTS_OF_DAY = ("00-06", "06-12", "12-18", "18-24")
"""Groups of `time_of_day`: six hours each, with their start and without their end."""

CLASSES = ("no injury", "injury")


@dataclass(frozen=True, eq=False)
class Events:
    """What was measured, one row a measurement, in any order.

    Attributes:
        stays: place of its stay in `Stays`, integers [rows].
        hours: when its result was *known*, on the stay's clock, [rows].
        items: place of its item among the names that `Windows` is called with, integers [rows].
        values: in the item's unit; rows whose time or value is not finite are left out, [rows].
    """

    stays: NDArray[np.intp]
    hours: Floats
    items: NDArray[np.intp]
    values: Floats


@dataclass(frozen=True, eq=False)
class Stays:
    """Stays in hospital, one row each.

    The clock of a stay counts hours from the midnight before it began, so that hours modulo 24 are
    the time of day. Where a source hides the time of day, count from the start and say
    ``clock=False`` to `Windows`.

    Attributes:
        ids: one unique text a stay, [stays].
        patients: whose it is, text; examples of one patient are one cluster, [stays].
        start: hour of its start, [stays].
        end: hour of its end, [stays].
        onset: hour at which injury began, infinite where it did not (`kdigo.Staged.onset`), [stays].
        constants: column to a number a stay, such as age; NaN where unknown, each [stays].
        groups: column to a text a stay, such as unit, hospital or era, each [stays].
    """

    ids: NDArray[np.str_]
    patients: NDArray[np.str_]
    start: Floats
    end: Floats
    onset: Floats
    constants: Mapping[str, Floats] = field(default_factory=dict)
    groups: Mapping[str, NDArray[np.str_]] = field(default_factory=dict)


@dataclass(frozen=True)
class Windows:
    """Makes an example of each stay and prediction time.

    An example at hour t sees what was known up to and with t, in steps that end at t, t - step, ...;
    its label says whether injury begins after t and up to and with t + horizon. Prediction times lie
    at clock hours that `every` divides, `after` hours or more into the stay, up to its end and before
    the onset. Two things must hold, or the example is left out: the item `judged_by` stands in the
    history (without it nothing could be seen to rise), and it was measured within the horizon, or
    the label would be a guess. The second looks ahead and only says who is counted, never what a
    model sees.

    Attributes:
        every: hours between the prediction times of a stay.
        history: hours that an example sees.
        step: hours of a step; `every` and `history` are multiples.
        horizon: hours that the label looks ahead.
        after: hours from the start of a stay to its first prediction time.
        clock: whether hours tell the time of day; else no clock columns and no group `time_of_day`.
        judged_by: the item that the label is made of; None to leave out no example.
        sums: items that are added up within a step, such as urine output; of others the last counts.
    """

    every: float = 6.0
    history: float = 48.0
    step: float = 3.0
    horizon: float = 48.0
    after: float = 24.0
    clock: bool = True
    judged_by: str | None = "creatinine"
    sums: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("every", "history", "step", "horizon"):
            if not getattr(self, name) > 0:
                raise UsageError(
                    f"{name} must be a number of hours above 0, got {getattr(self, name)}."
                )
        for name in ("every", "history"):
            parts = getattr(self, name) / self.step
            if abs(parts - round(parts)) > 1e-9:
                raise UsageError(
                    f"{name} must be a multiple of step ({self.step:g} hours), got {getattr(self, name):g}."
                )
        if not self.after >= 0:
            raise UsageError(f"after must be a number of hours from 0, got {self.after}.")

    @property
    def steps(self) -> int:
        """How many steps an example has."""
        return round(self.history / self.step)

    def columns(self, items: tuple[str, ...], constants: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Return the columns of records of these items: items, clock, constants."""
        return (*items, *(CLOCK if self.clock else ()), *constants)

    def __call__(self, events: Events, stays: Stays, items: tuple[str, ...]) -> Data:
        """Return the examples, sorted by stay and time.

        Inputs are float32 [examples, steps, columns], NaN where not measured in that step; ids are
        ``STAY-h<hour>``, classes ``no injury`` and ``injury``.

        Raises:
            UsageError: columns differ in length, an item is unknown, or no example is left.
        """
        self._agree(events, stays, items)
        fine = np.isfinite(events.hours) & np.isfinite(events.values)
        events = Events(
            events.stays[fine], events.hours[fine], events.items[fine], events.values[fine]
        )
        stay, cell = self._times(stays)
        if self.judged_by is not None:
            keep = self._judged(events, items.index(self.judged_by), stay, cell, len(stays.ids))
            stay, cell = stay[keep], cell[keep]
        if not len(stay):
            raise UsageError(
                f"No example is left of {len(stays.ids)} stays: none has a prediction time {self.after:g} hours "
                f"after its start and before an injury"
                + (
                    f", with {self.judged_by} measured before and after it."
                    if self.judged_by
                    else "."
                )
            )
        hours = cell * self.step
        label = (stays.onset[stay] <= hours + self.horizon).astype(np.int32)
        groups = {name: column[stay] for name, column in stays.groups.items()}
        if self.clock:
            groups["time_of_day"] = np.asarray(PARTS_OF_DAY)[(hours % 24 // 6).astype(np.intp)]
        names = [
            f"{name}-h{hour:g}"
            for name, hour in zip(stays.ids[stay].tolist(), hours.tolist(), strict=True)
        ]
        columns = self.columns(items, tuple(stays.constants))
        inputs = self._inputs(events, stays, items, stay, cell)
        return of(inputs, label, names, stays.patients[stay], groups, CLASSES, columns=columns)

    def _agree(self, events: Events, stays: Stays, items: tuple[str, ...]) -> None:
        rows = {len(column) for column in (events.stays, events.hours, events.items, events.values)}
        n = len(stays.ids)
        of_stays = [stays.patients, stays.start, stays.end, stays.onset]
        of_stays += [*stays.constants.values(), *stays.groups.values()]
        if len(rows) != 1 or any(len(column) != n for column in of_stays):
            raise UsageError(
                "The columns of events, or of stays, differ in length: give one value a row."
            )
        if len(events.stays) and not (0 <= events.stays.min() <= events.stays.max() < n):
            raise UsageError(f"An event names a stay that is none of the {n}.")
        if len(events.items) and not (0 <= events.items.min() <= events.items.max() < len(items)):
            raise UsageError(f"An event names an item that is none of the {len(items)}.")
        for name in (*self.sums, *(() if self.judged_by is None else (self.judged_by,))):
            if name not in items:
                raise UsageError(f"'{name}' is none of the items: {', '.join(items)}.")

    def _times(self, stays: Stays) -> tuple[NDArray[np.intp], NDArray[np.int64]]:
        """Return stay and cell of each prediction time; cell k ends at hour k * step."""
        stride = round(self.every / self.step)
        first = np.ceil((stays.start + self.after) / self.every - 1e-9)
        # An onset at the very time is known by then, so that the last time is before it.
        before = np.ceil(np.minimum(stays.onset, 1e12) / self.every - 1e-9) - 1
        last = np.minimum(np.floor(stays.end / self.every + 1e-9), before)
        count = np.where(np.isfinite(first) & np.isfinite(last), np.maximum(last - first + 1, 0), 0)
        count = count.astype(np.int64)
        stay = np.repeat(np.arange(len(count)), count)
        within = np.arange(len(stay)) - np.repeat(np.cumsum(count) - count, count)
        return stay, (np.nan_to_num(first).astype(np.int64)[stay] + within) * stride

    def _cells(self, hours: Floats) -> NDArray[np.int64]:
        # What became known exactly at the end of a cell is in it; times are told to the second.
        return np.ceil(np.rint(hours * 3600) / (self.step * 3600) - 1e-9).astype(np.int64)

    def _judged(self, events: Events, item: int, stay: NDArray[np.intp], cell: NDArray[np.int64], n: int) -> NDArray[np.bool_]:  # fmt: skip
        """Say which examples have the item in their history and in their horizon."""
        rows = np.flatnonzero(events.items == item)
        seconds = np.rint(events.hours[rows] * 3600).astype(np.int64)
        if not len(rows):
            return np.zeros(len(stay), np.bool_)
        now = np.rint(cell * self.step * 3600).astype(np.int64)
        back, ahead = (round(hours * 3600) for hours in (self.history, self.horizon))
        least = min(int(seconds.min()), int(now.min(initial=0)) - back) - 1
        width = max(int(seconds.max()), int(now.max(initial=0)) + ahead) - least + 2
        if n * width >= 1 << 62:
            raise UsageError(
                "The hours of events reach too far: count them from the midnight before the stay."
            )
        key = np.sort(events.stays[rows] * width + seconds - least)
        base = stay * width - least

        def known(hour: NDArray[np.int64]) -> NDArray[np.intp]:
            return np.searchsorted(key, base + hour, side="right")

        until = known(now)
        return (until > known(now - back)) & (known(now + ahead) > until)

    def _inputs(self, events: Events, stays: Stays, items: tuple[str, ...], stay: NDArray[np.intp], cell: NDArray[np.int64]) -> Scores:  # fmt: skip
        """Return the records: a grid of cells for all stays, of which each example is a stretch."""
        width, steps = len(items), self.steps
        n = len(stays.ids)
        low, high = np.zeros(n, np.int64), np.zeros(n, np.int64)
        used, first = np.unique(stay, return_index=True)
        low[used] = cell[first] - steps + 1
        high[used] = cell[np.append(first[1:], len(stay)) - 1] + 1
        offset = np.concatenate([[0], np.cumsum(high - low)])
        grid = np.full((int(offset[-1]), width), np.nan, np.float32)
        at = self._cells(events.hours)
        rows = np.flatnonzero((at >= low[events.stays]) & (at < high[events.stays]))
        rows = rows[np.argsort(events.hours[rows], kind="stable")]
        whose, item = events.stays[rows], events.items[rows]
        place = (offset[whose] + at[rows] - low[whose]) * width + item
        adds = np.isin(item, [items.index(name) for name in self.sums])
        flat = grid.reshape(-1)
        # By time, so that of several values in one cell the last stays.
        lasting, latest = np.unique(place[~adds][::-1], return_index=True)
        flat[lasting] = events.values[rows][~adds][::-1][latest]
        added, back = np.unique(place[adds], return_inverse=True)
        flat[added] = np.bincount(back, weights=events.values[rows][adds], minlength=len(added))
        ends = cell[:, None] - steps + 1 + np.arange(steps)
        constants = list(stays.constants.values())
        out = np.empty((len(stay), steps, len(self.columns(items)) + len(constants)), np.float32)
        out[..., :width] = grid[offset[stay][:, None] + ends - low[stay][:, None]]
        if self.clock:
            turn = ends * (self.step / 24 * 2 * np.pi)
            out[..., width], out[..., width + 1] = np.sin(turn), np.cos(turn)
        for number, column in enumerate(constants):
            out[..., out.shape[2] - len(constants) + number] = column[stay].astype(np.float32)[
                :, None
            ]
        return out
