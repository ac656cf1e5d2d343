"""The difference between two sets of variants: closed form, Multi-Bootstrap, P(A > B)."""

import itertools
import math
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.stats import multi_bootstrap as module
from underspec.stats.beats import beats
from underspec.stats.centre import moved
from underspec.stats.multi_bootstrap import bootstrap_variance, multi_bootstrap
from underspec.stats.totals import group, total
from underspec.stats.two_samples import difference, unpaired
from underspec.testing.worlds.effects import effects

UNIT = (0.0, 1.0)
FREE = (-math.inf, math.inf)


def _totals(c, clusters=None):
    c = np.asarray(c, dtype=float)
    names = [f"{i:05d}" for i in range(c.shape[1])] if clusters is None else clusters
    return total(c, group(np.asarray(names)))


def _normal(rng, k, n, *, spread=0.05, shared=0.5, own=0.5, hard=None):
    """Contributions with effects of variants, of examples, and of both together."""
    hard = rng.normal(size=n) if hard is None else hard
    return spread * rng.normal(size=(k, 1)) + shared * hard + own * rng.normal(size=(k, n))


def test_equal_variants_give_the_paired_t_test_over_examples():
    """Without any spread of variants only the examples' differences count."""
    rng = np.random.default_rng(1)
    one, two = rng.normal(size=(2, 80))
    got = difference(_totals([one] * 6), _totals([two] * 9), FREE)
    known = stats.ttest_rel(one, two)

    assert got.p == pytest.approx(known.pvalue)
    assert (got.low, got.high) == pytest.approx(tuple(known.confidence_interval(0.95)))
    assert got.variants == 0


def test_equal_variants_on_other_examples_give_welch_over_examples():
    """Likewise where the two were asked about different examples, as many or not."""
    rng = np.random.default_rng(2)
    one, two = rng.normal(size=80), 2 * rng.normal(size=50)
    got = difference(_totals([one] * 6), unpaired(_totals([two] * 9)), FREE)
    known = stats.ttest_ind(one, two, equal_var=False)

    assert got.p == pytest.approx(known.pvalue)
    assert (got.low, got.high) == pytest.approx(tuple(known.confidence_interval(0.95)))


@pytest.mark.parametrize("paired", [False, True])
def test_equal_examples_give_the_t_test_over_variants(paired):
    """Where all examples are alike, only the variants count: Welch's test, or the paired one."""
    rng = np.random.default_rng(3)
    a, b = rng.normal(size=12), 0.5 + 3 * rng.normal(size=12 if paired else 7)
    got = difference(
        _totals(np.repeat(a[:, None], 40, axis=1)),
        _totals(np.repeat(b[:, None], 40, axis=1)),
        FREE,
        paired_variants=paired,
    )
    known = stats.ttest_rel(a, b) if paired else stats.ttest_ind(a, b, equal_var=False)

    assert got.p == pytest.approx(known.pvalue)
    assert (got.low, got.high) == pytest.approx(tuple(known.confidence_interval(0.95)))
    assert got.examples == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("shared", [False, True])
def test_variance_is_that_of_the_crossed_design(shared):
    """The estimated variance is, on average, the one that normal effects have in closed form.

    ``σ_A²/k_A + σ_B²/k_B + ω_A²/(k_A n) + ω_B²/(k_B n)`` plus the examples' main effects, which cancel
    where they are shared. 600 studies; fails beyond 5 standard errors.
    """
    rng = np.random.default_rng(4)
    n, found = 60, []
    for _ in range(600):
        hard = rng.normal(size=n)
        a = _totals(_normal(rng, 8, n, spread=0.3, shared=1.0, own=0.4, hard=hard))
        b = _totals(_normal(rng, 5, n, spread=0.2, shared=1.0, own=0.8, hard=hard))
        if not shared:
            b = _totals(_normal(rng, 5, n, spread=0.2, shared=1.0, own=0.8))
            b = unpaired(b)
        got = difference(a, b, FREE)
        found.append(got.variants + got.examples)
    known = 0.09 / 8 + 0.04 / 5 + 0.16 / (8 * n) + 0.64 / (5 * n) + (0 if shared else 2 / n)

    assert np.mean(found) == pytest.approx(known, abs=5 * stats.sem(found))


def test_rows_of_one_image_count_once():
    """Five copies of every example, declared as clusters, change nothing."""
    rng = np.random.default_rng(5)
    a, b = (rng.random((k, 50)) < 0.7 for k in (6, 8))
    names = np.array([f"{i:03d}" for i in range(50)])
    once = difference(_totals(a, names), _totals(b, names), UNIT)
    often = difference(
        _totals(a.repeat(5, axis=1), names.repeat(5)),
        _totals(b.repeat(5, axis=1), names.repeat(5)),
        UNIT,
    )

    assert often == pytest.approx(once)


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 6), st.integers(2, 6), st.integers(3, 20), st.integers(0, 2**32))
def test_order_and_direction(k_a, k_b, n, seed):
    """Order of variants and of examples changes nothing; B against A is A against B, turned."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(k_a, n)), rng.normal(size=(k_b, n))
    names = np.array([f"{i:03d}" for i in range(n)])
    first = difference(_totals(a, names), _totals(b, names), FREE)
    order = rng.permutation(n)
    again = difference(
        _totals(rng.permutation(a)[:, order], names[order]),
        _totals(rng.permutation(b), names),
        FREE,
    )
    turned = difference(_totals(b, names), _totals(a, names), FREE)

    assert again == pytest.approx(first)
    assert (turned.value, turned.low, turned.high) == pytest.approx(
        (-first.value, -first.high, -first.low)
    )
    assert turned.p == pytest.approx(first.p)


def test_two_alike_are_not_called_different():
    """Everybody right on everything: no difference, but not one known to be exactly 0."""
    alike = _totals(np.ones((4, 30)))
    assert difference(alike, alike, FREE).p == 1
    assert (difference(alike, alike, FREE).low, difference(alike, alike, FREE).high) == (0, 0)
    assert difference(alike, alike, UNIT).high > 1 / 30


def _equal_truth(rng, k, n, shared, binary):
    """Two sets of variants whose true means are the same."""
    hard = rng.normal(size=n)
    other = 0.8 * hard + 0.6 * rng.normal(size=n) if shared else rng.normal(size=n)
    sides = [_normal(rng, k, n, spread=0.1, shared=1.0, own=1.0, hard=own) for own in (hard, other)]
    if binary:
        sides = [side > -1.5 for side in sides]
    a, b = (_totals(side) for side in sides)
    return (a, b) if shared else (a, unpaired(b))


GRID = [
    (k, n, shared, binary)
    for k in (10, 20, 50)
    for n in (300, 2000)
    for shared in (True, False)
    for binary in (True, False)
]


def _false_alarms(k, n, shared, binary, studies):
    rng = np.random.default_rng([k, n, shared, binary])
    bounds = UNIT if binary else FREE
    alarms = boot = 0
    for number in range(studies):
        a, b = _equal_truth(rng, k, n, shared, binary)
        alarms += difference(a, b, bounds).p <= 0.05
        if n == 300 and k < 50:
            boot += multi_bootstrap(a, b, stream(number), resamples=200).p <= 0.05
    return alarms, boot


@pytest.mark.parametrize(("k", "n", "shared", "binary"), [g for g in GRID if g[:2] == (10, 300)])
def test_equal_studies_are_told_apart_in_one_of_twenty(k, n, shared, binary):
    """False alarms at 5 %: at most 7 % in truth, and no test that never speaks.

    The interval leaves out 0 exactly where p is 5 % or less, so this is its coverage too. 300
    studies; fails above the 1-in-1,000 point of a true 7 %, and below that of a true 2 %.
    """
    alarms, boot = _false_alarms(k, n, shared, binary, 300)

    assert stats.binom.ppf(0.001, 300, 0.02) <= alarms <= stats.binom.ppf(0.999, 300, 0.07)
    assert boot <= stats.binom.ppf(0.999, 300, 0.10)


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n", "shared", "binary"), GRID)
def test_equal_studies_are_told_apart_in_one_of_twenty_long(k, n, shared, binary, capsys):
    """The same over k and n, 1,000 studies a cell: between 3 and 6 % in truth."""
    studies = 1000
    alarms, boot = _false_alarms(k, n, shared, binary, studies)
    with capsys.disabled():
        said = f", Multi-Bootstrap {boot / studies:.1%}" if boot else ""
        print(f"\n    k {k} n {n} shared {shared} binary {binary}: {alarms / studies:.1%}{said}")

    assert stats.binom.ppf(0.001, studies, 0.03) <= alarms <= stats.binom.ppf(0.999, studies, 0.06)


@pytest.mark.slow
@pytest.mark.parametrize("k", [10, 20, 50])
@pytest.mark.parametrize(
    "shapes",
    [
        ("exponential", "exponential"),
        ("exponential", "normal"),
        ("t5", "t5"),
        ("even", "even"),
        ("uneven", "uneven"),
        ("uneven", "normal"),
    ],
    ids="-".join,
)
def test_equal_studies_of_other_shapes_long(k, shapes, capsys):
    """Effects that are not normal, 1,000 studies a cell: between 2 and 7 % in truth."""
    rng, alarms, n = np.random.default_rng([k, len("".join(shapes))]), 0, 300
    for _ in range(1000):
        hard = rng.normal(size=n)
        a, b = (
            _totals(0.1 * effects(shape, k, rng)[:, None] + _normal(rng, k, n, spread=0, hard=hard))
            for shape in shapes
        )
        alarms += difference(a, b, FREE).p <= 0.05
    with capsys.disabled():
        print(f"\n    k {k} {' against '.join(shapes)}: {alarms / 1000:.1%}")

    assert stats.binom.ppf(0.001, 1000, 0.02) <= alarms <= stats.binom.ppf(0.999, 1000, 0.07)


def test_paired_variants_hold_their_level():
    """Variants whose effects go together by pairs: 300 studies, as above, and a narrower interval."""
    rng = np.random.default_rng(6)
    alarms, narrower = 0, 0
    for _ in range(300):
        skill, hard = 0.3 * rng.normal(size=(15, 1)), rng.normal(size=200)
        a, b = (_totals(skill + _normal(rng, 15, 200, hard=hard)) for _ in range(2))
        paired = difference(a, b, FREE, paired_variants=True)
        apart = difference(a, b, FREE)
        alarms += paired.p <= 0.05
        narrower += paired.high - paired.low < apart.high - apart.low

    assert stats.binom.ppf(0.001, 300, 0.02) <= alarms <= stats.binom.ppf(0.999, 300, 0.07)
    assert narrower == 300


def test_unequal_sides_cover_a_true_difference():
    """10 variants that part against 50 that hardly do: 300 studies, 93 % or more in truth."""
    rng, inside = np.random.default_rng(7), 0
    for _ in range(300):
        hard = rng.normal(size=300)
        a = _totals(0.1 + _normal(rng, 10, 300, spread=0.1, hard=hard))
        b = _totals(_normal(rng, 50, 300, spread=0.02, hard=hard))
        got = difference(a, b, FREE)
        inside += got.low <= 0.1 <= got.high

    assert inside >= stats.binom.ppf(0.001, 300, 0.93)


def test_the_detectable_difference_is_found_in_four_of_five():
    """Studies that truly differ by what is called detectable are told apart in 80 %.

    300 studies, k = 15; fails outside the 1-in-1,000 points of 76 and 84 %.
    """
    rng, found = np.random.default_rng(8), 0
    k, n = 15, 200
    error = math.sqrt(2 * 0.1**2 / k + 2 * 0.5**2 / (k * n))
    detectable = [
        difference(
            _totals(_normal(rng, k, n, spread=0.1, shared=0)),
            _totals(_normal(rng, k, n, spread=0.1, shared=0)),
            FREE,
        ).detectable
        for _ in range(100)
    ]
    known = (stats.t.ppf(0.975, 28) + stats.t.ppf(0.8, 28)) * error
    assert np.mean(detectable) == pytest.approx(known, rel=0.05)

    for _ in range(300):
        a = _totals(known + _normal(rng, k, n, spread=0.1, shared=0))
        b = _totals(_normal(rng, k, n, spread=0.1, shared=0))
        found += difference(a, b, FREE).p <= 0.05
    assert stats.binom.ppf(0.001, 300, 0.76) <= found <= stats.binom.ppf(0.999, 300, 0.84)


def _pools(rng, k, n, margin, alike, middle=True):
    """Two pools of equal truth on a probe, cut on other examples; with what their centres add."""
    hard, pools, centres = rng.normal(size=n), [], []
    for _ in range(2):
        skill = rng.normal(size=(k, 1))
        lab = (0.1 * skill + 0.5 * rng.normal(size=(k, n))).mean(axis=1)
        centre = np.median(lab) if middle else lab.max()
        here = alike * skill + math.sqrt(1 - alike**2) * rng.normal(size=(k, 1))
        everything = _totals(0.1 * here + _normal(rng, k, n, spread=0, hard=hard))
        pool = everything.only(np.flatnonzero(np.abs(lab - centre) <= margin))
        pools.append(pool)
        centres.append(moved(everything.means, pool.means, middle=middle) if pool.k > 1 else None)
    return pools, tuple(centres)


def _pool_alarms(studies, *arguments, **how):
    rng = np.random.default_rng([int(100 * a) for a in arguments])
    count = alarms = naive = 0
    for _ in range(studies):
        (a, b), centres = _pools(rng, *arguments, **how)
        if min(a.k, b.k) >= 2:
            count += 1
            alarms += difference(a, b, FREE, centres=centres).p <= 0.05
            naive += difference(a, b, FREE).p <= 0.05
    return count, alarms, naive


def test_pools_of_equal_studies_are_not_told_apart_by_their_centres():
    """A pool looks alike because it was cut so; its centre is still a matter of seeds.

    Taking the kept variants as they stand gives far too many false alarms; with what the centres
    add they hold their level. 300 pairs of studies.
    """
    count, alarms, naive = _pool_alarms(300, 30, 300, 0.1, 0.95)

    assert naive > stats.binom.ppf(0.999, count, 0.07)
    assert alarms <= stats.binom.ppf(0.999, count, 0.06)
    assert alarms >= stats.binom.ppf(0.001, count, 0.015)


def test_a_pool_of_all_has_no_centre():
    """Where everybody is kept nothing is added."""
    everything = _totals(np.random.default_rng(20).normal(size=(9, 40)))
    assert moved(everything.means, everything.means, middle=True).variance == 0


@pytest.mark.slow
@pytest.mark.parametrize("middle", [True, False])
@pytest.mark.parametrize("k", [20, 50])
@pytest.mark.parametrize("margin", [0.05, 0.1, 0.2])
@pytest.mark.parametrize("alike", [0.0, 0.5, 0.95])
def test_pools_of_equal_studies_long(middle, k, margin, alike, capsys):
    """The same over margins of a half to two spreads, and over how far lab and field go together.

    1,000 pairs a cell; at most 6 % in truth. Pools around the best are over-covered.
    """
    count, alarms, naive = _pool_alarms(1000, k, 300, margin, alike, middle=middle)
    with capsys.disabled():
        where = "median" if middle else "best"
        print(
            f"\n    {where} k {k} margin {margin / 0.1:g} spreads, alike {alike}: {alarms / count:.1%}"
            f", as they stand {naive / count:.1%}"
        )

    assert alarms <= stats.binom.ppf(0.999, count, 0.06)


@pytest.mark.slow
@pytest.mark.parametrize("k", [10, 20, 50])
def test_the_detectable_difference_is_found_in_four_of_five_long(k, capsys):
    """The same over k, examples shared: 2,000 pairs that differ by the mean of what is detectable."""
    rng, n, by = np.random.default_rng(k), 300, 0.0
    for stage, pairs in (("size", 300), ("count", 2000)):
        sizes, found = [], 0
        for _ in range(pairs):
            hard = rng.normal(size=n)
            a, b = (_normal(rng, k, n, hard=hard) for _ in range(2))
            got = difference(_totals(by + a), _totals(b), FREE)
            sizes.append(got.detectable)
            found += got.p <= 0.05
        by = float(np.mean(sizes)) if stage == "size" else by
    with capsys.disabled():
        print(f"\n    k {k}: {found / 2000:.1%} find {by:.3f}")

    assert stats.binom.ppf(0.001, 2000, 0.77) <= found <= stats.binom.ppf(0.999, 2000, 0.83)


# The Multi-Bootstrap


def _by_hand(a, b, key, resamples, paired_variants, same):
    """The Multi-Bootstrap as a loop over resamples that indexes variants and examples."""

    def drawn(side, what, size):
        return key.child(side, what).generator().integers(0, size, (resamples, size))

    v, i = drawn("a", "variants", len(a)), drawn("a", "clusters", a.shape[1])
    w = v if paired_variants else drawn("b", "variants", len(b))
    j = i if same else drawn("b", "clusters", b.shape[1])
    return np.array(
        [
            a[v[r]][:, i[r]].mean(axis=1).mean() - b[w[r]][:, j[r]].mean(axis=1).mean()
            for r in range(resamples)
        ]
    )


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("same", [False, True])
def test_resamples_are_those_of_the_plain_loop(paired, same):
    """Products of counts give exactly the differences that indexing gives, one resample at a time."""
    rng = np.random.default_rng(9)
    a, b = rng.normal(size=(7, 40)), rng.normal(size=(7 if paired else 5, 40 if same else 30))
    p, q = _totals(a), _totals(b) if same else unpaired(_totals(b))
    got = multi_bootstrap(p, q, stream(1), resamples=60, paired_variants=paired)

    assert got.draws == pytest.approx(_by_hand(a, b, stream(1), 60, paired, same), abs=1e-12)
    assert (got.low, got.high) == pytest.approx(tuple(np.quantile(got.draws, (0.025, 0.975))))
    below = (1 + min((got.draws <= 0).sum(), (got.draws >= 0).sum())) / 61
    assert got.p == pytest.approx(min(1, 2 * below))


def test_resamples_do_not_depend_on_the_block(monkeypatch):
    """How many weights are held at once changes nothing."""
    rng = np.random.default_rng(10)
    a, b = _totals(rng.normal(size=(7, 40))), _totals(rng.normal(size=(5, 40)))
    whole = multi_bootstrap(a, b, stream(2), resamples=50)
    monkeypatch.setattr(module, "_CELLS", 120)

    assert multi_bootstrap(a, b, stream(2), resamples=50).draws == pytest.approx(whole.draws)


@pytest.mark.parametrize("paired", [False, True])
@pytest.mark.parametrize("same", [False, True])
def test_variance_over_all_resamples_is_the_closed_form(paired, same):
    """Every possible resample of two variants and three examples, counted one by one."""
    rng = np.random.default_rng(11)
    a, b = rng.normal(size=(2, 3)), rng.normal(size=(2, 3))
    variants, examples = (list(itertools.product(range(m), repeat=m)) for m in (2, 3))
    pairs = {
        True: lambda options: [(o, o) for o in options],
        False: lambda options: list(itertools.product(options, options)),
    }
    found = [
        a[list(v)][:, list(i)].mean() - b[list(w)][:, list(j)].mean()
        for v, w in pairs[paired](variants)
        for i, j in pairs[same](examples)
    ]
    p, q = _totals(a), _totals(b) if same else unpaired(_totals(b))

    assert bootstrap_variance(p, q, paired_variants=paired) == pytest.approx(np.var(found))


def test_many_resamples_have_the_closed_form_s_variance():
    """4,000 resamples of a study of 20 variants: within 5 standard errors."""
    rng = np.random.default_rng(12)
    hard = rng.normal(size=200)
    a, b = (_totals(_normal(rng, 20, 200, hard=hard)) for _ in range(2))
    draws = multi_bootstrap(a, b, stream(3), resamples=4000).draws

    assert draws.var() == pytest.approx(bootstrap_variance(a, b), rel=5 * math.sqrt(2 / 4000))


def test_clusters_shared_in_part_are_refused():
    """The Multi-Bootstrap would not know what to draw together."""
    a, b = _totals(np.ones((3, 2)), ["x", "y"]), _totals(np.ones((3, 2)), ["y", "z"])
    with pytest.raises(UsageError, match="share some"):
        multi_bootstrap(a, b, stream(4))
    with pytest.raises(UsageError, match="got 3 and 4"):
        multi_bootstrap(a, _totals(np.ones((4, 2)), ["x", "y"]), stream(4), paired_variants=True)


@pytest.mark.slow
def test_the_multi_bootstrap_is_quick():
    """50 + 50 variants, 10,000 examples, 1,000 resamples in under 10 seconds."""
    rng = np.random.default_rng(13)
    a, b = (_totals(rng.random((50, 10_000)) < 0.9) for _ in range(2))
    start = time.perf_counter()
    multi_bootstrap(a, b, stream(5))

    assert time.perf_counter() - start < 10


# P(A > B)


def test_a_probability_of_mann_whitney():
    """The estimate is U over all pairs, ties half; turned round, it is one less that."""
    rng = np.random.default_rng(14)
    a, b = rng.integers(0, 9, 12).astype(float), rng.integers(2, 9, 15).astype(float)
    got, turned = beats(a, b, 0.01), beats(b, a, 0.01)

    assert got.value == pytest.approx(stats.mannwhitneyu(a, b).statistic / 180)
    assert (turned.value, turned.low, turned.high) == pytest.approx(
        (1 - got.value, 1 - got.high, 1 - got.low)
    )
    assert 0 <= got.low <= got.value <= got.high <= 1


def test_without_overlap_the_other_may_still_win():
    """Ten above ten: 1, but the lower end leaves room; more variants leave less."""
    few = beats(np.arange(10.0) + 10, np.arange(10.0), 0)
    many = beats(np.arange(50.0) + 50, np.arange(50.0), 0)

    assert (few.value, few.high) == (1, 1)
    assert 0.7 < few.low < many.low < 1


def test_examples_that_may_favour_either_widen_it():
    """The luck of shared examples moves all variants of a side at once."""
    a, b = np.linspace(0, 1, 20) + 0.3, np.linspace(0, 1, 20)
    sure, unsure = beats(a, b, 0), beats(a, b, 0.05)

    assert unsure.low < sure.low < sure.high < unsure.high


def test_two_points_are_left_to_the_examples():
    """Variants that are all alike: the higher side surely wins only if the examples are sure."""
    a, b = np.full(5, 0.9), np.full(5, 0.8)
    assert beats(a, b, 0.1**2) == (1, 0, 1)
    assert beats(a, b, 0.01**2) == (1, 1, 1)
    assert beats(b, a, 0.01**2) == (0, 0, 0)


def _chance_inside(k_a, k_b, spreads, shift, shared, studies):
    rng, inside, n = np.random.default_rng([k_a, k_b]), 0, 300
    noise = 2 * 0.5**2 / n
    truth = stats.norm.cdf(shift / math.sqrt(spreads[0] ** 2 + spreads[1] ** 2 + noise))
    for _ in range(studies):
        hard = rng.normal(size=n)
        a = _totals(shift + _normal(rng, k_a, n, spread=spreads[0], hard=hard))
        b = _normal(rng, k_b, n, spread=spreads[1], hard=hard if shared else None)
        b = _totals(b) if shared else unpaired(_totals(b))
        got = beats(a.means, b.means, difference(a, b, FREE).luck)
        inside += got.low <= truth <= got.high
    return inside


@pytest.mark.parametrize(
    ("k_a", "k_b", "spreads", "shift", "shared"),
    [
        (10, 10, (0.05, 0.05), 0.0, True),
        (10, 10, (0.05, 0.05), 0.1, True),
        (20, 20, (0.05, 0.05), 0.05, False),
        (50, 10, (0.1, 0.02), 0.1, True),
        (10, 50, (0.1, 0.02), 0.1, True),
    ],
)
def test_a_probability_is_covered(k_a, k_b, spreads, shift, shared):
    """Normal effects, sides equal and not: 300 studies, 93 % or more in truth."""
    inside = _chance_inside(k_a, k_b, spreads, shift, shared, 300)
    assert inside >= stats.binom.ppf(0.001, 300, 0.93)


@pytest.mark.slow
@pytest.mark.parametrize("k", [10, 20, 50])
@pytest.mark.parametrize("shift", [0.0, 0.05, 0.1, 0.2])
@pytest.mark.parametrize("shared", [True, False])
def test_a_probability_is_covered_long(k, shift, shared, capsys):
    """The same over k and the probability, 1,000 studies a cell."""
    inside = _chance_inside(k, k, (0.05, 0.05), shift, shared, 1000)
    with capsys.disabled():
        print(f"\n    k {k} shift {shift} shared {shared}: {inside / 1000:.1%}")

    assert inside >= stats.binom.ppf(0.001, 1000, 0.93)
