"""Perspective, scale and translation against closed forms and Pillow."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from underspec import stress
from underspec.core.streams import stream
from underspec.stress.images.pose.perspective import seen
from underspec.stress.images.pose.scale import scaled
from underspec.stress.images.pose.translate import translated
from underspec.stress.images.pose.warp import background, taken
from underspec.testing.stress import sample_images

KEY = stream(20, "stress")
SMOOTH = np.sin(np.mgrid[:60, :60][1] / 9) + np.mgrid[:60, :60][0] / 40


def noise(n=4, height=12, width=12, channels=3):
    """Return pictures of noise on a ground of zeros, so that the background is 0."""
    images = np.random.default_rng(3).random((n, height, width, channels)).astype(np.float32)
    images[:, [0, -1]] = 0
    images[:, :, [0, -1]] = 0
    return images


def point(images, y, x, degrees, axis, distance):
    """Return where a point (y, x), from the centre, is seen: 3-d rotation, then projection."""
    side = max(images.shape[1:3])
    a = np.array([math.cos(math.radians(axis)), math.sin(math.radians(axis)), 0])
    p, t = np.array([x, y, 0.0]), math.radians(degrees)
    # Rodrigues' formula.
    turned = p * math.cos(t) + np.cross(a, p) * math.sin(t) + a * (a @ p) * (1 - math.cos(t))
    far = distance * side
    return far * turned[1] / (far + turned[2]), far * turned[0] / (far + turned[2])


@pytest.mark.parametrize("axis", [0, 37, 90])
def test_at_no_angle_the_view_is_the_picture(axis):
    """Turned by 0 degrees every pixel is its own."""
    images = noise()
    np.testing.assert_allclose(taken(images, seen(12, 12, 0, [axis], 2)), images, atol=1e-5)


@given(
    st.floats(-70, 70),
    st.floats(0, 360),
    st.floats(1, 5),
    st.floats(-0.35, 0.35),
    st.floats(-0.35, 0.35),
)
def test_a_spot_is_seen_where_geometry_says(degrees, axis, distance, down, right):
    """A blob of the plane appears at its rotated and projected place."""
    height, width = 61, 81
    y, x = np.mgrid[:height, :width] - np.array([30.0, 40.0]).reshape(2, 1, 1)
    spot = np.exp(-((y - down * height) ** 2 + (x - right * width) ** 2) / (2 * 3.0**2))
    image = spot[None, ..., None].astype(np.float32)
    view = taken(image, seen(height, width, degrees, [axis], distance))[0, ..., 0]
    at_y, at_x = point(image, down * height, right * width, degrees, axis, distance)
    if abs(at_y) > 25 or abs(at_x) > 35:
        return
    # The brightest pixel: the blob's top stays its top wherever the view takes it.
    top = np.unravel_index(view.argmax(), view.shape)
    assert math.hypot(top[0] - 30 - at_y, top[1] - 40 - at_x) < 1.1


def test_the_near_half_grows_and_the_far_half_shrinks():
    """About a vertical axis heights grow on one side and shrink on the other, as D / (D + z)."""
    images = np.zeros((1, 101, 101, 1), np.float32)
    images[:, 25:76, 1:-1] = 1
    for way in (40, -40):
        view = taken(images, seen(101, 101, way, [90], 2))[0, :, :, 0]
        tall = view.sum(axis=0)
        left, right = tall[25], tall[75]
        z = 25 * math.tan(math.radians(40))  # depth of what is seen in column 25 is not far off it
        assert (left > 51 > right) if way < 0 else (left < 51 < right)
        assert abs(abs(left - right) / 51 - 2 * z / 202) < 0.06


def test_beyond_the_horizon_is_background():
    """Near the camera a steep plane ends inside the frame, and nothing is mirrored behind it."""
    images = np.full((1, 40, 40, 1), 0.9, np.float32)
    images[:, [0, -1]] = images[:, :, [0, -1]] = 0.25
    view = taken(images, seen(40, 40, 80, [90], 1))[0, ..., 0]
    sides = view[:, :3].mean(), view[:, -3:].mean()
    assert max(sides) == pytest.approx(0.25, abs=1e-6) or min(sides) == pytest.approx(0.25)


def test_axes_and_directions_are_kept():
    """A vertical axis leaves pictures symmetric up and down; both ways of turning occur."""
    data = sample_images(40, side=21)
    mirrored = np.maximum(data.inputs, data.inputs[:, ::-1])
    same = data.with_inputs(mirrored)
    (probe,) = stress.get("perspective", angles=40, axis="vertical")(same, KEY)
    np.testing.assert_array_equal(probe.data.inputs, probe.data.inputs[:, ::-1])
    flat = data.with_inputs(np.tile(mirrored[:1], (40, 1, 1, 1)))
    (probe,) = stress.get("perspective", angles=40, axis="vertical")(flat, KEY)
    assert len(np.unique(probe.data.inputs, axis=0)) == 2
    (probe,) = stress.get("perspective", angles=40)(flat, KEY)
    assert len(np.unique(probe.data.inputs, axis=0)) == 40


def test_a_scale_of_one_is_the_picture():
    """Nothing moves."""
    images = noise()
    np.testing.assert_allclose(scaled(images, 1), images, atol=1e-6)


def test_halving_an_even_picture_averages_neighbours():
    """Half as wide, each pixel is the triangle-weighted mean around its place."""
    images = noise(2, 16, 16)
    got = scaled(images, 0.5)
    column = np.array([1, 3, 3, 1]) / 8
    expected = np.zeros((2, 8, 8, 3))
    for i in range(8):
        for j in range(8):
            for di, wi in enumerate(column):
                for dj, wj in enumerate(column):
                    y, x = 2 * i + di - 1, 2 * j + dj - 1
                    if 0 <= y < 16 and 0 <= x < 16:
                        expected[:, i, j] += wi * wj * images[:, y, x]
    np.testing.assert_allclose(got[:, 4:12, 4:12], expected, atol=1e-6)
    outside = got.copy()
    outside[:, 3:13, 3:13] = 0
    np.testing.assert_allclose(outside, 0, atol=1e-7)


@pytest.mark.parametrize("factor", [0.4, 0.8, 1.6, 3])
def test_inside_scaling_agrees_with_pillow(factor):
    """Away from the border it is Pillow's linear resampling of the part in view."""
    got = scaled(SMOOTH[None, ..., None].astype(np.float32), factor)[0, ..., 0]
    middle = 59 / 2
    half = 30 / factor
    box = (middle + 0.5 - half, middle + 0.5 - half, middle + 0.5 + half, middle + 0.5 + half)
    picture = Image.fromarray(SMOOTH.astype(np.float32))
    if factor > 1:
        expected = np.asarray(picture.resize((60, 60), Image.BILINEAR, box=box))
        inside = slice(2, -2)
        np.testing.assert_allclose(got[inside, inside], expected[inside, inside], atol=1e-3)
    else:
        small = round(60 * factor)
        expected = np.asarray(picture.resize((small, small), Image.BILINEAR))
        start = (60 - small) // 2
        inner = slice(3, small - 3)
        np.testing.assert_allclose(
            got[start : start + small, start : start + small][inner, inner],
            expected[inner, inner],
            atol=2e-3,
        )


@given(st.integers(-11, 11), st.integers(-11, 11))
def test_whole_pixels_roll_and_the_background_comes_in(down, right):
    """Translation by whole pixels is numpy's roll, with the background where it would wrap."""
    images = noise() + np.float32(0.125)
    ground = background(images)
    np.testing.assert_array_equal(ground, np.float32(0.125))
    got = translated(images, np.full(4, float(down)), np.full(4, float(right)))
    expected = np.roll(images, (down, right), axis=(1, 2))
    y, x = np.mgrid[:12, :12]
    stays = (y - down >= 0) & (y - down < 12) & (x - right >= 0) & (x - right < 12)
    expected[:, ~stays] = 0.125
    np.testing.assert_allclose(got, expected, atol=1e-6)


def test_half_a_pixel_is_the_mean_of_two():
    """Between pixels translation interpolates linearly."""
    images = noise()
    got = translated(images, np.zeros(4), np.full(4, 2.5))
    rolled = [np.roll(images, step, axis=2) for step in (2, 3)]
    np.testing.assert_allclose(got[:, :, 3:], (rolled[0] + rolled[1])[:, :, 3:] / 2, atol=1e-6)


@pytest.mark.parametrize("direction", ["horizontal", "vertical"])
def test_a_direction_keeps_the_other_axis(direction):
    """Left and right both occur, each a roll by the stated part of the side."""
    data = sample_images(40, side=20)
    images = data.inputs.copy()
    images[:, [0, -1]] = 9
    images[:, :, [0, -1]] = 9
    (probe,) = stress.get("translate", fractions=0.25, direction=direction)(
        data.with_inputs(images), KEY
    )
    axis = 2 if direction == "horizontal" else 1
    ways = []
    for step, kept in ((5, np.s_[5:]), (-5, np.s_[:-5])):
        index = [slice(None)] * 4
        index[axis] = kept
        same = probe.data.inputs[tuple(index)] == np.roll(images, step, axis)[tuple(index)]
        ways.append(same.all(axis=(1, 2, 3)))
    assert (ways[0] ^ ways[1]).all()
    assert 10 < ways[0].sum() < 30


def test_random_directions_move_equally_far():
    """The centre of mass of a spot moves by the fraction of the shorter side, in all directions."""
    y, x = np.mgrid[:40, :60]
    spot = np.exp(-((y - 19.5) ** 2 + (x - 29.5) ** 2) / 8)
    data = sample_images(50, side=20)
    data = data.with_inputs(np.tile(spot[None, ..., None].astype(np.float32), (50, 1, 1, 1)))
    (probe,) = stress.get("translate", fractions=0.2)(data, KEY)
    mass = probe.data.inputs[..., 0]
    total = mass.sum(axis=(1, 2))
    moved = np.stack([(mass * a).sum(axis=(1, 2)) / total for a in (y, x)], 1) - [19.5, 29.5]
    np.testing.assert_allclose(np.hypot(*moved.T), 8, atol=0.05)
    turns = np.sort(np.degrees(np.arctan2(*moved.T)))
    assert np.diff(turns, append=turns[0] + 360).max() < 60
