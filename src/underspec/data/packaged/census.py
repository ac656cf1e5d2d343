"""The employment task on census data of Massachusetts, a year each: a real negative control."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError
from underspec.core.records import Data
from underspec.core.streams import stream
from underspec.data._protocol import Reader
from underspec.data.packaged import cache
from underspec.data.packaged.rows import Part, assembled, band, check, numbers
from underspec.data.packaged.sets import SETS
from underspec.data.remembered import remembered

__all__ = ["Census"]

_YEARS = (2015, 2016, 2017, 2018)
_INPUTS = (
    "AGEP", "SCHL", "MAR", "RELP", "DIS", "ESP", "CIT", "MIG", "MIL", "ANC", "NATIVITY", "DEAR",
    "DEYE", "DREM", "SEX", "RAC1P",
)  # fmt: skip
_RACE = {1: "white", 2: "Black", 6: "Asian"}
_SEX = {1: "male", 2: "female"}


@dataclass(frozen=True)
class Census(Reader):
    """Is a person in work? American Community Survey, Massachusetts, 2015 to 2018.

    Inputs are float64 [people, 16]: age and the survey's codes of schooling, marital status,
    relationship, disability, parents' work, citizenship, moving, service, ancestry, birthplace,
    hearing, sight, thinking, sex and race. Another model's predictions that the file holds are left
    out. Groups: ``year``, ``race``, ``sex``, ``age_band``. Each year asks other households.

    Attributes:
        years: which years.
        part: ``all``, ``train`` or ``holdout``, by a hash of the person.
        share: of people in the holdout.
        examples: so many people, those of lowest hash; all where None.
        min_age: the youngest; children under 16 cannot be in work, and make the task look easier.
    """

    years: tuple[int, ...] = (2015,)
    part: Part = "all"
    share: float = 0.3
    examples: int | None = None
    min_age: int = 17

    def __post_init__(self) -> None:
        asked: Any = self.years
        years = (asked,) if isinstance(asked, int) else tuple(asked)
        if not years or not set(years) <= set(_YEARS) or len(set(years)) < len(years):
            raise UsageError(f"Years are some of {', '.join(map(str, _YEARS))}; got {list(years)}.")
        object.__setattr__(self, "years", years)
        check(self.part, self.share, "none")
        if self.examples is not None and self.examples < 2:
            raise UsageError(f"examples must be a number from 2, or none; got {self.examples}.")

    @property
    def notice(self) -> str:
        """Attribution of the data."""
        return SETS["census"].notice

    def __call__(self) -> Data:
        """Read the years.

        Raises:
            UsageError: they have not been fetched, or a person has no label.
        """
        return remembered(self, *cache.paths("census"))

    def read(self) -> Data:
        """Read the years from the files, whatever was read before."""
        table = _table(self.years)
        columns = {name: numbers(table[name]) for name in _INPUTS}
        adult = columns["AGEP"] >= self.min_age
        columns = {name: column[adult] for name, column in columns.items()}
        year = table["year"].to_numpy()[adult]
        numbered = zip(year.tolist(), table["id"].to_numpy()[adult].tolist(), strict=True)
        made = assembled(
            columns,
            table["employed"].to_numpy()[adult],
            np.asarray([f"acs-{year}-{number:06d}" for year, number in numbered]),
            {
                "year": year.astype(np.str_),
                "race": _named(columns["RAC1P"], _RACE),
                "sex": _named(columns["SEX"], _SEX),
                "age_band": band(columns["AGEP"], (25, 45, 65)),
            },
            ("not employed", "employed"),
            key="census",
            part=self.part,
            share=self.share,
        )
        if self.examples is None or self.examples >= len(made):
            return made
        draws = stream(0, "data", "census", "examples")
        order = np.argsort([draws.example(name).random() for name in made.ids.tolist()])
        return made.take(np.sort(order[: self.examples]))


def _named(codes: NDArray[Any], known: dict[int, str]) -> NDArray[np.str_]:
    return np.asarray([known.get(int(code), "other") for code in codes.tolist()], np.str_)


def _table(years: tuple[int, ...]) -> Any:
    """Return the rows of these years: 2015 holds its labels, those of later years lie beside."""
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = ["id", "year", "employed", *_INPUTS]
    parts = []
    if 2015 in years:
        parts.append(cache.table("census", "reference.pq").select(wanted))
    if set(years) - {2015}:
        later = cache.table("census", "analysis.pq")
        later = later.filter(pc.is_in(later["year"], pa.array(years)))
        joined = later.join(
            cache.table("census", "analysis_target.pq"), "id", join_type="left outer"
        )
        if joined["employed"].null_count:
            raise UsageError(
                f"{joined['employed'].null_count} people of the census have no label. Fetch it again: "
                f"{cache.command('census')}"
            )
        parts.append(joined.select(wanted))
    plain = [pa.table({name: _plain(part[name]) for name in wanted}) for part in parts]
    # A join gives rows in any order.
    return pa.concat_tables(plain).sort_by("id")


def _plain(column: Any) -> Any:
    import pyarrow as pa

    # Codes are dictionaries of their own in each file.
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
