"""The answer in plain words: is it underspecified, where, how sure, what to ship, what next."""

from collections.abc import Mapping
from dataclasses import dataclass

from underspec.core.findings import Choice, Findings, ProbeFinding, Verdict
from underspec.report._protocol import Dossier
from underspec.report.axes import fall, more, sure
from underspec.report.numbers import Units, finite, times
from underspec.report.shown import Shown, listed, plain, shown, title
from underspec.report.words import SOURCES, VERDICTS

__all__ = [
    "Answer",
    "answer",
    "counts",
    "held_back",
    "no_rule",
    "same",
    "shipping",
    "ships",
    "unrecommended",
]


# How findings begin the note that all variants are one.
_ALIKE = "All variants say exactly the same"


@dataclass(frozen=True)
class Answer:
    """The whole report in one paragraph.

    Attributes:
        headline: one line.
        verdict: the verdict that stands for the study; it gives the colour.
        meaning: what that verdict means, in a clause.
        sentences: the paragraph: what each part answers, and its text.
    """

    headline: str
    verdict: Verdict
    meaning: str
    sentences: tuple[tuple[str, str], ...]


def answer(dossier: Dossier) -> Answer:
    """Return the answer that a reader without statistics needs."""
    seen = shown(dossier.findings)
    if same(dossier.findings):
        return _same(dossier, seen)
    verdict, headline = _headline(dossier, seen)
    said = {
        "What": _what(dossier, seen),
        "Where": _where(dossier, seen),
        "How far they fall": fall(dossier, seen),
        "How sure": sure(dossier, seen),
        "To ship": shipping(dossier),
        "To know more": more(dossier, seen),
    }
    meaning = VERDICTS[verdict].meaning
    if verdict == "structural" and not _open(seen):
        meaning = "all variants fall alike"
    return Answer(headline, verdict, meaning, _told(said))


def same(findings: Findings) -> bool:
    """Return whether all variants are one model, so that nothing varied."""
    return any(note.startswith(_ALIKE) for note in findings.notes)


def _same(dossier: Dossier, seen: Shown) -> Answer:
    trained = dossier.findings.study.variants.trained
    said = {
        "What": f"{_trained(dossier)} They all say exactly the same of the held-out data, so that they "
        "are one model: nothing here tells how far variants part.",
        "To ship": shipping(dossier),
        "To know more": "Vary something that changes this trainer's models, such as the rows they are "
        "trained on (sample).",
    }
    if not seen.stressed:
        said["Where"] = "Nothing was stress-tested."
    return Answer(
        f"Nothing varied: all {trained} variants are the same model",
        "undecided",
        "there is no variation to judge",
        _told(said),
    )


def _told(said: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple((topic, text) for topic, text in said.items() if text)


def _open(seen: Shown) -> int:
    """Return on how many stress tests it stays open whether the variants part."""
    return sum(probe.spread_verdict == "unknown" for probe in seen.stressed)


def counts(seen: Shown) -> dict[Verdict, int]:
    """Return how many stress tests have each verdict, gravest first, none left out."""
    words = [probe.verdict for probe in seen.stressed]
    return {word: words.count(word) for word in VERDICTS if word not in ("yardstick", "reported")}


def _headline(dossier: Dossier, seen: Shown) -> tuple[Verdict, str]:
    kept = dossier.findings.study.variants.kept
    number = counts(seen)
    tests = len(seen.stressed)
    parts = number["underspecified"] + number["both"]
    falls, open_ = number["structural"], number["undecided"]
    of = f"{tests} stress test{'s' if tests != 1 else ''}"
    if kept < 2:
        few = "no variant was kept" if kept == 0 else "only one variant was kept"
        return "undecided", f"No answer: {few}"
    if not tests:
        if any(probe.kind == "contrastive" for probe in seen.others):
            name = Units(dossier.findings.study.metric).name
            return (
                "undecided",
                f"No verdict: {name} does not judge pairs, and nothing else was stress-tested",
            )
        return "undecided", "No answer: nothing was stress-tested"
    if parts:
        grave: Verdict = "underspecified" if number["underspecified"] else "both"
        return grave, f"Underspecified on {parts} of {of}"
    if falls:
        unknown = _open(seen)
        if not unknown:
            return "structural", f"All variants fall alike on {falls} of {of}"
        return "structural", (
            f"The mean of the variants falls on {falls} of {of}; whether they part stays open on {unknown}"
        )
    if open_ == tests:
        stay = f"all {of} stay open" if tests > 1 else "the one stress test stays open"
        return "undecided", f"Undecided: {stay}"
    if open_:
        return "undecided", f"No underspecification seen, but {open_} of {of} undecided"
    return "clean", f"No underspecification found on {of}"


def _trained(dossier: Dossier) -> str:
    named = dict.fromkeys(name for row in dossier.variants for name in row.sources)
    sources = [SOURCES.get(name, plain(name, 40)) for name in list(named)[:8]]
    differ = f" from the same recipe that differ only in {listed(sources)}" if sources else ""
    return f"We compared {dossier.findings.study.variants.trained} models{differ}."


def _what(dossier: Dossier, seen: Shown) -> str:
    study = dossier.findings.study
    units, number = Units(study.metric), study.variants
    if not number.trained:
        return "No model was trained."
    return (
        f"{_trained(dossier).removesuffix('.')}; {number.kept} of them count as equally good "
        f"on held-out data, within {units.difference(study.epsilon)} of {units.name}."
        f"{_strata(seen)}"
    )


def _strata(seen: Shown) -> str:
    """Return how many stress tests are groups of other examples, with a space before it, or nothing."""
    tests, strata = len(seen.stressed), seen.strata
    if not strata:
        return ""
    if strata == tests:
        only = (
            "The one stress test is a group"
            if tests == 1
            else f"All {tests} stress tests are groups"
        )
        return f" {only} of the held-out examples."
    are = "is a group" if strata == 1 else "are groups"
    return f" Of the {tests} stress tests {strata} {are} of examples of the others or of the held-out data."


def _where(dossier: Dossier, seen: Shown) -> str:
    units = Units(dossier.findings.study.metric)
    parting = [p for p in seen.stressed if p.verdict in ("underspecified", "both")]
    if not parting:
        return ""
    worst = max(parting, key=lambda p: finite(p.gap.value) or 0.0)
    gap, ratio = units.differences(worst.gap), times(worst.ratio).main
    ends = f" (interval {gap.ends})" if gap.ends else ""
    spread = f"; their true spread is {ratio} that on held-out data" * (ratio != "not resolved")
    return (
        f"They part most on “{title(worst)}”: two of them, picked at random, typically differ there "
        f"by {gap.main}{units.points}{ends}{_pairs(worst)}{spread}."
    )


def _pairs(probe: ProbeFinding) -> str:
    """Return in what contrastive probes let variants differ, with a space before it, or nothing."""
    if probe.kind != "contrastive":
        return ""
    if probe.flips is None:
        return " in how far they move an answer between the two sides of a pair"
    return " in the share of pairs whose two sides they answer alike"


def shipping(dossier: Dossier) -> str:
    """Return what to ship, in words."""
    findings = dossier.findings
    units = Units(findings.study.metric)
    if not findings.pool.kept:
        return "There is nothing to ship: no variant was kept."
    if same(findings):
        return "Any of them: they are the same."
    if not findings.choices:
        return "No rule for choosing among the kept variants was tried."
    best = next((one for one in findings.choices if one.rule == findings.recommended), None)
    held = held_back(findings)
    if best is None:
        return held or unrecommended(findings)
    gain = units.differences(best.gain)
    ends = f" ({gain.ends})" if gain.ends else ""
    over = f"average over {best.splits} halvings" if best.splits != 1 else "one halving"
    return (
        f"Take {ships(best, findings)}, the pick of {plain(best.rule).replace('_', ' ')}. "
        f"On {over} of the examples, this rule's pick comes {gain.main}{units.points}{ends} closer "
        f"to the best than a random pick in its worst test, on the half that did not choose. {held}"
    ).rstrip()


def held_back(findings: Findings) -> str:
    """Return one sentence on the rules that gain but do worse on unseen tests, if there are any."""
    units = Units(findings.study.metric)
    said = []
    for one in findings.choices:
        high = finite(one.transfer.high)
        if one.rule == findings.recommended or not _above_0(one.gain.low):
            continue
        if high is not None and high < 0:
            gain, moved = units.differences(one.gain), units.differences(one.transfer)
            ends = f" ({gain.ends})" if gain.ends else ""
            lost = ", ".join(part for part in (moved.main, moved.ends) if part)
            said.append(
                f"{plain(one.rule, 40)} gains {gain.main}{units.points}{ends} over a random pick in "
                "its worst test, but does worse than a random pick on stress tests it did not see "
                f"({lost})"
            )
    if not said:
        return ""
    none = findings.recommended is None
    close = ": specify more before you ship." if none else ", and is not recommended."
    return "; ".join(said) + close


def unrecommended(findings: Findings) -> str:
    """Return what it means that no rule is recommended, in words."""
    advice = findings.advice
    if advice is not None and advice.code in ("any", "undecided"):
        return f"{no_rule(findings)}. {plain(advice.sentence, 600)}"
    return (
        f"{no_rule(findings)}, so none of the kept variants is to be preferred: specify more "
        "before you ship."
    )


def no_rule(findings: Findings) -> str:
    """Return that no rule is sure to gain, without a full stop."""
    # An interval above 0 that is not enough would puzzle whoever reads the table.
    near = any(_above_0(one.gain.low) for one in findings.choices)
    return "No rule beats a random pick beyond doubt" + near * (
        ", allowing for the number of rules compared"
    )


def _above_0(low: float | None) -> bool:
    known = finite(low)
    return known is not None and known > 0


def ships(choice: Choice, findings: Findings, most: int = 5) -> str:
    """Return whom a rule picks: ids, at most so many, or the whole pool in words."""
    several = len(choice.variants) > 1
    mean = f"the mean of the {'weights' if choice.weights else 'scores'} of " * (
        choice.together and several
    )
    if several and set(choice.variants) == set(findings.pool.kept):
        return f"{mean}all {len(choice.variants)} of the pool" if mean else "any of the pool"
    ids = [plain(one, 40) for one in choice.variants]
    few = f"{', '.join(ids[:most])} and {len(ids) - most} more" if len(ids) > most else listed(ids)
    return mean + few
