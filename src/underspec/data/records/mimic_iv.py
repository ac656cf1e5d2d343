"""MIMIC-IV as published: acute kidney injury from the laboratory table."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
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
from underspec.data.records.tables import (
    above_zero,
    batches,
    find,
    floats,
    instants,
    integers,
    texts,
    whole,
)
from underspec.data.records.windows import Stays, Windows
from underspec.data.remembered import remembered

__all__ = ["MimicIV"]

_WHAT = "the folder of MIMIC-IV that holds 'hosp' and 'icu'"
_STAYS = ("icu", "hospital")
_ITEMS = MappingProxyType(
    {
        "creatinine": (50912, "Creatinine"),
        "urea": (51006, "Urea Nitrogen"),
        "potassium": (50971, "Potassium"),
        "bicarbonate": (50882, "Bicarbonate"),
        "sodium": (50983, "Sodium"),
        "chloride": (50902, "Chloride"),
        "glucose": (50931, "Glucose"),
        "calcium": (50893, "Calcium, Total"),
        "haemoglobin": (51222, "Hemoglobin"),
        "platelets": (51265, "Platelet Count"),
        "white_cells": (51301, "White Blood Cells"),
        "lactate": (50813, "Lactate"),
        "bilirubin": (50885, "Bilirubin, Total"),
        "crp": (50889, "C-Reactive Protein"),
    }
)
"""Item to its ``itemid`` and the label that ``d_labitems`` gives it."""


class _Table(NamedTuple):
    subject: NDArray[np.int64]
    midnight: Floats
    stays: Stays


@dataclass(frozen=True)
class MimicIV(Reader):
    """Records of MIMIC-IV: does acute kidney injury begin within the horizon?

    Reads ``hosp/{patients,labevents,d_labitems}.csv.gz`` and ``icu/icustays.csv.gz`` (or
    ``hosp/admissions.csv.gz``), packed or not, as released on PhysioNet. ``labevents`` is read in
    batches and cut to the items and patients asked for. Inputs are float32 [examples, steps,
    columns], 14 laboratory items, clock and age, as `records.windows.Windows` makes them; a result is
    known at its ``storetime``, and the label is by KDIGO from creatinine at its ``charttime``. Units
    are those of MIMIC-IV (creatinine mg/dL). What nurses chart is not read.

    Dates are shifted patient by patient: times are only ever compared within a patient, and the hour
    of the day is kept. Groups: ``era`` (the patient's ``anchor_year_group``, the only sign of real
    time), ``sex``, ``age_band`` (age in the anchor year), ``unit`` (first care unit, or kind of
    admission) and ``time_of_day``. A patient is one cluster, and in one part only.

    Attributes:
        path: folder that holds ``hosp`` and ``icu``.
        part: ``all``, ``train`` or ``holdout``, by a hash of the patient.
        share: of patients in the holdout.
        stays: ``icu`` for intensive care stays, ``hospital`` for admissions.
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
    stays: Literal["icu", "hospital"] = "icu"
    patients: int | None = None
    every: float = 6.0
    history: float = 48.0
    step: float = 3.0
    horizon: float = 48.0
    after: float = 24.0
    highest: float | None = 4.0

    def __post_init__(self) -> None:
        by_hash.check(self.part, self.share)
        if self.stays not in _STAYS:
            raise UsageError(one_of("kind of stays", self.stays, _STAYS))
        self._windows()

    @property
    def notice(self) -> str:
        """Attribution of the data, which nobody may pass on."""
        return (
            "MIMIC-IV (A. Johnson et al., Scientific Data 10, 2023), PhysioNet Credentialed Health Data "
            "License: not to be shared; the reports hold no rows of it."
        )

    def __call__(self) -> Data:
        """Read the part.

        Raises:
            UsageError: a file or column is missing, an item has another label than expected, or
                nobody is left.
        """
        root = Path(self.path).expanduser()
        if not (root / "hosp").is_dir():
            raise UsageError(f"'{self.path}' holds no folder 'hosp'. Give {_WHAT}.")
        tables = [find(str(root / "hosp"), name, _WHAT) for name in ("labevents", "patients")]
        folder, name = ("icu", "icustays") if self.stays == "icu" else ("hosp", "admissions")
        return remembered(self, *tables, find(str(root / folder), name, _WHAT))

    def read(self) -> Data:
        """Read the part from the files, whatever was read before."""
        root = Path(self.path).expanduser()
        _check_items(str(root / "hosp"))
        table = self._stays(root)
        results = gathered(_results(str(root / "hosp"), table), table.stays, self.horizon)
        return examples(results, table.stays, self._windows(), LABS, highest=self.highest)

    def _windows(self) -> Windows:
        return Windows(self.every, self.history, self.step, self.horizon, self.after)

    def _stays(self, root: Path) -> _Table:
        people = whole(
            find(str(root / "hosp"), "patients", _WHAT),
            {
                "subject_id": "integer",
                "gender": "text",
                "anchor_age": "number",
                "anchor_year_group": "text",
            },
        )
        if self.stays == "icu":
            names = ("stay_id", "intime", "outtime", "first_careunit")
            path = find(str(root / "icu"), "icustays", _WHAT)
        else:
            names = ("hadm_id", "admittime", "dischtime", "admission_type")
            path = find(str(root / "hosp"), "admissions", _WHAT)
        kinds = ("integer", "instant", "instant", "text")
        read = whole(path, {"subject_id": "integer", **dict(zip(names, kinds, strict=True))})
        subject, came, left = integers(read["subject_id"]), *(instants(read[n]) for n in names[1:3])
        known = integers(people["subject_id"])
        order = np.argsort(known)
        place = order[np.minimum(np.searchsorted(known[order], subject), len(known) - 1)]
        fine = (known[place] == subject) & (left > came)
        rows = np.flatnonzero(fine)
        patients = subject[rows].astype(np.str_)
        rows = rows[selected(patients, "mimic_iv", self.part, self.share, self.patients)]
        # By patient, as `_results` looks for them.
        rows = rows[np.lexsort((came[rows], subject[rows]))]
        if not len(rows):
            raise UsageError(f"'{self.path}' has no {self.stays} stay of part '{self.part}'.")
        person, midnight = place[rows], np.floor(came[rows] / 86400) * 86400
        age = floats(people["anchor_age"])[person]
        groups = {
            "era": texts(people["anchor_year_group"])[person],
            "sex": _sex(texts(people["gender"])[person]),
            "age_band": age_band(age),
            "unit": texts(read[names[3]])[rows],
        }
        stays = Stays(
            ids=np.asarray(
                [f"mimic-{number}" for number in integers(read[names[0]])[rows].tolist()]
            ),
            patients=subject[rows].astype(np.str_),
            start=(came[rows] - midnight) / 3600,
            end=(left[rows] - midnight) / 3600,
            onset=np.full(len(rows), np.inf),
            constants={"age": age},
            groups=groups,
        )
        return _Table(subject[rows], midnight, stays)


def _sex(codes: NDArray[np.str_]) -> NDArray[np.str_]:
    return np.select([codes == "F", codes == "M"], ["female", "male"], "")


def _check_items(root: str) -> None:
    path = find(root, "d_labitems", _WHAT)
    read = whole(path, {"itemid": "integer", "label": "text"})
    labels = dict(
        zip(integers(read["itemid"]).tolist(), texts(read["label"]).tolist(), strict=True)
    )
    for item, (number, label) in _ITEMS.items():
        if labels.get(number, "").casefold() != label.casefold():
            raise UsageError(
                f"'{path}' calls item {number} '{labels.get(number, 'nothing')}', not '{label}', which is read as "
                f"{item}. This reader knows MIMIC-IV 2.0 to 3.1."
            )


def _results(root: str, table: _Table) -> Iterator[Results]:
    """Yield the results of the patients asked for, a batch of the table at a time."""
    import pyarrow as pa
    import pyarrow.compute as pc

    numbers = np.asarray([number for number, _ in _ITEMS.values()])
    order = np.argsort(numbers)
    wanted, subjects = pa.array(numbers), pa.array(np.unique(table.subject))
    columns = {
        "subject_id": "integer",
        "itemid": "integer",
        "charttime": "instant",
        "storetime": "instant",
        "valuenum": "number",
    }
    for batch in batches(find(root, "labevents", _WHAT), columns):
        mask: Any = pc.and_(
            pc.is_in(batch["itemid"], wanted), pc.is_in(batch["subject_id"], subjects)
        )
        rows = {name: column.filter(mask) for name, column in batch.items()}
        subject = integers(rows["subject_id"])
        # A result belongs to all stays of its patient that it is near to.
        first = np.searchsorted(table.subject, subject, side="left")
        count = np.searchsorted(table.subject, subject, side="right") - first
        at = np.repeat(np.arange(len(subject)), count)
        within = np.arange(len(at)) - np.repeat(np.cumsum(count) - count, count)
        stay = first[at] + within
        drawn, known = (instants(rows[name])[at] for name in ("charttime", "storetime"))
        item = order[np.searchsorted(numbers[order], integers(rows["itemid"]))]
        yield Results(
            stay,
            (drawn - table.midnight[stay]) / 3600,
            (known - table.midnight[stay]) / 3600,
            item[at],
            above_zero(rows["valuenum"])[at],
        )
