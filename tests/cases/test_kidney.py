"""The kidney case on its stand-in: what habit does to the verdicts, and that nothing is called without it."""

from pathlib import Path

import pytest

from underspec import cases
from underspec.cases.ready import ready

pytestmark = [pytest.mark.slow, pytest.mark.torch]


def verdicts(form: str, folder: Path) -> dict[str, tuple[str, str]]:
    """Run a form of the case; return probe to its verdict on spread and its verdict in a word."""
    _, studies = ready(cases.get("kidney"), str(folder), form=form)  # type: ignore[arg-type]
    found = studies[0].study.run(folder / "run")
    assert found.study.variants.kept >= 10
    # Each probe stands there once a metric; the first one judges.
    return {
        one.name: (one.spread_verdict, one.verdict)
        for one in found.probes
        if one.metric in ("auc", "agreement") and one.kind != "holdout"
    }


def test_a_ward_of_other_hours_parts_near_equal_variants(tmp_path: Path) -> None:
    """With habits to learn, some probe that leaves the ward's day behind is called, and clock edits flip answers."""
    found = verdicts("quick", tmp_path)

    assert found["later_ward-12"][0] == "yes"
    assert found["time_shift-12"][1] == "reported"


def test_without_habits_nothing_is_called(tmp_path: Path) -> None:
    """At dial 0 no probe parts the variants, and a ward of other hours is plainly clean."""
    found = verdicts("clean", tmp_path)

    assert not [name for name, (spread, _) in found.items() if spread == "yes"]
    assert found["later_ward-12"][0] == "no"
