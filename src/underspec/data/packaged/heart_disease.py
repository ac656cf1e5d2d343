"""Heart disease in four hospitals."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
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

__all__ = ["HeartDisease"]

_HOSPITALS = ("Cleveland", "Hungary", "Switzerland", "VA Long Beach")
_FLAG = {"false": 0.0, "true": 1.0}


@dataclass(frozen=True)
class HeartDisease(Reader):
    """Has a patient heart disease (any narrowing of 50 % or more)? 920 patients, four hospitals.

    Inputs are float64 [patients, columns]: age, sex, blood pressure, cholesterol, exercise tests and
    the like. A cholesterol or blood pressure of 0 stands for one not measured. Slope, vessels and
    thallium test are missing in most patients outside Cleveland; which values a hospital measures is
    a mark of the hospital. Groups: ``hospital``, ``sex``, ``age_band``.

    Attributes:
        hospitals: which of Cleveland, Hungary, Switzerland and VA Long Beach; all where empty.
        part: ``all``, ``train`` or ``holdout``, by a hash of the patient.
        share: of patients in the holdout.
        fill: ``none`` leaves NaN where a value is missing; ``median`` puts the training part's median
            there, over all hospitals.
    """

    hospitals: tuple[str, ...] = ()
    part: Part = "all"
    share: float = 0.3
    fill: Fill = "none"

    def __post_init__(self) -> None:
        asked: Any = self.hospitals
        given = (asked,) if isinstance(asked, str) else tuple(asked)
        for name in given:
            if name not in _HOSPITALS:
                raise UsageError(one_of("hospital", name, _HOSPITALS))
        object.__setattr__(self, "hospitals", given)
        check(self.part, self.share, self.fill)

    @property
    def notice(self) -> str:
        """Licence and attribution of the data."""
        return SETS["heart_disease"].notice

    def __call__(self) -> Data:
        """Read the patients.

        Raises:
            UsageError: they have not been fetched.
        """
        table = cache.table("heart_disease", "heart_disease_uci.csv")
        columns = {name: numbers(table[name]) for name in ("age", "thalch", "oldpeak", "ca")}
        for name in ("trestbps", "chol"):
            values = numbers(table[name])
            columns[name] = np.where(values > 0, values, np.nan)
        columns["male"] = codes(table["sex"], {"Female": 0.0, "Male": 1.0})
        for name in ("fbs", "exang"):
            columns[name] = codes(table[name], _FLAG)
        for name in ("cp", "restecg", "slope", "thal"):
            columns |= one_hot(table[name], name)
        hospital = texts(table["dataset"])
        rows = np.isin(hospital, self.hospitals or _HOSPITALS)
        groups = {
            "hospital": hospital,
            "sex": texts(table["sex"]),
            "age_band": band(columns["age"], (45, 55, 65)),
        }
        return assembled(
            columns,
            numbers(table["num"]) > 0,
            np.asarray([f"heart-{number:03d}" for number in table["id"].to_pylist()]),
            groups,
            ("no disease", "disease"),
            key="heart_disease",
            part=self.part,
            share=self.share,
            fill=self.fill,
            keep=rows,
        )
