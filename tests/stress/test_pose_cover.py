"""Occlusion and replaced backgrounds against closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec import data, stress
from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.stress._protocol import Noted
from underspec.stress.images.pose.occlude import patches
from underspec.stress.images.pose.scenery import found
from underspec.testing.stress import check_stress, sample_images

KEY = stream(20, "stress")


@given(
    st.integers(1, 60),
    st.integers(1, 60),
    st.floats(0.01, 0.99),
    st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_the_covered_share_is_exact(height, width, share, place):
    """Wherever the patch lies and whatever the size, it covers the stated share of the picture."""
    (over,) = patches(height, width, share, np.array([place]))
    assert over.shape == (height, width)
    assert over.min() >= 0
    assert over.max() <= 1 + 1e-12
    np.testing.assert_allclose(over.mean(), share, rtol=1e-9)


def test_the_patch_has_the_form_of_the_picture_and_goes_everywhere():
    """Full pixels make a rectangle of the picture's proportions; corners are reached."""
    (corner,) = patches(20, 40, 0.25, np.array([[0.0, 1.0]]))
    assert (corner[:10, 20:] == 1).all()
    assert corner.sum() == 200
    draws = np.random.default_rng(0).random((4000, 2))
    often = patches(20, 40, 0.25, draws).mean(axis=0)
    np.testing.assert_allclose(often, often[::-1, ::-1], atol=0.05)
    assert often[10, 20] > 0.9


@pytest.mark.parametrize("fill", ["grey", "median", "noise"])
def test_under_the_patch_is_the_fill_and_elsewhere_the_picture(fill):
    """Grey is half of the range, the median the picture's own, noise even over the range."""
    source = sample_images(30, side=40, channels=3)
    source = source.with_inputs((source.inputs / 510).astype(np.float32))
    (probe,) = stress.get("occlude", shares=0.25, fill=fill)(source, KEY)
    changed = (probe.data.inputs != source.inputs).any(axis=-1)
    for before, after, where in zip(source.inputs, probe.data.inputs, changed, strict=True):
        rows, columns = (np.flatnonzero(where.any(axis=a)) for a in (1, 0))
        full = after[rows[0] + 1 : rows[-1], columns[0] + 1 : columns[-1]]
        assert len(rows) in (20, 21)
        if fill == "grey":
            assert (np.abs(full - 0.5) < 1e-6).all()
        elif fill == "median":
            np.testing.assert_allclose(full, np.broadcast_to(np.median(before, (0, 1)), full.shape))
        else:
            assert abs(full.mean() - 0.5) < 0.05
            assert abs(full.std() - 12**-0.5) < 0.03


def discs(n=12, side=40, channels=3, ground=0.2, shade=0.02):
    """Return a disc of 0.8 before a nearly plain ground, with a hole of ground in its middle."""
    y, x = np.mgrid[:side, :side] - (side - 1) / 2
    radius = np.hypot(y, x)[None, ..., None]
    draw = np.random.default_rng(1)
    images = np.full((n, side, side, channels), ground)
    images += draw.uniform(-shade, shade, images.shape)
    disc = (radius < side / 3) & (radius > side / 8)
    images = np.where(disc, 0.8, images).astype(np.float32)
    return data.of(images, [0, 1] * (n // 2)), np.broadcast_to(disc[0, ..., 0], (n, side, side))


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("fill", ["colour", "gradient", "noise"])
def test_the_ground_is_replaced_and_the_object_stays(fill, channels):
    """All that is connected to the border changes; object and hole do not."""
    source, disc = discs(channels=channels)
    (probe,) = stress.get("background", fills=fill)(source, KEY)
    hole = np.hypot(*(np.mgrid[:40, :40] - 19.5)) <= 5
    kept = disc | hole
    same = (probe.data.inputs == source.inputs).all(axis=-1)
    assert same[kept].all()
    assert same[~kept].mean() < 0.02


def test_each_fill_is_what_it_says():
    """A colour is one value a channel, a gradient linear, noise spans the range; all differ."""
    source, disc = discs(shade=0)
    outside = ~(disc[0] | (np.hypot(*(np.mgrid[:40, :40] - 19.5)) <= 5))
    made = {p.name: p.data.inputs[:, outside] for p in stress.get("background")(source, KEY)}
    assert list(made) == ["background-colour", "background-gradient", "background-noise"]
    assert (np.ptp(made["background-colour"], axis=1) == 0).all()
    y, x = np.argwhere(outside).T
    plane = np.stack([y, x, np.ones_like(y)], axis=1)
    for values in made["background-gradient"]:
        _, left, *_ = np.linalg.lstsq(plane, values, rcond=None)
        assert left.max() < 1e-8
    assert (np.ptp(made["background-noise"], axis=1) > 0.6).all()
    for values in made.values():
        assert len(np.unique(values[:, 0], axis=0)) == len(source)


def test_a_plain_background_is_found_by_its_border():
    """So much of the border must be alike, and something must stand before it."""
    images = np.full((5, 20, 20, 3), 0.5, np.float32)
    images[1:, 5:15, 5:15] = 1  # an object
    images[2, 0, :] = 1  # 20 of 76 border pixels are another
    images[3, ..., 2] = np.linspace(0, 1, 20)  # not plain in one channel
    images[4, :2, :2] = 0.58  # within the tolerance
    assert found(images, 0.1, 0.8).plain.tolist() == [False, True, False, False, True]
    assert found(images, 0.1, 0.7).plain.tolist() == [False, True, True, False, True]
    assert found(images, 0.05, 0.9).behind[4].sum() == 300 - 4


@given(st.permutations(range(6)))
def test_pictures_do_not_touch_each_other(order):
    """What is found in a picture does not depend on those before and after it."""
    images = np.random.default_rng(5).integers(0, 2, (6, 9, 9, 1)) * np.float32(1)
    alone = [found(image[None], 0.1, 0.5) for image in images]
    together = found(images[np.asarray(order)], 0.1, 0.5)
    for at, place in enumerate(order):
        assert together.plain[at] == alone[place].plain[0]
        np.testing.assert_array_equal(together.behind[at], alone[place].behind[0])


def mixed(n=20, plain=14):
    """Return discs on a plain ground, and patterns without one."""
    source, _ = discs(n)
    images = source.inputs.copy()
    images[plain:] = sample_images(n - plain, 40, 3).inputs / np.float32(255)
    return source.with_inputs(images)


def test_pictures_without_a_plain_background_are_left_out_and_counted():
    """The probe holds the others, and a note says how many are missing."""
    source, test = mixed(), stress.get("background", fills="colour")
    (probe,) = test(source, KEY)
    assert probe.data.ids.tolist() == source.ids[:14].tolist()
    assert isinstance(test, Noted)
    (note,) = test.notes(source)
    assert "Of the whole holdout of 20 pictures 6 have no plain background" in note
    (note,) = stress.get("background", fills="colour", examples=9).notes(source)
    assert "Of the whole holdout of 20 pictures, of which examples: 9 are taken, 6 have" in note
    assert test.notes(source.take(np.arange(14))) == ()
    check_stress(test, source)


def test_too_few_are_refused_with_counts():
    """Below min_share, or where there is none at all, one sentence says how many."""
    with pytest.raises(UsageError, match=r"but 14 of 20 have one, less than min_share: 0\.8"):
        list(stress.get("background", min_share=0.8)(mixed(), KEY))
    with pytest.raises(UsageError, match="0 of 6 have one"):
        list(stress.get("background", min_share=0)(mixed().take(np.arange(14, 20)), KEY))
