"""Numbers as readers see them: points, intervals with open ends, durations."""

import math
from dataclasses import dataclass
from typing import Protocol

from underspec.core.metric_words import is_share, spoken

__all__ = [
    "Ended",
    "Estimate",
    "Units",
    "chance",
    "duration",
    "estimate",
    "finite",
    "number",
    "times",
]


class Ended(Protocol):
    """An estimate with the ends of its interval: `Interval`, `Gap`, `Ratio`."""

    @property
    def value(self) -> float | None:
        """The estimate."""
        ...

    @property
    def low(self) -> float | None:
        """Lower end."""
        ...

    @property
    def high(self) -> float | None:
        """Upper end."""
        ...


@dataclass(frozen=True)
class Estimate:
    """What is printed for an estimate: the number, or words for it, and its interval."""

    main: str
    ends: str

    def __str__(self) -> str:
        return f"{self.main} ({self.ends})" if self.ends else self.main


@dataclass(frozen=True)
class Units:
    """How the numbers of one metric are written."""

    metric: str

    @property
    def share(self) -> bool:
        """Whether the metric is a share of examples."""
        return is_share(self.metric)

    @property
    def name(self) -> str:
        """The metric in words."""
        return spoken(self.metric)

    @property
    def heading(self) -> str:
        """The metric in words, to stand over a column."""
        return self.name[:1].upper() + self.name[1:]

    @property
    def unit(self) -> str:
        """What differences are in, to stand after ``in``."""
        return self.points.strip() or f"units of {self.name}"

    @property
    def points(self) -> str:
        """The unit of a difference, to stand after a number: empty for a metric's own units."""
        return " points" if self.share else ""

    def level(self, value: float | None) -> str:
        """Return a value of the metric, such as ``94.1 %``."""
        if not self.share:
            return number(value, 3)
        return number(value, 1, 100) + (" %" if finite(value) is not None else "")

    def bare(self, value: float | None, like: float | None = None) -> str:
        """Return a difference without its unit, to the decimals that suit `like`."""
        scale = 100 if self.share else 1
        rule = finite(value if like is None else like) or 0.0
        fine = abs(rule * scale) < (0.995 if self.share else 0.0995)
        return number(value, (2 if fine else 1) + (0 if self.share else 2), scale)

    def difference(self, value: float | None) -> str:
        """Return a difference with its unit, such as ``1.3 points``."""
        return self.bare(value) + (self.points if finite(value) is not None else "")

    def differences(self, ended: Ended) -> Estimate:
        """Return an estimated difference with its interval, without units."""
        like = next((v for v in (ended.value, ended.high, ended.low) if finite(v) is not None), 0.0)
        return estimate(ended, lambda value: self.bare(value, like))

    def levels(self, ended: Ended) -> Estimate:
        """Return an estimated level with its interval."""
        found = estimate(ended, lambda value: self.level(value).removesuffix(" %"))
        unit = " %" if self.share else ""
        known = finite(ended.value) is not None
        return Estimate(found.main + unit * known, found.ends + unit * bool(found.ends))


class _Show(Protocol):
    def __call__(self, value: float | None, /) -> str: ...


def estimate(ended: Ended, show: _Show) -> Estimate:
    """Return an estimate as text; what is not resolved or open is said in words."""
    value, low, high = finite(ended.value), finite(ended.low), finite(ended.high)
    ends = ""
    if low is not None and high is not None:
        ends = f"{show(low)} to {show(high)}"
    elif low is not None:
        ends = f"at least {show(low)}"
    elif high is not None:
        ends = f"at most {show(high)}"
    if value is not None:
        return Estimate(show(value), ends)
    # A lower end of nothing says nothing.
    return Estimate("not resolved" if not ends or (high is None and low == 0) else ends, "")


def times(ended: Ended) -> Estimate:
    """Return a ratio as text, such as ``8.3×``."""
    like = next((v for v in (ended.value, ended.high, ended.low) if finite(v) is not None), None)
    decimals = 0 if abs(like or 0.0) >= 9.95 else 1
    return estimate(ended, lambda value: number(value, decimals) + "×")


def number(value: float | None, decimals: int, scale: float = 1) -> str:
    """Return a number with a true minus sign; ``not resolved`` where there is none."""
    known = finite(value)
    if known is None:
        return "not resolved"
    text = f"{known * scale:.{decimals}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def finite(value: float | None) -> float | None:
    """Return a number, or None where it is missing, infinite or not a number."""
    return value if value is not None and math.isfinite(value) else None


def chance(p: float | None) -> str:
    """Return a p-value as text."""
    known = finite(p)
    if known is None:
        return "not resolved"
    return "< 0.001" if known < 0.001 else f"{known:.2g}"


def duration(seconds: float) -> str:
    """Return seconds in the two units that suit them, such as ``3 h 20 min``."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    for unit, size, part, fine in (("min", 60, "s", 1), ("h", 3600, "min", 60)):
        if whole < size * (60 if unit == "min" else 48):
            rest = whole % size // fine if whole < 600 or unit == "h" else 0
            return f"{whole // size} {unit}" + (f" {rest} {part}" if rest else "")
    return f"{whole / 86400:.1f} days"
