"""Dossiers that are short of something, too big or hostile; all of this data is synthetic."""

from dataclasses import replace

from tests.report.dossiers import realistic, without
from underspec.core.findings import (
    Arbitrariness,
    Findings,
    Gap,
    Interval,
    Intervals,
    Needs,
    Overdispersion,
    Pool,
    Ratio,
    Spread,
    StudyFacts,
    VariantCounts,
)
from underspec.report import Dossier

NOTHING = Interval(None, None, None)
ENDLESS = "extraordinarily_long_name_without_any_break_" * 8


def empty():
    """Nothing was asked for."""
    findings = Findings(
        schema=1,
        intervals=Intervals(0.95, "variants", "none"),
        study=StudyFacts(
            "empty", "classification", "accuracy", 0.01, None, None, VariantCounts(0, 0, 0, 0)
        ),
        pool=Pool((), {}, None),
        probes=(),
    )
    return Dossier(findings=findings, variants=(), scores={})


def no_stress():
    """Trained and measured on the holdout only."""
    whole = realistic(variants=12)
    names = {"holdout"}
    return without(
        whole,
        probes=tuple(p for p in whole.findings.probes if p.name in names),
        relations=(),
        arbitrariness=(),
        choices=(),
        recommended=None,
    )


def no_pool():
    """No variant was kept, so nothing between variants is known."""
    whole = unresolved()
    study = replace(whole.findings.study, variants=VariantCounts(50, 49, 1, 0))
    dropped = dict.fromkeys((row.id for row in whole.variants), "not certified")
    return without(whole, study=study, pool=Pool((), dropped, None), choices=(), recommended=None)


def one_variant():
    """A single variant cannot differ from itself."""
    whole = realistic(variants=1, exhibits=0)
    return without(
        whole,
        probes=tuple(_unresolved(p) for p in whole.findings.probes),
        relations=(),
        arbitrariness=tuple(
            Arbitrariness(p.name, None, None, None, None, 1) for p in whole.findings.probes
        ),
        choices=(),
        recommended=None,
    )


def unresolved():
    """Fifty variants, and not one number that the data resolve."""
    whole = realistic()
    return without(
        whole,
        probes=tuple(_unresolved(p) for p in whole.findings.probes),
        relations=tuple(
            replace(r, pearson=NOTHING, spearman=NOTHING, p=None, p_adjusted=None, note="too noisy")
            for r in whole.findings.relations
        ),
        recommended=None,
    )


def _unresolved(probe):
    yard = probe.kind == "holdout"
    return replace(
        probe,
        drop=NOTHING,
        spread=Spread(None, None, None, None, None, None, None, None),
        gap=Gap(None, None, None, "none"),
        ratio=Ratio(None, 4.0 if probe.family == "fog" else None, None, None, "all trained"),
        overdispersion=Overdispersion(None, None, None),
        drop_verdict="unknown",
        spread_verdict="unknown",
        p=None,
        p_adjusted=None,
        verdict="yardstick" if yard else "undecided",
        other=None,
        because="Fewer than 10 variants were kept, so spread is not judged.",
        needs=None if yard else Needs(None, None),
        power=None,
    )


def big():
    """Two hundred variants over a hundred probes."""
    severities = tuple(float(s) for s in range(1, 13))
    groups = tuple(f"site number {at}" for at in range(15))
    return realistic(variants=200, severities=severities, groups=groups, exhibits=60)


def small_groups():
    """Two groups hold fewer than ten examples."""
    whole = realistic(variants=20)
    small = {"class-0", "class-3"}
    return without(
        whole,
        probes=tuple(
            replace(p, n=7, clusters=7, title=f"rare disease of {p.name}", because="of 7 people")
            if p.name in small
            else p
            for p in whole.findings.probes
        ),
    )


def endless_names():
    """Names far longer than any column, without a break in them."""
    whole = realistic(variants=20)
    ids = {row.id: f"{row.id}-{ENDLESS}" for row in whole.variants}
    findings = replace(
        whole.findings,
        study=replace(whole.findings.study, name=ENDLESS),
        pool=Pool(
            tuple(ids[one] for one in whole.findings.pool.kept),
            {ids[one]: ENDLESS for one in whole.findings.pool.dropped},
            0.001,
            ENDLESS,
        ),
        probes=tuple(replace(p, title=f"{p.title}{ENDLESS}", because=ENDLESS) for p in whole.findings.probes),
        choices=tuple(
            replace(c, rule=f"{c.rule}{ENDLESS}", variants=tuple(ids[one] for one in c.variants))
            for c in whole.findings.choices
        ),
        recommended=f"minimax_regret{ENDLESS}",
        notes=(ENDLESS * 3,),
    )  # fmt: skip
    return replace(
        whole,
        findings=findings,
        variants=tuple(
            replace(row, id=ids[row.id], sources={ENDLESS: ENDLESS}) for row in whole.variants
        ),
        scores={p: {ids[one]: v for one, v in row.items()} for p, row in whole.scores.items()},
        exhibits=tuple(
            replace(e, label=ENDLESS, example=ENDLESS, votes={ENDLESS: 9, **e.votes})
            for e in whole.exhibits
        ),
        study={ENDLESS: ENDLESS * 4},
        notices=(ENDLESS * 4,),
        synthetic=ENDLESS,
    )


def log_loss():
    """A metric that is no share of examples: nothing is told in points."""
    whole = realistic(variants=20)
    return without(
        whole,
        study=replace(whole.findings.study, metric="log_loss", max_drop=None),
        probes=tuple(replace(p, metric="log_loss") for p in whole.findings.probes),
    )


PATHOLOGIES = (
    empty, no_stress, no_pool, one_variant, unresolved, big, small_groups, endless_names, log_loss,
)  # fmt: skip
