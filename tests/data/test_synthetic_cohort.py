"""The synthetic cohort: its reader, its bodies, and the habits that the dial turns off."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest

from underspec import data
from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.data.checksum import checksum
from underspec.data.records.cohort import LABS as THEIRS
from underspec.data.synthetic.cohort import BASIC_PANEL, ITEMS, SyntheticCohort
from underspec.data.synthetic.cohort.items import LABS, UNITS
from underspec.data.synthetic.cohort.measurement import charted, draws
from underspec.data.synthetic.cohort.physiology import HOURS, bodies

ROOT = stream(3, "data", "cohort", "train")
NAMES = [f"patient-{k}" for k in range(600)]
CREATININE = ITEMS.index("creatinine")


@pytest.fixture(scope="module")
def body():
    return bodies(ROOT, NAMES)


def test_the_reader_keeps_its_contract():
    """Records of 16 steps with named columns, two classes, patients as clusters, groups to stratify by."""
    made = SyntheticCohort(patients=60)()
    assert made.columns == (*ITEMS, "hour_sin", "hour_cos", "age")
    assert made.inputs.shape == (len(made), 16, len(made.columns))
    assert made.inputs.dtype == np.float32
    assert set(made.groups) == {"time_of_day", "age_band", "sex"}
    assert made.classes == ("no injury", "injury")
    assert 5 < len(made) / len(set(made.clusters)) < 16
    assert set(UNITS) == {*ITEMS, "age"}
    data.checked(made)


def test_it_says_that_it_is_synthetic():
    """The notice that reports print begins with the word, and the registry knows the reader."""
    assert SyntheticCohort().notice.startswith("Synthetic")
    assert data.get("synthetic_cohort", patients=30) == SyntheticCohort(patients=30)


def test_its_items_are_those_of_the_real_readers():
    """One study file's columns do for all."""
    assert LABS == THEIRS
    assert LABS[: len(BASIC_PANEL)] == BASIC_PANEL


def test_every_process_makes_the_same_patients():
    """Another process with another hash seed gives the same checksum."""
    code = (
        "from underspec.data.synthetic.cohort import SyntheticCohort as S;"
        "from underspec.data.checksum import checksum;print(checksum(S('holdout', patients=40)()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    told = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == checksum(SyntheticCohort("holdout", patients=40)())


def test_fewer_patients_are_the_first_of_more(monkeypatch):
    """Neither how many there are nor how many are made at once changes anybody."""
    many = SyntheticCohort(patients=70)()
    few = SyntheticCohort(patients=30)()
    rows = np.isin(many.clusters, np.unique(few.clusters))
    assert checksum(many.take(rows)) == checksum(few)
    monkeypatch.setattr("underspec.data.synthetic.cohort.reader._AT_ONCE", 33)
    assert checksum(SyntheticCohort(patients=70)()) == checksum(many)


def test_no_patient_is_in_both_parts_or_under_two_seeds():
    """Ages, which nothing rounds, are all different."""
    made = [SyntheticCohort(patients=60)(), SyntheticCohort("holdout", patients=60)()]
    made.append(SyntheticCohort(patients=60, seed=1)())
    names = [set(one.clusters) for one in made]
    assert not names[0] & names[1]
    assert not names[0] & names[2]
    # Only those whose age was cut to 18 or 95 have the age of another.
    ages = [set(np.unique(one.inputs[:, 0, -1])) - {18.0, 95.0} for one in made]
    assert not ages[0] & ages[1]
    assert not ages[0] & ages[2]


@pytest.mark.parametrize("dial", [0.0, 0.5, 1.0])
def test_injury_is_neither_rare_nor_usual(dial):
    """10 to 20 % of the examples, about as many in each part of the day, at every dial."""
    made = SyntheticCohort(patients=1000, dial=dial, seed=5)()
    assert 0.1 < made.labels.mean() < 0.2
    parts = [
        made.labels[made.groups["time_of_day"] == part].mean()
        for part in np.unique(made.groups["time_of_day"])
    ]
    assert len(parts) == 4
    assert max(parts) - min(parts) < 0.05


def test_the_dial_changes_no_body():
    """The same patients at every dial and in a ward of other hours: age and who is ill are theirs."""
    made = [SyntheticCohort(patients=40, dial=d, later=h)() for d, h in ((1, 0), (0, 0), (1, 12))]
    ages = [
        dict(zip(one.clusters.tolist(), one.inputs[:, 0, -1].tolist(), strict=True)) for one in made
    ]
    for other in ages[1:]:
        assert all(other[name] == age for name, age in ages[0].items() if name in other)


def test_without_habits_what_is_measured_does_not_hang_on_the_patient(body):
    """At dial 0, patients who are made well or ill are drawn in the same hours, with the same orders."""
    well = replace(body, illness=np.zeros_like(body.illness), values=body.values * 0)
    ill = replace(body, illness=np.ones_like(body.illness))
    one, other = (draws(ROOT, NAMES, who, 0.0) for who in (well, ill))
    assert np.array_equal(one.measured, other.measured)
    assert np.array_equal(one.minute, other.minute)
    assert not np.array_equal(
        draws(ROOT, NAMES, well, 1.0).measured, draws(ROOT, NAMES, ill, 1.0).measured
    )
    assert np.array_equal(charted(ROOT, NAMES, well), charted(ROOT, NAMES, ill))


def test_without_habits_draws_have_no_hour(body):
    """At dial 0 each six hours have their quarter of the draws, at dial 1 round and checks have most."""
    there = (np.arange(HOURS) >= 24) & (np.arange(HOURS) < 72)
    shares = {}
    for dial in (0.0, 1.0):
        drawn = draws(ROOT, NAMES, body, dial).measured[:, there, CREATININE].sum(axis=0)
        shares[dial] = drawn.reshape(2, 4, 6).sum(axis=(0, 2)) / drawn.sum()
    assert np.abs(shares[0.0] - 0.25).max() < 0.04
    assert shares[1.0][0] + shares[1.0][2] > 0.65


def test_without_habits_a_later_ward_is_the_same():
    """At dial 0 there is no day to shift, to the bit; at dial 1 there is."""
    none = [checksum(SyntheticCohort(patients=40, dial=0, later=h)()) for h in (0, 12)]
    assert none[0] == none[1]
    some = [checksum(SyntheticCohort(patients=40, dial=1, later=h)()) for h in (0, 12)]
    assert some[0] != some[1]


def test_habits_and_none_draw_about_as_often(body):
    """The dial changes when and for whom, not how much."""
    habits = [draws(ROOT, NAMES, body, dial).measured.sum(axis=(0, 1)) for dial in (0.0, 1.0)]
    ratio = habits[0][: len(LABS)] / habits[1][: len(LABS)]
    assert (ratio > 0.85).all()
    assert (ratio < 1.15).all()


def test_worry_tells_of_illness(body):
    """At dial 1 draws at night and lactate are much likelier for the ill."""
    measured = draws(ROOT, NAMES, body, 1.0).measured
    hours = np.arange(HOURS)
    night = (hours % 24 >= 20) | (hours % 24 < 4)
    ill = (body.illness > 0.5) & (hours > body.start[:, None]) & (hours < body.end[:, None])
    well = (body.illness == 0) & (hours > body.start[:, None]) & (hours < body.end[:, None])
    rates = [measured[..., CREATININE][who & night].mean() for who in (ill, well)]
    assert rates[0] > 10 * rates[1]


def test_kidneys_that_fail_raise_creatinine_and_nothing_foretells_it_at_rest(body):
    """Creatinine stays where it is while the kidneys are well, and rises to at most what they let it."""
    creatinine = body.values[..., CREATININE]
    sound = (body.kidneys == 1).all(axis=1)
    assert sound.any()
    assert np.ptp(creatinine[sound], axis=1).max() < 1e-9
    worst = body.kidneys.min(axis=1)
    rise = creatinine.max(axis=1) / creatinine[:, 0]
    assert (rise <= 1 / worst + 1e-9).all()
    assert np.isfinite(body.values).all()
    assert (body.values > 0).all()


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"part": "test"}, "part"),
        ({"dial": 1.5}, "from 0 to 1"),
        ({"patients": 3}, "patients must be"),
        ({"later": 24}, "later must be"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_settings_that_make_no_sense_are_refused(fields, words):
    """Each with what it may be."""
    with pytest.raises(UsageError, match=words):
        SyntheticCohort(**fields)
