"""The two axes in sentences: how far the variants fall, what stays open, and what would decide it."""

from underspec.core.findings import ProbeFinding
from underspec.report._protocol import Dossier
from underspec.report.numbers import Units, duration, finite
from underspec.report.shown import Shown, plain, title

__all__ = ["fall", "more", "sure"]

# Kept variants under which spread is not judged.
_FEW = 10


def fall(dossier: Dossier, seen: Shown) -> str:
    """Return where the mean of the variants falls, and whether a choice among them mends it."""
    falling = [p for p in seen.stressed if p.verdict in ("structural", "both")]
    if not falling:
        return ""
    units = Units(dossier.findings.study.metric)
    worst = max(falling, key=lambda p: finite(p.drop.value) or 0.0)
    tests = f"{len(falling)} test{'s' if len(falling) != 1 else ''}"
    alike = sum(p.verdict == "structural" and p.spread_verdict == "no" for p in falling)
    mend = ""
    if alike == len(falling):
        mend = "; another seed does not mend that"
    elif alike:
        mend = f"; on {alike} of them they do not part, so that another seed does not mend it"
    return (
        f"On {tests} they do worse on the whole than is allowed, most on “{title(worst)}” "
        f"({_worse(worst, units)}){mend}."
        f"{_picked(dossier, seen, falling, units)}"
    )


def _worse(probe: ProbeFinding, units: Units) -> str:
    size = units.difference(probe.drop.value)
    if probe.kind != "contrastive":
        return f"{size} worse than on held-out data"
    if probe.flips is None:
        return f"their answers to the two sides of a pair lie {size} apart"
    return f"{size.replace(' points', ' %')} of pairs are not answered alike"


def _picked(dossier: Dossier, seen: Shown, falling: list[ProbeFinding], units: Units) -> str:
    """Return how much the recommended variant still falls where the variants part, if known."""
    findings = dossier.findings
    parting = [p for p in falling if p.verdict == "both" and p.kind != "contrastive"]
    rule = next((one for one in findings.choices if one.rule == findings.recommended), None)
    if not parting or rule is None or len(rule.variants) != 1 or seen.holdout is None:
        return ""
    worst = max(parting, key=lambda p: finite(p.drop.value) or 0.0)
    pick, scores = rule.variants[0], dossier.scores
    there = finite(scores.get(worst.name, {}).get(pick))
    home = finite(scores.get(seen.holdout.name, {}).get(pick))
    means, drop = (
        (finite(seen.holdout.mean.value), finite(worst.mean.value)),
        finite(worst.drop.value),
    )
    if there is None or home is None or None in means or not drop:
        return ""
    # Drops are positive for worse whatever the metric; which way that is, the means tell.
    better = ((means[0] or 0.0) - (means[1] or 0.0)) * drop > 0
    left = (home - there) if better else (there - home)
    where = "there" if len(falling) == 1 else f"on “{title(worst)}”"
    size = f"{units.difference(abs(left))} {'worse' if left > 0 else 'better'}"
    return f" The variant to ship, {plain(pick, 40)}, is {size} {where} than on held-out data."


def sure(dossier: Dossier, seen: Shown) -> str:
    """Return what the ranges promise, and on how many tests each axis stays open."""
    if not seen.stressed:
        return ""
    findings, tests = dossier.findings, len(seen.stressed)
    level = f"{100 * findings.intervals.level:.3g} of 100"
    ranges = (
        f"Ranges hold the truth in {level} such studies; they count the luck of which variants were "
        "trained and which examples were drawn."
    )
    said = [ranges]
    part = sum(p.spread_verdict == "unknown" for p in seen.stressed)
    down = sum(p.drop_verdict == "unknown" for p in seen.stressed)
    if findings.study.max_drop is None:
        said.append("Falls are not judged, as no largest drop was set.")
        down = 0
    axes = [("part", part), ("fall too far", down)]
    left = [
        f"whether they {axis} stays open on {_of(count, tests)}" for axis, count in axes if count
    ]
    if left:
        both = ", and ".join(left)
        said.append(f"{both[0].upper()}{both[1:]}.")
    else:
        said.append("No test stays open.")
    return " ".join(said)


def _of(count: int, tests: int) -> str:
    if count == tests:
        return "the one test" if tests == 1 else f"all {tests} tests"
    return f"{count} of {tests} tests"


def more(dossier: Dossier, seen: Shown) -> str:
    """Return what would decide the tests that stay open."""
    needs = [p.needs for p in seen.stressed if p.needs is not None]
    if not needs:
        return ""
    variants = [need.variants for need in needs if need.variants is not None]
    examples = [need.examples for need in needs if need.examples is not None]
    counted = dossier.findings.study.variants
    kept = counted.kept
    ways = []
    if variants:
        price = _price(dossier, max(variants) - kept)
        ways.append(f"{_span(variants)} kept variants in place of {kept}{price}")
    if examples:
        ways.append(f"{_span(examples)} examples a test")
    few = _few(dossier) if kept < _FEW else ""
    if not ways:
        return few or "No feasible number of variants or examples would decide the open tests."
    every = len(variants) == len(needs) or len(examples) == len(needs)
    which = "the open tests" if every and not few else "some of the open tests"
    return f"{few} To decide {which} takes {', or '.join(ways)}.".strip()


def _few(dossier: Dossier) -> str:
    counted, note = dossier.findings.study.variants, dossier.findings.pool.note
    larger = ", or take a larger epsilon if a difference so large is of no matter"
    advice = f"Train more variants{larger * (counted.trained >= _FEW)}."
    if note and "needs 10" in note:
        return f"{plain(note, 600)} {advice}"
    return (
        f"Only {counted.kept} of the {_FEW} kept variants that a verdict on spread takes are there. "
        f"{advice}"
    )


def _span(needs: list[int]) -> str:
    low, high = min(needs), max(needs)
    return f"{low:,}" if low == high else f"{low:,} to {high:,}"


def _price(dossier: Dossier, more: int) -> str:
    kept = dossier.findings.study.variants.kept
    seconds = sum(finite(row.seconds) or 0.0 for row in dossier.variants)
    if not seconds or kept < 1 or more <= 0:
        return ""
    # As many of the new variants are taken to be dropped as of the old.
    return f" (up to about {duration(seconds * more / kept)} more of training)"
