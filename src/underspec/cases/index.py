"""One page over the studies of several cases."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from underspec.cases._protocol import Case
from underspec.core.findings import ProbeFinding
from underspec.core.store import Store
from underspec.report.numbers import Units, duration, times
from underspec.report.shown import shown, title
from underspec.report.words import VERDICTS
from underspec.study import read_dossier

__all__ = ["Line", "index_page", "line", "table"]

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class Line:
    """One study in the table: everything as readers see it.

    Attributes:
        case: name of the case.
        study: name of the study.
        data: ``synthetic`` or ``real``.
        variants: kept of trained.
        level: the metric on the holdout.
        lab: true spread on the holdout.
        worst: title of the stress test with the widest gap, among those that were called where
            there are some.
        field: true spread there.
        gap: how far two near-equal models differ there.
        ratio: of the spreads.
        verdict: its verdict.
        called: stress tests on which near-equal models part, of all.
        took: training and predicting.
        report: path of the report, relative to the page.
    """

    case: str
    study: str
    data: str
    variants: str
    metric: str
    level: str
    lab: str
    worst: str
    field: str
    gap: str
    ratio: str
    verdict: str
    called: str
    took: str
    report: str


def line(case: Case, folder: str, root: str) -> Line:
    """Return the line of one finished study.

    Args:
        case: which.
        folder: of the study.
        root: where the page will lie.

    Raises:
        StudyError: the folder holds no finished study.
    """
    dossier = read_dossier(Store(folder))
    findings = dossier.findings
    seen, units = shown(findings), Units(findings.study.metric)
    worst, lab = _worst(seen.stressed), seen.holdout
    called = sum(probe.spread_verdict == "yes" for probe in seen.stressed)
    counts = findings.study.variants
    seconds = dossier.cost.get("wall seconds, training and predicting")
    return Line(
        case=case.name,
        study=findings.study.name,
        data="synthetic" if any("ynthetic" in one for one in dossier.notices) else "real",
        variants=f"{counts.kept} of {counts.trained}",
        metric=units.name,
        level="" if lab is None else units.level(lab.mean.value),
        lab="" if lab is None else _spread(lab, units),
        worst="" if worst is None else title(worst),
        field="" if worst is None else _spread(worst, units),
        gap="" if worst is None else str(units.differences(worst.gap)) + units.points,
        ratio="" if worst is None else str(times(worst.ratio)),
        verdict="" if worst is None else VERDICTS[worst.verdict].text,
        called=f"{called} of {len(seen.stressed)}",
        took="" if seconds is None else duration(seconds),
        report=Path(folder).resolve().relative_to(Path(root).resolve()).as_posix() + "/report.html",
    )


def _spread(probe: ProbeFinding, units: Units) -> str:
    """Return a true spread; where luck alone explains what is seen it is not resolved."""
    true = probe.spread.true
    return units.bare(true) + units.points if true else "not resolved"


def _worst(probes: tuple[ProbeFinding, ...]) -> ProbeFinding | None:
    """Return the probe with the widest gap, of those called where there are some.

    Shares of contrastive pairs are in units of their own and come last.
    """
    known = [probe for probe in probes if probe.gap.value is not None]
    return max(
        known,
        key=lambda p: (
            p.kind != "contrastive",
            p.spread_verdict == "yes",
            p.gap.value or 0.0,
        ),
        default=None,
    )


def table(lines: list[Line]) -> str:
    """Return the lines as a Markdown table."""
    heads = {
        "case": "case",
        "data": "data",
        "variants": "kept",
        "metric": "metric",
        "level": "holdout",
        "lab": "true spread there",
        "worst": "worst stress test",
        "field": "true spread there",
        "gap": "gap",
        "ratio": "ratio",
        "verdict": "verdict",
        "called": "called",
    }
    rows = ["| " + " | ".join(heads.values()) + " |", "|" + "---|" * len(heads)]
    rows += ["| " + " | ".join(str(getattr(one, key)) for key in heads) + " |" for one in lines]
    return "\n".join(rows) + "\n"


def index_page(lines: list[Line], cases: list[Case]) -> str:
    """Return the page over all studies as one HTML file."""
    templates = jinja2.Environment(
        loader=jinja2.ChoiceLoader(
            [
                jinja2.PackageLoader("underspec.cases", "."),
                jinja2.PackageLoader("underspec.report.html", "templates"),
            ]
        ),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = Markup(templates.get_template("style.css").render())  # noqa: S704 - our own file
    context: dict[str, Any] = {"lines": lines, "cases": cases, "style": style, "policy": _POLICY}
    return templates.get_template("index.html").render(**context) + "\n"
