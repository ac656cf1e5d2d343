"""Rules for choosing as readers see them called."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from underspec.report._protocol import Dossier

__all__ = ["told"]


def told(dossier: Dossier) -> Dossier:
    """Return a dossier whose rules are told with what they look at: ``best_on fog-*``.

    A study names a rule by itself while there is one of a kind.
    """
    looks = _looks(dossier.study.get("choose"))
    findings = dossier.findings
    if not any(one.rule in looks for one in findings.choices):
        return dossier
    named = tuple(replace(one, rule=looks.get(one.rule, one.rule)) for one in findings.choices)
    best = findings.recommended
    recommended = None if best is None else looks.get(best, best)
    return replace(dossier, findings=replace(findings, choices=named, recommended=recommended))


def _looks(written: Any) -> dict[str, str]:
    """Return rule to its name with the probe, of rules that are written once and have one."""
    members = written if isinstance(written, list | tuple) else [written]
    found: dict[str, list[str]] = {}
    for member in members:
        if isinstance(member, Mapping):
            for rule, parameters in member.items():
                probe = parameters.get("probe") if isinstance(parameters, Mapping) else None
                found.setdefault(str(rule), []).append("" if probe is None else str(probe))
    return {
        rule: f"{rule} {probes[0]}"
        for rule, probes in found.items()
        if len(probes) == 1 and probes[0]
    }
