"""Brightness and saturation against the standard library's HSV, pixel by pixel."""

import colorsys
from importlib.util import find_spec

import numpy as np
import pytest

from underspec import data, stress
from underspec.core.streams import stream
from underspec.testing.stress import sample_images

opencv = pytest.mark.skipif(
    find_spec("cv2") is None, reason="OpenCV is the extra images; `make test` installs it"
)
KEY = stream(20, "stress")
SIDES = (32, 64, 224)
PUBLISHED = {
    "brightness": ((0.05, 0.1, 0.15, 0.2, 0.3), (0.1, 0.2, 0.3, 0.4, 0.5), (0.1, 0.2, 0.3, 0.4, 0.5)),
    "saturate": (
        ((0.3, 0), (0.1, 0), (1.5, 0), (2, 0.1), (2.5, 0.2)),
        ((0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (30, 0.2)),
        ((0.3, 0), (0.1, 0), (2, 0), (5, 0.1), (20, 0.2)),
    ),
}  # fmt: skip
NAMES = ["brightness", pytest.param("saturate", marks=opencv)]


def made(name, source, **more):
    return {int(p.severity): p.data.inputs for p in stress.get(name, **more)(source, KEY)}


def by_hsv(name, pixel, c):
    h, s, v = colorsys.rgb_to_hsv(*pixel)
    if name == "brightness":
        v = min(v + c, 1)
    else:
        s = min(max(s * c[0] + c[1], 0), 1)
    return colorsys.hsv_to_rgb(h, s, v)


def swatches(side):
    """Pictures with black, white, greys and pure colours in one corner."""
    source = sample_images(2, side, 3)
    corner = [(0, 0, 0), (255, 255, 255), (90, 90, 90), (1, 1, 1), (200, 0, 0), (0, 255, 1)]
    source.inputs[:, 0, : len(corner)] = corner
    return source


@pytest.mark.parametrize("name", NAMES)
def test_constants_are_the_published_ones(name):
    """For 32, 64 and 224 pixels."""
    assert type(stress.get(name)).constants == PUBLISHED[name]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("whole", [True, False])
def test_hsv_says_the_same(name, side, whole):
    """Black, white and grey pixels included; grey ones turn red where saturation is added."""
    source = swatches(side)
    if not whole:
        source = source.with_inputs(source.inputs.astype(np.float32) / np.float32(255))
    out = made(name, source)
    pixels = source.inputs[0, :2].reshape(-1, 3) / (255 if whole else 1)
    for severity, c in enumerate(PUBLISHED[name][SIDES.index(side)], 1):
        expected = np.asarray([by_hsv(name, pixel, c) for pixel in pixels])
        got = out[severity][0, :2].reshape(-1, 3)
        assert got.dtype == source.inputs.dtype
        if whole:
            np.testing.assert_allclose(got, expected * 255, atol=0.501)
        else:
            np.testing.assert_allclose(got, expected, atol=2e-5)


@pytest.mark.parametrize("whole", [True, False])
def test_brightness_of_one_channel_is_a_sum(whole):
    """The constant is added and white stays white."""
    source = sample_images(2)
    if not whole:
        source = source.with_inputs(source.inputs / 255)
    white = 255 if whole else 1
    got = made("brightness", source, severities=[5])[5]
    expected = np.minimum(source.inputs.astype(float) + 0.3 * white, white)
    np.testing.assert_allclose(got, expected, atol=0.501 if whole else 1e-6)


@opencv
def test_one_channel_has_no_saturation():
    """It stays as it is, and the stress test says so."""
    source = sample_images(2)
    test = stress.get("saturate")
    for images in made("saturate", source).values():
        np.testing.assert_array_equal(images, source.inputs)
    assert "no colour" in test.notes(source)[0]
    assert test.notes(sample_images(2, channels=3)) == ()


@pytest.mark.parametrize("name", NAMES)
def test_pixels_in_any_layout(name):
    """Pictures that are not one block of memory, or a single pixel, come out the same."""
    source = swatches(32)
    turned = np.asfortranarray(source.inputs)
    apart = np.repeat(source.inputs, 2, axis=1)[:, ::2]
    for images in (turned, apart):
        other = made(name, source.with_inputs(images))
        for severity, expected in made(name, source).items():
            np.testing.assert_array_equal(other[severity], expected)
    dot = data.of(source.inputs[:, :1, 4:5], [0, 1])
    for severity, images in made(name, dot).items():
        np.testing.assert_array_equal(images, made(name, source)[severity][:, :1, 4:5])


@pytest.mark.parametrize("name", NAMES)
def test_the_source_is_left_alone(name):
    """Nothing is written into the pictures, whatever their type."""
    for dtype in (np.uint8, np.float32):
        source = sample_images(3, channels=3)
        images = source.inputs.astype(dtype) / dtype(255) if dtype != np.uint8 else source.inputs
        before = images.copy()
        made(name, source.with_inputs(images))
        np.testing.assert_array_equal(images, before)
