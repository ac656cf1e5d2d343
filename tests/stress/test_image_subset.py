"""Which images are used when not all are."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec import data, stress
from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.stress.images.pictures import chosen
from underspec.stress.published.corruptions import TEST, VALIDATION
from underspec.testing.stress import sample_images

KEY = stream(20, "stress")


def test_all_distortions_use_the_same_images():
    """One key, one subset: the ids agree over stress tests and severities."""
    pytest.importorskip("cv2")
    source = sample_images()
    seen = set()
    for name in (*TEST, *VALIDATION, "rotate", "imagenet_c"):
        for probe in stress.get(name, examples=25)(source, KEY):
            seen.add(tuple(probe.data.ids.tolist()))
    (ids,) = seen
    assert len(ids) == 25
    assert list(ids) == sorted(ids)


def test_another_key_takes_other_images():
    """The subset is drawn, not the first so many."""
    source = sample_images()
    taken = {tuple(chosen(source, 25, stream(seed, "stress")).ids) for seed in range(4)}
    assert len(taken) == 4


labels = st.lists(st.integers(0, 3), min_size=2, max_size=80).filter(lambda v: len(set(v)) > 1)


@given(labels, st.data())
def test_each_class_has_its_share_and_more_keeps_fewer(codes, draw):
    """No class is off its share by one or more in proportion, and subsets are nested."""
    source = data.of(np.zeros((len(codes), 1)), codes)
    few = draw.draw(st.integers(1, len(codes)))
    some, more = (chosen(source, n, KEY) for n in (few, min(few + 5, len(codes))))
    assert len(some) == few
    assert set(some.ids) <= set(more.ids)
    total, got = Counter(source.labels.tolist()), Counter(some.labels.tolist())
    for label, n in total.items():
        # Sainte-Laguë can leave the quota, but by less than one in balanced data.
        share = few * n / len(codes)
        assert abs(got[label] - share) < 1.5


def test_balanced_classes_stay_balanced():
    """Of 120 in three classes, 60 are 20 each."""
    some = chosen(sample_images(), 60, KEY)
    assert np.bincount(some.labels).tolist() == [20, 20, 20]


@given(st.permutations(range(30)))
def test_the_order_of_the_data_does_not_matter(order):
    """The same ids are taken however the rows stand."""
    source = SOURCE
    turned = chosen(source.take(np.asarray(order)), 11, KEY)
    assert set(turned.ids) == set(chosen(source, 11, KEY).ids)


SOURCE = sample_images(30)


def test_more_than_there_are_means_all():
    """Asking for too many is no error; asking for none is."""
    assert len(chosen(SOURCE, 31, KEY)) == 30
    for name in ("contrast", "rotate"):
        with pytest.raises(UsageError, match="examples must be at least 1"):
            stress.get(name, examples=0)
