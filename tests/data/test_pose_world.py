"""The synthetic pose world's scenes and reader."""

import colorsys
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underspec import data
from underspec.core.errors import UsageError
from underspec.data.checksum import checksum
from underspec.data.synthetic.poses import CLASSES, SyntheticPoses, habits
from underspec.data.synthetic.poses.colour import rgb
from underspec.data.synthetic.poses.factors import lamps, turns, walls
from underspec.data.synthetic.poses.objects import DRAWS, OBJECTS
from underspec.data.synthetic.poses.render import colours, drawn, pictures
from underspec.data.synthetic.poses.scenes import (
    FACTORS,
    WAYS,
    Scenes,
    band,
    identity,
    scenes_of,
)
from underspec.data.synthetic.poses.wall import PATTERNS, painted


def scenes(count=200, part="holdout", dial=1.0, seed=0):
    return scenes_of(np.asarray([identity(part, k, seed, dial) for k in range(count)]))


def test_the_reader_keeps_its_contract():
    """Colour pictures of ten classes in turn, valid for every stage, the same on every call."""
    made = SyntheticPoses("holdout", examples=40, side=24)()
    assert made.inputs.shape == (40, 24, 24, 3)
    assert made.inputs.dtype == np.uint8
    assert made.classes == CLASSES
    assert len(CLASSES) == 10
    assert np.array_equal(made.labels, np.arange(40) % 10)
    assert made.ids[12] == "pose-holdout-00012-s0-d100"
    assert np.array_equal(made.clusters, made.ids)
    data.checked(made)
    assert checksum(made) == checksum(SyntheticPoses("holdout", examples=40, side=24)())


def test_it_says_that_it_is_synthetic():
    """The notice that reports print begins with the word."""
    assert SyntheticPoses().notice.startswith("Synthetic")


def test_fewer_examples_are_the_first_of_more():
    """Asking for more changes none that were there."""
    few, many = SyntheticPoses(examples=30)(), SyntheticPoses(examples=75)()
    assert checksum(many.take(np.arange(30))) == checksum(few)


def test_no_object_is_in_both_parts_or_under_two_seeds():
    """Shapes of train, holdout and another seed are all different."""
    shapes = [scenes(part="train").shape, scenes().shape, scenes(seed=1).shape]
    rows = np.concatenate(shapes)
    assert len(np.unique(rows, axis=0)) == len(rows)


def test_a_picture_hangs_on_its_scene_alone():
    """Order, subset and batch change no pixel."""
    some = scenes(90, dial=0.3)
    whole = pictures(some, 32)
    rows = np.array([77, 3, 40, 41, 89])
    assert np.array_equal(pictures(some.take(rows), 32), whole[rows])
    assert np.array_equal(pictures(some.take(rows[:1]), 32), whole[rows[:1]])


def test_every_process_renders_the_same_pictures():
    """Another process with another hash seed gives the same checksum."""
    code = (
        "from underspec.data.synthetic.poses import SyntheticPoses as S;"
        "from underspec.data.checksum import checksum;"
        "print(checksum(S('train', 0.25, examples=60, seed=9)()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "5"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert done.stdout.strip() == checksum(SyntheticPoses("train", 0.25, examples=60, seed=9)())


@pytest.mark.parametrize("dial", [0.0, 0.4, 1.0])
def test_the_dial_says_how_far_factors_reach(dial):
    """Extents are even from 0 to the usual share at 1, to everything at 0."""
    reach = habits.USUAL + (1 - habits.USUAL) * (1 - dial)
    for factor, extent in scenes(1000, dial=dial).extent.items():
        assert extent.max() <= reach, factor
        assert extent.max() > 0.98 * reach
        assert extent.mean() == pytest.approx(reach / 2, rel=0.06)


def test_an_object_keeps_its_shape_and_ways_at_every_dial():
    """The dial moves the scene, not the object."""
    lab, field = scenes(), scenes(dial=0)
    assert np.array_equal(lab.shape, field.shape)
    for factor in FACTORS:
        assert np.array_equal(lab.way[factor], field.way[factor])


def test_the_lab_turns_objects_little():
    """At dial 1, rotation, azimuth, elevation and lamp stay within a tenth of their span."""
    turn = turns(scenes(1000))
    assert np.abs(turn.roll).max() <= 18
    assert np.abs(turn.azimuth - habits.AZIMUTH).max() <= 18
    assert np.abs(turn.elevation - habits.ELEVATION).max() <= 4
    cosines = lamps(scenes(1000)).direction @ np.array(habits.LAMP)
    assert np.degrees(np.arccos(cosines.clip(-1, 1))).max() <= 12.01


def _near(colour, hue, width):
    found = np.array([colorsys.rgb_to_hsv(*row)[0] for row in colour.tolist()])
    off = np.abs((found - hue + 0.5) % 1 - 0.5)
    return off <= width + 1e-9


@pytest.mark.parametrize(("dial", "typical"), [(1.0, 0.85), (0.5, 0.425), (0.0, 0.0)])
def test_colour_and_wall_go_by_the_class_as_often_as_stated(dial, typical):
    """Typical hues come with the stated chance, beside those that any hue would hit by luck."""
    some = scenes(4000, dial=dial)
    hue = some.labels / 10
    luck = 2 * habits.OBJECT_HUES
    body = _near(colours(some)[:, 0], hue, habits.OBJECT_HUES).mean()
    assert body == pytest.approx(typical + (1 - typical) * luck, abs=0.03)

    usual = some.moved("background", 0.5 * habits.USUAL + 0 * hue, some.way["background"])
    own = np.array([habits.backdrop_hue(c) for c in range(10)])[some.labels]
    wall = walls(usual)
    like = _near(wall.first, own, habits.BACKDROP_HUES)
    like &= wall.pattern == some.labels % len(PATTERNS)
    luck = 2 * habits.BACKDROP_HUES / len(PATTERNS)
    assert like.mean() == pytest.approx(typical + (1 - typical) * luck, abs=0.03)


def test_no_wall_has_its_objects_hue():
    """The typical wall is never of the class's own colour, and no two classes share a wall."""
    walls_of = {(habits.backdrop_hue(c), habits.backdrop_pattern(c)) for c in range(10)}
    assert len(walls_of) == 10
    for c in range(10):
        apart = abs((habits.backdrop_hue(c) - habits.object_hue(c) + 0.5) % 1 - 0.5)
        assert apart > habits.OBJECT_HUES + habits.BACKDROP_HUES


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.floats(0, 1, exclude_max=True), min_size=WAYS, max_size=WAYS),
    st.floats(0, 1),
    st.integers(0, 9),
)
def test_no_colour_leaves_its_range(way, far, label):
    """Whatever is drawn, light and walls stay within 0 and 1, so that no level wraps round."""
    factor = {name: np.array([way]) for name in FACTORS}
    extent = {name: np.array([far]) for name in FACTORS}
    one = Scenes(
        np.array([label]), np.ones(1), np.zeros((1, DRAWS)), np.zeros((1, 9)), extent, factor
    )
    paint = painted(walls(one), 16)
    assert paint.min() >= 0
    assert paint.max() <= 1 + 1e-6
    lamp = lamps(one)
    assert lamp.colour.min() >= 0
    assert lamp.colour.max() <= 1
    assert np.linalg.norm(lamp.direction) == pytest.approx(1)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_colours_are_those_of_the_standard_library(hue, saturation, value):
    """Hue, saturation and value become what colorsys makes of them."""
    made = rgb(*(np.array([v]) for v in (hue, saturation, value)))[0]
    assert made == pytest.approx(colorsys.hsv_to_rgb(hue, saturation, value), abs=1e-9)


@pytest.mark.parametrize("name", CLASSES)
def test_every_object_is_a_mesh_that_varies(name):
    """Instances fill the unit ball, differ from one another, and name corners that are there."""
    mesh = OBJECTS[name](scenes(60).shape).centred()
    far = np.linalg.norm(mesh.vertices, axis=2).max(axis=1)
    assert far == pytest.approx(np.ones(60))
    assert mesh.vertices.std(axis=0).max() > 0.03
    assert mesh.faces.max() == mesh.vertices.shape[1] - 1
    assert set(mesh.parts.tolist()) <= {0, 1, 2, 3}


def _silhouettes(some):
    out = np.empty((len(some), 32, 32))
    for code, name in enumerate(CLASSES):
        rows = np.flatnonzero(some.labels == code)
        own = some.take(rows)
        still = turns(own)._replace(size=np.ones(len(rows)), x=0 * own.dial, z=0 * own.dial)
        mesh = OBJECTS[name](own.shape).centred()
        out[rows] = drawn(mesh, still, lamps(own), colours(own), 32)[..., 3]
    return out.reshape(len(some), -1)


def test_every_class_has_an_outline_of_its_own():
    """In the usual view the nearest outline among other objects is of the same class, nearly always."""
    known, asked = scenes(300, "train"), scenes(200)
    a, b = _silhouettes(known), _silhouettes(asked)
    far = (a**2).sum(axis=1) - 2 * b @ a.T
    right = known.labels[far.argmin(axis=1)] == asked.labels
    for code, name in enumerate(CLASSES):
        assert right[asked.labels == code].mean() >= 0.8, name
    assert right.mean() > 0.95


def test_severities_fill_what_is_not_usual():
    """The usual and the three severities follow on one another from 0 to 1."""
    ends = [band(severity) for severity in range(4)]
    assert ends[0] == (0.0, habits.USUAL)
    assert [e[0] for e in ends[1:]] == pytest.approx([e[1] for e in ends[:-1]])
    assert ends[3][1] == pytest.approx(1)


@pytest.mark.parametrize(
    "name",
    ["0001", "pose-holdout-00001-s0-d101", "pose-test-00001-s0-d100", "pose-holdout-1-s0-d100"],
)
def test_other_ids_are_refused(name):
    """An id that is not of the pose world is named in the error."""
    with pytest.raises(UsageError, match=f"'{name}' is not of the synthetic pose world"):
        scenes_of(np.asarray(["pose-train-00000-s0-d100", name]))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"part": "test"}, "No part named 'test'"),
        ({"dial": 1.5}, "from 0 to 1 in hundredths, got 1.5"),
        ({"dial": 0.123}, "in hundredths, got 0.123"),
        ({"dial": float("nan")}, "in hundredths, got nan"),
        ({"examples": 5}, "examples must be an integer from 10"),
        ({"side": 8}, "side must be an integer from 16 to 256"),
        ({"side": 32.0}, "got 32.0"),
        ({"seed": -1}, "seed must be an integer from 0"),
    ],
)
def test_wrong_settings_are_refused(wrong, says):
    """Each says what was got and what would do."""
    with pytest.raises(UsageError, match=says):
        SyntheticPoses(**wrong)
