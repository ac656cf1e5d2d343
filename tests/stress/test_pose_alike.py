"""What all poses have in common: types, channels, batches, threads, names."""

from dataclasses import replace

import numpy as np
import pytest

from underspec import stress
from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy
from underspec.core.streams import stream
from underspec.data.checksum import checksum
from underspec.stress.images.pose.pose import Pose
from underspec.testing.stress import check_stress, sample_images

KEY = stream(20, "stress")
ONE = {
    "rotate": {"angles": 30},
    "perspective": {"angles": 30},
    "scale": {"factors": 0.5},
    "translate": {"fractions": 0.2},
    "occlude": {"shares": 0.2},
    "background": {"fills": "noise"},
}
MORE = [
    *ONE.items(),
    ("perspective", {"angles": (20, 70), "axis": "vertical", "distance": 1}),
    ("scale", {"factors": (0.1, 0.35, 1.5, 4)}),
    ("translate", {"fractions": (0.1, 0.9), "direction": "vertical"}),
    ("occlude", {"shares": (0.1, 0.3), "fill": "noise"}),
    ("occlude", {"shares": (0.1, 0.3), "fill": "median"}),
]
SHOWN = {
    "rotate": ("rotate-30", 30, "rotate, 30 degrees"),
    "perspective": ("perspective-30", 30, "perspective, 30 degrees"),
    "scale": ("scale-0.5", 0.5, "scale, 0.5 times"),
    "translate": ("translate-0.2", 0.2, "translate, 0.2 of the side"),
    "occlude": ("occlude-0.2", 0.2, "occlude, 20 % of the area"),
    "background": ("background-noise", None, "background, a texture"),
}


def framed(examples=24, side=31, channels=1):
    """Return patterns on a plain ground, so that every pose suits them."""
    data = sample_images(examples, side, channels)
    images = np.full_like(data.inputs, 20)
    edge = side // 4
    images[:, edge:-edge, edge:-edge] = data.inputs[:, edge:-edge, edge:-edge]
    return data.with_inputs(images)


def as_floats(data):
    """Return the same pictures in 0..1."""
    return data.with_inputs((data.inputs / 255).astype(np.float32))


def made(name, data, **parameters):
    """Return the inputs of the one probe."""
    (probe,) = stress.get(name, **{**ONE[name], **parameters})(data, KEY)
    return probe.data.inputs


@pytest.mark.parametrize(("name", "parameters"), MORE)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("floats", [False, True])
def test_poses_keep_the_contract(name, parameters, channels, floats):
    """On grey and colour, levels and floats, in any order, subset and batch."""
    data = framed(channels=channels)
    check_stress(stress.get(name, **parameters), as_floats(data) if floats else data)


@pytest.mark.parametrize("name", ONE)
@pytest.mark.parametrize("channels", [1, 3])
def test_levels_and_floats_agree(name, channels):
    """The same pictures as uint8 and as floats come out within the rounding of a level."""
    data = framed(channels=channels)
    levels, floats = made(name, data), made(name, as_floats(data))
    assert levels.dtype == np.uint8
    assert floats.dtype == np.float32
    assert np.abs(levels - 255.0 * floats).max() <= 0.5 + 1e-3


@pytest.mark.parametrize("name", ONE)
def test_something_moves_in_every_picture(name):
    """No picture comes out as it went in."""
    data = framed()
    assert (made(name, data) != data.inputs).any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("name", ONE)
def test_threads_and_batches_change_nothing(name, monkeypatch):
    """Three threads on small batches make what one makes of all at once."""
    data = framed(channels=3)
    alone = made(name, data)
    monkeypatch.setattr(Pose, "at_a_time", 4000)
    monkeypatch.setattr("underspec.stress.images.pose.background.VALUES", 4000)
    monkeypatch.setenv("OMP_NUM_THREADS", "3")
    np.testing.assert_array_equal(made(name, data), alone)


class _Read:
    """Pictures that are read when needed."""

    def __init__(self, images):
        self.images, self.shape, self.dtype = images, images.shape[1:], images.dtype

    def __len__(self):
        return len(self.images)

    def read(self, rows):
        return self.images[rows]

    def digest(self, rows):
        return str(rows.tolist())


@pytest.mark.parametrize("name", ONE)
def test_pictures_that_are_read_when_needed_come_out_alike(name):
    """Lazily read pictures are posed when read, and other parameters have another fingerprint."""
    data = framed()
    lazy = data.with_inputs(Lazy.of(_Read(data.inputs)))
    posed = made(name, lazy)
    assert isinstance(posed, Lazy)
    np.testing.assert_array_equal(np.asarray(posed[5:9]), made(name, data)[5:9])
    (other,) = stress.get(name, **ONE[name])(lazy, stream(21, "stress"))
    assert checksum(other.data) != checksum(lazy.with_inputs(posed))


@pytest.mark.parametrize("name", ONE)
def test_probes_are_named_by_their_number(name):
    """Name, severity and title say the number; a single one need be no list."""
    (probe,) = stress.get(name, **ONE[name])(framed(), KEY)
    assert (probe.name, probe.severity, probe.title) == SHOWN[name]
    assert probe.family == name
    assert probe.kind == "shifted"


@pytest.mark.parametrize("name", ONE)
def test_what_is_no_picture_is_refused(name):
    """Tables, other channels and floats out of range each get a sentence."""
    data, test = framed(), stress.get(name, **ONE[name])
    for inputs in (data.inputs[:, 0, :, 0], np.repeat(data.inputs, 2, axis=-1), data.inputs + 0.5):
        with pytest.raises(UsageError, match=f"'{name}' wants images"):
            list(test(data.with_inputs(inputs), KEY))


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("perspective", {"angles": 81}, "Angles are degrees from 0.01 to 80"),
        ("perspective", {"angles": ()}, "each once; got"),
        ("perspective", {"axis": "vertcal"}, "Did you mean 'vertical'"),
        ("perspective", {"distance": 0.9}, "at least 1; got 0.9"),
        ("perspective", {"distance": float("inf")}, "at least 1; got inf"),
        ("scale", {"factors": (0.5, 1)}, "A factor of 1 changes nothing"),
        ("scale", {"factors": 0.05}, "from 0.1 to 10"),
        ("translate", {"fractions": 1}, "from 0.01 to 0.99"),
        ("translate", {"direction": "up"}, "No direction named 'up'"),
        ("occlude", {"shares": (0.1, 0.1)}, "each once"),
        ("occlude", {"shares": 0.125}, "in hundredths"),
        ("occlude", {"fill": "gray"}, "Did you mean 'grey'"),
        ("background", {"fills": "color"}, "Did you mean 'colour'"),
        ("background", {"fills": ("noise", "noise")}, "each once"),
        ("background", {"tolerance": 0.5}, "below 0.5"),
        ("background", {"border": 0.4}, "from 0.5 to 1"),
        ("background", {"min_share": 1.5}, "from 0 to 1"),
    ],
)
def test_parameters_are_checked(name, wrong, says):
    """One sentence a mistake."""
    with pytest.raises(UsageError, match=says):
        stress.get(name, **wrong)


@pytest.mark.parametrize("name", ["rotate", "perspective", "scale", "translate"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 2), (8, 20), (21, 7)])
def test_small_and_oblong_pictures_work(name, shape):
    """A flat picture of any form stays flat: the weights sum to one and the rest is background."""
    data = framed(6)
    flat = data.with_inputs(np.full((6, *shape, 3), 77, np.uint8))
    for parameters in [p for n, p in MORE if n == name]:
        for probe in stress.get(name, **parameters)(flat, KEY):
            assert (probe.data.inputs == 77).all()


def test_members_say_what_they_are():
    """Two poses with the same parameters are equal, and the text holds all of them."""
    one = stress.get("occlude", shares=[0.1])
    assert one == replace(stress.get("occlude"), shares=(0.1,))
    assert repr(one) == "Occlude(shares=(0.1,), fill='grey', examples=None)"
