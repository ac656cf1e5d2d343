"""Which source the spread comes from, as readers see it."""

from dataclasses import replace

import pytest

from tests.report.dossiers import realistic, without
from underspec import report
from underspec.core.findings import Attribution, Interval
from underspec.report.attribution import attribution_rows, attribution_said
from underspec.report.numbers import Units
from underspec.report.shown import shown


def _source(probe, share, **changes):
    row = Attribution(
        probe=probe.name, source="init", kind="source", layout="levels", levels=5,
        spread=Interval(0.02, 0.01, 0.03), variance=4e-4, share=Interval(share, 0.84, 1.0), icc=0.9,
        f=147.5, df=4.0, df_below=16.0, p=2e-12, p_true=0.021, p_adjusted=0.167, note=None,
    )  # fmt: skip
    return replace(row, **changes)


@pytest.fixture(scope="module")
def dossier():
    """Five stress tests, of which the spread of all but the last is divided."""
    whole = realistic(variants=20, groups=(), severities=(5.0,), exhibits=0)
    probes = whole.findings.probes[:6]
    rows = [_source(p, 0.9) for p in probes[1:5]] + [_source(probes[5], None)]
    return without(whole, probes=probes, attribution=tuple(rows))


def test_the_p_of_the_range_stands_beside_it(dossier):
    """The p for examples like these is shown with its adjustment; F on these ones is folded."""
    findings = dossier.findings
    row = attribution_rows(findings, shown(findings), Units("accuracy"))[0]
    page = report.get("html")(dossier)
    table = page[page.index('id="attribution"') : page.index("F on these very examples")]

    assert str(row.p) == "0.021 (adjusted 0.17)"
    assert "147.50" not in table
    assert "147.50 (4, 16)" in page
    assert "adjusted p allows for all 5 tests of a source" in table


def test_a_test_that_is_left_out_is_named(dossier):
    """The shares are counted of all stress tests, and those not divided are named, or counted."""
    findings = dossier.findings
    seen = shown(findings)
    last = seen.titles[findings.attribution[-1].probe]
    none = without(dossier, attribution=findings.attribution[:1])

    said = attribution_said(dossier, seen)
    assert f"init on 4 of 5 stress tests; on “{last}” it is too small or too noisy" in said
    assert "init on 1 of 5 stress tests; on 4 others it is" in attribution_said(none, seen)
