"""The three Parquet files of YAIB (Yet Another ICU Benchmark)."""

from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from underspec.core.errors import UsageError, one_of
from underspec.core.records import Data, Floats
from underspec.data import by_hash
from underspec.data._protocol import Reader
from underspec.data.by_hash import Part
from underspec.data.records.cohort import Results, age_band, examples, gathered, selected
from underspec.data.records.tables import floats, texts
from underspec.data.records.windows import Events, Stays, Windows

__all__ = ["Yaib"]

_WHAT = "the folder of a YAIB task that holds dyn.parquet, outc.parquet and sta.parquet"
_LABELS = ("own", "kdigo")
_OWN = 6.0  # hours that YAIB's label of kidney injury looks ahead
_NAMES = MappingProxyType(
    {
        "crea": "creatinine",
        "bun": "urea",
        "k": "potassium",
        "bicar": "bicarbonate",
        "na": "sodium",
        "cl": "chloride",
        "glu": "glucose",
        "ca": "calcium",
        "hgb": "haemoglobin",
        "plt": "platelets",
        "wbc": "white_cells",
        "lact": "lactate",
        "bili": "bilirubin",
        "crp": "crp",
        "map": "blood_pressure",
        "hr": "heart_rate",
        "urine": "urine_output",
    }
)
"""Column of ``dyn.parquet`` to item; other columns are not read."""


@dataclass(frozen=True)
class Yaib(Reader):
    """A cohort that YAIB-cohorts wrote, of any of its sources: does acute kidney injury begin?

    Reads ``dyn.parquet`` (``stay_id``, ``time``, a column an item), ``sta.parquet`` (``stay_id``,
    ``age``, ``sex``) and, for its own label, ``outc.parquet`` (``stay_id``, ``time``, ``label``).
    Times are hours since admission, as numbers or durations. Inputs are float32 [examples, steps,
    columns], 17 items and age, as `records.windows.Windows` makes them; there is no clock. Groups:
    ``sex``, ``age_band``. These files name no patients: a stay is one cluster.

    Attributes:
        path: folder of the three files, such as ``aki/eicu``.
        part: ``all``, ``train`` or ``holdout``, by a hash of the stay.
        share: of stays in the holdout.
        label: ``own`` for the label of ``outc.parquet``, true from 6 hours before the onset, so that
            it looks 6 hours ahead; ``kdigo`` for ours from ``crea``.
        patients: so many stays of the part, those of lowest hash; all where None.
        every: hours between prediction times.
        history: hours that an example sees.
        step: hours of a step.
        horizon: hours that the label ``kdigo`` looks ahead.
        after: hours from the start of a stay to its first prediction time.
        highest: for ``kdigo``: stays whose lowest early creatinine is above this are left out.
    """

    path: str
    part: Part = "all"
    share: float = 0.3
    label: Literal["own", "kdigo"] = "own"
    patients: int | None = None
    every: float = 6.0
    history: float = 48.0
    step: float = 3.0
    horizon: float = 48.0
    after: float = 24.0
    highest: float | None = 4.0

    def __post_init__(self) -> None:
        by_hash.check(self.part, self.share)
        if self.label not in _LABELS:
            raise UsageError(one_of("label", self.label, _LABELS))
        self._windows()

    @property
    def notice(self) -> str:
        """Attribution; the source has a licence of its own."""
        return (
            "Cohort files of YAIB (R. van de Water et al., ICLR 2024) made from a source with a licence of its "
            "own; the reports hold no rows of it."
        )

    def __call__(self) -> Data:
        """Read the part.

        Raises:
            UsageError: a file or column is missing, or nobody is left.
        """
        static = _read(self.path, "sta", ("stay_id", "age", "sex"))
        ids = texts(_as_text(static["stay_id"]))
        rows = np.flatnonzero(selected(ids, "yaib", self.part, self.share, self.patients))
        rows = rows[np.argsort(ids[rows], kind="stable")]
        if not len(rows):
            raise UsageError(f"'{self.path}' has no stay of part '{self.part}'.")
        dynamic = _read(self.path, "dyn", ("stay_id", "time", "crea"), tuple(_NAMES))
        stay = _places(ids[rows], texts(_as_text(dynamic["stay_id"])))
        hours = _hours(dynamic["time"])
        mine = (stay >= 0) & np.isfinite(hours)
        end = np.zeros(len(rows))
        np.maximum.at(end, stay[mine], hours[mine])
        age = floats(static["age"])[rows]
        stays = Stays(
            ids=np.asarray([f"yaib-{name}" for name in ids[rows].tolist()]),
            patients=ids[rows],
            start=np.zeros(len(rows)),
            end=end,
            onset=np.full(len(rows), np.inf) if self.label == "kdigo" else self._onset(ids[rows]),
            constants={"age": age},
            groups={"sex": np.char.lower(texts(static["sex"])[rows]), "age_band": age_band(age)},
        )
        items = tuple(item for name, item in _NAMES.items() if name in dynamic)
        results = gathered(_results(dynamic, stay, hours, mine), stays, max(self.horizon, _OWN))
        windows = self._windows(tuple(name for name in ("urine_output",) if name in items))
        if self.label == "kdigo":
            return examples(results, stays, windows, items, highest=self.highest)
        known = Events(
            results.stays.astype(np.intp), results.known, results.items.astype(np.intp),
            results.values.astype(np.float64),
        )  # fmt: skip
        return windows(known, stays, items)

    def _windows(self, sums: tuple[str, ...] = ()) -> Windows:
        own = self.label == "own"
        return Windows(
            self.every,
            self.history,
            self.step,
            _OWN if own else self.horizon,
            self.after,
            clock=False,
            judged_by=None if own else "creatinine",
            sums=sums,
        )

    def _onset(self, ids: NDArray[np.str_]) -> Floats:
        """Return when injury began by YAIB's own label, which is true from 6 hours before."""
        read = _read(self.path, "outc", ("stay_id", "time", "label"))
        import pyarrow as pa

        stay = _places(ids, texts(_as_text(read["stay_id"])))
        true = floats(read["label"].cast(pa.float64())) > 0
        hours = _hours(read["time"])
        rows = (stay >= 0) & true & np.isfinite(hours)
        first = np.full(len(ids), np.inf)
        np.minimum.at(first, stay[rows], hours[rows])
        return first + _OWN


def _read(root: str, name: str, needed: tuple[str, ...], more: tuple[str, ...] = ()) -> Any:
    import pyarrow as pa
    import pyarrow.parquet

    folder = Path(root).expanduser()
    if not folder.is_dir():
        raise UsageError(f"There is no folder '{root}'. Give {_WHAT}.")
    path = folder / f"{name}.parquet"
    if not path.is_file():
        raise UsageError(f"'{root}' lacks {name}.parquet. Give {_WHAT}.")
    try:
        held = pyarrow.parquet.read_schema(path).names
        for column in needed:
            if column not in held:
                raise UsageError(one_of(f"column of '{path}'", column, held, limit=60))
        wanted = list(dict.fromkeys([*needed, *(column for column in more if column in held)]))
        table = pyarrow.parquet.read_table(path, columns=wanted)
    except (pa.ArrowException, OSError) as error:
        raise UsageError(f"'{path}' cannot be read, it may be damaged: {error}") from None
    return {column: table[column] for column in wanted}


def _as_text(column: Any) -> Any:
    import pyarrow as pa

    return (
        column.cast(pa.int64()).cast(pa.string())
        if pa.types.is_floating(column.type)
        else column.cast(pa.string())
    )


def _hours(column: Any) -> Floats:
    import pyarrow as pa

    kind = column.type
    if pa.types.is_time(kind):
        column = column.cast(pa.int32() if pa.types.is_time32(kind) else pa.int64())
    elif pa.types.is_duration(kind):
        column = column.cast(pa.int64())
    else:
        return floats(column)
    return floats(column) / (3600 * {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}[kind.unit])


def _places(known: NDArray[np.str_], asked: NDArray[np.str_]) -> NDArray[np.intp]:
    """Return the place of each among `known`, which is sorted; -1 where it is not there."""
    place = np.minimum(np.searchsorted(known, asked), len(known) - 1)
    return np.where(known[place] == asked, place, -1)


def _results(dynamic: Any, stay: NDArray[np.intp], hours: Floats, mine: NDArray[np.bool_]) -> Any:
    """Yield the results of one item at a time."""
    for item, name in enumerate(name for name in _NAMES if name in dynamic):
        values = floats(dynamic[name])
        rows = mine & np.isfinite(values)
        yield Results(stay[rows], hours[rows], hours[rows], np.full(rows.sum(), item), values[rows])
