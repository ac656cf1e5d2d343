"""Two finished studies, probe by probe: which is better, and was there enough to see it?"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import Literal

import numpy as np

from underspec.core.errors import UsageError, one_of
from underspec.stats.evidence import holm
from underspec.study.compared import Options, compared
from underspec.study.comparison import Compared, Comparison, Side
from underspec.study.probing import HOLDOUT
from underspec.study.reopened import Reopened, reopen

__all__ = ["compare"]

_LEVEL, _ALPHA = 0.95, 0.05


def compare(
    a: str,
    b: str,
    *,
    probes: Sequence[str] = (),
    which: Literal["kept", "all"] = "kept",
    paired_variants: bool = False,
    resamples: int = 1000,
    seed: int = 0,
) -> Comparison:
    """Compare two finished studies on the probes that both have.

    Examples are paired where a probe has the same ids, labels and clusters in both; only examples
    that both studies report are then compared. Elsewhere the two are independent samples.

    Args:
        a: folder of the first study.
        b: folder of the second.
        probes: patterns of names, such as ``contrast*``; all probes where empty.
        which: the pools, or all variants that trained.
        paired_variants: pair variants that have the same seeds and values in both studies.
        resamples: of the Multi-Bootstrap; 0 leaves it out.
        seed: root of its randomness.

    Raises:
        UsageError: the two cannot be compared.
        StudyError: a folder holds no finished study, or a damaged one.
    """
    if resamples < 0:
        raise UsageError(f"The Multi-Bootstrap takes 0 resamples (none) or more, got {resamples}.")
    one, two = reopen(a), reopen(b)
    _check_metrics(one, two)
    names, notes = _names(one, two, probes)
    used = [_used(study, which) for study in (one, two)]
    if paired_variants:
        used = _pairs(one, two, used)
    elif (count := len(_twins(one, two, used))) > 1:
        notes.append(
            f"{count} of the variants compared have the same seeds in both studies; they are taken as unpaired. "
            "--paired-variants compares these alone, pair by pair."
        )
    for study, ids in zip((one, two), used, strict=True):
        if len(ids) < 2:
            raise UsageError(
                f"Comparing takes 2 variants or more, but the study in {study.folder} has {len(ids)} "
                f"{which if which == 'kept' else 'trained'}. "
                + (
                    "Compare --all that trained, or train more."
                    if which == "kept"
                    else "Train more."
                )
            )
    _check_classes(one, two)
    options = Options((used[0], used[1]), which == "kept", paired_variants, resamples, seed)
    found = [compared(one, two, name, options, notes) for name in names]
    kept = [probe for probe in found if probe is not None]
    if not kept:
        raise UsageError("No probe has enough examples to compare. " + " ".join(notes))
    notes.extend(_remarks(one, two, used))
    return Comparison(
        schema=1,
        metric=one.findings.study.metric,
        greater_is_better=one.metric.greater_is_better,
        level=_LEVEL,
        which=which,
        paired_variants=paired_variants,
        resamples=resamples,
        a=_side(one, used[0]),
        b=_side(two, used[1]),
        probes=tuple(_judged(kept, one.metric.greater_is_better)),
        notes=tuple(dict.fromkeys(notes)),
    )


def _side(study: Reopened, used: Sequence[str]) -> Side:
    facts = study.findings.study
    return Side(
        study.folder, facts.name, len(used), facts.variants.trained, facts.epsilon, study.seed
    )


def _check_metrics(one: Reopened, two: Reopened) -> None:
    if one.findings.study.metric != two.findings.study.metric or one.metric != two.metric:
        raise UsageError(
            f"The study in {one.folder} is judged by {one.findings.study.metric} and that in {two.folder} by "
            f"{two.findings.study.metric}: run one of them again with the other's metric."
            if one.findings.study.metric != two.findings.study.metric
            else f"Both studies are judged by {one.findings.study.metric}, but with other parameters: "
            f"{one.metric!r} and {two.metric!r}. Run one of them again with the other's."
        )


def _names(one: Reopened, two: Reopened, wanted: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the probes to compare, and notes on those that only one study has."""
    metric = one.findings.study.metric
    own, other = (
        list(dict.fromkeys(p.name for p in study.findings.probes if p.metric == metric))
        for study in (one, two)
    )
    shared = [name for name in own if name in other]
    for pattern in wanted:
        if not any(fnmatchcase(name, pattern) for name in shared):
            raise UsageError(one_of("probe that both studies have", pattern, shared))
    if not shared:
        raise UsageError(
            f"The studies in {one.folder} and {two.folder} have no probe in common: probes are matched by name."
        )
    if wanted:
        return [n for n in shared if any(fnmatchcase(n, w) for w in wanted)], []
    left = [
        f"{len(missing)} probes are in {study.folder} alone, such as {missing[0]}."
        for study, missing in (
            (one, [n for n in own if n not in other]),
            (two, [n for n in other if n not in own]),
        )
        if missing
    ]
    return shared, left


def _used(study: Reopened, which: str) -> tuple[str, ...]:
    kept = set(study.findings.pool.kept)
    return tuple(v for v in study.trained if which == "all" or v in kept)


def _twins(one: Reopened, two: Reopened, used: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """Return the variants that have the same seeds and values in both."""
    others = {two.sources[v]: v for v in used[1]}
    return [
        (v, others[one.sources[v]]) for v in used[0] if one.sources[v] and one.sources[v] in others
    ]


def _pairs(one: Reopened, two: Reopened, used: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    pairs = _twins(one, two, used)
    if len(pairs) < 2:
        raise UsageError(
            f"--paired-variants found {len(pairs)} variants with the same seeds and values in both studies, and "
            "it takes 2. Run both with the same root seed and the same sources, or compare unpaired."
        )
    return [tuple(v for v, _ in pairs), tuple(w for _, w in pairs)]


def _check_classes(one: Reopened, two: Reopened) -> None:
    codes, exact = [], []
    for study in (one, two):
        home = next(study.answered([HOLDOUT], study.trained))
        said = home.predictions
        if said.scores is not None:
            codes.append(set(range(said.scores.shape[2])))
            exact.append(True)
        else:
            seen = set(np.unique(said.labels).tolist()) | set(np.unique(said.answers).tolist())
            codes.append(seen - {-1})
            # A small holdout may lack a class by luck.
            exact.append(len(said.labels) >= 20 * len(codes[-1]))
    if codes[0] != codes[1] and all(exact):
        raise UsageError(
            f"The study in {one.folder} has {len(codes[0])} classes and that in {two.folder} {len(codes[1])}: "
            "only studies of the same classes can be compared."
        )


def _remarks(one: Reopened, two: Reopened, used: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield what makes the comparison as a whole weaker than it looks."""
    if min(len(used[0]), len(used[1])) < 10:
        yield (
            f"With {len(used[0])} and {len(used[1])} variants the intervals lean on normal effects; 10 a side is "
            "the least that was checked."
        )
    for study in (one, two):
        design = (study.resolved.get("vary") or {}).get("design", "joint")
        design = design if isinstance(design, str) else next(iter(design))
        if design != "joint":
            yield (
                f"The variants of {study.folder} share seeds by design ({design}) and are taken as independent here: "
                "its part of the intervals is too narrow."
            )
    epsilons = one.findings.study.epsilon, two.findings.study.epsilon
    if epsilons[0] != epsilons[1]:
        yield f"The pools are near-equal within different margins: {epsilons[0]:g} and {epsilons[1]:g}."


def _judged(probes: Sequence[Compared], greater_is_better: bool) -> Iterator[Compared]:
    adjusted = holm(np.array([probe.p for probe in probes]))
    for probe, p in zip(probes, adjusted.tolist(), strict=True):
        ahead = ((probe.difference.value or 0.0) > 0) == greater_is_better
        better: Literal["a", "b", "unknown"] = "a" if ahead else "b"
        yield replace(probe, p_adjusted=p, better=better if p <= _ALPHA else "unknown")
