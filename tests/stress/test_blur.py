"""The five blurs against their published definitions, worked out here slowly by other means."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from underspec import data, stress
from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.stress.images import blur_zoom
from underspec.stress.images.blur import smeared
from underspec.stress.images.blur_glass import astray
from underspec.testing.stress import sample_images

cv2 = pytest.importorskip("cv2")
ndimage = pytest.importorskip("scipy.ndimage")

KEY = stream(20, "stress")
NAMES = ["defocus_blur", "gaussian_blur", "glass_blur", "motion_blur", "zoom_blur"]
PUBLISHED = {
    "gaussian_blur": {
        32: [0.4, 0.6, 0.7, 0.8, 1],
        64: [0.5, 0.75, 1, 1.25, 1.5],
        224: [1, 2, 3, 4, 6],
    },
    "defocus_blur": {
        32: [(0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (1, 0.2), (1.5, 0.1)],
        64: [(0.5, 0.6), (1, 0.1), (1.5, 0.1), (2.5, 0.01), (3, 0.1)],
        224: [(3, 0.1), (4, 0.5), (6, 0.5), (8, 0.5), (10, 0.5)],
    },
    "glass_blur": {
        32: [(0.05, 1, 1), (0.25, 1, 1), (0.4, 1, 1), (0.25, 1, 2), (0.4, 1, 2)],
        64: [(0.1, 1, 1), (0.5, 1, 1), (0.6, 1, 2), (0.7, 2, 1), (0.9, 2, 2)],
        224: [(0.7, 1, 2), (0.9, 2, 1), (1, 2, 3), (1.1, 3, 2), (1.5, 4, 2)],
    },
    "motion_blur": {
        32: [(6, 1), (6, 1.5), (6, 2), (8, 2), (9, 2.5)],
        64: [(10, 1), (10, 1.5), (10, 2), (10, 2.5), (12, 3)],
        224: [(10, 3), (15, 5), (15, 8), (15, 12), (20, 15)],
    },
    "zoom_blur": {
        32: [(1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01)],
        64: [(1.06, 0.01), (1.11, 0.01), (1.16, 0.01), (1.21, 0.01), (1.26, 0.01)],
        224: [(1.11, 0.01), (1.16, 0.01), (1.21, 0.02), (1.26, 0.02), (1.31, 0.03)],
    },
}


def made(name, source, **more):
    return {p.name: p.data.inputs for p in stress.get(name, **more)(source, KEY)}


def noisy(n, height, width, channels, dtype=np.uint8):
    """Pictures in which every pixel counts."""
    images = np.random.default_rng(3).integers(0, 256, (n, height, width, channels), np.uint8)
    return data.of(images if dtype == np.uint8 else (images / 255).astype(dtype), np.arange(n) % 2)


def planes(function, image):
    """What `function` makes of each channel in float64."""
    channels = range(image.shape[-1])
    return np.stack([function(image[..., k].astype(np.float64)) for k in channels], axis=-1)


@pytest.mark.parametrize("name", NAMES)
def test_constants_are_the_published_ones(name):
    """As the original scripts for the three sizes have them."""
    tables = [
        [tuple(c) if isinstance(c, tuple) else c for c in t] for t in stress.load(name).constants
    ]
    assert tables == [PUBLISHED[name][side] for side in (32, 64, 224)]


@pytest.mark.parametrize("shape", [(28, 28, 1), (64, 70, 3), (224, 224, 3), (5, 140, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_gaussian_blur_is_scipys(shape, dtype):
    """Channel by channel, edge repeated, cut at 4 standard deviations, rounded once."""
    source = noisy(2, *shape, dtype)
    side = min(shape[:2])
    table = PUBLISHED["gaussian_blur"][32 if side <= 32 else side]
    for probe, sd in zip(made("gaussian_blur", source).values(), table, strict=True):
        for image, got in zip(source.inputs, probe, strict=True):
            expected = planes(
                lambda x, sd=sd: ndimage.gaussian_filter(x, sd, mode="nearest"), image
            )
            np.testing.assert_allclose(got, expected, atol=0.501 if dtype == np.uint8 else 1e-5)


def disc(radius, sd):
    """The published kernel: a disc on a grid, blurred by OpenCV with a mirrored border."""
    steps = np.arange(-8, 9) if radius <= 8 else np.arange(-radius, radius + 1)
    x, y = np.meshgrid(steps, steps)
    inside = np.array((x**2 + y**2) <= radius**2, dtype=np.float32)
    inside /= inside.sum()
    return cv2.GaussianBlur(inside, (3, 3) if radius <= 8 else (5, 5), sigmaX=sd)


@pytest.mark.parametrize("shape", [(28, 28, 1), (28, 30, 3), (64, 70, 3), (224, 224, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_defocus_blur_is_the_published_kernel(shape, dtype):
    """SciPy's direct sum over the whole kernel, mirrored without the edge, rounded once."""
    source = noisy(2, *shape, dtype)
    table = PUBLISHED["defocus_blur"][32 if shape[0] == 28 else shape[0]]
    for probe, (radius, sd) in zip(made("defocus_blur", source).values(), table, strict=True):
        kernel = disc(radius, sd).astype(np.float64)
        expected = planes(
            lambda x, k=kernel: ndimage.correlate(x, k, mode="mirror"), source.inputs[0]
        )
        top = 255 if dtype == np.uint8 else 1
        np.testing.assert_allclose(
            probe[0], np.minimum(expected, top), atol=0.51 if dtype == np.uint8 else 2e-5
        )


def test_defocus_blur_gets_a_little_brighter_where_the_disc_touches_its_grid():
    """As documented: at 224 pixels severities 4 and 5 add 1.3 and 1.1 per cent."""
    flat = data.of(np.full((2, 224, 224, 1), 0.5, np.float32), [0, 1])
    got = [probe.mean() / 0.5 for probe in made("defocus_blur", flat).values()]
    np.testing.assert_allclose(got, [1, 1, 1, 1.0130, 1.0108], atol=1e-4)


def led_astray(codes, picture, distance):
    """The published loop on one picture: each pixel copies one near by, last to first."""
    height, width = picture.shape[:2]
    picture = picture.copy()
    for row in range(height - distance, distance, -1):
        for column in range(width - distance, distance, -1):
            code = int(codes[row - distance - 1, column - distance - 1])
            down, right = divmod(code, 2 * distance)
            picture[row, column] = picture[row + down - distance, column + right - distance]
    return picture


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 4), st.integers(1, 16), st.integers(1, 16), st.integers(0, 2**32 - 1))
def test_glass_leads_astray_as_the_published_loop_does(distance, height, width, seed):
    """For any draws, size and distance, the smallest pictures included."""
    inner = (2, max(0, height - 2 * distance), max(0, width - 2 * distance))
    draws = np.random.default_rng(seed).integers(0, 1 << 16, inner, np.uint16)
    codes = (draws.astype(np.int64) * 4 * distance**2) >> 16
    pictures = np.arange(2 * height * width).reshape(2, height, width)
    expected = [
        led_astray(c, picture, distance) for c, picture in zip(codes, pictures, strict=True)
    ]
    got = astray(draws, height, width, distance)
    np.testing.assert_array_equal(got, np.ravel(expected))


@pytest.mark.parametrize("distance", [1, 2, 3, 4])
def test_glass_moves_pixels_as_far_as_the_published_loop_does(distance):
    """Mean and mean square of the way from each pixel to its source, from generators of our own."""
    draw = np.random.default_rng(distance)
    side, n = 40, 8
    loop = draw.integers(0, 4 * distance**2, (n, side - 2 * distance, side - 2 * distance))
    place = np.stack(np.mgrid[:side, :side], axis=-1)
    slow = np.stack([led_astray(codes, place, distance) for codes in loop]) - place
    flat = np.full((n * 4, side, side, 1), 90, np.uint8)
    # The draws are those that the member makes, read back through a picture of places.
    from underspec.stress.images.draws import sixteen

    inner = side - 2 * distance
    draws = sixteen(
        stream(distance), np.asarray([f"{i}" for i in range(len(flat))]), (inner, inner)
    )
    source = astray(draws, side, side, distance).reshape(-1, side * side) % (side * side)
    fast = np.stack(np.divmod(source, side), axis=-1).reshape(-1, side, side, 2) - place
    deep = np.s_[:, 10:-10, 10:-10]
    slow, fast = slow[deep].reshape(-1, 2), fast[deep].reshape(-1, 2)
    spread = slow.std(axis=0) * 3 * math.sqrt(4 / len(slow))
    assert (np.abs(slow.mean(axis=0) - fast.mean(axis=0)) < 3 * spread).all()
    np.testing.assert_allclose((fast**2).mean(axis=0), (slow**2).mean(axis=0), rtol=0.1)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("side", "severity"), [(32, 1), (32, 5), (64, 5)])
def test_glass_blur_is_blur_astray_and_blur(channels, side, severity):
    """Around the moved pixels stands SciPy's Gaussian, whole levels cut off after the first."""
    source = noisy(2, side, side, channels)
    sd, distance, times = PUBLISHED["glass_blur"][side][severity - 1]
    got = made("glass_blur", source, severities=severity)[f"glass_blur-gen-{severity}"]
    from underspec.stress.images.draws import sixteen

    inner = side - 2 * distance
    path = KEY.child("glass_blur", severity)
    draws = sixteen(path, source.ids, (times, inner, inner))
    for image, turns, blurred in zip(source.inputs, draws, got, strict=True):
        soft = planes(lambda x: ndimage.gaussian_filter(x, sd, mode="nearest"), image)
        picture = np.floor(soft + 1e-3)
        for draw in turns:
            codes = (draw.astype(np.int64) * 4 * distance**2) >> 16
            picture = led_astray(codes, picture, distance)
        expected = planes(lambda x: ndimage.gaussian_filter(x, sd, mode="nearest"), picture)
        np.testing.assert_allclose(blurred, expected, atol=0.51)


@pytest.mark.parametrize(("radius", "sd"), [(6, 1.0), (9, 2.5), (20, 15.0)])
def test_motion_blur_is_a_one_sided_gaussian_along_the_angle(radius, sd):
    """Tap by tap with repeated edges, for angles on and between the axes."""
    images = sample_images(5, side=24, channels=3).inputs / 255
    angles = np.asarray([0.0, 45.0, -45.0, 17.3, -31.0])
    got = smeared(images, angles, radius, sd)
    weights = np.exp(-(np.arange(2 * radius + 1) ** 2) / (2 * sd**2))
    weights /= weights.sum()
    for image, angle, blurred in zip(images, angles, got, strict=True):
        turn = math.radians(angle)
        expected = np.zeros_like(image)
        for i, weight in enumerate(weights):
            down = math.ceil(i * math.sin(turn) - 0.5)
            right = math.ceil(i * math.cos(turn) - 0.5)
            rows = np.clip(np.arange(24) + down, 0, 23)
            columns = np.clip(np.arange(24) + right, 0, 23)
            expected += weight * image[np.ix_(rows, columns)]
        np.testing.assert_allclose(blurred, expected, atol=1e-5)


def test_motion_blur_turns_each_picture_by_itself():
    """A point leaves a streak on its left, and streaks differ between pictures."""
    point = np.zeros((20, 28, 28, 1), np.uint8)
    point[:, 14, 20] = 255
    smears = made("motion_blur", data.of(point, [0, 1] * 10), severities=[5])["motion_blur-gen-5"]
    assert len({image.tobytes() for image in smears}) > 5
    assert not smears[:, :, 21:].any()
    rows = np.nonzero(smears[:, :, 16])[1]
    assert rows.min() < 14 < rows.max()


def zoomed(x, factor):
    """The published middle of a plane, enlarged by SciPy, cut to size from the top left."""
    height, width = x.shape
    rows, columns = math.ceil(height / factor), math.ceil(width / factor)
    top, left = (height - rows) // 2, (width - columns) // 2
    middle = x[top : top + rows, left : left + columns]
    return ndimage.zoom(middle, (factor, factor), order=1)[:height, :width]


@pytest.mark.parametrize("shape", [(32, 32, 3), (32, 45, 1), (64, 64, 1), (224, 224, 1)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_zoom_blur_is_the_mean_over_scipys_zooms(shape, dtype):
    """The picture itself, and one enlargement a factor from 1 on."""
    source = noisy(2, *shape, dtype)
    probes = made("zoom_blur", source).values()
    for probe, (end, step) in zip(probes, PUBLISHED["zoom_blur"][shape[0]], strict=True):
        factors = np.arange(1, end, step)
        x = source.inputs[0]
        total = x + sum(planes(lambda p, z=z: zoomed(p, z), x) for z in factors)
        expected = total / (len(factors) + 1)
        np.testing.assert_allclose(probe[0], expected, atol=0.501 if dtype == np.uint8 else 1e-5)


def test_zoom_blur_has_as_many_factors_as_published():
    """``numpy.arange`` over floats takes one more than it looks at some severities."""
    count = {
        side: [len(blur_zoom.factors(*c)) for c in t] for side, t in PUBLISHED["zoom_blur"].items()
    }
    assert count == {32: [7, 12, 16, 21, 26], 64: [7, 12, 16, 21, 26], 224: [12, 16, 11, 13, 11]}


@pytest.mark.parametrize("shape", [(32, 32, 6), (40, 51, 3)])
def test_zoom_blur_of_large_pictures_is_the_same(monkeypatch, shape):
    """One factor after the other gives what all at once give."""
    values = np.random.default_rng(0).random(shape, np.float32)
    once = blur_zoom._averaged(values, 1.31, 0.03).reshape(shape)
    monkeypatch.setattr(blur_zoom, "_ONCE", 0)
    np.testing.assert_allclose(blur_zoom._averaged(values, 1.31, 0.03), once, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (7, 7), (9, 14), (28, 40), (64, 50)])
@pytest.mark.parametrize("channels", [1, 3])
def test_a_flat_picture_of_any_size_stays_flat(name, shape, channels):
    """Weights sum to one, also at the edge; where the kernel is larger, a sentence says so."""
    flat = data.of(np.full((2, *shape, channels), 77, np.uint8), [0, 1])
    for like in ("size", "imagenet_c"):
        needed = stress.get(name, like=like).needed(min(shape))
        if min(shape) < needed:
            with pytest.raises(UsageError, match=f"{name}.* at least {needed} pixels"):
                made(name, flat, like=like)
            continue
        for probe, images in made(name, flat, like=like).items():
            brighter = name == "defocus_blur" and like == "imagenet_c" and probe[-1] in "45"
            assert (images == (78 if brighter else 77)).all()
