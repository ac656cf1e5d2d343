"""The synthetic pose world's stress tests move one factor and nothing else."""

from pathlib import Path

import numpy as np
import pytest

from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.data.synthetic.poses import CLASSES, SyntheticPoses
from underspec.data.synthetic.poses.factors import lamps, turns
from underspec.data.synthetic.poses.objects import OBJECTS
from underspec.data.synthetic.poses.render import colours, drawn
from underspec.data.synthetic.poses.scenes import scenes_of
from underspec.stress.pose_world import PoseWorld
from underspec.study.spec import member, parse_spec, read_spec
from underspec.testing.stress import check_stress, sample_images

KEY = stream(3, "stress")


def holdout(examples=40, dial=1.0, side=32):
    return SyntheticPoses("holdout", dial, examples=examples, side=side)()


def probes(test, data):
    return {probe.name: probe for probe in test(data, KEY)}


@pytest.mark.parametrize("dial", [1.0, 0.0, 0.35])
def test_it_keeps_the_contract(dial):
    """The shipped check passes at both ends of the dial and between."""
    check_stress(PoseWorld(severities=(1, 3)), holdout(20, dial, 24))
    check_stress(PoseWorld(factors="light", severities=2, examples=12), holdout(30, dial, 16))


def test_names_families_and_severities():
    """A probe a factor and severity, factors in the order asked for, titles say synthetic."""
    made = list(PoseWorld(("light", "rotation"), (1, 3))(holdout(), KEY))
    assert [p.name for p in made] == [
        "pose_light-1",
        "pose_light-3",
        "pose_rotation-1",
        "pose_rotation-3",
    ]
    assert [p.family for p in made] == ["pose_light"] * 2 + ["pose_rotation"] * 2
    assert [p.severity for p in made] == [1, 3, 1, 3]
    assert all(p.kind == "shifted" and p.title.startswith("synthetic") for p in made)


def _covered(data):
    """Return the covered share of each pixel in the scenes of the ids."""
    scenes = scenes_of(data.ids)
    out = np.empty(data.inputs.shape[:3])
    for code, name in enumerate(CLASSES):
        rows = np.flatnonzero(scenes.labels == code)
        own = scenes.take(rows)
        mesh = OBJECTS[name](own.shape).centred()
        out[rows] = drawn(mesh, turns(own), lamps(own), colours(own), out.shape[1])[..., 3]
    return out


def test_another_background_leaves_the_object():
    """Pixels that the object covers stay; most of the others change."""
    data = holdout()
    for probe in PoseWorld("background")(data, KEY):
        same = (probe.data.inputs == data.inputs).all(axis=3)
        share = _covered(data)
        assert same[share == 1].all()
        assert same[share == 0].mean() < 0.2


@pytest.mark.parametrize("factor", ["rotation", "viewpoint"])
def test_a_turned_object_leaves_the_background(factor):
    """Outside the circle that the object turns in, nothing changes; inside, much does."""
    data = holdout()
    where = turns(scenes_of(data.ids))
    at = (np.arange(32) + 0.5) / 16 - 1
    radius = 0.92 * where.size[:, None, None]
    right = at[None, None, :] - 0.9 * where.x[:, None, None]
    up = -at[None, :, None] - 0.9 * where.z[:, None, None]
    outside = right**2 + up**2 > (radius + 0.12) ** 2
    for probe in PoseWorld(factor)(data, KEY):
        same = (probe.data.inputs == data.inputs).all(axis=3)
        assert same[outside].all()
        assert same[_covered(data) == 1].mean() < 0.4


def test_other_light_changes_object_and_wall():
    """The farthest light leaves hardly a pixel as it was, and is weaker on average."""
    data = holdout()
    far = probes(PoseWorld("light", 3), data)["pose_light-3"].data.inputs
    assert (far == data.inputs).all(axis=3).mean() < 0.02
    assert far.mean() < 0.8 * data.inputs.mean()


def test_a_severity_goes_on_the_way_of_the_one_before():
    """Rotation turns each object to one side, farther each time."""
    from underspec.data.synthetic.poses.scenes import WAYS, band, draws

    data = holdout()
    drawn_ways = draws(KEY.child("pose_world", "rotation"), data.ids.tolist(), 1 + WAYS)
    rolls = []
    for severity in (1, 2, 3):
        low, high = band(severity)
        extent = low + (high - low) * drawn_ways[:, 0]
        moved = scenes_of(data.ids).moved("rotation", extent, drawn_ways[:, 1:])
        rolls.append(turns(moved).roll)
    assert (np.sign(rolls) == np.sign(rolls[0])).all()
    assert (np.diff(np.abs(rolls), axis=0) > 0).all()
    assert np.abs(rolls[0]).min() >= 18
    assert np.abs(rolls[2]).max() <= 180
    assert 5 < (rolls[0] > 0).sum() < 35


def test_examples_are_the_same_in_every_factor():
    """Fewer examples are drawn by their ids, one set for all probes."""
    made = list(PoseWorld(examples=15)(holdout(), KEY))
    assert all(np.array_equal(p.data.ids, made[0].data.ids) for p in made)
    assert len(made[0].data) == 15


def test_what_is_not_of_the_pose_world_is_refused():
    """Other ids, and pictures that are not what their ids say, are refused in a sentence."""
    with pytest.raises(UsageError, match="not of the synthetic pose world"):
        next(PoseWorld()(sample_images(), KEY))
    data = holdout()
    for changed in (255 - data.inputs, data.inputs[..., :1], data.inputs / 255, data.inputs[:, 4:]):
        with pytest.raises(UsageError, match="not those that the synthetic pose world renders"):
            next(PoseWorld()(data.with_inputs(changed), KEY))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"factors": ("rotate",)}, "Did you mean 'rotation'"),
        ({"factors": ()}, "each once"),
        ({"factors": ("light", "light")}, "each once"),
        ({"severities": (0,)}, "from 1 to 3"),
        ({"severities": (1, 4)}, "from 1 to 3"),
        ({"examples": 0}, "at least 1"),
    ],
)
def test_wrong_settings_are_refused(wrong, says):
    """Each says what would do."""
    with pytest.raises(UsageError, match=says):
        PoseWorld(**wrong)


def test_the_example_studies_differ_in_the_dial():
    """Both study files are read, and differ in dial, training examples, variants and name alone."""
    folder = Path(__file__).parents[2] / "examples/pose_world"
    lab, clean = (parse_spec(read_spec(folder / f)) for f in ("study.yaml", "study_clean.yaml"))
    for spec, dial in ((lab, 1.0), (clean, 0.0)):
        for part, source in (("train", spec.train), ("holdout", spec.holdout)):
            name, parameters = member(source)
            reader = SyntheticPoses(**parameters)
            assert (name, reader.part, reader.dial) == ("synthetic_poses", part, dial)
        assert [member(one) for one in spec.stress] == [("pose_world", {})]
    same = {"name": "", "train": "", "holdout": "", "variants": 2}
    assert lab.model_copy(update=same) == clean.model_copy(update=same)
