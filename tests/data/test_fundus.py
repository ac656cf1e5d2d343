"""The synthetic fundus photographs: people, lesions, cameras and what the dial moves."""

import os
import subprocess
import sys
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underspec import data
from underspec.core.errors import UsageError
from underspec.data.checksum import checksum
from underspec.data.synthetic.fundus import CLASSES, SyntheticFundus, lesions, vessels
from underspec.data.synthetic.fundus.cameras import CAMERAS, NEUTRAL, seen_by
from underspec.data.synthetic.fundus.compress import compressed
from underspec.data.synthetic.fundus.habits import CLINIC, COUNTS, GRADES, SHARES, habit
from underspec.data.synthetic.fundus.people import photographs
from underspec.data.synthetic.fundus.reader import pictures
from underspec.data.synthetic.fundus.splat import splat

LAB = ("a", "b", "c", "d")


def people(count=2000, dial=1.0, cameras=LAB, part="train", habits=None, seed=0):
    return photographs(part, count, cameras, dial, dial if habits is None else habits, seed)


def test_the_reader_keeps_its_contract():
    """Two eyes a patient, referable from grade 2 on, valid for every stage, the same on every call."""
    made = SyntheticFundus("holdout", patients=20, side=32)()
    assert made.inputs.shape == (40, 32, 32, 3)
    assert made.inputs.dtype == np.uint8
    assert made.classes == CLASSES
    assert np.array_equal(made.labels, made.groups["grade"].astype(int) >= 2)
    assert set(made.groups["camera"]) <= set(LAB)
    clusters, counts = np.unique(made.clusters, return_counts=True)
    assert (len(clusters), set(counts)) == (20, {2})
    camera = made.groups["camera"][24]
    assert made.ids[24] == f"fundus-holdout-00012-right-{camera}-s0-d100"
    data.checked(made)
    made.inputs[:] = 0  # what is remembered is not what is handed out
    again = SyntheticFundus("holdout", patients=20, side=32)()
    assert again.inputs.any()
    assert checksum(again) == checksum(data.get("synthetic_fundus", part="holdout", patients=20, side=32)())  # fmt: skip


def test_it_says_that_it_is_synthetic():
    """The notice that reports print begins with the word."""
    assert SyntheticFundus().notice.startswith("Synthetic")


def test_fewer_patients_are_the_first_of_more():
    """Asking for more changes none that were there, wherever the pictures are cut into parts."""
    few, many = SyntheticFundus(patients=7, side=32)(), SyntheticFundus(patients=21, side=32)()
    assert checksum(many.take(np.arange(14))) == checksum(few)


def test_every_process_draws_the_same_pictures():
    """Another process with another hash seed gives the same checksum."""
    code = (
        "from underspec.data.synthetic.fundus import SyntheticFundus as S;"
        "from underspec.data.checksum import checksum;"
        "print(checksum(S('field', 0.25, patients=9, side=32, seed=9)()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "5"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == checksum(SyntheticFundus("field", 0.25, patients=9, side=32, seed=9)())  # fmt: skip


def test_parts_and_seeds_are_other_people():
    """No eye is in two parts or under two seeds; both eyes of a patient differ."""
    trees = [people(50).tree, people(50, part="holdout").tree, people(50, seed=1).tree]
    rows = np.concatenate(trees)
    assert len(np.unique(rows, axis=0)) == len(rows)


def test_dial_and_cameras_change_the_photographer_only():
    """The same patients, as sick and with the same eyes, at every dial and before every camera."""
    lab, even, other = people(100), people(100, dial=0.0), people(100, cameras=("e",))
    for some in (even, other):
        assert np.array_equal(some.grade, lab.grade)
        assert np.array_equal(some.spots, lab.spots)
        assert np.array_equal(some.person, lab.person)
        assert not set(some.names) & set(lab.names)
    assert set(other.camera) == {"e"}


def test_grades_come_as_stated():
    """The worse eye's grade has its shares; the other eye is never more than one grade off."""
    grade = people().grade.reshape(-1, 2)
    shares = np.bincount(grade.max(axis=1), minlength=GRADES) / len(grade)
    assert shares == pytest.approx(SHARES, abs=0.03)
    assert np.ptp(grade, axis=1).max() == 1


@pytest.mark.parametrize("dial", [0.0, 0.5, 1.0])
def test_cameras_go_by_the_grade_as_far_as_the_dial_says(dial):
    """At 1 the sicker are seen in the clinic as stated, at 0 all cameras are as likely."""
    some = people(dial=dial)
    worse = np.repeat(some.grade.reshape(-1, 2).max(axis=1), 2)
    clinic = np.isin(some.camera, ("c", "d"))
    for grade in range(GRADES):
        expected = (1 - dial) / 2 + dial * CLINIC[grade]
        assert clinic[worse == grade].mean() == pytest.approx(expected, abs=0.09)


def test_the_habit_can_be_left_out_of_the_dial():
    """Cameras that differ, used on anybody; camera e has no habit of its own."""
    made = people(dial=1.0, habits=0.0)
    clinic = np.isin(made.camera, ("c", "d"))
    assert clinic[made.grade >= 3].mean() == pytest.approx(0.5, abs=0.07)
    assert habit((*LAB, "e"), 1.0)[:, 4] == pytest.approx([1 / 5] * GRADES)


def test_at_dial_0_all_cameras_are_one():
    """The same people look the same whoever photographs them, but for the sensor's noise."""
    for values in seen_by(["a", "e"], 0.0).values():
        assert values[0] == values[1]
    by = {c: SyntheticFundus("field", 0.0, 20, (c,), 32)().inputs.astype(float) for c in "ae"}
    apart = np.abs(by["a"] - by["e"])
    assert apart.mean() < 4
    other = {c: SyntheticFundus("field", 1.0, 20, (c,), 32)().inputs.astype(float) for c in "ae"}
    assert np.abs(other["a"] - other["e"]).mean() > 15


def test_every_camera_has_a_look_of_its_own():
    """At dial 1 mean colours of the same eyes differ from camera to camera, half as much at 0.5."""

    def looks(dial):
        means = [
            SyntheticFundus("field", dial, 10, (c,), 32)().inputs.mean(axis=(0, 1, 2))
            for c in CAMERAS
        ]
        return np.ptp(means, axis=0).mean()

    far, half, none = looks(1.0), looks(0.5), looks(0.0)
    assert far > 20
    assert none < 1
    assert 0.3 * far < half < 0.7 * far


@pytest.mark.parametrize("kind", sorted(COUNTS))
def test_lesions_grow_with_the_grade(kind):
    """The counts of a kind never fall from one grade to the next; all but few are in the sick."""
    low, high = np.asarray(COUNTS[kind]).T
    assert (low <= high).all()
    assert (np.diff(low + high)[:3] >= 0).all()


def test_spots_are_many_in_the_sick_and_few_in_the_healthy():
    """Grades differ in the number of dark spots; drusen make some healthy eyes look ill."""
    some = people(800)
    found = lesions.spots(some.spots, some.grade, some.body[:, 4], np.zeros((len(some), 2)))
    dark = np.bincount(found.eye[~found.pale], minlength=len(some))
    means = [dark[some.grade == grade].mean() for grade in range(GRADES)]
    assert all(b > a + 1 for a, b in pairwise(means[:4])), means
    pale = np.bincount(found.eye[found.pale], minlength=len(some))
    assert (pale[some.grade == 0] >= 4).mean() > 0.05
    assert (np.diff(found.eye) >= 0).all()


def test_disc_and_macula_are_where_they_belong():
    """The brightest place is right of the middle in right eyes, left of it in left ones."""
    made = SyntheticFundus("field", 0.0, 25, ("a",))()
    green = made.inputs[..., 1].astype(float).reshape(len(made), -1)
    column = np.argsort(green, axis=1)[:, -25:] % 64
    right = np.tile([True, False], 25)
    assert (np.median(column[right], axis=1) > 32).mean() > 0.9
    assert (np.median(column[~right], axis=1) < 32).mean() > 0.9
    eyes = SyntheticFundus("field", 0.0, 25, ("a",), label="eye")()
    assert eyes.classes == ("right", "left")
    assert np.array_equal(eyes.labels, ~right)


def test_outside_the_field_it_is_dark():
    """Corners are black, up to what compression leaves there."""
    made = SyntheticFundus("field", 1.0, 20, ("a", "e"))()
    assert made.inputs[:, :4, :4].max() < 20
    assert made.inputs[:, 30:34, 30:34].mean() > 50


def test_a_dot_keeps_its_volume_and_its_place():
    """Drawn dots sum to their volume where they lie inside, and to less at the edge."""
    out = np.zeros((2, 64, 64))
    rows = np.array([0, 1])
    splat(out, rows, np.array([0.1, 1.0]), np.zeros(2), np.full(2, 0.05), np.full(2, 0.01), 0.05)
    assert out[0].sum() / 32**2 == pytest.approx(0.01, rel=0.05)
    assert out[1].sum() / 32**2 == pytest.approx(0.005, rel=0.1)
    middle = (out[0].sum(axis=0) * np.arange(64)).sum() / out[0].sum()
    assert (middle + 0.5) / 32 - 1 == pytest.approx(0.1, abs=0.005)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32), st.floats(0, 1))
def test_whatever_is_drawn_is_a_number(seed, value):
    """Vessels stay finite for all draws, also where all of them are at one end."""
    draws = np.full((2, vessels.DRAWS), value)
    draws[1] = np.random.Generator(np.random.Philox(seed)).random(vessels.DRAWS)
    for column in vessels.vessels(draws, np.array([[0.4, 0.0], [0.5, 0.1]]), 64):
        assert np.isfinite(column).all()
        assert column.shape[0] == 2


@given(st.integers(0, 2**32))
def test_fine_steps_compress_nothing_away(seed):
    """With no step worth the name a picture comes back; with coarse ones it loses detail."""
    levels = np.random.Generator(np.random.Philox(seed)).uniform(0, 255, (1, 3, 16, 16))
    back = compressed(levels, np.zeros(1))[0].transpose(2, 0, 1)
    assert np.abs(back - levels[0]).max() <= 0.6
    coarse = compressed(levels, np.full(1, 3.0))[0].transpose(2, 0, 1)
    assert np.abs(coarse - levels[0]).mean() > 10


def test_pictures_hang_on_their_own_draws_alone():
    """Order and number of the pictures drawn together change no level."""
    some = people(20, dial=0.6)
    whole = pictures(some, 0.6, 32)
    assert np.array_equal(pictures(people(3, dial=0.6), 0.6, 32), whole[:6])
    assert NEUTRAL.unsteady > 0


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"part": "test"}, "No part named 'test'"),
        ({"label": "grade"}, "No label named 'grade'"),
        ({"dial": 1.5}, "The dial goes from 0 to 1 in hundredths, got 1.5"),
        ({"habit": 0.123}, "The habit goes from 0 to 1 in hundredths"),
        ({"cameras": ("a", "f")}, "No camera named 'f'"),
        ({"cameras": ("a", "a")}, "at least one, each once"),
        ({"cameras": ()}, "at least one, each once"),
        ({"patients": 2}, "patients must be an integer from 5"),
        ({"side": 60}, "side must be a multiple of 8, got 60"),
        ({"side": 16}, "side must be an integer from 32 to 128"),
        ({"seed": True}, "seed must be an integer from 0"),
    ],
)
def test_wrong_settings_are_refused(wrong, says):
    """Each says what was got and what would do."""
    with pytest.raises(UsageError, match=says):
        SyntheticFundus(**wrong)
