"""What the choice rules would ship, in words, and the picked models as files."""

import json
from collections.abc import Iterator

from underspec.core.errors import StudyError, UsageError, one_of
from underspec.core.findings import Choice, Findings
from underspec.core.findings_json import findings_json
from underspec.core.store import Store
from underspec.report.answer import held_back, unrecommended
from underspec.report.numbers import Units
from underspec.report.shown import shown
from underspec.study import layout
from underspec.study.averages import average_name
from underspec.study.blocks import find_done

__all__ = ["export_pick", "sentences"]


_BASELINE = "random_pick"


def sentences(findings: Findings, rule: str | None = None) -> Iterator[str]:
    """Yield one line a rule, and what to make of them.

    Args:
        findings: of a finished study.
        rule: the only one to tell of; all where None.

    Raises:
        UsageError: there is no such rule.
    """
    units = Units(findings.study.metric)
    only = None if rule is None else _choice(findings, rule).rule
    for choice in findings.choices:
        if choice.rule == _BASELINE or only not in (None, choice.rule):
            continue
        many = f"average over {choice.splits} halvings, each with its own pick"
        over = many if choice.splits != 1 else "one halving"
        gain = units.differences(choice.gain)
        ends = f" ({gain.ends})" if gain.ends else ""
        yield (
            f"{choice.rule}: {', '.join(choice.variants)}, by the study's own halving. Its pick gains "
            f"{gain.main}{units.points}{ends} over a random pick from the pool in its worst test, on the half "
            f"that did not choose; {over}."
        )
        if choice.weights:
            yield f"  The weights of these {len(choice.variants)} are averaged into one model."
        elif choice.together:
            yield f"  These {len(choice.variants)} answer together, by the mean of their scores."
        yield from _curse(findings, choice, units)
    if not findings.choices:
        yield "The pool is empty, so there is nothing to pick."
        return
    if only is not None:
        yield f"{only} is {'' if only == findings.recommended else 'not '}the rule that is recommended."
        return
    held = held_back(findings)
    if held:
        yield held
    if findings.recommended is not None:
        yield f"Recommended: {findings.recommended}."
    elif not held:
        yield unrecommended(findings)


def _curse(findings: Findings, choice: Choice, units: Units) -> Iterator[str]:
    """Yield what the picks look like to who chose them, and what they are worth."""
    seen = shown(findings)
    for told in choice.winners_curse:
        if told.probe in seen.titles:
            yield (
                f"  On {seen.titles[told.probe]}: {units.levels(told.decided).main} on the half that chose, "
                f"{units.levels(told.reported)} on the other, so that the first is too good by "
                f"{units.differences(told.optimism)}{units.points}."
            )


def _choice(findings: Findings, rule: str | None) -> Choice:
    if not findings.choices:
        raise UsageError("The pool of this study is empty, so there is nothing to pick or export.")
    named = {c.rule: c for c in findings.choices if c.rule != _BASELINE}
    if rule == _BASELINE:
        known = ", ".join(named) or "none"
        raise UsageError(
            f"'{_BASELINE}' is what the rules are compared with, any variant of the pool by lot, and no rule "
            f"with a pick of its own. Rules of this study: {known}."
        )
    wanted = rule or findings.recommended
    if wanted is None:
        raise UsageError(
            "No rule is recommended here. Name the one to export: "
            f"--rule {next(iter(named), 'minimax_regret')}."
        )
    if wanted not in named:
        raise UsageError(one_of("choice rule in this study", wanted, named))
    return named[wanted]


def export_pick(store: Store, findings: Findings, rule: str | None, out: str) -> tuple[str, ...]:
    """Copy the picked variants' models, and `pick.json` that says what they are.

    Args:
        store: the study folder.
        findings: its findings.
        rule: whose pick; the recommended one where None.
        out: folder to make.

    Raises:
        UsageError: there is no such pick, or `out` is not empty.
        StudyError: the study kept no models.
    """
    choice = _choice(findings, rule)
    target = Store(out)
    if target.names():
        raise UsageError(f"The folder {out} is not empty. Give a new one.")
    done = find_done(store)
    folders = (
        {"mean": layout.average_models(average_name(choice.variants, done))}
        if choice.weights
        # A trainer loads its block whole; which of the block's models is meant stands in pick.json.
        else {
            variant: layout.models(block)
            for block, record in sorted(done.items())
            for variant in set(choice.variants) & set(record.trained())
        }
    )
    for place, folder in folders.items():
        if not store.exists(folder):
            raise StudyError(
                "This study kept no models (models: discard, or predictions only), so there is none to export."
            )
        for name in store.tree(folder):
            target.write(f"{place}/{name.removeprefix(f'{folder}/')}", store.read(name))
    record_of = {v: row for d in done.values() for v, row in d.variants.items()}
    whole = json.loads(findings_json(findings))
    told = next(c for c in whole["choices"] if c["rule"] == choice.rule)
    told_of = ("position", "seeds", "values")
    variants = {v: {key: record_of[v].get(key) for key in told_of} for v in choice.variants}
    pick = {"study": findings.study.name, "choice": told, "variants": variants}
    target.write("pick.json", (json.dumps(pick, indent=1) + "\n").encode())
    return choice.variants
