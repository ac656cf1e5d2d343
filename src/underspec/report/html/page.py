"""Everything that the templates of the page show, worked out before they are drawn."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from underspec.core.findings import Choice, Findings, ProbeFinding
from underspec.report._protocol import Dossier
from underspec.report.answer import answer, counts, same, shipping, ships
from underspec.report.attribution import attribution_rows, attribution_said
from underspec.report.errors import error_rows
from underspec.report.html.arbitrary import arbitrary
from underspec.report.html.curse import curse_rows
from underspec.report.html.dots import dots
from underspec.report.html.epsilon import curve
from underspec.report.html.exhibits import deck
from underspec.report.html.heat import heat
from underspec.report.html.lines import lines
from underspec.report.html.matrix import matrix
from underspec.report.html.record import block, costs, roll, yaml_text
from underspec.report.html.rows import further, groups
from underspec.report.numbers import Ended, Estimate, Units, finite
from underspec.report.pairs import FLIPS, flip_rows, flips_said
from underspec.report.rules import told
from underspec.report.shown import SMALLEST_GROUP, Shown, plain, shown, title
from underspec.report.together import together
from underspec.report.words import GLOSSARY, VERDICTS, WHOSE_GAIN, ranges

__all__ = ["context"]


@dataclass(frozen=True)
class Tile:
    """One key figure."""

    name: str
    figure: str
    unit: str
    said: str


@dataclass(frozen=True)
class Rule:
    """One rule for choosing."""

    name: str
    ships: str
    gain: Estimate
    transfer: Estimate
    splits: int
    recommended: bool


def context(dossier: Dossier, pictures: int) -> dict[str, Any]:
    """Return what the page's templates name."""
    dossier = told(dossier)
    findings = dossier.findings
    seen = shown(findings)
    units = Units(findings.study.metric)
    rows, unplaced = groups(seen, findings.study.epsilon)
    number_of = counts(seen)
    return {
        "answer": answer(dossier),
        "arbitrary": arbitrary(findings, seen),
        "attribution": attribution_rows(findings, seen, units),
        "attribution_tests": sum(one.p_adjusted is not None for one in findings.attribution),
        "attribution_said": attribution_said(dossier, seen),
        "columns": min(max([4, *(len(family.probes) for family in seen.families)]), 8),
        "cost": costs(dossier.cost),
        "curve": curve(findings, seen, units),
        "deck": deck(dossier.exhibits, seen, pictures),
        "dots": dots(seen, units),
        "environment": _pre(yaml_text(dossier.environment)),
        "epsilon": units.difference(findings.study.epsilon),
        "errors": error_rows(findings),
        "findings": findings,
        "flips": flip_rows(findings, seen),
        "flips_meaning": FLIPS,
        "flips_said": flips_said(findings, seen),
        "further": further(seen),
        "glossary": GLOSSARY,
        "groups": rows,
        "intervals": findings.intervals,
        "first": {p.name for p in (seen.holdout, *seen.worst(11)) if p is not None},
        "legend": [
            (word, VERDICTS[word], count, round(100 * count / max(len(seen.stressed), 1), 2))
            for word, count in number_of.items()
        ],
        "heat": heat(findings, seen, units),
        "lines": lines(dossier, seen),
        "matrix": matrix(findings, seen),
        "max_drop": None
        if findings.study.max_drop is None
        else units.difference(findings.study.max_drop),
        "name": plain(findings.study.name, 80),
        "notes": findings.notes,
        "notices": [_pre(block(notice[:4000])) for notice in dossier.notices],
        "ranges": ranges(findings),
        "roll": roll(dossier),
        "curse": curse_rows(findings, seen, units),
        "rules": [_rule(one, units, findings) for one in findings.choices],
        "same": same(findings),
        "seen": seen,
        "selected": units.difference(findings.pool.holdout_spread_after_selection),
        "shipping": shipping(dossier),
        "side": together(findings, seen),
        "smallest_group": SMALLEST_GROUP,
        "smallest_margin": units.difference(findings.study.smallest_margin),
        "study": _pre(yaml_text(dossier.study)),
        "synthetic": dossier.synthetic,
        "tiles": _tiles(dossier, seen, units),
        "units": units,
        "unplaced": unplaced,
        "verdicts": VERDICTS,
        "whose_gain": WHOSE_GAIN,
    }


def _pre(text: str) -> Markup:
    # Marked as done, so that the line breaks survive what is done to other texts.
    return escape(text)


def _tiles(dossier: Dossier, seen: Shown, units: Units) -> list[Tile]:
    study = dossier.findings.study
    failed = f"; {study.variants.failed} failed" if study.variants.failed else ""
    if same(dossier.findings):
        said = f"of {study.variants.trained} variants{failed}"
        return [Tile("Different models", "1", "", said)]
    tiles = [
        Tile(
            "Equally good models",
            f"{study.variants.kept}",
            f"of {study.variants.trained}",
            f"within {units.difference(study.epsilon)} on held-out data{failed}",
        )
    ]
    for name, of in (("Widest typical gap", _gap), ("Deepest fall", _drop)):
        # What changes between the sides of a pair is no fall.
        known = [
            probe
            for probe in seen.stressed
            if finite(of(probe).value) is not None and (of is _gap or probe.kind != "contrastive")
        ]
        if known:
            worst = max(known, key=lambda probe: finite(of(probe).value) or 0.0)
            found = units.differences(of(worst))
            where = f"{found.ends}, on" if found.ends else "on"
            tiles.append(Tile(name, found.main, units.points, f"{where} {title(worst)}"))
    chosen = next(
        (c for c in dossier.findings.choices if c.rule == dossier.findings.recommended), None
    )
    if chosen is not None:
        ids = [plain(one, 24) for one in chosen.variants]
        figure = ids[0] if len(ids) == 1 else f"{len(ids)} models" + " together" * chosen.together
        tiles.append(
            Tile("To ship", figure, "", f"chosen by {plain(chosen.rule, 40).replace('_', ' ')}")
        )
    elif dossier.findings.choices and study.variants.kept:
        tiles.append(_no_pick(dossier.findings))
    return tiles


def _no_pick(findings: Findings) -> Tile:
    code = "any" if findings.advice is None else findings.advice.code
    if code == "specify_more":
        return Tile("To ship", "none", "yet", "no rule is recommended: specify more first")
    if code == "undecided":
        return Tile("To ship", "none", "preferred", "no rule is recommended")
    return Tile("To ship", "any", "of the pool", "no rule is recommended")


def _gap(probe: ProbeFinding) -> Ended:
    return probe.gap


def _drop(probe: ProbeFinding) -> Ended:
    return probe.drop


def _rule(choice: Choice, units: Units, findings: Findings) -> Rule:
    return Rule(
        name=plain(choice.rule, 60),
        ships=ships(choice, findings) or "nothing",
        gain=units.differences(choice.gain),
        transfer=units.differences(choice.transfer),
        splits=choice.splits,
        recommended=choice.rule == findings.recommended,
    )
