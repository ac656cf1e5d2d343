"""Attribution over probes: rows, names, adjusted p, and when nothing can be said."""

import math

import numpy as np
import pytest

from tests.measure.made_evidence import ACCURACY, evidence, numbers
from underspec import measure, vary
from underspec.core.records import Variant
from underspec.stats.evidence import benjamini_hochberg


def laid_out(design, n, *sources, **parameters):
    """The levels of the variants of a design, by id."""
    made = vary.get(design, sources=vary.parse(sources), **parameters)(n, 7)
    return {v.id: {**v.seeds, **v.values} for v in made}


def attribute(probes, levels):
    return measure.attribute(probes, levels, ACCURACY)


def effect(levels, source, sd, seed):
    """Normal effects of a source's levels, one a variant."""
    names = [repr(of[source]) for of in levels.values()]
    drawn = dict(
        zip(
            dict.fromkeys(names),
            np.random.default_rng(seed).normal(0, sd, len(names)),
            strict=False,
        )
    )
    return np.array([drawn[name] for name in names])


def probe(name, means, *, n=400, noise=0.4, seed=1):
    draw = np.random.default_rng((seed, len(name)))
    return evidence(name, np.asarray(means)[:, None] + noise * draw.normal(size=(len(means), n)))


def test_nested_tells_the_outer_source_from_the_inner():
    """The outer source gets its share and F; the inner one is the rest."""
    levels = laid_out("nested", 100, "pretrain", "order", inner=20)
    means = effect(levels, "pretrain", 0.1, 1) + effect(levels, "order", 0.05, 2)
    outer, inner = attribute([probe("fog", means)], levels)

    assert (outer.probe, outer.source, outer.kind, outer.layout) == (
        "fog",
        "pretrain",
        "source",
        "levels",
    )
    assert (inner.source, inner.kind, inner.f, inner.p) == ("order", "rest", None, None)
    assert (outer.levels, outer.df, outer.df_below) == (5, 4, 95)
    assert outer.p < 1e-6
    assert outer.icc == pytest.approx((outer.f - 1) / (outer.f + 19))
    assert inner.spread.low < 0.05 < inner.spread.high
    assert outer.share.low > 0.2
    assert outer.share.value + inner.share.value == pytest.approx(1)


def test_crossed_has_a_row_a_source_and_the_interaction():
    """Sources that only add leave no interaction."""
    levels = laid_out("crossed", 49, "init", "order")
    means = effect(levels, "init", 0.1, 3) + effect(levels, "order", 0.05, 4)
    rows = {one.source: one for one in attribute([probe("fog", means)], levels)}

    assert list(rows) == ["init", "order", "interaction"]
    assert rows["init"].df == rows["order"].df == 6
    assert rows["interaction"].share.low == 0
    assert rows["interaction"].share.high < 0.2
    assert rows["init"].share.value > rows["order"].share.value > 0.05


def test_one_at_a_time_tests_each_group_against_the_noise():
    """A dead source has no spread beyond the noise of the examples, and F hangs on that alone."""
    levels = laid_out("one_at_a_time", 31, "init", "order", "drop")
    means = effect(levels, "init", 0.1, 5) + effect(levels, "order", 0.05, 6)
    init, order, drop = attribute([probe("fog", means)], levels)

    assert init.layout == "one_at_a_time"
    assert (init.levels, init.df, init.df_below) == (11, 10, None)
    assert init.p < 1e-6
    assert order.p < 1e-3
    assert drop.p > 0.01
    assert drop.share.low == 0
    assert drop.spread.high < 0.05


def test_joint_seeds_are_not_attributed():
    """Where all sources vary at once, nothing can be told and nothing is."""
    levels = laid_out("joint", 20, "init", "order")
    assert attribute([probe("fog", effect(levels, "init", 0.1, 7))], levels) == ()


def test_values_in_a_joint_design_are():
    """A source of a few values is told from the seeds it is mixed with."""
    levels = laid_out("joint", 30, "init", {"epochs": [4, 5, 6]})
    means = effect(levels, "epochs", 0.2, 8) + effect(levels, "init", 0.02, 9)
    epochs, init = attribute([probe("fog", means)], levels)
    assert (epochs.source, epochs.levels, epochs.note) == (
        "epochs",
        3,
        "only 3 levels: read with care",
    )
    assert (init.source, init.kind) == ("init", "rest")
    assert epochs.p < 1e-4


def test_sources_that_move_together_share_a_row():
    """Two outer sources cannot be told apart, and the name says so."""
    levels = laid_out(
        "nested", 20, "pretrain", "order", "vocabulary", outer=("pretrain", "vocabulary")
    )
    assert attribute([probe("fog", np.zeros(20))], levels)[0].source == "pretrain + vocabulary"


def test_p_is_adjusted_over_probes_and_sources():
    """Benjamini-Hochberg over everything that has a p."""
    levels = laid_out("crossed", 25, "init", "order")
    means = effect(levels, "init", 0.05, 10)
    found = attribute([probe("fog", means), probe("snow", 0 * means)], levels)
    tested = [one for one in found if one.p_true is not None]
    assert len(tested) == 4
    want = benjamini_hochberg(np.array([one.p_true for one in tested]))
    assert [one.p_adjusted for one in tested] == pytest.approx(want.tolist())


def test_adding_a_probe_changes_only_adjusted_p():
    """Rows of a probe hang on that probe alone."""
    levels = laid_out("one_at_a_time", 13, "init", "order")
    fog, snow = probe("fog", effect(levels, "init", 0.05, 11), n=30), probe("snow", np.zeros(13))
    for one, two in zip(attribute([fog], levels), attribute([fog, snow], levels), strict=False):
        assert {k: v for k, v in numbers(one).items() if k != "p_adjusted"} == {
            k: v for k, v in numbers(two).items() if k != "p_adjusted"
        }


def test_failed_variants_leave_holes():
    """A grid with missing cells is still attributed, without bias worth the name."""
    levels = laid_out("crossed", 64, "init", "order")
    means = effect(levels, "init", 0.1, 12) + effect(levels, "order", 0.05, 13)
    left = [at for at in range(64) if at not in (3, 17, 40, 41, 60)]
    ids = list(levels)
    whole = attribute([probe("fog", means)], levels)
    one = probe("fog", means)
    part = evidence("fog", one.contributions[left], variants=tuple(ids[at] for at in left))
    for a, b in zip(whole, attribute([part], levels), strict=True):
        assert a.share.value == pytest.approx(b.share.value, abs=0.1)


def test_probe_of_one_cluster_says_why():
    """A single cluster tells nothing of noise: no numbers, and the reason."""
    levels = laid_out("crossed", 9, "init", "order")
    one = evidence("fog", np.ones((9, 3)), clusters=["a"] * 3)
    for row in attribute([one], levels):
        assert row.note == "too small: under two clusters"
        assert (row.share.value, row.spread.value, row.f, row.p) == (None,) * 4


def test_equal_variants_have_no_share():
    """Where variants agree on everything there is nothing to divide."""
    levels = laid_out("crossed", 9, "init", "order")
    for row in attribute([evidence("fog", np.ones((9, 30)))], levels):
        assert row.variance == 0
        assert row.share.value is None
        assert row.note.endswith("too noisy for a share")


def test_nothing_without_variants_or_sources():
    """No probes, one variant, or unknown sources: nothing."""
    assert attribute([], {}) == ()
    assert attribute([evidence("fog", np.ones((1, 9)))], {"v000": {"init": 1}}) == ()
    assert attribute([evidence("fog", np.ones((3, 9)))], {}) == ()


def test_no_number_is_not_a_number():
    """Whatever is unknown is None, so that findings.json holds null."""
    levels = laid_out("nested", 4, "pretrain", "order", inner=2)
    for row in attribute([probe("fog", np.zeros(4), n=5)], levels):
        assert not [
            v for v in numbers(row).values() if isinstance(v, float) and not math.isfinite(v)
        ]


def test_variant_values_of_any_type_are_levels():
    """Lists and numbers are told apart by how they are written."""
    variants = [Variant(f"v{at:03d}", {"init": at}, {"layers": [at % 2]}) for at in range(8)]
    levels = {v.id: {**v.seeds, **v.values} for v in variants}
    assert attribute([probe("fog", np.zeros(8))], levels)[0].source == "layers"


def test_upper_end_is_within_the_range_of_the_metric():
    """A proportion cannot vary by more than 50 points, however few levels there are."""
    levels = laid_out("nested", 4, "pretrain", "order", inner=2)
    means = effect(levels, "pretrain", 0.3, 14)
    assert attribute([probe("fog", means, noise=0.01)], levels)[0].spread.high == 0.5
