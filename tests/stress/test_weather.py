"""Fog, snow, frost and spatter against slow restatements of the published code."""

import math

import numpy as np
import pytest
from scipy import ndimage

from underspec import data, stress
from underspec.core.streams import stream
from underspec.stress.images.draws import normals, quantiles, sixteen, uniforms
from underspec.stress.images.weather.fog import plasma
from underspec.stress.images.weather.ice import panes
from underspec.stress.images.weather.snow import enlarged, streaked
from underspec.testing.stress import sample_images

cv2 = pytest.importorskip("cv2")

KEY = stream(20, "stress")
SIDES = (32, 64, 224)
PUBLISHED = {
    "fog": (
        ((0.2, 3), (0.5, 3), (0.75, 2.5), (1, 2), (1.5, 1.75)),
        ((0.4, 3), (0.7, 3), (1, 2.5), (1.5, 2), (2, 1.75)),
        ((1.5, 2), (2, 2), (2.5, 1.7), (2.5, 1.5), (3, 1.4)),
    ),
    "snow": (
        ((0.1, 0.2, 1, 0.6, 8, 3, 0.95), (0.1, 0.2, 1, 0.5, 10, 4, 0.9), (0.15, 0.3, 1.75, 0.55, 10, 4, 0.9), (0.25, 0.3, 2.25, 0.6, 12, 6, 0.85), (0.3, 0.3, 1.25, 0.65, 14, 12, 0.8)),
        ((0.1, 0.2, 1, 0.6, 8, 3, 0.8), (0.1, 0.2, 1, 0.5, 10, 4, 0.8), (0.15, 0.3, 1.75, 0.55, 10, 4, 0.7), (0.25, 0.3, 2.25, 0.6, 12, 6, 0.65), (0.3, 0.3, 1.25, 0.65, 14, 12, 0.6)),
        ((0.1, 0.3, 3, 0.5, 10, 4, 0.8), (0.2, 0.3, 2, 0.5, 12, 4, 0.7), (0.55, 0.3, 4, 0.9, 12, 8, 0.7), (0.55, 0.3, 4.5, 0.85, 12, 8, 0.65), (0.55, 0.3, 2.5, 0.85, 12, 12, 0.55)),
    ),
    "frost": (
        ((1, 0.2, 0.2), (1, 0.3, 0.2), (0.9, 0.4, 0.2), (0.85, 0.4, 0.2), (0.75, 0.45, 0.2)),
        ((1, 0.3, 0.3), (0.9, 0.4, 0.3), (0.8, 0.45, 0.3), (0.75, 0.5, 0.3), (0.7, 0.55, 0.3)),
        ((1, 0.4, 1), (0.8, 0.6, 1), (0.7, 0.7, 1), (0.65, 0.7, 1), (0.6, 0.75, 1)),
    ),
    "spatter": (
        ((0.62, 0.1, 0.7, 0.7, 0.5, 0), (0.65, 0.1, 0.8, 0.7, 0.5, 0), (0.65, 0.3, 1, 0.69, 0.5, 0), (0.65, 0.1, 0.7, 0.69, 0.6, 1), (0.65, 0.1, 0.5, 0.68, 0.6, 1)),
        ((0.62, 0.1, 0.7, 0.7, 0.6, 0), (0.65, 0.1, 0.8, 0.7, 0.6, 0), (0.65, 0.3, 1, 0.69, 0.6, 0), (0.65, 0.1, 0.7, 0.68, 0.6, 1), (0.65, 0.1, 0.5, 0.67, 0.6, 1)),
        ((0.65, 0.3, 4, 0.69, 0.6, 0), (0.65, 0.3, 3, 0.68, 0.6, 0), (0.65, 0.3, 2, 0.68, 0.5, 0), (0.65, 0.3, 1, 0.65, 1.5, 1), (0.67, 0.4, 1, 0.65, 1.5, 1)),
    ),
}  # fmt: skip


def made(name, source, **more):
    return {int(p.severity): p.data.inputs for p in stress.get(name, **more)(source, KEY)}


def as_floats(source):
    return source.with_inputs(source.inputs.astype(np.float32) / np.float32(255))


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_constants_are_the_published_ones(name):
    """For 32, 64 and 224 pixels; frost with the scale of its photographs."""
    assert type(stress.get(name)).constants == PUBLISHED[name]


@pytest.mark.parametrize("name", sorted(PUBLISHED))
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(28, 28), (33, 50), (16, 13)])
def test_floats_get_what_levels_get(name, channels, shape):
    """What the type is does not show beyond rounding, on squares, oblongs and tiny pictures."""
    source = sample_images(5, max(shape), channels)
    source = source.with_inputs(source.inputs[:, : shape[0], : shape[1]])
    whole, floats = made(name, source), made(name, as_floats(source))
    for severity, images in floats.items():
        assert images.dtype == np.float32
        assert images.shape == source.inputs.shape
        assert 0 <= images.min() <= images.max() <= 1
        assert whole[severity].dtype == np.uint8
        np.testing.assert_allclose(images * 255, whole[severity], atol=0.51)


def slow_plasma(drawn, side, decay):
    """Point by point, as the published code orders them."""
    heights = np.zeros((side, side))
    step, wibble, left = side, 100.0, iter(drawn.tolist())
    while step >= 2:
        half = step // 2
        for y in range(half, side, step):
            for x in range(half, side, step):
                around = [heights[a % side, b % side] for a in (y - half, y + half) for b in (x - half, x + half)]  # fmt: skip
                heights[y, x] = sum(around) / 4 + wibble * wibble * next(left)
        for start_y, start_x in ((0, half), (half, 0)):
            for y in range(start_y, side, step):
                for x in range(start_x, side, step):
                    around = [heights[a % side, b % side] for a, b in ((y - half, x), (y + half, x), (y, x - half), (y, x + half))]  # fmt: skip
                    heights[y, x] = sum(around) / 4 + wibble * wibble * next(left)
        step, wibble = half, wibble / decay
    return heights


@pytest.mark.parametrize(("side", "decay"), [(2, 3.0), (8, 1.4), (32, 1.75), (64, 3.0)])
def test_plasma_is_diamond_square_on_a_torus(side, decay):
    """Every point as computed one by one, up to the scale."""
    drawn = uniforms(KEY, np.asarray(["a", "b"]), (side * side - 1,), -1, 1)
    for row, heights in zip(drawn, plasma(drawn, side, decay), strict=True):
        expected = slow_plasma(row, side, decay)
        np.testing.assert_allclose(heights * 1e4, expected, atol=1e-6 * np.ptp(expected))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(28, 28), (40, 24)])
def test_fog_is_laid_as_published(channels, shape):
    """The map is scaled to 0..1 over its whole square; the brightest value stays in range."""
    source = sample_images(3, max(shape), channels)
    source = source.with_inputs(source.inputs[:, : shape[0], : shape[1]] // 2)
    side = 32 if max(shape) <= 32 else 64
    for severity, (strength, decay) in enumerate(PUBLISHED["fog"][0], 1):
        got = made("fog", source, severities=[severity])[severity]
        key = KEY.child("fog", severity)
        drawn = uniforms(key, source.ids, (side * side - 1,), -1, 1)
        for image, row, foggy in zip(source.inputs, drawn, got, strict=True):
            x = image / 255
            heights = slow_plasma(row, side, decay)
            heights = (heights - heights.min()) / np.ptp(heights)
            fog = heights[: shape[0], : shape[1], None]
            expected = (x + strength * fog) * x.max() / (x.max() + strength)
            np.testing.assert_allclose(foggy, np.clip(expected, 0, 1) * 255, atol=0.51)


@pytest.mark.parametrize("zoom", [1.0, 1.25, 1.75, 2.25, 3.0, 4.5])
@pytest.mark.parametrize("shape", [(11, 14), (1, 2), (1, 1)])
def test_flakes_are_zoomed_as_scipy_does(zoom, shape):
    """Linear from corner to corner, to the nearest whole number of pixels."""
    layer = np.random.default_rng(3).random((1, *shape)).astype(np.float32)
    if min(shape) > 1:
        expected = ndimage.zoom(layer[0].astype(np.float64), zoom, order=1)
        np.testing.assert_allclose(enlarged(layer, zoom)[0], expected, atol=1e-6)
    assert enlarged(layer, zoom).shape == (1, *(round(side * zoom) for side in shape))


def slow_streak(layer, angle, radius, sd):
    """Tap by tap with repeated edges."""
    height, width = layer.shape
    weights = np.exp(-(np.arange(2 * radius + 1) ** 2) / (2 * sd**2))
    turn, out = math.radians(angle), np.zeros(layer.shape)
    for i, weight in enumerate(weights / weights.sum()):
        rows = np.arange(height) + math.ceil(i * math.sin(turn) - 0.5)
        columns = np.arange(width) + math.ceil(i * math.cos(turn) - 0.5)
        out += weight * layer[np.ix_(np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1))]
    return out


@pytest.mark.parametrize(("radius", "sd"), [(8, 3.0), (14, 12.0)])
@pytest.mark.parametrize("shape", [(32, 20), (6, 9), (100, 120)])
def test_streaks_are_one_sided_gaussians_along_the_angle(radius, sd, shape):
    """For small pictures and large ones, which are summed in different ways, upright and aslant."""
    layers = np.random.default_rng(3).integers(0, 256, (6, *shape)).astype(np.float32)
    angles = np.asarray([-90.0, -45.0, -135.0, -61.7, -120.0, -100.3])
    got = streaked(layers, angles, radius, sd)
    for layer, angle, blurred in zip(layers, angles, got, strict=True):
        np.testing.assert_allclose(blurred, slow_streak(layer, angle, radius, sd), atol=0.53)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("shape", [(28, 28), (36, 24)])
def test_snow_falls_as_published(channels, shape):
    """The same draws through the published steps: zoom, threshold, streaks, whitening, both falls."""
    source = sample_images(4, max(shape), channels)
    source = source.with_inputs(source.inputs[:, : shape[0], : shape[1]])
    for severity, c in enumerate(PUBLISHED["snow"][0], 1):
        got = made("snow", source, severities=[severity])[severity]
        mean, sd, zoom, threshold, radius, streak, mix = c
        few = math.ceil(shape[0] / zoom), math.ceil(shape[1] / zoom)
        drawn = sixteen(KEY.child("snow", severity), source.ids, (few[0] * few[1] + 1,))
        for image, row, snowy in zip(source.inputs, drawn, got, strict=True):
            noise = mean + sd * quantiles()[row[:-1]].astype(np.float64).reshape(few)
            layer = ndimage.zoom(noise, zoom, order=1)[: shape[0], : shape[1]]
            layer[layer < threshold] = 0
            layer = np.floor(np.clip(layer, 0, 1) * 255)
            angle = -135 + 90 * (row[-1] + 0.5) / 65536
            layer = np.rint(slow_streak(layer, angle, radius, streak))[..., None] / 255
            x = image / 255
            grey = x if channels == 1 else (x @ [0.299, 0.587, 0.114])[..., None]
            base = mix * x + (1 - mix) * np.maximum(x, grey * 1.5 + 0.5)
            expected = np.clip(base + layer + np.rot90(layer, 2), 0, 1) * 255
            # A sum next to half a level may be rounded the other way, which adds up to two levels.
            assert (np.abs(snowy - expected) <= 0.51).mean() > 0.95
            np.testing.assert_allclose(snowy, expected, atol=2.6)


def test_snow_falls_in_every_direction_of_its_range():
    """Each picture by itself, evenly from 45 degrees to either side of upright."""
    ids = np.asarray([str(i) for i in range(4000)])
    angles = -135 + 90 * (sixteen(KEY, ids, (1,))[:, 0] + 0.5) / 65536
    assert -135 < angles.min() < -134 < -46 < angles.max() < -45
    assert abs(angles.mean() + 90) < 5 * 26 / math.sqrt(4000)


def slow_spatter(image, noise, c):
    """The published code on one picture, with SciPy's Gaussian filter."""
    mean, sd, size, threshold, strength, mud = c
    layer = ndimage.gaussian_filter(mean + sd * noise, size, mode="nearest", truncate=4)
    layer[layer < threshold] = 0
    x, grey = image / 255, image.shape[-1] == 1
    if mud:
        cover = ndimage.gaussian_filter((layer > threshold).astype(float), strength, mode="nearest")
        cover[cover < 0.8] = 0
        colour = np.asarray([63, 42, 20]) / 255
        x = x * (1 - cover[..., None])
    else:
        drops = np.clip(layer * 255, 0, 255).astype(np.uint8)
        away = cv2.distanceTransform(255 - cv2.Canny(drops, 50, 150), cv2.DIST_L2, 5)
        away = cv2.threshold(away, 20, 20, cv2.THRESH_TRUNC)[1]
        away = cv2.equalizeHist(cv2.blur(away, (3, 3)).astype(np.uint8))
        away = cv2.filter2D(away, cv2.CV_8U, np.asarray([[-2, -1, 0], [-1, 1, 1], [0, 1, 2]]))
        cover = drops * cv2.blur(away, (3, 3)).astype(np.float32)
        cover = cover / max(cover.max(), 1) * strength
        colour = np.asarray([175, 238, 238]) / 255
    light = cover[..., None] * colour
    if grey:
        light = light @ np.asarray([[0.2989], [0.587], [0.114]])
    return np.clip(x + light, 0, 1) * 255


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [32, 64, 100])
def test_spatter_is_the_published_code(channels, side):
    """The same draws: water at severities 1 to 3, mud at 4 and 5; drops may differ by a pixel."""
    source = sample_images(4, side, channels)
    test = stress.get("spatter", like="imagenet_c" if side == 100 else "size")
    table = PUBLISHED["spatter"][SIDES.index(side) if side < 100 else 2]
    for probe, c in zip(test(source, KEY), table, strict=True):
        noise = normals(KEY.child("spatter", int(probe.severity)), source.ids, (side, side))
        for image, row, got in zip(source.inputs, noise.astype(np.float64), probe.data.inputs, strict=True):  # fmt: skip
            away = np.abs(got - slow_spatter(image, row, c))
            assert (away > 0.51).mean() < 0.02
            assert away.mean() < 0.5
        assert (probe.data.inputs != source.inputs).any()


def test_spatter_without_drops_changes_nothing():
    """Where no noise reaches the threshold, the picture stays, and nothing is divided by zero."""
    source = sample_images(40, 5, 3)
    same = [
        (a == b).all()
        for a, b in zip(source.inputs, made("spatter", source, severities=[1])[1], strict=True)
    ]
    assert any(same)
    assert not all(same)


def test_mud_is_brown_and_water_pale():
    """On black, water adds pale turquoise; on white, mud covers with brown."""
    black = data.of(np.zeros((4, 64, 64, 3), np.uint8), [0, 1, 0, 1])
    white = black.with_inputs(black.inputs + np.uint8(255))
    wet = made("spatter", black, severities=[3])[3].reshape(-1, 3).astype(float)
    brightest = wet[wet.sum(axis=1).argmax()]
    np.testing.assert_allclose(brightest / brightest[1], [175 / 238, 1, 1], atol=0.02)
    dirty = made("spatter", white, severities=[5])[5].reshape(-1, 3)
    np.testing.assert_array_equal(dirty[dirty.sum(axis=1).argmin()], [63, 42, 20])


@pytest.mark.parametrize("side", [32, 64, 224, 300])
def test_frost_is_a_sum_of_picture_and_ice(side):
    """Over the pictures, the ice is a crop of one of the panes, in the published weights."""
    dark = data.of(np.zeros((6, side, side, 3), np.float32), np.arange(6) % 2)
    light = dark.with_inputs(dark.inputs + np.float32(0.3))
    picture, ice, scale = PUBLISHED["frost"][0 if side == 32 else 1 if side == 64 else 2][1]
    only, both = (made("frost", source, severities=[2])[2] for source in (dark, light))
    np.testing.assert_allclose(both, np.minimum(only + picture * 0.3, 1), atol=1e-6)
    sheets = panes(scale if side < 300 else 300 / 224, 3)
    for image in only:
        level = np.rint(image / ice * 255)
        places = [
            cv2.matchTemplate(sheet, level.astype(np.uint8), cv2.TM_SQDIFF).min()
            for sheet in sheets
        ]
        assert min(places) <= 4 * level.size


def test_frost_differs_from_picture_to_picture():
    """Panes and places are drawn for each; on grey pictures the ice is grey."""
    many = data.of(np.zeros((200, 32, 32, 3), np.uint8), np.arange(200) % 2)
    crops = made("frost", many, severities=[5])[5]
    assert len({crop.tobytes() for crop in crops}) > 195
    grey = made("frost", many.with_inputs(many.inputs[..., :1]), severities=[5])[5]
    expected = crops.astype(float) @ [0.299, 0.587, 0.114]
    np.testing.assert_allclose(grey[..., 0], expected, atol=2)


def test_ice_is_about_as_bright_as_the_photographs():
    """Means from 120 to 210 levels, spreads from 20 to 45, and each pane has fine detail."""
    for pane in panes(1.0, 3):
        grey = pane.mean(axis=-1)
        assert 120 < grey.mean() < 210
        assert 18 < grey.std() < 45
        assert np.abs(np.diff(grey, axis=1)).mean() > 3


def test_ice_covers_pictures_larger_than_a_pane():
    """It is drawn larger for them; the long side decides."""
    wide = data.of(np.zeros((2, 20, 700, 1), np.uint8), [0, 1])
    for images in made("frost", wide, like="imagenet_c").values():
        assert images.shape == wide.inputs.shape
        assert images.std() > 5
