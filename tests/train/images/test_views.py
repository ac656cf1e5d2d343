"""Random views of pictures: what they hang on, and that they are what they should be."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec.core.streams import stream
from underspec.train.torch.images.batches import Batches
from underspec.train.torch.images.pictures import pictures_of
from underspec.train.torch.images.views import Views, crop_of

IDS = np.array([f"p{at}" for at in range(12)])


def views(augment=("resized_crop", "flip")):
    images = np.random.default_rng(1).integers(0, 256, (12, 16, 16, 3), dtype=np.uint8)
    return Views(pictures_of(images), IDS, augment, 0.2)


@given(
    st.integers(1, 600),
    st.integers(1, 600),
    st.integers(0, 2**32),
    st.sampled_from([0.08, 0.5, 1.0]),
)
def test_a_crop_lies_in_its_picture(width, height, seed, least):
    """Whatever the sides: inside, not empty."""
    left, top, right, bottom = crop_of(width, height, np.random.default_rng(seed).random(40), least)

    assert 0 <= left < right <= width
    assert 0 <= top < bottom <= height


def test_crops_have_the_areas_and_ratios_that_they_should():
    """Area even from the least on, log ratio even between 3/4 and 4/3, as far as all of these fit."""
    draw = np.random.default_rng(3)
    boxes = np.array([crop_of(4000, 4000, draw.random(40), 0.08) for _ in range(6000)])
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    area, ratio = wide * high / 4000**2, np.log(wide / high) / math.log(4 / 3)
    fit = area < 0.75

    assert area.min() == pytest.approx(0.08, abs=0.005)
    assert area.max() > 0.95
    assert area[fit].mean() == pytest.approx((0.08 + 0.75) / 2, abs=0.01)
    assert np.abs(ratio).max() <= 1.001
    assert ratio[fit].mean() == pytest.approx(0, abs=0.03)
    assert ratio[fit].std() == pytest.approx(1 / math.sqrt(3), abs=0.015)


def test_views_hang_on_stream_epoch_and_id_only():
    """Any rows, in any order, alone or together: the same numbers for the same example."""
    made = views()
    rows = np.arange(12)
    whole = made.draws(rows, stream(1, "augment").child(0))

    assert np.array_equal(made.draws(rows[::-1], stream(1, "augment").child(0)), whole[::-1])
    assert np.array_equal(made.draws(rows[4:5], stream(1, "augment").child(0)), whole[4:5])
    assert not np.array_equal(made.draws(rows, stream(1, "augment").child(1)), whole)
    assert not np.array_equal(made.draws(rows, stream(2, "augment").child(0)), whole)


def test_half_of_the_views_are_mirrored():
    """Without a crop a view is the picture or its mirror image."""
    made = views(("flip",))
    drawn = made.draws(np.arange(12), stream(4, "augment").child(0))
    kinds = []
    for row in range(12):
        view, picture = made.view(row, drawn[row]), made.pictures.prepared(row)
        kinds.append(bool((view == picture[:, ::-1]).all()))
        assert kinds[-1] or (view == picture).all()

    assert 0 < sum(kinds) < 12


def test_no_augmentation_shows_the_picture():
    """As the study gives it."""
    made = views(())
    drawn = made.draws(np.arange(12), stream(4, "augment").child(0))

    assert (made.view(3, drawn[3]) == made.pictures.prepared(3)).all()


def test_a_picture_is_cropped_as_its_file_holds_it(photographs):
    """Not the square in its middle: the whole, of whatever sides."""
    pictures = pictures_of(photographs.inputs)
    sizes = {pictures.whole(row).size for row in range(len(photographs))}

    assert len(sizes) > 20
    assert pictures.shape == (12, 12, 3)
    assert np.array_equal(pictures.prepared(5), np.asarray(photographs.inputs)[5])


def test_an_epoch_begun_in_its_middle_has_the_rest_of_it(variant):
    """The batches from the third on are those of the whole epoch."""
    batches = Batches(views(), np.arange(12), np.arange(12), variant(), 3, 2, 2)
    whole, rest = list(batches.epoch(1)), list(batches.epoch(1, 2))

    assert batches.steps == len(whole) == 4
    assert len(rest) == 2
    for one, other in zip(whole[2:], rest, strict=True):
        assert np.array_equal(one.images, other.images)
        assert np.array_equal(one.labels, other.labels)
    assert sorted(np.concatenate([one.labels for one in whole])) == list(range(12))


def test_a_last_row_alone_is_left_out(variant):
    """A batch of one has no statistics."""
    batches = Batches(views(), np.arange(12), np.arange(10), variant(), 3, 1, 1)

    assert [len(one.labels) for one in batches.epoch(0)] == [3, 3, 3]
