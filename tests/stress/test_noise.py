"""The four kinds of noise: constants and distributions as published."""

import math

import numpy as np
import pytest
from scipy import stats

from underspec import data, stress
from underspec.core.streams import stream
from underspec.stress.images.draws import quantiles
from underspec.stress.images.photons import chances
from underspec.testing.stress import sample_images

KEY = stream(20, "stress")
SIDES = (32, 64, 224)
PUBLISHED = {
    "gaussian_noise": ((0.04, 0.06, 0.08, 0.09, 0.1), (0.04, 0.08, 0.12, 0.15, 0.18), (0.08, 0.12, 0.18, 0.26, 0.38)),
    "shot_noise": ((500, 250, 100, 75, 50), (250, 100, 50, 30, 15), (60, 25, 12, 5, 3)),
    "impulse_noise": ((0.01, 0.02, 0.03, 0.05, 0.07), (0.01, 0.02, 0.05, 0.08, 0.14), (0.03, 0.06, 0.09, 0.17, 0.27)),
    "speckle_noise": ((0.06, 0.1, 0.12, 0.16, 0.2), (0.15, 0.2, 0.25, 0.3, 0.35), (0.15, 0.2, 0.35, 0.45, 0.6)),
}  # fmt: skip


def made(name, source, **more):
    return {int(p.severity): p.data.inputs for p in stress.get(name, **more)(source, KEY)}


def flat(level, side, channels=3):
    n = {32: 24, 64: 8, 224: 2}.get(side, 4)
    images = np.full((n, side, side, channels), level, np.uint8)
    return data.of(images, np.arange(n) % 2)


def as_floats(source):
    return source.with_inputs(source.inputs.astype(np.float32) / np.float32(255))


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_constants_are_the_published_ones(name):
    """For 32, 64 and 224 pixels."""
    assert type(stress.get(name)).constants == PUBLISHED[name]


def test_quantiles_are_those_of_a_normal():
    """Mean 0, variance 1, kurtosis 3, and nowhere far from the normal distribution."""
    table = quantiles().astype(np.float64)
    assert table.mean() == pytest.approx(0, abs=1e-7)
    assert table.var() == pytest.approx(1, abs=1e-6)
    assert (table**4).mean() == pytest.approx(3, abs=0.01)
    assert stats.kstest(table, "norm").statistic < 1e-4


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("whole", [True, False])
def test_gaussian_noise_has_its_mean_and_deviation(side, whole):
    """On mid grey: those of a normal cut off at black and white."""
    source = flat(128, side, 1)
    out = made("gaussian_noise", source if whole else as_floats(source))
    for severity, sd in enumerate(PUBLISHED["gaussian_noise"][SIDES.index(side)], 1):
        values = out[severity].astype(np.float64) / (255 if whole else 1)
        ends = np.asarray([0, 1])
        a, b = (ends - 128 / 255) / sd
        cut = stats.norm(128 / 255, sd)
        inside = stats.truncnorm(a, b, 128 / 255, sd)
        mass = cut.cdf(1) - cut.cdf(0)
        mean = mass * inside.mean() + cut.sf(1)
        var = mass * (inside.var() + inside.mean() ** 2) + cut.sf(1) - mean**2
        var += (1 / 255) ** 2 / 12 if whole else 0
        assert values.mean() == pytest.approx(mean, abs=5 * sd / math.sqrt(values.size))
        assert values.std() == pytest.approx(math.sqrt(var), rel=5 / math.sqrt(values.size))


@pytest.mark.parametrize("photons", [500, 250, 60, 12, 3])
def test_shot_noise_table_is_poissons(photons):
    """For every grey level: a Poisson count over c, rounded to a level, cut off at white."""
    table = chances(photons)
    assert (table.sum(axis=1) == 1 << 16).all()
    for level in (0, 1, 7, 100, 128, 200, 254, 255):
        law = stats.poisson(level / 255 * photons)
        expected = np.zeros(256)
        for count in range(photons * 3 + 50):
            to = min(255, round(255 * count / photons))
            expected[to] += law.pmf(count)
        np.testing.assert_allclose(table[level] / (1 << 16), expected, atol=1.01 / (1 << 16))


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("whole", [True, False])
def test_shot_noise_has_the_variance_of_counts(side, whole):
    """At a dark grey, where next to nothing is cut off: mean x, variance x / c."""
    level = 40
    source = flat(level, side)
    out = made("shot_noise", source if whole else as_floats(source))
    for severity, photons in enumerate(PUBLISHED["shot_noise"][SIDES.index(side)], 1):
        law = stats.poisson(level / 255 * photons)
        counts = np.arange(20 * photons)
        to = np.minimum(counts / photons, 1)
        to = np.rint(to * 255) / 255 if whole else to
        mean = (law.pmf(counts) * to).sum()
        var = (law.pmf(counts) * (to - mean) ** 2).sum()
        values = out[severity].astype(np.float64) / (255 if whole else 1)
        assert values.mean() == pytest.approx(mean, abs=5 * math.sqrt(var / values.size))
        assert values.var() == pytest.approx(var, rel=0.05)
        assert var == pytest.approx(level / 255 / photons, rel=0.12)


def test_shot_noise_follows_the_grey_level():
    """Each pixel by its own level: black stays black, and levels keep their means."""
    ramp = np.tile(np.arange(256, dtype=np.uint8), (64, 4, 1))[..., None]
    out = made("shot_noise", data.of(ramp, np.arange(64) % 2), severities=[1])[1]
    assert (out[..., 0, 0] == 0).all()
    means = out.mean((0, 1, 3))
    sd = 255 * np.sqrt(np.arange(256) / 255 / 500 / 256)
    away = np.abs(means - np.arange(256))[:200] - 0.3
    assert (away <= 5 * sd[:200]).all()


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("whole", [True, False])
def test_impulse_noise_is_salt_and_pepper(side, whole):
    """A share c of the values is black or white, half each; the rest is untouched."""
    source = flat(77, side)
    source = source if whole else as_floats(source)
    white = 255 if whole else 1
    for severity, images in made("impulse_noise", source).items():
        share = PUBLISHED["impulse_noise"][SIDES.index(side)][severity - 1]
        salt, pepper = images == white, images == 0
        assert (salt | pepper | (images == source.inputs[0, 0, 0, 0])).all()
        bound = 5 * math.sqrt(share / 2 / images.size)
        assert salt.mean() == pytest.approx(share / 2, abs=bound)
        assert pepper.mean() == pytest.approx(share / 2, abs=bound)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("whole", [True, False])
def test_speckle_noise_grows_with_the_value(side, whole):
    """Mean x and standard deviation c * x where nothing is cut off."""
    for level in (30, 60):
        source = flat(level, side)
        out = made("speckle_noise", source if whole else as_floats(source))
        for severity, sd in enumerate(PUBLISHED["speckle_noise"][SIDES.index(side)][:4], 1):
            values = out[severity].astype(np.float64) * (1 if whole else 255)
            spread = math.sqrt((sd * level) ** 2 + (1 / 12 if whole else 0))
            # What lies below black, up to 2 % at the highest of these, is cut off.
            assert values.mean() == pytest.approx(level, abs=0.012 * level)
            assert values.std() == pytest.approx(spread, rel=0.03)


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_values_are_hit_independently(name):
    """Pixels, channels and pictures, and severities: no correlation between any two."""
    out = made(name, flat(100, 64))
    noise = {s: images.astype(np.float64) - images.mean() for s, images in out.items()}
    one = noise[3]
    pairs = [
        (one[:, 1:], one[:, :-1]),
        (one[:, :, 1:], one[:, :, :-1]),
        (one[..., 1:], one[..., :-1]),
        (one[1:], one[:-1]),
        (one, noise[4]),
    ]
    for a, b in pairs:
        assert abs(np.mean(a * b)) < 5 * a.std() * b.std() / math.sqrt(a.size)


@pytest.mark.parametrize("name", ["gaussian_noise", "impulse_noise", "speckle_noise"])
@pytest.mark.parametrize("channels", [1, 3])
def test_floats_get_the_noise_that_levels_get(name, channels):
    """What the type is does not show beyond rounding."""
    source = sample_images(6, 40, channels)
    whole, floats = made(name, source), made(name, as_floats(source))
    for severity, images in floats.items():
        assert images.dtype == np.float32
        assert 0 <= images.min() <= images.max() <= 1
        assert whole[severity].dtype == np.uint8
        np.testing.assert_allclose(images * 255, whole[severity], atol=0.501)


@pytest.mark.parametrize("side", [32, 100])
def test_shot_noise_of_floats_is_alike(side):
    """Floats are counted one by one, levels by table: the same mean and spread of the change."""
    source = sample_images(24, side, 3)
    whole, floats = made("shot_noise", source), made("shot_noise", as_floats(source))
    for severity, images in floats.items():
        a = whole[severity] / 255 - source.inputs / 255
        b = images - source.inputs / 255
        assert a.mean() == pytest.approx(b.mean(), abs=6 * b.std() / math.sqrt(b.size))
        assert a.std() == pytest.approx(b.std(), rel=0.03)
