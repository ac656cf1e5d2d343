"""The published corruptions against their definitions, computed here by other means."""

import colorsys
import math
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from underspec import data, stress
from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.stress.images.blur import smeared
from underspec.testing.stress import sample_images

KEY = stream(20, "stress")
PUBLISHED = {
    "contrast": {32: [0.75, 0.5, 0.4, 0.3, 0.15], 64: [0.4, 0.3, 0.2, 0.1, 0.05], 224: [0.4, 0.3, 0.2, 0.1, 0.05]},
    "brightness": {32: [0.05, 0.1, 0.15, 0.2, 0.3], 64: [0.1, 0.2, 0.3, 0.4, 0.5], 224: [0.1, 0.2, 0.3, 0.4, 0.5]},
    "pixelate": {32: [0.95, 0.9, 0.85, 0.75, 0.65], 64: [0.9, 0.8, 0.7, 0.6, 0.5], 224: [0.6, 0.5, 0.4, 0.3, 0.25]},
    "gaussian_noise": {32: [0.04, 0.06, 0.08, 0.09, 0.1], 64: [0.04, 0.08, 0.12, 0.15, 0.18], 224: [0.08, 0.12, 0.18, 0.26, 0.38]},
}  # fmt: skip


def made(name, source, **more):
    return {p.name: p.data.inputs for p in stress.get(name, **more)(source, KEY)}


@pytest.mark.parametrize("side", [28, 64, 224])
@pytest.mark.parametrize("channels", [1, 3])
def test_contrast_is_a_pull_towards_the_channel_mean(side, channels):
    """Value by value, (x - mean) c + mean, with the constants for that size."""
    source = sample_images(3, side, channels)
    out = made("contrast", source)
    for severity, c in enumerate(PUBLISHED["contrast"][32 if side == 28 else side], 1):
        for image, got in zip(source.inputs, out[f"contrast-{severity}"], strict=True):
            x = image / 255
            expected = np.stack(
                [(x[..., k] - x[..., k].mean()) * c + x[..., k].mean() for k in range(channels)], -1
            )
            np.testing.assert_allclose(got, expected * 255, atol=0.5 + 1e-6)


@pytest.mark.parametrize("side", [28, 64, 224])
def test_brightness_adds_to_the_value_of_hsv(side):
    """Pixel by pixel through the standard library's HSV, black and white included."""
    source = sample_images(2, side, 3)
    source.inputs[0, 0, 0], source.inputs[0, 0, 1] = 0, 255
    source.inputs[0, 0, 2] = (200, 0, 0)
    out = made("brightness", source)
    pixels = source.inputs[0, :2].reshape(-1, 3) / 255
    for severity, c in enumerate(PUBLISHED["brightness"][32 if side == 28 else side], 1):
        expected = []
        for rgb in pixels:
            h, s, v = colorsys.rgb_to_hsv(*rgb)
            expected.append(colorsys.hsv_to_rgb(h, s, min(v + c, 1.0)))
        got = out[f"brightness-{severity}"][0, :2].reshape(-1, 3)
        np.testing.assert_allclose(got, np.asarray(expected) * 255, atol=0.5 + 1e-6)


def test_brightness_of_grey_is_a_sum():
    """With one channel the constant is added and white stays white."""
    source = sample_images(2)
    got = made("brightness", source, severities=[5])["brightness-5"]
    expected = np.minimum(source.inputs.astype(float) + 0.3 * 255, 255)
    np.testing.assert_allclose(got, expected, atol=0.5 + 1e-6)


@pytest.mark.parametrize(
    "shape", [(28, 28), (32, 32), (8, 8), (33, 47), (64, 64), (224, 224), (21, 30)]
)
@pytest.mark.parametrize("channels", [1, 3])
def test_pixelate_is_pillows_box_filter_to_the_bit(shape, channels):
    """Shrinking and blowing up with Image.BOX, as the published code does."""
    draw = np.random.default_rng(5)
    images = draw.integers(0, 256, (2, *shape, channels), dtype=np.uint8)
    out = made("pixelate", data.of(images, [0, 1]))
    side = min(shape)
    table = PUBLISHED["pixelate"][32 if side < 48 else 64 if side < 128 else 224]
    height, width = shape
    for severity, c in enumerate(table, 1):
        for image, got in zip(images, out[f"pixelate-{severity}"], strict=True):
            picture = Image.fromarray(image if channels == 3 else image[..., 0])
            small = picture.resize((int(width * c), int(height * c)), Image.BOX)
            expected = np.asarray(small.resize((width, height), Image.BOX))
            np.testing.assert_array_equal(got, expected.reshape(got.shape))


def test_pixelate_repeats_itself_on_tiny_pictures():
    """As documented: at 8 pixels severities 1 and 2 have the same blocks, and 3 and 4."""
    out = made("pixelate", sample_images(6, side=8))
    sums = [out[f"pixelate-{severity}"].tobytes() for severity in range(1, 6)]
    assert sums[0] == sums[1] != sums[2] == sums[3] != sums[4]


def test_pixelate_of_floats_is_a_block_mean():
    """Without grey levels nothing is rounded: 28 pixels in 18 blocks at severity 5."""
    source = sample_images(4)
    floats = source.with_inputs(source.inputs / 255)
    got = made("pixelate", floats, severities=(5,))["pixelate-5"]
    assert len(np.unique(got[0, :, 0, 0])) <= 18
    np.testing.assert_allclose(
        got[:, :2].mean((1, 2)), floats.inputs[:, :2].mean((1, 2)), atol=0.05
    )


@pytest.mark.parametrize("side", [32, 64, 224])
def test_gaussian_noise_has_the_published_standard_deviation(side):
    """On mid grey, where nothing is cut off at sd 0.1, mean and sd are as published."""
    n = 60 if side < 224 else 3
    flat = data.of(np.full((n, side, side, 1), 0.5), [0, 1] * (n // 2) + [0] * (n % 2))
    out = made("gaussian_noise", flat)
    for severity, sd in enumerate(PUBLISHED["gaussian_noise"][side], 1):
        noise = out[f"gaussian_noise-{severity}"] - 0.5
        size = noise.size
        # Values beyond 0..1 are cut off: the sd of a normal cut at +-0.5.
        z = 0.5 / sd
        tail = math.erfc(z / math.sqrt(2))
        density = math.exp(-z * z / 2) / math.sqrt(2 * math.pi)
        cut = math.sqrt(sd * sd * (1 - tail - 2 * z * density) + tail * 0.25)
        assert abs(noise.mean()) < 5 * sd / math.sqrt(size)
        assert noise.std() == pytest.approx(cut, rel=5 / math.sqrt(2 * size))


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
        np.testing.assert_allclose(blurred, expected, atol=1e-12)


def test_motion_blur_keeps_a_flat_picture_and_turns_each_by_itself():
    """Weights sum to one; directions differ between pictures."""
    flat = data.of(np.full((2, 28, 28, 1), 77, np.uint8), [0, 1])
    for images in made("motion_blur", flat).values():
        assert (images == 77).all()
    point = np.zeros((20, 28, 28, 1), np.uint8)
    point[:, 14, 20] = 255
    smears = made("motion_blur", data.of(point, [0, 1] * 10), severities=[5])["motion_blur-5"]
    assert len({image.tobytes() for image in smears}) > 5


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_type_and_range_are_kept(name):
    """float32 in gives float32 out, in 0..1, and close to what uint8 gives."""
    source = sample_images(6)
    small = source.with_inputs((source.inputs / 255).astype(np.float32))
    for probe, images in made(name, small).items():
        assert images.dtype == np.float32
        assert 0 <= images.min() <= images.max() <= 1
        whole = made(name, source)[probe]
        assert whole.dtype == np.uint8
        # Pixelate rounds twice on the way.
        np.testing.assert_allclose(images * 255, whole, atol=1.1)


CODE = """
import numpy as np
from underspec import data, stress
from underspec.core.streams import stream
from underspec.testing.stress import sample_images
for name in ("contrast", "brightness", "pixelate", "gaussian_noise", "motion_blur", "rotate"):
    for probe in stress.get(name, examples=9)(sample_images(20), stream(20, "stress")):
        print(probe.name, data.checksum(probe.data))
"""


def test_another_process_makes_the_same_pixels():
    """Pixels hang on key and ids alone: two processes with other hash seeds agree."""
    runs = [
        subprocess.run(
            [sys.executable, "-c", CODE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert len(runs[0].splitlines()) == 30


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(
        ["gaussian_noise", "motion_blur", "rotate", "contrast", "pixelate", "brightness"]
    ),
    st.data(),
)
def test_any_subset_in_any_order_has_the_same_pixels(name, draw):
    """Whatever else is in the batch, an example comes out the same."""
    source = SOURCE
    rows = np.asarray(draw.draw(st.lists(st.integers(0, 39), min_size=1, max_size=12, unique=True)))
    for probe, images in made(name, source.take(rows)).items():
        np.testing.assert_array_equal(images, ALL[name][probe][rows])


SOURCE = sample_images(40, channels=3)
ALL = {name: made(name, SOURCE) for name in stress.names() if name != "by_group"}


def test_batches_do_not_show(monkeypatch):
    """Working image by image gives the same pixels as all at once."""
    monkeypatch.setattr("underspec.stress.images.pictures._AT_A_TIME", 1)
    for name, probes in ALL.items():
        for probe, images in made(name, SOURCE).items():
            np.testing.assert_array_equal(images, probes[probe])


@pytest.mark.parametrize("severities", [(), [0], [6], [1, 1], [1.5]])
def test_severities_are_checked(severities):
    """Only 1 to 5, each once."""
    with pytest.raises(UsageError, match="from 1 to 5, each once"):
        stress.get("contrast", severities=severities)


@pytest.mark.parametrize(
    ("images", "says"),
    [
        (np.zeros((2, 28, 28)), r"Add the channel at the end"),
        (np.zeros((2, 3, 28, 28)), r"channels last"),
        (np.zeros((2, 28, 28, 4)), r"1 or 3 channels, but got \[2, 28, 28, 4\]"),
        (np.zeros((2, 28, 28, 1), np.int64), "but got int64"),
        (np.full((2, 28, 28, 1), 1.5), "run from 1.5 to 1.5"),
        (np.full((2, 28, 28, 1), -0.1), "run from -0.1"),
        (np.full((2, 28, 28, 1), np.nan), "run from nan"),
        (["a", "b"], "1 or 3 channels"),
    ],
)
@pytest.mark.parametrize("name", ["contrast", "rotate"])
def test_what_is_no_picture_is_refused(name, images, says):
    """Wrong shapes, types and ranges have their sentence."""
    with pytest.raises(UsageError, match=says):
        made(name, data.of(images, [0, 1]))


def test_frames_are_no_pictures():
    """A data frame has no pixels."""
    pd = pytest.importorskip("pandas")
    frame = data.of(pd.DataFrame({"x": [1, 2]}), [0, 1])
    with pytest.raises(UsageError, match="of type DataFrame"):
        made("contrast", frame)
