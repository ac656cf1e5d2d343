"""Checks as JUnit XML, which continuous-integration servers read."""

from dataclasses import dataclass
from xml.etree import ElementTree as ET

from underspec.core.findings import Findings, ProbeFinding, YesNo
from underspec.report._protocol import Dossier
from underspec.report.checks import Check, Checks, Outcome, amount, left_out, limit
from underspec.report.numbers import Units, chance, times
from underspec.report.shown import plain, shown, title

__all__ = ["Junit", "junit"]

_OUTCOMES: dict[YesNo, Outcome] = {"no": "holds", "yes": "fails", "unknown": "undecided"}
# XML has no way to write these at all; `plain` takes the control characters out.
_NEVER = dict.fromkeys((0xFFFE, 0xFFFF), " ")


@dataclass(frozen=True)
class Junit:
    """The verdicts as JUnit XML: a test case for each axis of each probe.

    An axis that is yes is a failure, one that is unknown is skipped. `underspec gate --junit`
    writes the same for thresholds of one's own.
    """

    @property
    def suffix(self) -> str:
        """File suffix without the dot."""
        return "xml"

    def __call__(self, dossier: Dossier, /) -> str:
        """Return the verdicts as JUnit XML."""
        findings = dossier.findings
        seen = shown(findings)
        rows = [row for probe in seen.stressed for row in _axes(probe, findings)]
        basis = f"The study's own verdicts; what is unknown is skipped.{left_out(seen.suppressed)}"
        if dossier.synthetic:
            basis += f" Synthetic data: {dossier.synthetic}."
        name, metric = findings.study.name, findings.study.metric
        return junit(Checks("verdict", name, metric, tuple(rows), True, basis))


def junit(checks: Checks) -> str:
    """Return one test case a row; what is let through undecided is skipped, else a failure.

    The structure is the one that JUnit's own writers and readers share: counts on both suites,
    `failure` and `skipped` with message and type. Times are 0, so that the same findings give the
    same bytes.
    """
    failures = sum(checks.stops(row) for row in checks.rows)
    skipped = sum(row.outcome != "holds" for row in checks.rows) - failures
    counts = {"tests": str(len(checks.rows)), "failures": str(failures), "errors": "0", "time": "0"}
    name = _text(f"underspec {checks.title}: {checks.study}")
    root = ET.Element("testsuites", {"name": name, **counts})
    suite = ET.SubElement(root, "testsuite", {"name": name, **counts, "skipped": str(skipped)})
    facts = ET.SubElement(suite, "properties")
    ET.SubElement(facts, "property", {"name": "basis", "value": _text(checks.basis, 1000)})
    units = Units(checks.metric)
    for row in checks.rows:
        case = {"classname": _text(row.probe), "name": _text(row.name), "time": "0"}
        at = ET.SubElement(suite, "testcase", case)
        if row.outcome != "holds":
            tag = "failure" if checks.stops(row) else "skipped"
            said = {"type": row.outcome, "message": _text(row.because, 1000)}
            ET.SubElement(at, tag, said).text = _text(_details(row, units), 1000)
    ET.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _details(row: Check, units: Units) -> str:
    p = f"; adjusted p {chance(row.p_adjusted)}" if row.p_adjusted is not None else ""
    return f"{row.title}: {row.quantity} {amount(row, units)}, allowed {limit(row, units)}{p}."


def _text(text: str, limit: int = 240) -> str:
    return plain(text, limit).translate(_NEVER)


def _axes(probe: ProbeFinding, findings: Findings) -> list[Check]:
    study, gap, drop = findings.study, probe.gap, probe.drop
    rows = [
        Check(
            probe=probe.name,
            title=title(probe),
            name=f"spread, epsilon {study.epsilon:g}",
            quantity="gap",
            bound=study.epsilon,
            value=gap.value,
            low=gap.low,
            high=gap.high,
            outcome=_OUTCOMES[probe.spread_verdict],
            because=probe.because
            if probe.kind == "contrastive"
            else f"{probe.because} Spread against the holdout's: {times(probe.ratio)}.",
            p_adjusted=probe.p_adjusted,
        )
    ]
    if study.max_drop is not None:
        rows.append(
            Check(
                probe=probe.name,
                title=title(probe),
                name=f"drop, max_drop {study.max_drop:g}",
                quantity="drop",
                bound=study.max_drop,
                value=drop.value,
                low=drop.low,
                high=drop.high,
                outcome=_OUTCOMES[probe.drop_verdict],
                because=probe.because,
            )
        )
    return rows
