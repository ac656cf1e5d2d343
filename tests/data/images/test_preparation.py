"""Pictures become squares as published evaluation makes them: hand-computed cases."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from underspec.core.errors import UsageError
from underspec.data.images.preparation import Preparation, TooSmallError


def columns(width, height):
    """A picture whose value is the column."""
    return Image.fromarray(np.tile(np.arange(width, dtype=np.uint8), (height, 1)))


def rows(width, height):
    """A picture whose value is the row."""
    return Image.fromarray(np.tile(np.arange(height, dtype=np.uint8)[:, None], (1, width)))


@pytest.mark.parametrize(
    ("side", "crop", "starts"),
    [(8, 4, 2), (9, 4, 2), (11, 4, 4), (13, 4, 4), (4, 4, 0), (5, 4, 0), (7, 4, 2)],
)
def test_the_middle_starts_where_halves_round_to_even(side, crop, starts):
    """(9 - 4) / 2 = 2.5 gives 2, (11 - 4) / 2 = 3.5 gives 4; across as well as down."""
    cut = Preparation(resize=None, crop=crop)
    assert np.asarray(cut(columns(side, 6)))[0].tolist() == list(range(starts, starts + crop))
    assert np.asarray(cut(rows(6, side)))[:, 0].tolist() == list(range(starts, starts + crop))


def test_the_longer_side_is_cut_off_and_not_rounded():
    """299 x 200 to 100: 100 * 299 / 200 = 149.5 becomes 149, and (149 - 100) / 2 = 24.5 becomes 24."""
    wide = Image.fromarray(np.random.default_rng(1).integers(0, 256, (200, 299, 3), dtype=np.uint8))
    tall = wide.transpose(Image.Transpose.TRANSPOSE)
    expected = np.asarray(wide.resize((149, 100), Image.Resampling.BILINEAR))[:, 24:124]
    rounded = np.asarray(wide.resize((150, 100), Image.Resampling.BILINEAR))[:, 25:125]
    made = np.asarray(Preparation(resize=100, crop=100)(wide))
    assert np.array_equal(made, expected)
    assert not np.array_equal(made, rounded)
    turned = np.asarray(Preparation(resize=100, crop=100)(tall))
    expected = np.asarray(tall.resize((100, 149), Image.Resampling.BILINEAR))[24:124]
    assert np.array_equal(turned, expected)


def test_shrinking_averages():
    """One bright column in four becomes a quarter of it everywhere, as 255 / 4 = 63.75."""
    stripes = np.zeros((64, 64), dtype=np.uint8)
    stripes[:, ::4] = 255
    made = np.asarray(Preparation(resize=16, crop=8)(Image.fromarray(stripes)))
    assert set(made.ravel().tolist()) == {64}


def test_a_gradient_keeps_its_place():
    """Half the size: column j covers columns 2j and 2j + 1, whose middle value is 2j + 0.5."""
    made = np.asarray(Preparation(resize=50, crop=40)(columns(200, 100)), dtype=float)
    # 200 x 100 becomes 100 x 50; the middle 40 columns start at (100 - 40) / 2 = 30.
    expected = 2 * np.arange(30, 70) + 0.5
    assert np.abs(made - expected).max() <= 0.5


def test_the_border_goes_before_the_scaling():
    """No trace of a red frame is left, and the rest is as if it had never been there."""
    inner = np.random.default_rng(2).integers(0, 200, (60, 80, 3), dtype=np.uint8)
    inner[..., 0] = 0
    framed = np.zeros((64, 84, 3), dtype=np.uint8)
    framed[..., 0] = 255
    framed[2:-2, 2:-2] = inner
    made = np.asarray(Preparation(resize=30, crop=30, border=2)(Image.fromarray(framed)))
    assert made[..., 0].max() == 0
    plain = Preparation(resize=30, crop=30)(Image.fromarray(inner))
    assert np.array_equal(made, np.asarray(plain))
    one = np.asarray(Preparation(resize=30, crop=30, border=1)(Image.fromarray(framed)))
    assert one[..., 0].max() > 0


def test_a_picture_of_the_right_size_is_left_alone():
    """Nothing is filtered where nothing changes, as for the files of ImageNet-C."""
    pixels = np.random.default_rng(3).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    for resize in (None, 24):
        assert np.array_equal(
            np.asarray(Preparation(resize, crop=24)(Image.fromarray(pixels))), pixels
        )


def test_pictures_smaller_than_the_crop_or_the_border_are_refused():
    """Nothing is padded."""
    with pytest.raises(TooSmallError, match="7 x 9 pixels are fewer than the crop of 8 x 8"):
        Preparation(None, 8)(columns(7, 9))
    with pytest.raises(TooSmallError, match="nothing of its 4 x 9 pixels"):
        Preparation(8, 8, border=2)(columns(4, 9))


@given(
    size=st.tuples(st.integers(1, 70), st.integers(1, 70)),
    crop=st.integers(1, 40),
    more=st.integers(0, 9),
)
@settings(max_examples=80, deadline=None)
def test_scaled_pictures_always_hold_the_crop(size, crop, more):
    """Whatever the proportions, none is too small and each becomes the square."""
    made = Preparation(resize=crop + more, crop=crop)(Image.new("L", size, 9))
    assert made.size == (crop, crop)
    assert set(np.asarray(made).ravel().tolist()) == {9}


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"crop": 0}, "'crop' must be a whole number of pixels from 1; got 0"),
        ({"crop": 2.5}, "'crop' must be"),
        ({"border": -1}, "'border' must be a whole number of pixels from 0"),
        ({"resize": True}, "'resize' must be"),
        ({"resize": 200}, "A crop of 224 pixels cannot be cut out of .* scaled to 200"),
    ],
)
def test_impossible_numbers_are_refused(fields, says):
    """Each with a sentence, when the reader is made and not when it reads."""
    with pytest.raises(UsageError, match=says):
        Preparation(**fields)
