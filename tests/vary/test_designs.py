"""Designs that tell sources apart: what varies with what, and what never changes."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec import vary
from underspec.core.errors import UsageError

SOURCES = ("init", "order", {"epochs": [4, 5, 6]})
DESIGNS = ["joint", "one_at_a_time", "crossed", "nested"]


def design(name, *sources, **parameters):
    return vary.get(name, sources=vary.parse(sources or SOURCES), **parameters)


def of(variant):
    return {**variant.seeds, **variant.values}


def levels(variants, source):
    return list(dict.fromkeys(v.seeds[source] for v in variants))


@pytest.mark.parametrize("name", DESIGNS)
@given(few=st.integers(0, 30), more=st.integers(0, 30), seed=st.integers(0, 2**63))
def test_fewer_variants_are_the_first_of_more(name, few, more, seed):
    """Going up or down keeps every variant that is in both."""
    made = design(name)
    least = min(few, more)
    assert made(few, seed)[:least] == made(more, seed)[:least]


@pytest.mark.parametrize("name", DESIGNS)
def test_every_variant_has_every_source_and_an_own_assignment(name):
    """Nothing is left out, and no model is trained twice."""
    variants = design(name)(40, 3)
    assert [v.id for v in variants] == [f"v{i:03d}" for i in range(40)]
    assert all(set(v.seeds) == {"init", "order"} and set(v.values) == {"epochs"} for v in variants)
    assert len({tuple(sorted(of(v).items())) for v in variants}) == 40


@pytest.mark.parametrize("name", DESIGNS)
@given(seed=st.integers(0, 2**63))
def test_adding_a_source_draws_no_new_seeds_for_the_others(name, seed):
    """A source's levels come from its own stream: those of two sources are among those of three."""
    two, three = (
        design(name, "init", "order")(8, seed),
        design(name, "init", "order", "drop")(8, seed),
    )
    for source in ("init", "order"):
        few, many = sorted([levels(two, source), levels(three, source)], key=len)
        assert many[: len(few)] == few


def test_one_at_a_time_moves_one_source_off_the_base():
    """Every variant is the base but for one source at most; groups are even until values run out."""
    base, *others = design("one_at_a_time")(20, 5)
    moved = Counter()
    for variant in others:
        changed = [s for s in of(base) if of(variant)[s] != of(base)[s]]
        assert len(changed) == 1
        moved[changed[0]] += 1
    # Two other values of epochs; the seeds share what is left.
    assert moved == {"epochs": 2, "init": 9, "order": 8}


@pytest.mark.parametrize(("n", "levels"), [(12, (4, 3)), (16, (4, 4)), (50, (8, 7))])
def test_crossed_is_a_grid(n, levels):
    """Levels of two sources meet each other once, and the sides are as equal as they can be."""
    variants = design("crossed", "init", "order")(n, 5)
    cells = Counter((v.seeds["init"], v.seeds["order"]) for v in variants)
    assert set(cells.values()) == {1}
    assert tuple(len({v.seeds[s] for v in variants}) for s in ("init", "order")) == levels


def test_crossed_takes_each_value_as_often():
    """Three values and a seed at 30 variants: a grid of three by ten."""
    variants = design("crossed", "init", {"epochs": [4, 5, 6]})(30, 5)
    assert Counter(v.values["epochs"] for v in variants) == {4: 10, 5: 10, 6: 10}
    assert set(Counter(v.seeds["init"] for v in variants).values()) == {3}


def test_nested_groups_share_the_outer_sources():
    """The outer seed is the same for `inner` variants in a row, the inner ones never repeat."""
    variants = design("nested", "pretrain", "order", "init", inner=4)(18, 5)
    outer = [v.seeds["pretrain"] for v in variants]
    assert [outer.count(s) for s in dict.fromkeys(outer)] == [4, 4, 4, 4, 2]
    assert (
        len({v.seeds["order"] for v in variants}) == len({v.seeds["init"] for v in variants}) == 18
    )


def test_nested_outer_sources_can_be_named():
    """Two sources can share the outer level."""
    variants = design("nested", "order", "pretrain", "init", outer=("pretrain", "init"), inner=3)(
        9, 5
    )
    assert (
        len({v.seeds["pretrain"] for v in variants})
        == len({v.seeds["init"] for v in variants})
        == 3
    )
    assert len({v.seeds["order"] for v in variants}) == 9
    assert (
        len({v.seeds["init"] for v in design("nested", "order", "init", outer="init")(9, 5)}) == 2
    )


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: design("one_at_a_time", "init"), "there is only init"),
        (lambda: design("crossed", "init"), "needs two sources or more"),
        (lambda: design("nested", "init"), "needs a source outside and one inside"),
        (lambda: design("nested", "init", "order", outer=("init", "order")), "one inside"),
        (lambda: design("nested", "init", "order", outer=("oder",)), "Did you mean 'order'"),
        (lambda: design("nested", "init", "order", inner=1), "got inner=1"),
        (lambda: design("crossed", {"a": [1, 2]}, {"b": [1, 2, 3]})(7, 0), "no cells left"),
        (lambda: design("one_at_a_time", {"a": [1, 2]}, {"b": [1, 2, 3]})(5, 0), "no variants left"),
    ],
)  # fmt: skip
def test_what_cannot_be_laid_out_is_refused(make, sentence):
    """Each mistake is one sentence."""
    with pytest.raises(UsageError, match=sentence):
        make()


def test_a_full_grid_of_values_is_not_refused():
    """As many variants as there are cells is fine."""
    assert len(design("crossed", {"a": [1, 2]}, {"b": [1, 2, 3]})(6, 0)) == 6
