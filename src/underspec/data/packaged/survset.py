"""Two survival sets out of SurvSet, as binary outcomes: hospital inpatients, dialysis patients."""

from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Booleans, Data, Floats
from underspec.data._protocol import Reader
from underspec.data.packaged import cache
from underspec.data.packaged.rows import (
    Fill,
    Part,
    assembled,
    band,
    check,
    codes,
    numbers,
    one_hot,
    texts,
)
from underspec.data.packaged.sets import SETS

__all__ = ["SurvSet"]

_NAMES = ("support2", "dialysis")
_WITHIN = {"support2": 180.0, "dialysis": 12.0}
_DISEASES = {
    "support2": ("ARF/MOSF", "COPD/CHF/Cirrhosis", "Cancer", "Coma"),
    "dialysis": ("congen", "diabetes", "hypert", "other", "renal"),
}
_LAST_MONTH = 44  # of the dialysis study, August 2000
_MEASURED = (
    "age", "num_co", "edu", "scoma", "hday", "meanbp", "wblc", "hrt", "resp", "temp", "pafi", "alb",
    "bili", "crea", "sod", "ph", "glucose", "bun", "urine", "adlp", "adls",
)  # fmt: skip


class _Set(NamedTuple):
    columns: dict[str, Floats]
    groups: dict[str, NDArray[np.str_]]
    dead: Booleans
    known: Booleans


@dataclass(frozen=True)
class SurvSet(Reader):
    """Patients of ``support2`` or ``dialysis``: do they die within a time?

    ``support2``: 9,105 seriously ill inpatients of the SUPPORT study, measured on its third day;
    dead within 180 days, which is known of all. Inputs are age, sex, comorbidity, vital signs and
    blood and urine values (creatinine, urea nitrogen and urine output among them). Not among them:
    survival chances and physiology score of another model (``surv2m``, ``surv6m``, ``sps``), what
    came to be known later (``dnr``, ``sfdm2``), the disease (``dzgroup``, ``dzclass``), race and
    income. Groups: ``disease_class``, ``disease``, ``creatinine`` (bands in mg/dL), ``age_band``,
    ``sex``, ``race``, ``income``. The five hospitals are not in the data.

    ``dialysis``: haemodialysis patients of 67 centres in Rio de Janeiro State, 1998 to August 2000;
    dead within 12 months, of those who began early enough to be followed so long. Who was lost or
    left before is left out, so that the share who die is that of the people followed, which is
    higher than among all. Inputs are age and cause of the kidney failure. Groups: ``center``,
    ``center_size`` (of all patients in the data), ``disease``, ``age_band``.

    Inputs are float64 [patients, columns].

    Attributes:
        name: which set.
        part: ``all``, ``train`` or ``holdout``, by a hash of the patient.
        share: of patients in the holdout.
        within: the time: days for ``support2``, months for ``dialysis``; 180 and 12 where None.
        fill: ``none`` leaves NaN where a value is missing; ``median`` puts the training part's median
            there, over all diseases.
        diseases: which disease classes (``support2``) or causes (``dialysis``); all where empty.
    """

    name: Literal["support2", "dialysis"] = "support2"
    part: Part = "all"
    share: float = 0.3
    within: float | None = None
    fill: Fill = "none"
    diseases: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.name not in _NAMES:
            raise UsageError(one_of("set of survset", self.name, _NAMES))
        check(self.part, self.share, self.fill)
        if self.within is not None and not self.within > 0:
            raise UsageError(f"within must be a time above 0, got {self.within}.")
        asked: Any = self.diseases
        given = (asked,) if isinstance(asked, str) else tuple(asked)
        for disease in given:
            if disease not in _DISEASES[self.name]:
                raise UsageError(one_of("disease", disease, _DISEASES[self.name]))
        object.__setattr__(self, "diseases", given)

    @property
    def notice(self) -> str:
        """Attribution of the set."""
        study = {
            "support2": "SUPPORT2 (W. A. Knaus et al., The SUPPORT prognostic model, Annals of Internal "
            "Medicine 122, 1995), public data of Vanderbilt University's Department of Biostatistics",
            "dialysis": "Dialysis (M. Sa Carvalho, R. Henderson, S. Shimakura, I. P. S. C. Sousa, "
            "International Journal for Quality in Health Care 15, 2003), from the R package "
            "RcmdrPlugin.survival (GPL)",
        }[self.name]
        return f"{study}. {SETS['survset'].notice}"

    def __call__(self) -> Data:
        """Read the set.

        Raises:
            UsageError: it has not been fetched, or nobody was followed so long.
        """
        table = cache.table("survset", f"{self.name}.parquet")
        within = _WITHIN[self.name] if self.within is None else float(self.within)
        made = (_support2 if self.name == "support2" else _dialysis)(table, within)
        ids = np.asarray([f"{self.name}-{pid:05d}" for pid in table["pid"].to_pylist()])
        known = made.known
        if not known.any():
            raise UsageError(f"Nobody in '{self.name}' was followed for {within:g}.")
        disease = made.groups["disease_class" if self.name == "support2" else "disease"][known]
        return assembled(
            {name: column[known] for name, column in made.columns.items()},
            made.dead[known],
            ids[known],
            {name: column[known] for name, column in made.groups.items()},
            ("survived", "died"),
            key=f"survset-{self.name}",
            part=self.part,
            share=self.share,
            fill=self.fill,
            keep=np.isin(disease, self.diseases or _DISEASES[self.name]),
        )


def _outcome(table: Any, within: float) -> tuple[Booleans, Booleans]:
    time, event = numbers(table["time"]), numbers(table["event"])
    dead = (event == 1) & (time <= within)
    return dead, dead | (time >= within)


def _support2(table: Any, within: float) -> _Set:
    columns = {name: numbers(table[f"num_{name}"]) for name in _MEASURED}
    columns["male"] = codes(table["fac_sex"], {"female": 0.0, "male": 1.0})
    for name in ("diabetes", "dementia"):
        columns[name] = codes(table[f"fac_{name}"], {"0": 0.0, "1": 1.0})
    columns["cancer"] = codes(table["fac_ca"], {"no": 0.0, "yes": 1.0, "metastatic": 2.0})
    dead, known = _outcome(table, within)
    groups = {
        "disease_class": texts(table["fac_dzclass"]),
        "disease": texts(table["fac_dzgroup"]),
        "creatinine": band(columns["crea"], (1.2, 2.0, 3.5)),
        "age_band": band(columns["age"], (45, 65, 75)),
        "sex": texts(table["fac_sex"]),
        "race": texts(table["fac_race"]),
        "income": texts(table["fac_income"]),
    }
    return _Set(columns, groups, dead, known)


def _dialysis(table: Any, within: float) -> _Set:
    age, begin = numbers(table["num_age"]), numbers(table["num_begin"])
    center = texts(table["fac_center"])
    names, sizes = np.unique(center, return_counts=True)
    size = sizes[np.searchsorted(names, center)].astype(np.float64)
    dead, known = _outcome(table, within)
    groups = {
        "center": center,
        "center_size": band(size, (50, 100, 150)),
        "disease": texts(table["fac_disease"]),
        "age_band": band(age, (45, 65, 75)),
    }
    columns = {"age": age, **one_hot(table["fac_disease"], "disease")}
    # Of late beginners only the dead would be known, as if all of them died.
    early = begin + within <= _LAST_MONTH + 1
    return _Set(columns, groups, dead, known & early)
