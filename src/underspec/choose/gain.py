"""What a pick gains over a random one, on the half that did not choose."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from underspec.choose.blend import Blend
from underspec.choose.split import Positions, Split, gradable
from underspec.choose.sure import Figure
from underspec.choose.tally import Tally
from underspec.core.records import Booleans, Floats

__all__ = ["gain", "gain_together", "lead", "lead_together"]

# Below any difference that an example makes; keeps the order of a sum from deciding.
_DIGITS = 12


def gain(split: Split, picked: Positions) -> Figure:
    """Return the worst regret of a random pick less that of a pick.

    Which probe is whose worst, as estimated, says whose noise has a part in the figure.
    """
    probes = list(gradable(split))
    merit = _graded(split, probes)
    regret = merit.max(axis=0) - merit
    worst = regret.max(axis=1)
    weights = np.full(len(merit), 1 / len(merit))
    np.subtract.at(weights, picked, 1 / len(picked))
    best = np.round(merit[:, :, 0], _DIGITS).argmax(axis=0)[None, :, None]
    behind = np.round(regret[:, :, 0], _DIGITS).argmax(axis=1)
    held = np.take_along_axis(merit, best, axis=0) - merit
    return _figure(
        worst.mean(axis=0) - worst[picked].mean(axis=0), _by_probe(weights, behind, held), probes
    )


def gain_together(split: Split, blends: Mapping[str, Blend]) -> Figure | None:
    """Return the same for an ensemble, by probe, in the worst test as the deciding half has it.

    A mean of scores has less noise of its own than a variant, and the worst of several noisy
    regrets grows with the noise: by `gain` an ensemble would win where nobody is better. Here the
    deciding half says who is best on each probe, and in which each is furthest behind; the
    reporting half only says by how much, so that noise has no part in either. Resamples say anew
    who and where: the interval is a little too wide rather than too narrow. None where no probe's
    halves define the ensemble's merit.
    """
    s = split.number
    # By name and by id: of equals the first, whatever the order they come in.
    probes = sorted(
        (p for p in gradable(split) if not np.isnan(p.decide[s]).any() and blends[p.name].known),
        key=lambda p: p.name,
    )
    if not probes:
        return None
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
    values = everyone - np.take_along_axis(top_report - own_report, at, axis=0)[0]
    top = np.take_along_axis(report, best[:, :, :1], axis=0)[0]
    held = np.concatenate([top - report, (top - own_report)[None]])
    weights = np.append(np.full(len(report), 1 / len(report)), -1.0)
    where = np.append(behind[:, 0, 0], at[0, 0])
    return _figure(values, _by_probe(weights, where, held), probes)


def lead(split: Split, picked: Positions, family: str) -> Figure:
    """Return the mean merit of a pick less the pool's, on the probes of a family."""
    probes = _of(split, family)
    merit = _graded(split, probes)
    return _mean(merit[picked].mean(axis=0) - merit.mean(axis=0), probes)


def lead_together(split: Split, blends: Mapping[str, Blend], family: str) -> Figure | None:
    """Return the same for an ensemble, by probe; None where no probe's halves define its merit."""
    probes = [probe for probe in _of(split, family) if blends[probe.name].known]
    if not probes:
        return None
    own = np.stack([blends[probe.name].reporting() for probe in probes])
    return _mean(own - _graded(split, probes).mean(axis=0), probes)


def _mean(each: Floats, probes: Sequence[Tally]) -> Figure:
    """Return the mean of figures [probes, 1 + draws], each of its probe."""
    return _figure(each.mean(axis=0), each / len(probes), probes)


def _by_probe(weights: Floats, at: NDArray[np.intp], held: Floats) -> Floats:
    """Return what each probe adds, [probes, 1 + draws], where each variant has one as its worst.

    Args:
        weights: of the variants, [variants].
        at: each one's worst probe, [variants].
        held: regrets, with who is best held, [variants, probes, 1 + draws].
    """
    own: Booleans = at[:, None] == np.arange(held.shape[1])
    added: Floats = np.einsum("vp,vpd->pd", weights[:, None] * own, held)
    return added


def _figure(values: Floats, added: Floats, probes: Sequence[Tally]) -> Figure:
    part = (added != 0).any(axis=1)
    clusters = np.array([probe.clusters for probe in probes])
    with np.errstate(invalid="ignore"):
        return Figure(values, added[part, 1:].var(axis=1, ddof=1), clusters[part])


def _of(split: Split, family: str) -> list[Tally]:
    home = split.probes[0]
    return [p for p in gradable(split) if p is not home and p.family == family]


def _graded(split: Split, probes: Sequence[Tally]) -> Floats:
    """Return the merit on the reporting half, [pool, probes, 1 + draws]; first the estimate."""
    return np.stack([probe.reporting(split.number)[split.pool] for probe in probes], axis=1)


def _deciding(split: Split, probes: Sequence[Tally]) -> Floats:
    """Return the same on the deciding half."""
    return np.stack([probe.deciding(split.number)[split.pool] for probe in probes], axis=1)
