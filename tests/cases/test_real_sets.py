"""The cases on real tables: a negative control stays one, and what falls falls for all variants."""

import pytest

from underspec import cases
from underspec.cases.ready import ready
from underspec.core.findings import Findings
from underspec.data.packaged.fetch import fetch


def run(name: str, folder: str) -> Findings:
    """Run the quick form of a case, on two workers."""
    _, made = ready(cases.get(name), folder, form="quick")
    return made[0].study.run(folder, workers=2)


@pytest.fixture(autouse=True)
def fetched(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cache of the tests' own, filled once."""
    cache = tmp_path_factory.getbasetemp() / "packages"
    monkeypatch.setenv("UNDERSPEC_CACHE", str(cache))
    for name in ("census", "survset"):
        fetch(name)


@pytest.mark.slow
def test_census_years_are_clean(tmp_path) -> None:
    """Later years differ hardly from the first: no call for drop or spread in any of them."""
    found = run("census", str(tmp_path))
    years = [probe for probe in found.probes if probe.family.startswith("year_")]

    assert len(years) == 2
    assert {probe.verdict for probe in years} == {"clean"}
    # A part that is harder for all is told as that.
    ages = [probe for probe in found.probes if probe.name.startswith("age_band-")]
    assert "structural" in {probe.verdict for probe in ages}
    assert not {"underspecified", "both"} & {probe.verdict for probe in found.probes}


@pytest.mark.slow
def test_other_diseases_are_harder_for_all(tmp_path) -> None:
    """A model of organ failure falls on chronic disease and cancer, whatever its seed and sample."""
    found = {probe.name: probe for probe in run("renal", str(tmp_path)).probes}

    assert {found[name].drop_verdict for name in ("chronic", "cancer")} == {"yes"}
    assert found["cancer"].gap.value > found["holdout"].gap.value
    assert {found[name].spread_verdict for name in found if name.startswith("sex-")} <= {
        "no",
        "unknown",
    }
