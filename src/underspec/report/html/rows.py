"""The table of verdicts: a row a probe, by family, with all its numbers behind it."""

from collections.abc import Sequence
from dataclasses import dataclass

from underspec.core.findings import ProbeFinding
from underspec.report.html.scale import reach, share
from underspec.report.numbers import Estimate, Units, chance, finite, number, times
from underspec.report.pairs import against, level
from underspec.report.shown import Shown, plain, title
from underspec.report.words import VERDICTS, open_axis

__all__ = ["Bar", "Group", "Row", "Table", "Told", "further", "groups"]

# More rows would make the file too big for a page that opens at once.
MOST = 500


@dataclass(frozen=True)
class Bar:
    """A gap with its interval and the margin, in per cent of the widest."""

    value: float | None
    low: float
    high: float
    margin: float


@dataclass(frozen=True)
class Row:
    """One probe; `keys` are what its columns sort by, `facts` every number there is."""

    anchor: str
    title: str
    short: str
    verdict: str
    said: str
    open: str
    level: Estimate
    drop: Estimate
    gap: Estimate
    bar: Bar | None
    ratio: Estimate
    null: str
    power: str
    needs: str
    because: str
    keys: tuple[float, ...]
    facts: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Told:
    """One probe under a metric that does not judge."""

    title: str
    level: Estimate
    drop: Estimate
    gap: Estimate
    ratio: Estimate


@dataclass(frozen=True)
class Table:
    """What is told under one metric that does not judge, and how many probes found no place."""

    units: Units
    rows: tuple[Told, ...]
    more: int


@dataclass(frozen=True)
class Group:
    """The rows of one family, the name empty for the holdout."""

    name: str
    rows: tuple[Row, ...]


def groups(seen: Shown, epsilon: float) -> tuple[tuple[Group, ...], int]:
    """Return the rows by family, and how many probes found no place."""
    families = [("", [seen.holdout] if seen.holdout else [])]
    families += [(family.name, list(family.probes)) for family in seen.families]
    whole = _reach(seen, epsilon)
    made, taken = [], 0
    for name, probes in families:
        fit = probes[: MOST - taken]
        if fit:
            rows = tuple(_row(p, taken + at, epsilon, whole) for at, p in enumerate(fit))
            made.append(Group(_named(name, probes), rows))
        taken += len(fit)
    return tuple(made), sum(len(probes) for _, probes in families) - taken


def _named(family: str, probes: Sequence[ProbeFinding]) -> str:
    """Return how a family is called; groups by what they are groups of, as their titles say."""
    of = {title(probe).rpartition(" = ")[0] for probe in probes if probe.kind == "stratified"}
    if len(of) == 1 and "" not in of:
        return of.pop()
    return plain(family.replace("_", " "), 80)


def further(seen: Shown) -> tuple[Table, ...]:
    """Return one table a metric that does not judge."""
    tables, left = [], MOST
    for one in seen.further:
        units, fit = Units(one.metric), one.probes[:left]
        left -= len(fit)
        rows = tuple(
            Told(
                title=title(probe),
                level=level(probe),
                drop=Estimate("–", "")
                if probe.kind == "holdout"
                else units.differences(probe.drop),
                gap=units.differences(probe.gap),
                ratio=_against(probe),
            )
            for probe in fit
        )
        tables.append(Table(units, rows, len(one.probes) - len(fit)))
    return tuple(tables)


def _reach(seen: Shown, epsilon: float) -> float:
    gaps = [p.gap for p in seen.stressed]
    return reach(
        [finite(gap.high) or 0.0 for gap in gaps],
        [epsilon, *(finite(gap.value) or 0.0 for gap in gaps)],
    )


def _row(probe: ProbeFinding, at: int, epsilon: float, whole: float) -> Row:
    units = Units(probe.metric)
    yard = probe.kind == "holdout"
    return Row(
        anchor=f"p{at}",
        title=title(probe),
        short=_short(probe),
        verdict=probe.verdict,
        said=VERDICTS[probe.verdict].text,
        open=open_axis(probe),
        level=level(probe),
        drop=Estimate("–", "") if yard else units.differences(probe.drop),
        gap=units.differences(probe.gap),
        bar=_bar(probe, epsilon, whole),
        ratio=_against(probe),
        null=""
        if yard or finite(probe.ratio.null_ratio) is None
        else f"skill alone {number(probe.ratio.null_ratio, 1)}×",
        power="" if finite(probe.power) is None else f"{number(probe.power, 0, 100)} %",
        needs=_needs(probe),
        because=plain(probe.because, 1200),
        keys=tuple(
            finite(value) or 0.0
            for value in (
                at,
                at if yard else _GRAVITY.get(probe.verdict, 0),
                probe.mean.value,
                probe.drop.value,
                probe.gap.value,
                probe.ratio.value if finite(probe.ratio.value) is not None else probe.ratio.low,
                probe.power,
            )
        ),
        facts=_facts(probe, units),
    )


def _against(probe: ProbeFinding) -> Estimate:
    found = against(probe)
    return found if found.main else Estimate("–", "")


_GRAVITY = {"clean": 1, "undecided": 2, "structural": 3, "underspecified": 4, "both": 5}


def _short(probe: ProbeFinding) -> str:
    if probe.severity is not None:
        return f"{probe.severity:g}"
    # A group's title repeats its column, which the family's name beside it tells.
    return plain(title(probe).rpartition(" = ")[2], 22)


def _bar(probe: ProbeFinding, epsilon: float, whole: float) -> Bar | None:
    value, low, high = (finite(v) for v in (probe.gap.value, probe.gap.low, probe.gap.high))
    if value is None and low is None:
        return None
    return Bar(
        value=None if value is None else share(value, whole),
        low=share(low or 0.0, whole),
        high=100.0 if high is None else share(high, whole),
        margin=share(epsilon, whole),
    )


def _needs(probe: ProbeFinding) -> str:
    if probe.needs is None:
        return ""
    ways = []
    if probe.needs.variants is not None:
        ways.append(f"{probe.needs.variants:,} variants")
    if probe.needs.examples is not None:
        ways.append(f"{probe.needs.examples:,} examples")
    return "needs " + " or ".join(ways) if ways else "nothing feasible decides it"


def _facts(probe: ProbeFinding, units: Units) -> tuple[tuple[str, str], ...]:
    spread, over = probe.spread, probe.overdispersion

    squared = finite(spread.true_squared)
    points = units.points and ", points"
    ends = f"{units.bare(spread.low, spread.true)} to {units.bare(spread.high, spread.true)}"
    any_p, any_adjusted = chance(over.p), chance(over.p_adjusted)
    pairs = probe.kind == "contrastive"
    facts = {
        "Probe": plain(probe.name),
        "Kind": probe.kind,
        "Pairs" if pairs else "Examples": f"{probe.n:,} in {probe.clusters:,} clusters",
        "Mean of the pairs" if pairs else f"Mean {units.name}": str(level(probe)),
        f"{'Change between the sides' if pairs else 'Drop against holdout'}{points}": str(
            units.differences(probe.drop)
        ),
        f"Gap{points}": f"{units.differences(probe.gap)}; {plain(probe.gap.form)}",
        "Observed spread": units.difference(spread.observed),
        "Noise": units.difference(spread.noise),
        "True spread": f"{units.difference(spread.true)} ({ends})",
        "True spread, squared": "not resolved"
        if squared is None
        else f"{squared:.3g}".replace("-", "−"),
        "Reliability": number(spread.reliability, 2),
        "Spread against holdout": plain(probe.ratio.denominator)
        if pairs
        else f"{times(probe.ratio)}; over {plain(probe.ratio.denominator)}",
        **(
            {}
            if pairs
            else {"Ratio expected from a common skill": number(probe.ratio.null_ratio, 2)}
        ),
        "Any spread at all": f"φ {number(over.phi, 2)}, p {any_p}, adjusted {any_adjusted}",
        "Spread verdict": f"{probe.spread_verdict}; p {chance(probe.p)}, "
        f"adjusted {chance(probe.p_adjusted)}",
        "Drop verdict": probe.drop_verdict,
        "Power": number(probe.power, 2),
        "To decide it": _needs(probe) or "nothing more",
    }
    if spread.doubtful:
        facts["Doubtful"] = plain(spread.doubtful)
    return tuple(facts.items())
