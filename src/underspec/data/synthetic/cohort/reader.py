"""The reader of the synthetic cohort."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.core.streams import stream
from underspec.data._protocol import Reader
from underspec.data.records.cohort import age_band
from underspec.data.records.kdigo import staged
from underspec.data.records.windows import Events, Stays, Windows
from underspec.data.synthetic.cohort.items import CHARTED, ITEMS
from underspec.data.synthetic.cohort.measurement import charted, draws, errors
from underspec.data.synthetic.cohort.physiology import bodies

__all__ = ["SyntheticCohort"]

_PARTS = ("train", "holdout")
_AT_ONCE = 1000


@dataclass(frozen=True)
class SyntheticCohort(Reader):
    """Records of synthetic inpatients, made by us; the label is acute kidney injury within 48 hours.

    Examples are made by `records.windows.Windows` as from a hospital's tables: one every six hours,
    16 steps of three hours, with injury by KDIGO from the creatinine that was measured. Groups:
    ``time_of_day``, ``age_band``, ``sex``. No patient is in both parts.

    Attributes:
        part: ``train`` or ``holdout``.
        dial: 1: blood is drawn by habit, in the morning and when doctors worry. 0: at any hour,
            whatever the patient's state. In between, each draw is by habit with this chance.
        patients: how many; fewer are the first of more.
        seed: of everything drawn.
        later: hours by which the ward's day is shifted: its round, its checks and its night. The same
            patients in a ward with other hours; without habits it changes nothing.
    """

    part: Literal["train", "holdout"] = "train"
    dial: float = 1.0
    patients: int = 2000
    seed: int = 0
    later: int = 0

    def __post_init__(self) -> None:
        if self.part not in _PARTS:
            raise UsageError(one_of("part", self.part, _PARTS))
        if isinstance(self.dial, bool) or not 0 <= self.dial <= 1:
            raise UsageError(
                f"The dial goes from 0 to 1, got {self.dial}. Write dial: 1 for the ward's habits, dial: 0 for "
                "draws at random."
            )
        for name, low, high in (("patients", 20, 10**6), ("seed", 0, 2**63 - 1), ("later", 0, 23)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
                raise UsageError(f"{name} must be an integer from {low} to {high}, got {value!r}.")

    @property
    def notice(self) -> str:
        """Says that the patients are synthetic."""
        return (
            "Synthetic: the inpatient cohort of underspec, simulated physiology and habits of measurement; no "
            "patients."
        )

    def __call__(self) -> Data:
        """Simulate the part."""
        made = [self._some(first) for first in range(0, self.patients, _AT_ONCE)]
        starts = np.cumsum([0, *(len(stays.ids) for _, stays in made)])
        events = Events(
            np.concatenate(
                [one.stays + start for (one, _), start in zip(made, starts, strict=False)]
            ),
            np.concatenate([one.hours for one, _ in made]),
            np.concatenate([one.items for one, _ in made]),
            np.concatenate([one.values for one, _ in made]),
        )
        return Windows()(events, _joined([stays for _, stays in made]), ITEMS)

    def _some(self, first: int) -> tuple[Events, Stays]:
        """Return events and stays of up to `_AT_ONCE` patients."""
        count = range(first, min(first + _AT_ONCE, self.patients))
        names = [f"cohort-{self.part}-{number:05d}-s{self.seed}" for number in count]
        root = stream(self.seed, "data", "cohort", self.part)
        of = bodies(root, names)
        drawn = draws(root, names, of, self.dial, self.later)
        values = errors(root, names, of.values)
        measured, nurses = drawn.measured, charted(root, names, of)
        for item in CHARTED:
            measured[:, :, ITEMS.index(item)] = nurses
        stay, hour, kind = np.nonzero(measured)
        when = hour + drawn.minute[stay, hour]
        # Known when it is measured: a laboratory's delay would shift all alike.
        events = Events(stay, when, kind, values[stay, hour, kind])
        injury = events.items == ITEMS.index("creatinine")
        found = staged(when[injury], events.values[injury], stay[injury])
        onset = found.onset(np.arange(len(names)))
        sex = np.where(of.male, "male", "female")
        groups = {"age_band": age_band(of.age), "sex": sex}
        ids = np.asarray(names)
        return events, Stays(ids, ids, of.start, of.end, onset, {"age": of.age}, groups)


def _joined(parts: Sequence[Stays]) -> Stays:
    one = parts[0]
    return Stays(
        ids=np.concatenate([part.ids for part in parts]),
        patients=np.concatenate([part.patients for part in parts]),
        start=np.concatenate([part.start for part in parts]),
        end=np.concatenate([part.end for part in parts]),
        onset=np.concatenate([part.onset for part in parts]),
        constants={k: np.concatenate([part.constants[k] for part in parts]) for k in one.constants},
        groups={k: np.concatenate([part.groups[k] for part in parts]) for k in one.groups},
    )
