"""One probe a group, whatever the groups are called."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec import data, stress
from underspec.core.errors import UsageError
from underspec.core.names import NAME
from underspec.core.streams import stream
from underspec.testing.stress import sample_images

KEY = stream(1, "stress")


def probes(source, **parameters):
    return list(stress.get("by_group", **parameters)(source, KEY))


def grouped(values, **more):
    n = len(values)
    labels = [i % 2 for i in range(n)]
    return data.of(np.arange(n), labels, groups={"site": np.asarray(values)}, **more)


def test_groups_are_the_holdouts_rows_unchanged():
    """Each probe holds its group's examples with all their columns."""
    source = sample_images()
    found = probes(source, column="site")
    assert [p.name for p in found] == ["site-north", "site-south", "site-west"]
    assert [p.title for p in found] == ["site = north", "site = south", "site = west"]
    assert [len(p.data) for p in found] == [60, 30, 30]
    for probe in found:
        assert probe.kind == "stratified"
        assert probe.family == "site"
        expected = source.take(source.groups["site"] == probe.title.removeprefix("site = "))
        assert data.checksum(probe.data) == data.checksum(expected)


def test_the_label_column_is_the_class():
    """Classes come in the order of their codes, under their names."""
    source = data.of(np.zeros(40), [0, 1, 2, 3] * 10, classes=["T-shirt/top", "Bag", "été", "B"])
    found = probes(source, column="label")
    assert [p.name for p in found] == ["label-t_shirt_top", "label-bag", "label-ete", "label-b"]
    assert [p.title for p in found][:2] == ["class = T-shirt/top", "class = Bag"]
    assert all(set(p.data.labels) == {code} for code, p in enumerate(found))


def test_small_groups_are_counted_not_probed():
    """Below the least number a group is skipped, and `skipped` says how large it is."""
    source = grouped(["a"] * 12 + ["b"] * 9 + ["../x"] * 1)
    test = stress.get("by_group", column="site")
    assert [p.name for p in test(source, KEY)] == ["site-a"]
    assert test.skipped(source) == {"site = b": 9, "site = ../x": 1}
    assert len(probes(source, column="site", min_examples=1)) == 3


def test_hostile_and_colliding_names_become_safe():
    """Paths, markup and look-alikes give distinct, valid names; titles keep the text."""
    texts = ["../x", "<script>", "x", "X", "東京", "京都", "a" * 300, "a b", "a-b", "-", "."]
    found = probes(grouped(texts * 2), column="site", min_examples=1)
    names = [p.name for p in found]
    assert len(set(names)) == len(texts)
    assert all(NAME.fullmatch(name) and len(name) < 100 for name in names)
    assert {p.title for p in found} == {f"site = {text}" for text in texts}
    assert "site-script" in names


def test_names_do_not_hang_on_which_groups_are_large_enough():
    """A small look-alike changes no name by being skipped."""
    source = grouped(["x"] * 12 + ["X"] * 11 + ["x!"] * 2)
    large = {p.title: p.name for p in probes(source, column="site")}
    everything = {p.title: p.name for p in probes(source, column="site", min_examples=1)}
    assert large.items() <= everything.items()


@given(st.lists(st.text(min_size=1, max_size=8), min_size=2, max_size=8, unique=True))
def test_any_text_gives_a_valid_name_of_its_own(texts):
    """Two groups never share a name."""
    texts = sorted({t for t in (t.rstrip("\0") for t in texts) if t not in ("", "nan", "NaN")})
    if not texts:
        return
    found = probes(grouped(texts * 2), column="site", min_examples=1)
    assert len({p.name for p in found}) == len(texts)
    assert all(NAME.fullmatch(p.name) for p in found)


def test_unknown_columns_and_numbers_are_refused():
    """The sentence lists the columns there are."""
    with pytest.raises(UsageError, match=r"No group column named 'sight'. Did you mean 'site'"):
        probes(grouped(["a", "b"]), column="sight")
    with pytest.raises(UsageError, match="min_examples must be at least 1"):
        stress.get("by_group", column="site", min_examples=0)
    with pytest.raises(UsageError, match="needs 'column'"):
        stress.get("by_group")


def test_several_columns_give_intersections():
    """Each combination that occurs is a group, and holds the rows that have both."""
    source = sample_images()
    source = replace(source, groups={**source.groups, "sex": np.array(["f", "m", "m"] * 40)})
    found = probes(source, column=["site", "sex"])

    assert [p.name for p in found] == [
        f"site_by_sex-{site}.{sex}" for site in ("north", "south", "west") for sex in "fm"
    ]
    assert found[1].title == "site = north, sex = m"
    assert {p.family for p in found} == {"site_by_sex"}
    rows = (source.groups["site"] == "north") & (source.groups["sex"] == "m")
    assert data.checksum(found[1].data) == data.checksum(source.take(rows))
    assert sum(len(p.data) for p in found) == len(source)


def test_intersections_with_the_class_and_of_one_column():
    """The class is named by its name, and a list of one column is that column."""
    source = grouped(["a", "b"] * 12, classes=["no", "yes"])
    names = [p.name for p in probes(source, column=("site", "label"), min_examples=1)]

    assert names == ["site_by_label-a.no", "site_by_label-b.yes"]
    assert stress.get("by_group", column=["site"]) == stress.get("by_group", column="site")


def test_groups_of_few_clusters_are_counted():
    """Twelve pictures of three patients are too few for four."""
    source = grouped(["a"] * 12 + ["b"] * 12, clusters=[*range(12), *[20, 21, 22] * 4])
    test = stress.get("by_group", column="site", min_clusters=4)

    assert [p.name for p in test(source, KEY)] == ["site-a"]
    assert test.skipped(source) == {"site = b (clusters: 3)": 12}


@given(
    st.lists(
        st.tuples(
            st.text("aB.é_", min_size=1, max_size=3), st.text("aB.é_", min_size=1, max_size=3)
        ),
        min_size=1,
        max_size=8,
    )
)
def test_any_two_texts_give_a_valid_name_of_their_own(pairs):
    """Two intersections never share a name."""
    first, second = (np.array([pair[at] for pair in pairs] * 2) for at in (0, 1))
    source = replace(grouped(["x"] * len(first)), groups={"one": first, "two": second})
    found = probes(source, column=("one", "two"), min_examples=1)

    assert len({p.name for p in found}) == len(set(pairs))
    assert all(NAME.fullmatch(p.name) for p in found)


@pytest.mark.parametrize("column", [[], ["site", "site"], 3, [3]])
def test_columns_are_names_each_once(column):
    """Anything else is refused."""
    with pytest.raises(UsageError, match="a group column, or several, each once"):
        stress.get("by_group", column=column)
