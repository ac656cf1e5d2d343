"""Rotation about the centre, against closed forms and Pillow."""

import numpy as np
import pytest
from PIL import Image

from underspec import data, stress
from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.stress.images.pictures import Batch
from underspec.stress.images.pose.rotate import rotated
from underspec.testing.stress import sample_images

KEY = stream(20, "stress")


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [8, 9])
def test_right_angles_move_pixels_exactly(side, channels):
    """90 degrees to the left is a permutation of pixels, and so is 180."""
    images = np.random.default_rng(3).random((4, side, side, channels))
    np.testing.assert_allclose(rotated(images, 90), np.rot90(images, axes=(1, 2)), atol=1e-12)
    np.testing.assert_allclose(rotated(images, -90), np.rot90(images, -1, axes=(1, 2)), atol=1e-12)
    np.testing.assert_allclose(rotated(images, 180), images[:, ::-1, ::-1], atol=1e-12)
    np.testing.assert_allclose(rotated(images, 0), images, atol=1e-12)


def test_inside_it_agrees_with_pillow():
    """Away from the border a smooth picture comes out as Pillow's bilinear rotation."""
    y, x = np.mgrid[:40, :40] / 40
    smooth = np.sin(3 * x + 2 * y) + x * y
    got = rotated(smooth[None, ..., None], 25)[0, ..., 0]
    picture = Image.fromarray(smooth.astype(np.float32))
    expected = np.asarray(picture.rotate(25, resample=Image.BILINEAR))
    inside = np.hypot(*(np.mgrid[:40, :40] - 19.5)) < 17
    np.testing.assert_allclose(got[inside], expected[inside], atol=2e-3)


def test_corners_get_the_background():
    """What comes from outside is the median of the border, channel by channel."""
    images = np.zeros((1, 21, 21, 3))
    images[..., 1] = 0.4
    images[:, 8:13, 8:13] = 1
    images[:, 0, :5] = 0.9  # an object that touches the edge does not change the median
    turned = rotated(images, 45)
    np.testing.assert_allclose(turned[0, 0, 20], [0, 0.4, 0], atol=1e-12)
    np.testing.assert_allclose(turned[0, 20, 0], [0, 0.4, 0], atol=1e-12)


def test_a_flat_picture_stays_flat():
    """The weights sum to one everywhere."""
    for images in (p.data.inputs for p in stress.get("rotate")(FLAT, KEY)):
        assert (images == 77).all()


FLAT = data.of(np.full((6, 28, 28, 1), 77, np.uint8), [0, 1] * 3)


def test_both_directions_occur_and_are_the_examples_own():
    """About half of the pictures turn left; each is one of the two turns."""
    source = sample_images(80)
    (probe,) = stress.get("rotate", angles=[30])(source, KEY)
    pixels = Batch(source.inputs, source.ids).pixels
    turns = [np.rint(np.clip(rotated(pixels, a) * np.float32(255), 0, 255)) for a in (30, -30)]
    is_left, is_right = ((probe.data.inputs == t).all(axis=(1, 2, 3)) for t in turns)
    assert (is_left ^ is_right).all()
    assert 20 < is_left.sum() < 60


def test_probes_are_named_by_the_angle():
    """Severity is the angle; fractions keep their point."""
    probes = list(stress.get("rotate", angles=(45, 7.5))(FLAT, KEY))
    assert [p.name for p in probes] == ["rotate-45", "rotate-7.5"]
    assert [p.severity for p in probes] == [45.0, 7.5]
    assert probes[0].title == "rotate, 45 degrees"
    same = list(stress.get("rotate", angles=45.0)(FLAT, KEY))
    assert [p.name for p in same] == ["rotate-45"]


@pytest.mark.parametrize("angles", [(), (0,), (-15,), (181,), (15, 15.0), (0.001,), (1.23456,)])
def test_angles_are_checked(angles):
    """Degrees above 0 up to 180, in hundredths, each once."""
    with pytest.raises(UsageError, match="in hundredths, each once"):
        stress.get("rotate", angles=angles)
