"""What was run, with what, at what cost: the study, the environment and the pool in full."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from underspec.report._protocol import Dossier
from underspec.report.numbers import duration, finite
from underspec.report.shown import plain

__all__ = ["Roll", "block", "costs", "roll", "yaml_text"]

_LONGEST = 20_000


@dataclass(frozen=True)
class Roll:
    """All variants: those dropped by reason, those that failed, and the list of all."""

    dropped: tuple[tuple[str, str], ...]
    failed: tuple[tuple[str, str], ...]
    sources: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[str, ...], str], ...]
    more: int


def roll(dossier: Dossier, most: int = 1000) -> Roll:
    """Return who was kept, dropped and lost; the list of all holds at most `most` rows."""
    pool = dossier.findings.pool
    kept = set(pool.kept)
    sources = sorted({name for row in dossier.variants for name in row.sources})[:12]
    rows = []
    for row in dossier.variants[:most]:
        fate = "kept" if row.id in kept else "dropped" if row.id in pool.dropped else row.status
        given = tuple(plain(row.sources.get(name, ""), 30) for name in sources)
        seconds = finite(row.seconds)
        rows.append((plain(row.id, 40), fate, given, "" if seconds is None else duration(seconds)))
    return Roll(
        dropped=tuple(
            (plain(one, 40), plain(reason)) for one, reason in list(pool.dropped.items())[:most]
        ),
        failed=tuple(
            (plain(row.id, 40), plain(row.error or "no reason was recorded", 400))
            for row in dossier.variants
            if row.status == "failed"
        )[:most],
        sources=tuple(plain(name, 30) for name in sources),
        rows=tuple(rows),
        more=max(len(dossier.variants) - most, 0),
    )


def costs(cost: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    """Return the figures of cost with their names, seconds as durations."""
    shown = []
    for name, value in cost.items():
        known = finite(value)
        if known is None:
            shown.append((plain(name, 60), "not measured"))
        elif "seconds" in name:
            said = " ".join(name.replace("seconds", "").replace(" ,", ",").split())
            shown.append((plain(said or "time", 60), duration(known)))
        else:
            text = f"{known:,.0f}" if abs(known) >= 1000 else f"{known:.4g}"
            shown.append((plain(name, 60), text))
    return tuple(shown)


def yaml_text(values: Mapping[str, Any]) -> str:
    """Return plain values as YAML, cut where they are unduly long."""
    import yaml

    if not values:
        return ""
    text = yaml.safe_dump(_values(values), sort_keys=False, allow_unicode=True, width=88)
    return block(text)


def block(text: str) -> str:
    """Return text of several lines without unseen characters, cut where it is unduly long."""
    cut = text if len(text) <= _LONGEST else text[:_LONGEST] + "\n... (cut)"
    return "\n".join(plain(line, _LONGEST) for line in cut.split("\n"))


def _values(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _values(item) for key, item in value.items()}
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        # A NumPy scalar is a float that YAML does not know.
        return float(value) if isinstance(value, float) else int(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return [_values(item) for item in value]
    return plain(value, _LONGEST)
