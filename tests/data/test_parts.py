"""Readers that take a part of what another reader brings."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec import data, stress
from underspec.core.errors import UsageError
from underspec.core.streams import stream


def cohort(n=400, seed=0, each=1):
    draw = np.random.default_rng(seed)
    rows = np.arange(n)
    return data.of(
        draw.normal(size=(n, 3)),
        (draw.random(n) < 0.3).astype(int),
        ids=[f"e{row}" for row in rows],
        clusters=[f"p{row // each}" for row in rows],
        groups={"site": np.asarray(["a", "b", "c"])[draw.integers(0, 3, n)]},
        classes=["no", "yes"],
    )


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "all.csv"
    rows = [f"{k},{k % 5},{'abc'[k % 3]},{k % 2}" for k in range(60)]
    path.write_text("\n".join(["id,x,site,y", *rows]))
    return {"files": {"path": str(path), "label": "y", "id": "id", "groups": ["site"]}}


def test_where_keeps_or_leaves_out_groups():
    """What one keeps the other leaves out, with all columns."""
    whole = cohort()
    kept = data.get("where", of=whole, column="site", keep=("a",))()
    rest = data.get("where", of=whole, column="site", leave_out="a")()

    assert data.checksum(kept) == data.checksum(whole.take(whole.groups["site"] == "a"))
    assert data.checksum(rest) == data.checksum(whole.take(whole.groups["site"] != "a"))


def test_where_takes_classes_and_keeps_their_codes():
    """A class that is left out keeps its name, so that codes mean the same."""
    kept = data.get("where", of=cohort(), column="label", keep=["yes"])()

    assert kept.classes == ("no", "yes")
    assert set(kept.labels) == {1}


def test_a_reader_is_written_as_in_a_study_file(csv):
    """Readers lie in readers, lists become tuples, numbers of YAML become text."""
    inner = {"where": {"of": csv, "column": "site", "leave_out": ["c"]}}
    part = data.get("split", of=inner, part="holdout", share=0.25)()

    assert len(part) == 10
    assert set(part.groups["site"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("reader", "parameters", "says"),
    [
        ("where", {"column": "site"}, "keep: .* or leave_out: .*, one"),
        ("where", {"column": "site", "keep": ["a"], "leave_out": ["b"]}, "one of the two"),
        ("where", {"column": "site", "keep": ["d"]}, "group of 'site' named 'd'.* Known: a, b, c"),
        (
            "where",
            {"column": "camera", "keep": ["a"]},
            "column named 'camera'.* Known: label, site",
        ),
        ("where", {"column": "site", "leave_out": ["a", "b", "c"]}, "leaves out all groups"),
        ("split", {"part": "test"}, "No part named 'test'"),
        ("split", {"part": "train", "share": 1}, "between 0 and 1, got 1"),
        ("split", {"part": "train", "seed": "x"}, "whole number"),
        ("confounded", {"column": "site", "ratio": 0.9}, "two groups, but 'site' has 3"),
        ("confounded", {"column": "site", "ratio": 0.9, "groups": ["a", "d"]}, "named 'd'"),
        ("confounded", {"column": "site", "ratio": 0.9, "groups": ["a"]}, "are two, A and B"),
        ("confounded", {"column": "site", "ratio": 1.2}, "from 0 to 1"),
    ],
)
def test_wrong_parameters_are_refused(reader, parameters, says):
    """One sentence, with what is known."""
    with pytest.raises(UsageError, match=says):
        data.get(reader, of=cohort(), **parameters)()


def test_readers_that_are_none_are_refused_at_once():
    """A wrong name within is found when the study file is read, not when its data are."""
    with pytest.raises(UsageError, match="No data set named 'flies'"):
        data.get("split", of={"flies": {}}, part="train")
    with pytest.raises(UsageError, match="are one reader"):
        data.get("split", of={"files": {}, "idx": {}}, part="train")
    with pytest.raises(UsageError, match="are one reader"):
        data.get("split", of=3, part="train")


def test_the_notice_passes_through():
    """What the inner reader must say is said of its part."""
    inner = {"bundled": {"name": "digits", "part": "train"}}
    whole = data.get("bundled", name="digits", part="train").notice

    assert data.get("split", of=inner, part="train").notice == whole
    assert data.get("where", of=inner, column="label", keep=[1]).notice == whole
    assert data.get("confounded", of=inner, column="x", ratio=0.5).notice == whole
    assert data.get("split", of=cohort(), part="train").notice is None


@pytest.mark.parametrize("each", [1, 4])
@pytest.mark.parametrize("stratified", [True, False])
def test_a_split_parts_clusters(each, stratified):
    """Every example is in one part, and every cluster in one as well."""
    whole = cohort(each=each)
    parts = [
        data.get("split", of=whole, part=part, share=0.3, stratified=stratified)()
        for part in ("train", "holdout")
    ]

    assert sorted([*parts[0].ids, *parts[1].ids]) == sorted(whole.ids)
    assert set(parts[0].clusters).isdisjoint(parts[1].clusters)


def test_a_split_gives_each_class_its_share():
    """To the nearest whole number where a cluster is one example, and never none."""
    whole = cohort()
    held = data.get("split", of=whole, part="holdout", share=0.3)()
    rare = data.of(np.zeros(40), [1] * 2 + [0] * 38)

    assert np.bincount(held.labels).tolist() == [round(0.3 * n) for n in np.bincount(whole.labels)]
    assert np.bincount(data.get("split", of=rare, part="holdout")().labels).tolist() == [11, 1]
    assert np.bincount(data.get("split", of=rare, part="train")().labels).tolist() == [27, 1]


def test_a_split_hangs_on_ids_alone():
    """Neither order nor new clusters move anybody; stratified, only some at the border."""
    whole = cohort(each=2)
    more = whole.take(np.arange(300))
    plain, exact = (
        [
            set(data.get("split", of=of, part="holdout", stratified=how)().ids)
            for of in (whole, whole.take(np.arange(400)[::-1]), more)
        ]
        for how in (False, True)
    )

    assert plain[0] == plain[1]
    assert exact[0] == exact[1]
    assert plain[2] == plain[0] & set(more.ids)
    assert len(exact[2] ^ (exact[0] & set(more.ids))) <= 20
    other = data.get("split", of=whole, part="holdout", stratified=False, seed=1)()
    assert set(other.ids) != plain[0]


def test_targets_are_split_without_classes():
    """A regression has no classes to stratify by."""
    whole = data.of(np.zeros(50), targets=np.arange(50.0))

    assert len(data.get("split", of=whole, part="holdout", share=0.2)()) == 10


def test_counted_off_stays_only_where_it_is_so():
    """A stratified split of single examples keeps it; parts by another column or cluster do not."""
    whole = data.of(
        np.zeros(40), [0, 1] * 20, groups={"site": ["a", "a", "b", "b"] * 10}, counted="label"
    )

    assert data.get("split", of=whole, part="train")().counted == "label"
    assert data.get("split", of=whole, part="train", stratified=False)().counted == ""
    assert data.get("where", of=whole, column="site", keep=["a"])().counted == ""
    assert data.get("where", of=whole, column="label", keep=["1"])().counted == "label"


@given(st.integers(0, 20), st.integers(0, 10**6))
def test_confounding_is_what_the_dial_says(twentieths, seed):
    """A has the ratio, B its mirror, both as many examples, and half of all are positive."""
    ratio = twentieths / 20
    made = data.get(
        "confounded", of=cohort(), column="site", groups=["b", "c"], ratio=ratio, seed=seed
    )()
    a, b = (made.labels[made.groups["site"] == group] for group in "bc")

    assert len(a) == len(b) > 0
    assert abs(a.sum() - ratio * len(a)) <= 0.5 + 1e-9
    assert a.sum() == len(b) - b.sum()


def test_confounding_takes_all_that_there_is_of_the_scarcest():
    """Nothing is left of it, and which ones are taken hangs on ids and seed."""
    whole = cohort()
    a, b, again = (
        data.get("confounded", of=of, column="site", groups=["a", "b"], ratio=0.5, seed=seed)()
        for of, seed in ((whole, 0), (whole, 1), (whole.take(np.arange(400)[::-1]), 0))
    )
    scarce = min(
        int(((whole.groups["site"] == group) & (whole.labels == 1)).sum()) for group in "ab"
    )

    assert len(a) == 4 * scarce
    assert set(a.ids) != set(b.ids)
    assert set(a.ids) == set(again.ids)


def test_the_stress_test_mirrors_a_confounded_holdout():
    """Where no ratio is given, group and class go together the other way round."""
    held = data.get("confounded", of=cohort(2000), column="site", groups=["a", "b"], ratio=0.8)()
    (probe,) = stress.get("confounded", column="site")(held, stream(1))
    given = stress.get("confounded", column="site", ratios=[0.5, 0.1])(held, stream(1))
    a = probe.data.labels[probe.data.groups["site"] == "a"]

    assert probe.name == "confounded-0.2"
    assert abs(a.mean() - 0.2) < 0.01
    assert [other.name for other in given] == ["confounded-0.5", "confounded-0.1"]


def test_too_few_for_a_ratio_are_counted():
    """The sentence says how many of each there are."""
    few = data.of(np.zeros(8), [0] * 4 + [0, 1, 0, 1], groups={"s": ["a"] * 4 + ["b"] * 4})

    with pytest.raises(UsageError, match="4 negative of a, 0 positive of a, 2 negative of b"):
        list(stress.get("confounded", column="s", ratios=0.5)(few, stream(1)))


def test_wrapped_examples_from_elsewhere_keep_their_ids_and_classes(csv):
    """`files` treats a part of a table as it treats the table."""
    holdout = data.get("where", of=csv, column="site", leave_out=["c"])()
    part = {"where": {"of": csv, "column": "site", "keep": ["c"]}}
    (probe,) = stress.get("files", name="site_c", data=part)(holdout, stream(1))

    assert len(probe.data) == 20
    assert set(probe.data.ids) == {str(k) for k in range(60) if k % 3 == 2}


def test_one_class_of_a_file_may_be_all_that_a_wrapper_brings(tmp_path):
    """The reader within is told the holdout's classes."""
    path = tmp_path / "one.csv"
    path.write_text("x,site,y\n" + "\n".join(f"{k},{'ab'[k % 2]},no" for k in range(8)))
    inner = {"files": {"path": str(path), "label": "y", "groups": ["site"]}}
    holdout = data.of(np.zeros((4, 1)), ["yes", "no"] * 2)
    part = {"where": {"of": inner, "column": "site", "keep": ["a"]}}
    (probe,) = stress.get("files", name="a", data=part)(holdout, stream(1))

    assert probe.data.labels.tolist() == [0] * 4
