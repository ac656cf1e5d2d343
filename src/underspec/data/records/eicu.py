"""eICU as published: acute kidney injury from the laboratory table, over many hospitals."""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Data, Floats
from underspec.data import by_hash
from underspec.data._protocol import Reader
from underspec.data.by_hash import Part
from underspec.data.records.cohort import (
    LABS,
    Results,
    age_band,
    examples,
    gathered,
    selected,
)
from underspec.data.records.tables import above_zero, batches, find, floats, integers, texts, whole
from underspec.data.records.windows import Stays, Windows
from underspec.data.remembered import remembered

__all__ = ["EIcu"]

_WHAT = "the folder of eICU that holds patient.csv.gz, hospital.csv.gz and lab.csv.gz"
_NAMES = MappingProxyType(
    {
        "creatinine": "creatinine",
        "BUN": "urea",
        "potassium": "potassium",
        "bicarbonate": "bicarbonate",
        "sodium": "sodium",
        "chloride": "chloride",
        "glucose": "glucose",
        "calcium": "calcium",
        "Hgb": "haemoglobin",
        "platelets x 1000": "platelets",
        "WBC x 1000": "white_cells",
        "lactate": "lactate",
        "total bilirubin": "bilirubin",
        "CRP": "crp",
    }
)
"""``labname`` to item."""
_OLD = 90.0  # what "> 89" is read as


class _Table(NamedTuple):
    numbers: NDArray[np.int64]
    stays: Stays


@dataclass(frozen=True)
class EIcu(Reader):
    """Records of the eICU Collaborative Research Database: does acute kidney injury begin?

    Reads ``patient.csv.gz``, ``hospital.csv.gz`` and ``lab.csv.gz``, packed or not, as released on
    PhysioNet (version 2.0). ``lab`` is read in batches and cut to the items and stays asked for.
    Inputs are float32 [examples, steps, columns], 14 laboratory items, clock and age, as
    `records.windows.Windows` makes them. Offsets are minutes from admission to the unit; the clock
    time comes from ``unitadmittime24``. A result is known at its ``labresultrevisedoffset``, and the
    label is by KDIGO from creatinine at its ``labresultoffset``. An age of "> 89" is read as 90.

    Groups: ``hospital``, ``region``, ``teaching`` (``yes`` or ``no``), ``beds``, ``unit`` (its type),
    ``sex``, ``age_band``, ``time_of_day``. A patient is one cluster, and in one part only.

    Attributes:
        path: folder of the three files.
        part: ``all``, ``train`` or ``holdout``, by a hash of the patient.
        share: of patients in the holdout.
        patients: so many patients of the part, those of lowest hash; all where None.
        every: hours between prediction times.
        history: hours that an example sees.
        step: hours of a step.
        horizon: hours that the label looks ahead.
        after: hours from the start of a stay to its first prediction time.
        highest: stays whose lowest early creatinine is above this are left out; None to keep them.
    """

    path: str
    part: Part = "all"
    share: float = 0.3
    patients: int | None = None
    every: float = 6.0
    history: float = 48.0
    step: float = 3.0
    horizon: float = 48.0
    after: float = 24.0
    highest: float | None = 4.0

    def __post_init__(self) -> None:
        by_hash.check(self.part, self.share)
        self._windows()

    @property
    def notice(self) -> str:
        """Attribution of the data, which nobody may pass on."""
        return (
            "eICU Collaborative Research Database (T. Pollard et al., Scientific Data 5, 2018), PhysioNet "
            "Credentialed Health Data License: not to be shared; the reports hold no rows of it."
        )

    def __call__(self) -> Data:
        """Read the part.

        Raises:
            UsageError: a file or column is missing, or nobody is left.
        """
        names = ("patient", "hospital", "lab")
        return remembered(self, *(find(self.path, name, _WHAT) for name in names))

    def read(self) -> Data:
        """Read the part from the files, whatever was read before."""
        table = self._stays()
        results = gathered(_results(self.path, table), table.stays, self.horizon)
        return examples(results, table.stays, self._windows(), LABS, highest=self.highest)

    def _windows(self) -> Windows:
        return Windows(self.every, self.history, self.step, self.horizon, self.after)

    def _stays(self) -> _Table:
        read = whole(
            find(self.path, "patient", _WHAT),
            {
                "patientunitstayid": "integer",
                "uniquepid": "text",
                "gender": "text",
                "age": "text",
                "hospitalid": "integer",
                "unittype": "text",
                "unitadmittime24": "text",
                "unitdischargeoffset": "number",
            },
        )
        start = _hours(texts(read["unitadmittime24"]))
        length = floats(read["unitdischargeoffset"]) / 60
        people = texts(read["uniquepid"])
        rows = np.flatnonzero((length > 0) & np.isfinite(start) & (people != ""))
        rows = rows[selected(people[rows], "eicu", self.part, self.share, self.patients)]
        numbers = integers(read["patientunitstayid"])
        rows = rows[np.argsort(numbers[rows], kind="stable")]
        if not len(rows):
            raise UsageError(f"'{self.path}' has no stay of part '{self.part}'.")
        age = _ages(texts(read["age"])[rows])
        groups = {
            **self._hospitals(integers(read["hospitalid"])[rows]),
            "unit": texts(read["unittype"])[rows],
            "sex": np.char.lower(texts(read["gender"])[rows]),
            "age_band": age_band(age),
        }
        stays = Stays(
            ids=np.asarray([f"eicu-{number}" for number in numbers[rows].tolist()]),
            patients=people[rows],
            start=start[rows],
            end=start[rows] + length[rows],
            onset=np.full(len(rows), np.inf),
            constants={"age": age},
            groups=groups,
        )
        return _Table(numbers[rows], stays)

    def _hospitals(self, asked: NDArray[np.int64]) -> dict[str, NDArray[np.str_]]:
        read = whole(
            find(self.path, "hospital", _WHAT),
            {
                "hospitalid": "integer",
                "numbedscategory": "text",
                "teachingstatus": "text",
                "region": "text",
            },
        )
        known = integers(read["hospitalid"])
        order = np.argsort(known)
        place = order[np.minimum(np.searchsorted(known[order], asked), len(known) - 1)]
        found = known[place] == asked
        teaching = np.char.lower(texts(read["teachingstatus"]))
        columns = {
            "region": texts(read["region"]),
            "teaching": np.select(
                [np.isin(teaching, ["t", "true"]), np.isin(teaching, ["f", "false"])],
                ["yes", "no"],
                "",
            ),
            "beds": texts(read["numbedscategory"]),
        }
        joined = {name: np.where(found, column[place], "") for name, column in columns.items()}
        return {"hospital": asked.astype(np.str_), **joined}


def _hours(clock: NDArray[np.str_]) -> Floats:
    """Return ``HH:MM:SS`` as hours; NaN where it is something else."""
    out = np.full(len(clock), np.nan)
    for row, text in enumerate(clock.tolist()):
        parts = text.split(":")
        if len(parts) == 3 and all(part.isdecimal() for part in parts):
            out[row] = int(parts[0]) + int(parts[1]) / 60 + int(parts[2]) / 3600
    return out


def _ages(given: NDArray[np.str_]) -> Floats:
    return np.asarray(
        [_OLD if text.startswith(">") else float(text) if text.isdecimal() else np.nan
         for text in given.tolist()]
    )  # fmt: skip


def _results(root: str, table: _Table) -> Iterator[Results]:
    """Yield the results of the stays asked for, a batch of the table at a time."""
    import pyarrow as pa
    import pyarrow.compute as pc

    names = pa.array(list(_NAMES))
    places = np.asarray([LABS.index(item) for item in _NAMES.values()])
    stays = pa.array(table.numbers)
    columns = {
        "patientunitstayid": "integer",
        "labresultoffset": "number",
        "labname": "text",
        "labresult": "number",
        "labresultrevisedoffset": "number",
    }
    for batch in batches(find(root, "lab", _WHAT), columns):
        mask: Any = pc.and_(
            pc.is_in(batch["labname"], names), pc.is_in(batch["patientunitstayid"], stays)
        )
        rows = {name: column.filter(mask) for name, column in batch.items()}
        stay = np.searchsorted(table.numbers, integers(rows["patientunitstayid"]))
        start = table.stays.start[stay]
        yield Results(
            stay,
            start + floats(rows["labresultoffset"]) / 60,
            start + floats(rows["labresultrevisedoffset"]) / 60,
            places[integers(pc.index_in(rows["labname"], names))],
            above_zero(rows["labresult"]),
        )
