"""Packaged tables are read: labels, groups, columns left out, parts."""

import numpy as np
import pytest

from underspec import data
from underspec.core.errors import UsageError

pytestmark = pytest.mark.usefixtures("filled")


def test_census_labels_join_on_the_id():
    """Labels of later years lie in a file of their own, in another order."""
    made = data.get("census", years=[2016, 2018], min_age=0)()
    assert len(made) == 120
    numbers = np.asarray([int(name.rpartition("-")[2]) for name in made.ids.tolist()])
    np.testing.assert_array_equal(made.labels, numbers % 2)
    assert (np.diff(numbers) > 0).all()
    assert set(made.groups) == {"year", "race", "sex", "age_band"}
    assert set(made.groups["year"].tolist()) == {"2016", "2018"}
    assert len(made.columns) == 16
    assert "prediction" not in made.columns


def test_census_leaves_children_out():
    """Under 17 nobody is asked, unless one says so."""
    made = data.get("census")()
    age = made.inputs[:, made.columns.index("AGEP")]
    assert age.min() >= 17
    assert len(data.get("census", min_age=0)()) == 60 > len(made)


def test_parts_are_disjoint_and_examples_are_first_ones():
    """A part never changes; fewer examples are some of more."""
    parts = {p: set(data.get("census", part=p)().ids.tolist()) for p in ("all", "train", "holdout")}
    assert parts["train"] | parts["holdout"] == parts["all"]
    assert not parts["train"] & parts["holdout"]
    few = set(data.get("census", examples=5)().ids.tolist())
    more = set(data.get("census", examples=9)().ids.tolist())
    assert len(few) == 5
    assert few < more
    wider = set(data.get("census", part="holdout", share=0.5)().ids.tolist())
    assert parts["holdout"] <= wider


def test_support2_leaves_out_what_others_or_the_future_said():
    """Other models' survival chances and later facts are no inputs; the disease is a group."""
    made = data.get("survset")()
    assert made.classes == ("survived", "died")
    left = {"sps", "surv2m", "surv6m", "dnr", "sfdm2", "dzgroup", "dzclass", "race", "income"}
    assert not left & set(made.columns)
    assert {"crea", "bun", "urine"} <= set(made.columns)
    # Dead within 180 days: event 1 and time 100, which is every sixth, counted from 3.
    dead = [
        name for name, label in zip(made.ids.tolist(), made.labels.tolist(), strict=True) if label
    ]
    assert dead == [f"support2-{i:05d}" for i in range(3, 200, 6)]
    assert len(made) == 166  # of 34 with time 100 and no event nobody knows
    some = data.get("survset", diseases="Cancer")()
    assert set(some.groups["disease_class"].tolist()) == {"Cancer"}
    assert data.get("survset", within=90)().groups["disease_class"].size == 200


def test_medians_are_those_of_the_training_part():
    """A value filled in is the same in both parts, over all diseases."""
    bare = data.get("survset", part="holdout")()
    full = data.get("survset", part="holdout", fill="median")()
    place = bare.columns.index("glucose")
    missing = np.isnan(bare.inputs[:, place])
    assert missing.any()
    assert set(full.inputs[missing, place].tolist()) == {90.0}
    np.testing.assert_array_equal(full.inputs[~missing], bare.inputs[~missing])
    assert not np.isnan(full.inputs).any()


def test_dialysis_counts_whom_one_could_follow():
    """Who began too late to be followed is left out, the dead among them too."""
    made = data.get("survset", name="dialysis")()
    numbers = np.asarray([int(name.rpartition("-")[2]) for name in made.ids.tolist()])
    assert (numbers % 44 + 1 + 12 <= 45).all()
    late = (numbers % 30 + 1 < 12) & (numbers % 2 == 0)
    assert not late.any()
    assert set(made.groups) == {"center", "center_size", "disease", "age_band"}
    assert not any(name.startswith("center") for name in made.columns)


def test_heart_disease_zero_is_missing():
    """A cholesterol or pressure of 0 is none; hospitals can be chosen."""
    made = data.get("heart_disease")()
    assert made.labels.tolist() == [0, 1, 1, 0]
    columns = {name: made.inputs[:, place] for place, name in enumerate(made.columns)}
    assert np.isnan(columns["chol"]).tolist() == [False, False, True, False]
    assert np.isnan(columns["trestbps"]).tolist() == [False, True, False, False]
    assert columns["fbs"][:2].tolist() == [1, 0]
    assert columns["slope_flat"].tolist() == [1, 1, 0, 0]
    some = data.get("heart_disease", hospitals=["Cleveland"])()
    assert some.columns == made.columns
    assert set(some.groups["hospital"].tolist()) == {"Cleveland"}


def test_thyroid_drops_impossible_ages():
    """An age of 65,526 is missing; flags of what was ordered can be left out."""
    made = data.get("thyroid")()
    age = made.inputs[:, made.columns.index("age")]
    assert np.isnan(age).tolist() == [False, True, False]
    assert made.labels.tolist() == [0, 1, 0]
    assert made.groups["sex"].tolist() == ["F", "M", "missing"]
    bare = data.get("thyroid", measured=False)()
    assert len(made.columns) - len(bare.columns) == 6


@pytest.mark.parametrize(
    ("reader", "wrong", "said"),
    [
        ("census", {"years": [2014]}, "Years are some of 2015"),
        ("census", {"examples": 1}, "from 2"),
        ("census", {"part": "test"}, "No part named 'test'"),
        ("survset", {"name": "rhc"}, "No set of survset named 'rhc'"),
        ("survset", {"within": 0}, "above 0"),
        ("survset", {"diseases": ["Flu"]}, "No disease named 'Flu'"),
        ("survset", {"fill": "mean"}, "No filling named 'mean'"),
        ("heart_disease", {"hospitals": ["Leipzig"]}, "No hospital named 'Leipzig'"),
        ("thyroid", {"sources": ["SVX"]}, "Did you mean 'SV"),
        ("thyroid", {"share": 0}, "between 0 and 1"),
    ],
)
def test_wrong_settings_are_refused(reader, wrong, said):
    """One sentence says what there is."""
    with pytest.raises(UsageError, match=said):
        data.get(reader, **wrong)


@pytest.mark.parametrize("reader", ["census", "heart_disease", "survset", "thyroid"])
def test_each_says_whose_data_it_is(reader):
    """A report can carry licence and attribution."""
    notice = data.get(reader).notice
    assert notice
    assert "Synthetic" not in notice
