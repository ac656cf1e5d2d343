"""Which rows a variant trains on, and that each source has its own stream."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec.core.errors import UsageError
from underspec.core.records import Data, Variant
from underspec.train.sources import (
    check_sources,
    classes_of,
    sampled_rows,
    source_stream,
)


def data_of(clusters):
    """Examples with these clusters."""
    n = len(clusters)
    ids = np.array([f"e{at}" for at in range(n)])
    return Data(np.zeros((n, 1)), np.zeros(n, dtype=np.int32), ids, np.array(clusters, dtype=str))


CLUSTERED = data_of([f"c{at // 3}" for at in range(30)])


def test_all_rows_where_sample_is_not_varied():
    """A variant without the source `sample` trains on everything, in the order of the data."""
    rows = sampled_rows(CLUSTERED, Variant("v", {"init": 3}), "bootstrap")

    assert np.arange(30).tolist() == rows.tolist()


@given(seed=st.integers(0, 2**63 - 1), share=st.floats(0.05, 1))
def test_a_share_draws_whole_clusters_once(seed, share):
    """A subset has the share of the clusters, each whole, none twice, rows ascending."""
    rows = sampled_rows(CLUSTERED, Variant("v", {"sample": seed}), share)

    drawn, sizes = np.unique(CLUSTERED.clusters[rows], return_counts=True)
    assert max(1, round(share * 10)) == len(drawn)
    assert {3} == set(sizes.tolist())
    assert (np.diff(rows) > 0).all()


@given(seed=st.integers(0, 2**63 - 1))
def test_a_bootstrap_draws_as_many_clusters_as_there_are(seed):
    """A bootstrap has as many draws as clusters, and keeps the rows of a cluster together."""
    rows = sampled_rows(CLUSTERED, Variant("v", {"sample": seed}), "bootstrap")

    counts = np.bincount(rows, minlength=30).reshape(10, 3)
    assert len(rows) == 30
    assert (counts == counts[:, :1]).all()


def test_a_bootstrap_leaves_out_a_third_of_the_clusters():
    """Over many seeds, (1 - 1/n)^n of the clusters are left out, as drawing with replacement says."""
    wide = data_of([f"c{at}" for at in range(200)])
    out = [
        1 - len(np.unique(sampled_rows(wide, Variant("v", {"sample": s}), "bootstrap"))) / 200
        for s in range(300)
    ]

    # sd of one draw's share is about .022, of the mean of 300 about .0013
    assert pytest.approx((1 - 1 / 200) ** 200, abs=0.006) == np.mean(out)


def test_a_valued_sample_is_the_same_for_all_variants():
    """A listed share is drawn by one stream, so that variants of one value share their rows."""
    one = sampled_rows(CLUSTERED, Variant("a", {"init": 1}, {"sample": 0.5}), "bootstrap")
    other = sampled_rows(CLUSTERED, Variant("b", {"init": 2}, {"sample": 0.5}), "bootstrap")

    assert one.tolist() == other.tolist()
    assert len(one) == 15


@pytest.mark.parametrize("sample", [0, -0.1, 1.1, "boot", None, True, float("nan")])
def test_a_sample_that_is_none_is_refused(sample):
    """What is neither a word nor a share is an error that says what would do."""
    with pytest.raises(UsageError, match="share of the training rows"):
        sampled_rows(CLUSTERED, Variant("v", {}, {"sample": sample}), "bootstrap")


def test_sources_do_not_share_a_stream():
    """One seed for two sources gives two streams; a source not varied has a fixed third."""
    variant = Variant("v", {"init": 7, "order": 7})

    drawn = {s: source_stream(variant, s).seed() for s in ("init", "order", "augment")}
    assert len(set(drawn.values())) == 3
    assert source_stream(Variant("w", {"init": 8}), "augment").seed() == drawn["augment"]


def test_a_seed_for_a_source_of_values_is_refused():
    """The error says to list values."""
    with pytest.raises(UsageError, match="takes values, not seeds"):
        check_sources("torch", Variant("v", {"epochs": 1}), {"epochs": "length"}, (), ("epochs",))


def test_values_for_a_source_of_seeds_are_refused():
    """The error says to write the name alone."""
    with pytest.raises(UsageError, match="takes seeds, not values"):
        check_sources("torch", Variant("v", {}, {"init": 1}), {"init": "weights"}, ("init",), ())


def test_negative_labels_are_refused():
    """Labels are class codes from 0."""
    bad = Data(np.zeros((2, 1)), np.array([0, -1], dtype=np.int32), *[np.array(["a", "b"])] * 2)
    with pytest.raises(UsageError, match="class codes"):
        classes_of(bad)


def test_named_classes_count_although_no_example_has_them():
    """A class that the training data lacks keeps its column."""
    named = Data(
        np.zeros((1, 1)),
        np.zeros(1, dtype=np.int32),
        *[np.array(["a"])] * 2,
        classes=("x", "y", "z"),
    )

    assert classes_of(named) == 3
