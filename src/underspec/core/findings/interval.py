"""An estimate with its interval."""

from dataclasses import dataclass

__all__ = ["Interval", "Intervals"]


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends of its interval."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Intervals:
    """What every interval of the file means."""

    level: float
    over: str
    method: str
