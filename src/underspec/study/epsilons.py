"""Which pools a study's own rule would keep at other epsilons."""

import math
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np

from underspec.core.errors import UsageError
from underspec.select._protocol import Evidence, Selection, Selector

__all__ = ["pools"]

_COUNT = 15
# What is searched: this much below and above the study's own epsilon, to this precision.
_FAR, _PRECISE = 1e4, 1.02
_JUST_UNDER = 0.9
# An epsilon for a proportion is below 1.
_MOST = 0.999


def pools(
    selector: Selector, evidence: Evidence, selection: Selection, count: int = _COUNT
) -> tuple[tuple[float, tuple[str, ...]], ...]:
    """Return epsilons with the ids that each keeps, smallest epsilon first.

    They are about evenly spaced on a log scale, from the smallest that keeps two variants to the
    smallest that keeps as many as any does, the study's own epsilon among them; if that lies
    outside, they reach to it.

    Args:
        selector: the study's rule.
        evidence: the deciding half of the holdout.
        selection: what the rule keeps at its own epsilon.
        count: about how many epsilons.

    Returns:
        Nothing where no epsilon moves the pool: for rules that do not go by it, such as `top`, or
        that take no other than they have; and where all variants are equal.
    """
    member: Any = selector
    if not (is_dataclass(member) and any(field.name == "epsilon" for field in fields(member))):
        return ()
    try:
        return _pools(member, evidence, selection, count)
    except UsageError:
        return ()


def _pools(
    member: Any, evidence: Evidence, selection: Selection, count: int
) -> tuple[tuple[float, tuple[str, ...]], ...]:
    own: float = member.epsilon

    def kept(epsilon: float) -> tuple[str, ...]:
        if epsilon == own:
            return selection.kept
        chosen: Selection = replace(member, epsilon=epsilon)(evidence)
        return chosen.kept

    low, high = own / _FAR, own * _FAR
    if evidence.proportion:
        high = max(own, min(high, _MOST))
    most, fewest = len(kept(high)), len(kept(low))
    if most < 2 or most == fewest:
        return ()
    first = _least(lambda e: len(kept(e)) >= max(2, fewest + 1), low, high)
    if fewest >= 2:
        # Equal variants are kept at any epsilon: one that adds nobody is enough.
        first *= _JUST_UNDER
    last = _least(lambda e: len(kept(e)) >= most, low, high)
    return tuple((epsilon, kept(epsilon)) for epsilon in _grid(first, last, own, count))


def _least(enough: Callable[[float], bool], low: float, high: float) -> float:
    """Return about the smallest number that is enough, from one that is not to one that is."""
    while high > low * _PRECISE:
        middle = math.sqrt(low * high)
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _grid(first: float, last: float, own: float, count: int) -> list[float]:
    """Return numbers on a log scale that are easily read, `own` exactly in the place of the nearest."""
    spaced = np.geomspace(min(first, own), max(last, own), count).tolist()
    rounded = [_rounded(value) for value in spaced]
    nearest = min(range(count), key=lambda at: abs(math.log(spaced[at] / own)))
    rounded[nearest] = own
    return sorted(set(rounded))


def _rounded(value: float) -> float:
    """Round up to three digits, so that the last one keeps no fewer."""
    step = 10.0 ** (math.floor(math.log10(value)) - 2)
    return float(f"{math.ceil(value / step - 1e-9) * step:.3g}")
