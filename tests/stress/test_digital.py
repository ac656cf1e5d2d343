"""Contrast, pixelate, JPEG and elastic against their definitions, worked out by other means."""

import io
import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from underspec import data, stress
from underspec.core.streams import stream
from underspec.stress.images import digital_bytes
from underspec.stress.images.constants import constant
from underspec.stress.images.digital_blocks import blocks
from underspec.stress.images.digital_bytes import in_blocks_exactly
from underspec.stress.images.draws import uniforms
from underspec.stress.images.elastic import smoothed
from underspec.testing.stress import sample_images

KEY = stream(20, "stress")
PUBLISHED = {
    "contrast": {
        32: [0.75, 0.5, 0.4, 0.3, 0.15],
        64: [0.4, 0.3, 0.2, 0.1, 0.05],
        224: [0.4, 0.3, 0.2, 0.1, 0.05],
    },
    "pixelate": {
        32: [0.95, 0.9, 0.85, 0.75, 0.65],
        64: [0.9, 0.8, 0.7, 0.6, 0.5],
        224: [0.6, 0.5, 0.4, 0.3, 0.25],
    },
    "jpeg_compression": {
        32: [80, 65, 58, 50, 40],
        64: [65, 58, 50, 40, 25],
        224: [25, 18, 15, 10, 7],
    },
    "elastic_transform": {
        32: [(0, 0, 2.56), (1.6, 6.4, 2.24), (2.56, 1.92, 1.92), (3.2, 1.28, 1.6), (3.2, 0.96, 0.96)],
        64: [(0, 0, 5.12), (3.2, 19.2, 3.84), (6.4, 5.12, 3.84), (6.4, 1.92, 1.92), (10.24, 1.92, 1.28)],
        224: [(488, 170.8, 24.4), (488, 19.52, 48.8), (12.2, 2.44, 4.88), (17.08, 2.44, 4.88), (29.28, 2.44, 4.88)],
    },
}  # fmt: skip


def made(name, source, **more):
    return {p.name: p.data.inputs for p in stress.get(name, **more)(source, KEY)}


def noisy(n, height, width, channels):
    images = np.random.default_rng(3).integers(0, 256, (n, height, width, channels), np.uint8)
    return data.of(images, np.arange(n) % 2)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_constants_are_the_published_ones(name):
    """As the original scripts have them, those of elastic times the side, 244 for 224."""
    for table, side in zip(stress.load(name).constants, (32, 64, 224), strict=True):
        assert len(table) == 5
        for got, published in zip(table, PUBLISHED[name][side], strict=True):
            assert got == pytest.approx(published)


@pytest.mark.parametrize("side", [28, 64, 224])
@pytest.mark.parametrize("channels", [1, 3])
def test_contrast_is_a_pull_towards_the_channel_mean(side, channels):
    """Value by value, (x - mean) c + mean, with the constants for that size."""
    source = sample_images(3, side, channels)
    floats = source.with_inputs(source.inputs.astype(np.float32) / np.float32(255))
    out, smooth = made("contrast", source), made("contrast", floats)
    for severity, c in enumerate(PUBLISHED["contrast"][32 if side == 28 else side], 1):
        for row, image in enumerate(source.inputs):
            x = image / 255
            mean = x.mean(axis=(0, 1))
            expected = (x - mean) * c + mean
            probe = f"contrast-gen-{severity}"
            np.testing.assert_allclose(out[probe][row], expected * 255, atol=0.5 + 1e-3)
            np.testing.assert_allclose(smooth[probe][row], expected, atol=1e-5)


@pytest.mark.parametrize(
    "shape", [(28, 28), (32, 32), (8, 8), (33, 47), (64, 64), (224, 224), (21, 30), (1, 5), (5, 2)]
)
@pytest.mark.parametrize("channels", [1, 3])
def test_pixelate_is_pillows_box_filter_to_the_bit(shape, channels):
    """Shrinking and blowing up with Image.BOX, as the published code does."""
    source = noisy(2, *shape, channels)
    out = made("pixelate", source)
    height, width = shape
    for severity in range(1, 6):
        # At the published sizes the published one, which another test holds to the table.
        c = constant(stress.load("pixelate").constants, severity, min(shape))
        for image, got in zip(source.inputs, out[f"pixelate-gen-{severity}"], strict=True):
            picture = Image.fromarray(image if channels == 3 else image[..., 0])
            few = max(1, int(width * c)), max(1, int(height * c))
            expected = np.asarray(picture.resize(few, Image.BOX).resize((width, height), Image.BOX))
            np.testing.assert_array_equal(got, expected.reshape(got.shape))


@pytest.mark.parametrize("side", [32, 100, 224, 300])
def test_pixelate_of_floats_is_of_bytes_without_the_rounding(side):
    """Two roundings to whole levels are all the difference."""
    source = noisy(2, side, side + 3, 3)
    floats = source.with_inputs((source.inputs / 255).astype(np.float32))
    whole = made("pixelate", source)
    for probe, images in made("pixelate", floats).items():
        np.testing.assert_allclose(images * 255, whole[probe], atol=1.01)


@pytest.mark.parametrize("c", [0.9, 0.6, 0.4, 0.3, 0.25])
def test_pixelate_of_large_pictures_is_the_same(monkeypatch, c):
    """Masked row by row or a picture at once, blocks are the same."""
    images = np.random.default_rng(0).integers(0, 256, (3, 60, 50, 3), np.uint8)
    once = in_blocks_exactly(images, c)
    monkeypatch.setattr("underspec.stress.images.digital_bytes._LARGE", 0)
    np.testing.assert_array_equal(in_blocks_exactly(images, c), once)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(2, 300),
    st.integers(2, 300),
    st.sampled_from([1, 3]),
    st.floats(0.5, 0.95),
    st.integers(0, 2**32 - 1),
)
def test_pixelate_of_short_blocks_is_pillows_at_any_size(height, width, channels, c, seed):
    """Blocks of one and two pixels, which Pillow does not make, are its own to the bit."""
    height = min(height, width)  # of tall pictures Pillow may shrink columns first
    images = np.random.default_rng(seed).integers(0, 256, (2, height, width, channels), np.uint8)
    across, down = blocks(width, c), blocks(height, c)
    assume(max(across.lengths.max(), down.lengths.max()) <= 2)
    np.testing.assert_array_equal(
        in_blocks_exactly(images, c), digital_bytes._by_pillow(images, across, down)
    )


def test_pixelate_repeats_itself_on_tiny_pictures():
    """As documented: at 8 pixels severities 1 and 2 have the same blocks, and 3 and 4."""
    out = made("pixelate", sample_images(6, side=8))
    sums = [out[f"pixelate-gen-{severity}"].tobytes() for severity in range(1, 6)]
    assert sums[0] == sums[1] != sums[2] == sums[3] != sums[4]


@pytest.mark.parametrize("shape", [(28, 28), (32, 32), (33, 47), (64, 64), (224, 224), (8, 8)])
@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_is_pillows_to_the_bit(shape, channels):
    """Saved with the published quality and opened again; floats are rounded first."""
    pytest.importorskip("cv2")
    source = noisy(2, *shape, channels)
    floats = source.with_inputs((source.inputs / 255).astype(np.float32))
    out, smooth = made("jpeg_compression", source), made("jpeg_compression", floats)
    for severity in range(1, 6):
        quality = constant(stress.load("jpeg_compression").constants, severity, min(shape))
        probe = f"jpeg_compression-gen-{severity}"
        np.testing.assert_allclose(smooth[probe] * 255, out[probe], atol=1e-3)
        for image, got in zip(source.inputs, out[probe], strict=True):
            file = io.BytesIO()
            picture = Image.fromarray(image if channels == 3 else image[..., 0])
            picture.save(file, "JPEG", quality=quality)
            np.testing.assert_array_equal(got, np.asarray(Image.open(file)).reshape(got.shape))


@pytest.mark.parametrize("shape", [(20, 33), (64, 64), (7, 5)])
@pytest.mark.parametrize("sigma", [0.3, 0.96, 2.44, 6.4, 19.5, 170.8])
def test_elastic_fields_are_smoothed_as_scipy_does(shape, sigma):
    """Mirrored at the edge, again and again for a long Gaussian, cut at 3 standard deviations."""
    pytest.importorskip("cv2")
    ndimage = pytest.importorskip("scipy.ndimage")
    fields = np.random.default_rng(0).uniform(-1, 1, (2, 2, *shape)).astype(np.float32)
    expected = [
        [ndimage.gaussian_filter(f.astype(float), sigma, mode="reflect", truncate=3) for f in pair]
        for pair in fields
    ]
    np.testing.assert_allclose(smoothed(fields.copy(), sigma), expected, atol=1e-6)


def triangle_moved(before, after):
    """The affine map that takes three points to three others, solved by least squares."""
    ones = np.column_stack([before, np.ones(3)])
    return np.linalg.lstsq(ones, after, rcond=None)[0].T


def elastic_slowly(image, corners, field, sigma):
    """The published transform of one picture in float64 through SciPy."""
    from scipy import ndimage

    height, width, _ = image.shape
    y, x = np.mgrid[:height, :width].astype(float)
    half, third = (width // 2, height // 2), min(height, width) // 3
    before = np.asarray(half, float) + third * np.asarray([[1, 1], [1, -1], [-1, -1]])
    matrix = triangle_moved(before, before + corners)
    # Where a pixel of the result comes from: the map the other way round.
    back = np.linalg.inv(np.vstack([matrix, [0, 0, 1]]))
    from_x = back[0, 0] * x + back[0, 1] * y + back[0, 2]
    from_y = back[1, 0] * x + back[1, 1] * y + back[1, 2]
    moved = [
        ndimage.map_coordinates(
            image[..., k].astype(float), [from_y, from_x], order=1, mode="mirror"
        )
        for k in range(image.shape[-1])
    ]
    if sigma:
        across, down = (
            ndimage.gaussian_filter(f.astype(float), sigma, mode="reflect", truncate=3)
            for f in field
        )
        moved = [
            ndimage.map_coordinates(m, [y + down, x + across], order=1, mode="reflect")
            for m in moved
        ]
    return np.stack(moved, axis=-1)


@pytest.mark.parametrize("side", [32, 64, 224])
@pytest.mark.parametrize("channels", [1, 3])
def test_elastic_is_an_affine_map_and_a_field(side, channels):
    """With the member's own draws, SciPy's resampling gives the same picture."""
    pytest.importorskip("cv2")
    pytest.importorskip("scipy.ndimage")
    source = sample_images(2, side, channels)
    out = made("elastic_transform", source)
    for severity, (alpha, sigma, far) in enumerate(PUBLISHED["elastic_transform"][side], 1):
        path = KEY.child("elastic_transform", severity)
        corners = uniforms(path.child("corners"), source.ids, (3, 2), -far, far)
        fields = uniforms(path.child("field"), source.ids, (2, side, side), -alpha, alpha)
        assert np.abs(corners).max() <= far
        for image, moved, field, got in zip(
            source.inputs, corners, fields, out[f"elastic_transform-gen-{severity}"], strict=True
        ):
            expected = elastic_slowly(image, moved, field, sigma)
            away = np.abs(got - expected)
            # OpenCV before 5 rounds places to 1/32 of a pixel.
            assert away.mean() < 0.6
            assert np.quantile(away, 0.99) < 3


def test_elastic_moves_corners_evenly_within_bounds():
    """At 32 pixels severity 1 is the affine map alone, with corners up to 2.56 pixels away."""
    corners = uniforms(
        KEY.child("corners"), np.asarray([f"{i}" for i in range(400)]), (3, 2), -2.56, 2.56
    )
    assert 2.4 < np.abs(corners).max() <= 2.56
    np.testing.assert_allclose(corners.std(), 2.56 / math.sqrt(3), rtol=0.05)
    assert abs(corners.mean()) < 0.15
