"""What a pick gains over a random one, on the half that did not choose."""

from collections.abc import Mapping, Sequence

import numpy as np

from underspec.choose.blend import Blend
from underspec.choose.split import Positions, Split, gradable
from underspec.choose.tally import Tally
from underspec.core.findings import Interval
from underspec.core.records import Floats

__all__ = ["gain", "gain_together", "interval", "lead", "lead_together"]

# Standard errors from the estimate to either end of the intervals given, 95 %.
Z = 1.96

# Below any difference that an example makes; keeps the order of a sum from deciding.
_DIGITS = 12


def gain(split: Split, picked: Positions) -> Floats:
    """Return the worst regret of a random pick less that of a pick, [1 + draws]; estimate first."""
    merit = _graded(split, list(gradable(split)))
    worst = (merit.max(axis=0) - merit).max(axis=1)
    result: Floats = worst.mean(axis=0) - worst[picked].mean(axis=0)
    return result


def gain_together(split: Split, blends: Mapping[str, Blend]) -> Floats:
    """Return the same for an ensemble, by probe, in the worst test as the deciding half has it.

    A mean of scores has less noise of its own than a variant, and the worst of several noisy
    regrets grows with the noise: by `gain` an ensemble would win where nobody is better. Here the
    deciding half says who is best on each probe, and in which each is furthest behind; the
    reporting half only says by how much, so that noise has no part in either. Resamples say anew
    who and where: the interval is a little too wide rather than too narrow.
    """
    s = split.number
    # By name and by id: of equals the first, whatever the order they come in.
    probes = sorted(
        (p for p in gradable(split) if not np.isnan(p.decide[s]).any() and blends[p.name].known),
        key=lambda p: p.name,
    )
    order = np.argsort(np.asarray(split.ids))
    decide, report = (side[order] for side in (_deciding(split, probes), _graded(split, probes)))
    own_decide = np.stack([blends[p.name].deciding() for p in probes])
    own_report = np.stack([blends[p.name].reporting() for p in probes])
    best = np.round(decide, _DIGITS).argmax(axis=0)[None]
    top_decide = np.take_along_axis(decide, best, axis=0)[0]
    top_report = np.take_along_axis(report, best, axis=0)[0]
    behind = np.round(top_decide - decide, _DIGITS).argmax(axis=1)[:, None]
    everyone = np.take_along_axis(top_report - report, behind, axis=1).mean(axis=(0, 1))
    at = np.round(top_decide - own_decide, _DIGITS).argmax(axis=0)[None]
    result: Floats = everyone - np.take_along_axis(top_report - own_report, at, axis=0)[0]
    return result


def lead(split: Split, picked: Positions, family: str) -> Floats:
    """Return the mean merit of a pick less the pool's, on the probes of a family, [1 + draws]."""
    merit = _graded(split, _of(split, family)).mean(axis=1)
    result: Floats = merit[picked].mean(axis=0) - merit.mean(axis=0)
    return result


def lead_together(split: Split, blends: Mapping[str, Blend], family: str) -> Floats:
    """Return the same for an ensemble, by probe."""
    probes = _of(split, family)
    own = np.mean([blends[probe.name].reporting() for probe in probes], axis=0)
    result: Floats = own - _graded(split, probes).mean(axis=1).mean(axis=0)
    return result


def interval(over_splits: Sequence[Floats]) -> Interval:
    """Return the mean over splits with its interval, from [1 + draws] values a split."""
    if not over_splits:
        return Interval(None, None, None)
    mean = np.mean(over_splits, axis=0)
    value, error = float(mean[0]), float(np.std(mean[1:], ddof=1))
    return Interval(value, value - Z * error, value + Z * error)


def _of(split: Split, family: str) -> list[Tally]:
    home = split.probes[0]
    return [p for p in gradable(split) if p is not home and p.family == family]


def _graded(split: Split, probes: Sequence[Tally]) -> Floats:
    """Return the merit on the reporting half, [pool, probes, 1 + draws]; first the estimate."""
    return np.stack([probe.reporting(split.number)[split.pool] for probe in probes], axis=1)


def _deciding(split: Split, probes: Sequence[Tally]) -> Floats:
    """Return the same on the deciding half."""
    return np.stack([probe.deciding(split.number)[split.pool] for probe in probes], axis=1)
