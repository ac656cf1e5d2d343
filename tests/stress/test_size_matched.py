"""Draws of a group's size out of the whole holdout."""

import numpy as np
import pytest

from underspec import data, stress
from underspec.core.errors import UsageError
from underspec.core.names import NAME
from underspec.core.streams import stream

KEY = stream(1, "stress")


def patients(sizes, n=120, seed=0, **more):
    """Return examples of clusters whose sizes are drawn from `sizes`, a cluster in one site."""
    draw = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(n), draw.choice(sizes, n))
    site = np.array(["north", "south", "west"])[draw.choice(3, n, p=[0.7, 0.2, 0.1])]
    labels = (draw.random(len(cluster)) < 0.4).astype(int)
    return data.of(
        np.arange(len(cluster)),
        labels,
        clusters=[f"p{c}" for c in cluster],
        groups={"site": site[cluster], "hour": np.array(["am", "pm"])[np.arange(len(cluster)) % 2]},
        **more,
    )


def drawn(source, **parameters):
    return list(stress.get("size_matched", **parameters)(source, KEY))


@pytest.mark.parametrize("sizes", [[1], [2], [1, 2, 5]])
@pytest.mark.parametrize("column", ["site", "hour", ("site", "hour")])
def test_a_draw_has_the_groups_classes_and_clusters(sizes, column):
    """As many of each class, and, clusters being as large elsewhere, as many clusters."""
    source = patients(sizes)
    groups = list(stress.get("by_group", column=column)(source, KEY))
    found = drawn(source, column=column)

    assert len(found) == len(groups)
    for group, probe in zip(groups, found, strict=True):
        assert NAME.fullmatch(probe.name)
        assert probe.name == f"size_matched_{group.name}.1"
        assert probe.kind == "stratified"
        assert np.array_equal(np.bincount(probe.data.labels), np.bincount(group.data.labels))
        many, wanted = (len(set(p.data.clusters)) for p in (probe, group))
        assert abs(many - wanted) <= 0.1 * wanted


def test_draws_come_from_everywhere_and_differ():
    """A small site's draw is mostly of other sites, and each time another one."""
    source = patients([1], n=400)
    one, other = (p.data for p in drawn(source, column="site", times=2) if "west" in p.name)

    assert (one.groups["site"] == "west").mean() < 0.5
    assert set(one.ids) != set(other.ids)


def test_every_example_has_the_same_chance():
    """Over many draws none comes more often than others of its class."""
    source = patients([1], n=60)
    counts = dict.fromkeys(source.ids.tolist(), 0)
    group = int((source.groups["hour"] == "am").sum())
    for probe in drawn(source, column="hour", times=300):
        if "am" in probe.name:
            for name in probe.data.ids.tolist():
                counts[name] += 1
    share = np.array(list(counts.values())) / 300

    # Half of them each time, give or take: five standard deviations of a share in 300 draws.
    assert abs(share.mean() - group / len(source)) < 1e-9
    assert np.abs(share - share.mean()).max() < 0.2


def test_targets_are_drawn_without_classes():
    """A regression has none to match."""
    source = data.of(
        np.zeros(60), targets=np.arange(60.0), groups={"site": ["a"] * 20 + ["b"] * 40}
    )

    assert [len(p.data) for p in drawn(source, column="site")] == [20, 40]


def test_what_is_no_group_has_no_draw():
    """Small groups are left out as by_group leaves them out, and nonsense is refused."""
    source = data.of(np.zeros(32), [0, 1] * 16, groups={"site": ["a"] * 8 + ["b"] * 24})

    assert [p.name for p in drawn(source, column="site")] == ["size_matched_site-b.1"]
    assert stress.get("size_matched", column="site").skipped(source) == {"site = a": 8}
    with pytest.raises(UsageError, match="No group column named 'sight'"):
        drawn(source, column="sight")
    with pytest.raises(UsageError, match="times must be at least 1, got 0"):
        stress.get("size_matched", column="site", times=0)
