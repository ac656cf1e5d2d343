"""Mean corruption error over a published set (Hendrycks & Dietterich, ICLR 2019, section 4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from underspec.core.findings import CorruptionError, Gap, Interval
from underspec.core.records import Floats
from underspec.measure._protocol import Evidence, Scale
from underspec.measure.alexnet import CLEAN, ERRORS
from underspec.measure.gap import NO_GAP, gap_finding
from underspec.measure.mean import NOTHING, mean_finding
from underspec.measure.reading import Reader, kept_ids
from underspec.stats.gap import fit_gap
from underspec.stats.spread import fit_spread

__all__ = ["CorruptionErrors"]

_SEVERITIES = 5
_NORMALISED, _CLASSES, _IMAGES = "imagenet_c", 1000, 50_000


@dataclass
class _Suite:
    """Errors of one set so far.

    Attributes:
        clusters: of the examples, the same in every probe; None as soon as they differ.
        images: in the smallest probe.
        classes: that occur, in the probe with the fewest.
        sums: error summed over severities, float32 [kept variants, examples], by corruption.
        means: the same, averaged over examples, by corruption: what is left where clusters differ.
        severities: how many were seen, by corruption.
        aside: corruptions that are for tuning and not part of the mean.
    """

    clusters: NDArray[np.str_] | None
    images: int
    classes: int
    sums: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    means: dict[str, float] = field(default_factory=dict)
    severities: dict[str, int] = field(default_factory=dict)
    aside: set[str] = field(default_factory=set)


class CorruptionErrors:
    """Adds up errors over the probes of published sets, one probe at a time.

    Args:
        kept: ids of the near-equal variants.
    """

    def __init__(self, kept: Sequence[str]) -> None:
        self._kept = kept_ids(kept)
        self._suites: dict[str, _Suite] = {}

    def take(self, probe: Evidence, suite: str, classes: int) -> None:
        """Add a probe of a set.

        Args:
            probe: all of its examples, as in published figures, with right answers as contributions
                (accuracy).
            suite: the set that it is a part of; nothing happens where it is empty.
            classes: how many classes occur.
        """
        if not suite or not self._kept or len(probe.clusters) == 0:
            return
        family = probe.family.removesuffix("-gen")
        n = len(probe.clusters)
        state = self._suites.setdefault(suite, _Suite(probe.clusters, n, classes))
        state.images, state.classes = min(state.images, n), min(state.classes, classes)
        if family not in ERRORS:
            state.aside.add(family)
            return
        errors = 1.0 - probe.contributions[probe.rows(self._kept)]
        state.means[family] = state.means.get(family, 0.0) + float(errors.mean())
        state.severities[family] = state.severities.get(family, 0) + 1
        if state.clusters is not None and not np.array_equal(state.clusters, probe.clusters):
            state.clusters, state.sums = None, {}
        if state.clusters is not None:
            before = state.sums.get(family)
            more = errors.astype(np.float32)
            state.sums[family] = more if before is None else before + more

    def findings(self, holdout: Evidence) -> tuple[CorruptionError, ...]:
        """Return the corruption error of each set.

        Args:
            holdout: undistorted examples, all of them, for the relative error.
        """
        return tuple(
            self._finding(name, suite, holdout)
            for name, suite in self._suites.items()
            if suite.severities
        )

    def _finding(self, name: str, suite: _Suite, holdout: Evidence) -> CorruptionError:
        complete = all(suite.severities.get(c) == _SEVERITIES for c in ERRORS)
        normalised = complete and name == _NORMALISED and suite.classes >= _CLASSES
        per = {c: ERRORS[c] if normalised else 1.0 for c in suite.severities}
        families = {c: suite.means[c] / seen / per[c] for c, seen in suite.severities.items()}
        mean, gap = Interval(float(np.mean(list(families.values()))), None, None), NO_GAP
        relative = NOTHING
        if suite.clusters is not None:
            mean, gap = self._measured(self._average(suite, per), suite.clusters)
            clean = _clean_errors(holdout, suite.clusters, self._kept)
            if clean is not None:
                past = {c: ERRORS[c] - CLEAN if normalised else 1.0 for c in suite.severities}
                share = float(np.mean([1 / value for value in past.values()]))
                more = self._average(suite, past) - share * clean
                relative, _ = self._measured(more, suite.clusters)
        return CorruptionError(
            suite=name,
            baseline="AlexNet" if normalised else None,
            complete=complete,
            families=families,
            mean=mean,
            relative=relative,
            gap=gap,
            note=_note(name, suite, complete=complete, relative=relative.value is not None),
        )

    def _average(self, suite: _Suite, per: dict[str, float]) -> Floats:
        total = np.zeros(next(iter(suite.sums.values())).shape)
        for corruption, sums in suite.sums.items():
            total += sums / (suite.severities[corruption] * per[corruption])
        average: Floats = total / len(suite.sums)
        return average

    def _measured(self, values: Floats, clusters: NDArray[np.str_]) -> tuple[Interval, Gap]:
        top = max(1.0, float(np.abs(values).max()))
        scale = Scale(greater_is_better=False, proportion=False, range=(-top, top))
        evidence = Evidence("", "", "shifted", "", None, self._kept, values, clusters)
        totals = Reader()(evidence, self._kept)
        mean = mean_finding(totals, scale)
        if not totals.resolved:
            return mean, NO_GAP
        return mean, gap_finding(fit_gap(totals, fit_spread(totals, scale.range)), scale)


def _clean_errors(
    holdout: Evidence, clusters: NDArray[np.str_], kept: tuple[str, ...]
) -> Floats | None:
    """Return the kept variants' errors on the same undistorted examples, None if not all there."""
    place = {cluster: at for at, cluster in enumerate(holdout.clusters.tolist())}
    at = [place.get(cluster) for cluster in clusters.tolist()]
    if len(place) != len(holdout.clusters) or None in at:
        return None
    rows = holdout.contributions[holdout.rows(kept)]
    errors: Floats = 1.0 - rows[:, np.array(at, dtype=np.intp)]
    return errors


def _note(name: str, suite: _Suite, *, complete: bool, relative: bool) -> str | None:
    seen, full = sum(suite.severities.values()), len(ERRORS) * _SEVERITIES
    published, afresh = name == _NORMALISED, name.endswith("-gen")
    why = [] if complete else [f"over {seen} of the {full} probes of the full set"]
    if published and suite.classes < _CLASSES:
        why.append(f"over {suite.classes} of {_CLASSES:,} classes")
    why += ["made afresh"] if afresh else []
    said = []
    if why:
        reasons = ", ".join(why)
        said.append(f"{reasons[0].upper()}{reasons[1:]}: not to be held against published figures.")
    elif published and suite.images < _IMAGES:
        said.append(
            f"Over {suite.images:,} images a probe where published figures have {_IMAGES:,}."
        )
    if not afresh and not published:
        said.append("No baseline is published for this set: errors are averaged as they are.")
    if suite.aside:
        said.append(f"Left out, being for tuning: {', '.join(sorted(suite.aside))}.")
    if suite.clusters is None:
        said.append("Its probes do not share their examples, so there is no interval.")
    elif not relative:
        said.append("No relative error: the holdout has not the same images, each by itself.")
    return " ".join(said) or None
