"""Thyroid disease, by who sent the patient."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data
from underspec.data._protocol import Reader
from underspec.data.packaged import cache
from underspec.data.packaged.rows import Fill, Part, assembled, band, check, codes, numbers, texts
from underspec.data.packaged.sets import SETS

__all__ = ["Thyroid"]

_SOURCES = ("other", "SVI", "SVHC", "STMW", "SVHD", "WEST")
_FLAGS = (
    "on_thyroxine", "query_on_thyroxine", "on_antithyroid_meds", "sick", "pregnant",
    "thyroid_surgery", "I131_treatment", "query_hypothyroid", "query_hyperthyroid", "lithium",
    "goitre", "tumor", "hypopituitary", "psych",
)  # fmt: skip
_TESTS = ("TSH", "T3", "TT4", "T4U", "FTI", "TBG")
_OLDEST = 110  # the file holds ages up to 65,526


@dataclass(frozen=True)
class Thyroid(Reader):
    """Has a patient any condition that the file names? 9,172 patients, by referral source.

    Inputs are float64 [patients, columns]: age, sex, history, six blood tests, and which of these
    were ordered, a habit of who sends the patient. Impossible ages count as missing. Groups:
    ``referral_source``, ``sex``, ``age_band``.

    Attributes:
        sources: which of ``other``, ``SVI``, ``SVHC``, ``STMW``, ``SVHD`` and ``WEST``; all where empty.
        part: ``all``, ``train`` or ``holdout``, by a hash of the patient.
        share: of patients in the holdout.
        fill: ``none`` leaves NaN where a value is missing; ``median`` puts the training part's median
            there, over all sources.
        measured: whether the columns that say which tests were ordered are inputs.
    """

    sources: tuple[str, ...] = ()
    part: Part = "all"
    share: float = 0.3
    fill: Fill = "none"
    measured: bool = True

    def __post_init__(self) -> None:
        asked: Any = self.sources
        given = (asked,) if isinstance(asked, str) else tuple(asked)
        for name in given:
            if name not in _SOURCES:
                raise UsageError(one_of("referral source", name, _SOURCES))
        object.__setattr__(self, "sources", given)
        check(self.part, self.share, self.fill)

    @property
    def notice(self) -> str:
        """Licence and attribution of the data."""
        return SETS["thyroid"].notice

    def __call__(self) -> Data:
        """Read the patients.

        Raises:
            UsageError: they have not been fetched.
        """
        table = cache.table("thyroid", "thyroid.csv")
        age = numbers(table["age"])
        columns = {"age": np.where(age <= _OLDEST, age, np.nan)}
        columns["male"] = codes(table["sex"], {"F": 0.0, "M": 1.0})
        for name in _FLAGS:
            columns[name] = codes(table[name], {"f": 0.0, "t": 1.0})
        for name in _TESTS:
            columns[name] = numbers(table[name])
            if self.measured:
                columns[f"{name}_measured"] = codes(table[f"{name}_measured"], {"f": 0.0, "t": 1.0})
        source = texts(table["referral_source"])
        rows = np.isin(source, self.sources or _SOURCES)
        groups = {
            "referral_source": source,
            "sex": texts(table["sex"]),
            "age_band": band(columns["age"], (25, 45, 65)),
        }
        return assembled(
            columns,
            texts(table["target"]) != "-",
            np.asarray([f"thyroid-{number}" for number in table["patient_id"].to_pylist()]),
            groups,
            ("no condition", "condition"),
            key="thyroid",
            part=self.part,
            share=self.share,
            fill=self.fill,
            keep=rows,
        )
