"""The same patient at another hour: does the answer hang on the clock?"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from underspec.core.errors import UsageError
from underspec.core.records import Data, Floats, Kind, Probe
from underspec.core.streams import Stream
from underspec.stress._protocol import Stress
from underspec.stress.images.pictures import check_examples, chosen
from underspec.stress.pairing import contrast
from underspec.stress.tabular.columns import numbers, replaced

__all__ = ["TimeShift"]

_DAY = 24.0


@dataclass(frozen=True)
class TimeShift(Stress):
    """Moves the clock of each example by some hours, at every step of records, and nothing else.

    Attributes:
        columns: where the time of day stands: ``{hour: <column>}`` of hours from 0 to 24, or
            ``{sin: <column>, cos: <column>}`` of its sine and cosine, a day being a full turn.
        hours: how far it moves, each a probe such as ``time_shift-6``; more than 0 and less than 24.
        examples: use so many examples; all where None.
    """

    kind: ClassVar[Kind] = "contrastive"
    modality: ClassVar[str] = "tables and records"
    source: ClassVar[str] = "ours"
    columns: Mapping[str, str]
    hours: tuple[float, ...] = (6, 12)
    examples: int | None = None

    def __post_init__(self) -> None:
        given: Any = self.columns
        keys = set(given) if isinstance(given, Mapping) else set()
        if keys not in ({"hour"}, {"sin", "cos"}) or len(set(given.values())) != len(keys):
            raise UsageError(
                f"'columns' of 'time_shift' say where the time of day stands: {{hour: <column>}} or "
                f"{{sin: <column>, cos: <column>}}; got {given!r}."
            )
        wanted: Any = self.hours
        hours = wanted if isinstance(wanted, list | tuple) else (wanted,)
        fine = all(isinstance(h, int | float) and not isinstance(h, bool) for h in hours)
        if (
            not fine
            or not hours
            or not all(0 < h < _DAY for h in hours)
            or len(set(hours)) != len(hours)
        ):
            raise UsageError(
                f"'hours' of 'time_shift' lie between 0 and 24, each once: hours: [6, 12]; got {wanted!r}."
            )
        object.__setattr__(self, "hours", tuple(hours))
        check_examples(self.examples)

    def __call__(self, data: Data, key: Stream, /) -> Iterator[Probe]:
        """Yield a probe for each number of hours.

        Raises:
            UsageError: a column is missing, or holds no time of day.
        """
        source = chosen(data, self.examples, key)
        told = {name: numbers(source, self.columns[name], "time_shift") for name in self.columns}
        for name, values in told.items():
            low, high = (0.0, _DAY) if name == "hour" else (-1.001, 1.001)
            wrong = values[~np.isnan(values) & ~((low <= values) & (values <= high))]
            if len(wrong):
                raise UsageError(
                    f"The column '{self.columns[name]}' holds {wrong[0]:g}, which is no "
                    f"{'hour of a day' if name == 'hour' else 'sine or cosine'}: 'time_shift' wants the time of "
                    "day before it is scaled."
                )
        for hours in self.hours:
            moved = {self.columns[name]: values for name, values in _moved(told, hours).items()}
            yield contrast(
                source,
                replaced(source, moved, "time_shift"),
                name=f"time_shift-{hours:g}",
                family="time_shift",
                severity=float(hours),
                title=f"clock moved by {hours:g} h",
            )


def _moved(told: Mapping[str, Floats], hours: float) -> dict[str, Floats]:
    if "hour" in told:
        return {"hour": (told["hour"] + hours) % _DAY}
    sine, cosine = np.sin(2 * np.pi * hours / _DAY), np.cos(2 * np.pi * hours / _DAY)
    return {
        "sin": told["sin"] * cosine + told["cos"] * sine,
        "cos": told["cos"] * cosine - told["sin"] * sine,
    }
