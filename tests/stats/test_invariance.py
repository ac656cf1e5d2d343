"""Findings do not hang on what must not matter: order, names, units, copies, other probes.

`tests/measure/test_judge_laws.py` has order, copies and units for `judge` and `relate`; here are the
statistics themselves, and the names and findings that it leaves out.
"""

import math
from dataclasses import asdict, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.measure.made_evidence import answers, evidence, judged, same, spread_out

from underspec import metrics
from underspec.core.records import Predictions
from underspec.core.streams import deciding
from underspec.measure import Scale, arbitrariness, attribute, relate, side_by_side
from underspec.metrics.measured import measured
from underspec.stats.gap import fit_gap, gap_ends
from underspec.stats.mean import drop_ends, mean_ends
from underspec.stats.ratio import ratio_ends
from underspec.stats.relation import correlate, joint
from underspec.stats.spread import fit_spread, spread_ends
from underspec.stats.totals import group, total
from underspec.stats.two_samples import difference

FREE = (-math.inf, math.inf)
SEEDS = st.integers(0, 10_000)
RANDOM = st.randoms(use_true_random=False)
FEW = settings(max_examples=12, deadline=None)
K = 12


def _drawn(seed, k=K, images=25):
    """Contributions of holdout and probe with clusters of one to four rows, shared in part."""
    rng = np.random.default_rng(seed)
    both = []
    for first in (0, images // 3):
        sizes = rng.integers(1, 5, images)
        names = np.repeat([f"c{first + at:03d}" for at in range(images)], sizes)
        own = 0.3 * rng.normal(size=(k, 1)) + rng.normal(size=(k, len(names)))
        both.append((own + rng.normal(size=len(names)), names))
    return both


def _figures(both, bounds=FREE):
    """All that the statistics say of two probes, as (squares, levels, plain numbers)."""
    lab, field = (total(c, group(names)) for c, names in both)
    one, two = fit_spread(lab, bounds), fit_spread(field, bounds)
    gap = fit_gap(field, two)
    pair = correlate(joint([lab, field]), np.array([0]), np.array([1]))
    squares = [
        one.observed,
        one.noise,
        two.true,
        np.sqrt(two.examples),
        gap.true,
        *spread_ends(two),
    ]
    squares += gap_ends(gap)
    mean, drop = mean_ends(field, bounds), drop_ends(lab, field, bounds)
    apart = difference(lab, field, bounds)
    levels = [mean.low, mean.high]
    widths = [drop.low, drop.high, apart.low, apart.high, mean.high - mean.low]
    plain = [two.kurtosis, two.dominance, apart.p, *ratio_ends(two, one)]
    plain += [float(part[0]) for part in pair]
    return tuple(np.array(part, dtype=float) for part in (squares, levels, widths, plain))


def _assert_alike(one, other, square=1.0, by=1.0, shift=0.0):
    wanted = one[0] * square, one[1] * by + shift, one[2] * by, one[3]
    for a, b in zip(wanted, other, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9 * max(1.0, by))


@FEW
@given(SEEDS, RANDOM)
def test_statistics_do_not_hang_on_order(seed, random):
    """Variants may come in another order (the same in both probes), examples in any."""
    both = _drawn(seed)
    rows = random.sample(range(K), K)

    def turned(c, names):
        columns = random.sample(range(len(names)), len(names))
        return c[np.ix_(rows, columns)], names[columns]

    _assert_alike(_figures(both), _figures([turned(*one) for one in both]))


@FEW
@given(SEEDS, RANDOM)
def test_statistics_do_not_hang_on_the_names_of_clusters(seed, random):
    """Renamed alike in both probes, to names of another order and length."""
    both = _drawn(seed)
    new = _new_names(random, np.concatenate([names for _, names in both]))
    renamed = [(c, _called(names, new)) for c, names in both]

    _assert_alike(_figures(both), _figures(renamed))


@FEW
@given(SEEDS, st.sampled_from([1e-3, 0.5, 40.0]), st.floats(-5, 5))
def test_statistics_scale_and_shift_with_the_metric(seed, factor, shift):
    """In other units squares scale by the square, means and drops plainly, ratios and p not at all."""
    both = _drawn(seed)
    moved = [(factor * c + shift, names) for c, names in both]

    _assert_alike(_figures(both), _figures(moved), factor**2, factor, shift)


@FEW
@given(SEEDS, st.integers(2, 4))
def test_copies_of_rows_add_nothing_unless_passed_for_new_clusters(seed, copies):
    """Every row again within its cluster: all as before. As clusters of their own: narrower."""
    both = _drawn(seed)
    again = [(np.repeat(c, copies, axis=1), np.repeat(names, copies)) for c, names in both]
    fresh = [
        (np.tile(c, copies), np.concatenate([np.char.add(names, f"-{i}") for i in range(copies)]))
        for c, names in both
    ]
    once = _figures(both)

    _assert_alike(once, _figures(again))
    noise, width = _figures(fresh)[0][1], _figures(fresh)[2][4]
    assert noise < once[0][1]
    assert width < once[2][4]


@FEW
@given(SEEDS)
def test_a_study_beside_itself_does_not_differ(seed):
    """Paired with itself: difference 0 without error; as if of other examples: 0 with an error."""
    (c, names), _ = _drawn(seed)
    totals = total(c, group(names))
    itself = difference(totals, totals, FREE, paired_variants=True)
    drop = drop_ends(totals, totals, FREE)

    assert (itself.value, itself.low, itself.high) == pytest.approx((0, 0, 0), abs=1e-9)
    assert (drop.value, drop.low, drop.high) == pytest.approx((0, 0, 0), abs=1e-7)


N = 150
PATIENTS = [f"p{i // 2:03d}" for i in range(N)]


def _study(seed):
    lab = answers(seed, np.linspace(0.7, 0.9, K), N)
    field = answers(seed + 1, np.linspace(0.5, 0.9, K), N)
    other = spread_out(seed + 2, K, 120, 0.7, 0.1)
    return [
        evidence("holdout", lab, clusters=PATIENTS),
        evidence("fog", field, clusters=PATIENTS),
        evidence("site", other, prefix="s"),
    ]


def _new_names(random, names):
    """Return other names, of another order and length."""
    old = sorted({str(name) for name in names})
    fresh = random.sample([f"{at}-patient" for at in range(2 * len(old))], len(old))
    return dict(zip(old, fresh, strict=True))


def _called(names, new):
    return np.array([new[str(name)] for name in names])


def _renamed(study, random):
    new = _new_names(random, np.concatenate([one.clusters for one in study]))
    return [replace(one, clusters=_called(one.clusters, new)) for one in study]


@FEW
@given(SEEDS, RANDOM)
def test_findings_do_not_hang_on_the_names_of_clusters(seed, random):
    """Clusters under other names, the same in all probes: verdicts and relations as before.

    Only the p of any spread at all may move, where few images part and so totals are permuted.
    """
    study = _study(seed)
    renamed = _renamed(study, random)
    ids = study[0].variants

    for a, b in zip(judged(study[0], study[1:]), judged(renamed[0], renamed[1:]), strict=True):
        assert same(a, b, but=("overdispersion",)) == []
        assert a.overdispersion.phi == pytest.approx(b.overdispersion.phi)
    for a, b in zip(relate(study, kept=ids), relate(renamed, kept=ids), strict=True):
        assert same(a, b) == []


@FEW
@given(SEEDS, st.lists(st.sampled_from(["fog", "site"]), min_size=1, max_size=1))
def test_a_probe_s_name_is_only_its_name(seed, chosen):
    """Renaming a probe changes its name and what is written of it, no figure and no verdict."""
    study = _study(seed)
    renamed = [
        replace(one, name="x", title="X", family="x") if one.name in chosen else one
        for one in study
    ]
    but = ("name", "title", "family", "overdispersion")

    for a, b in zip(judged(study[0], study[1:]), judged(renamed[0], renamed[1:]), strict=True):
        assert same(a, b, but=but) == []
        assert a.overdispersion.phi == b.overdispersion.phi


@FEW
@given(SEEDS, st.permutations([0, 1, 2]))
def test_relations_do_not_hang_on_the_order_of_probes_or_on_others(seed, order):
    """Pairs are symmetric, and a probe more moves only adjusted p."""
    study = _study(seed)
    ids = study[0].variants

    def by_pair(probes):
        return {frozenset((one.a, one.b)): one for one in relate(probes, kept=ids)}

    whole, turned = by_pair(study), by_pair([study[at] for at in order])
    fewer = by_pair(study[:2])

    assert whole.keys() == turned.keys()
    for pair, one in whole.items():
        assert same(one, turned[pair], but=("a", "b")) == []
    (pair,) = fewer
    assert same(fewer[pair], whole[pair], but=("p_adjusted",)) == []


@settings(max_examples=6, deadline=None)
@given(SEEDS, RANDOM)
def test_lines_and_ranks_do_not_hang_on_order_names_or_other_probes(seed, random):
    """Accuracy on the line and what holdout ranks tell: only what is adjusted moves with a probe more."""
    study = _study(seed)
    rows = random.sample(range(K), K)
    turned = [
        replace(
            one,
            variants=tuple(one.variants[row] for row in rows),
            contributions=one.contributions[rows],
        )
        for one in _renamed(study, random)
    ]
    ids = study[0].variants

    def found(probes):
        all_of = side_by_side(probes, Scale(), kept=ids, seed=0)
        lines = [replace(line, z=dict(sorted(line.z.items()))) for line in all_of.accuracy_lines]
        return list(all_of.holdout_ranks), lines

    ranks, lines = found(study)
    assert [one.probe for one in ranks] == [one.probe for one in lines] == ["fog", "site"]
    for one, other in zip((ranks, lines), found(turned), strict=True):
        _assert_same_leaves([asdict(a) for a in one], [asdict(b) for b in other])
    fewer = found(study[:2])
    _assert_same_leaves(asdict(ranks[0]), asdict(fewer[0][0]), but="p_adjusted")
    _assert_same_leaves(asdict(replace(lines[0], off=())), asdict(replace(fewer[1][0], off=())))


@FEW
@given(SEEDS, RANDOM)
def test_attribution_does_not_hang_on_order_or_names(seed, random):
    """Variants in any order, seeds under other names, clusters under other names: shares as before."""
    study = _study(seed)[:2]
    levels = {one: {"pretrain": at // 3, "init": at} for at, one in enumerate(study[0].variants)}
    rows = random.sample(range(K), K)
    turned = [
        replace(
            one,
            variants=tuple(one.variants[row] for row in rows),
            contributions=one.contributions[rows],
        )
        for one in _renamed(study, random)
    ]
    other = {v: {s: f"seed {7 * level + 1}" for s, level in of.items()} for v, of in levels.items()}
    found, again = attribute(study, levels, Scale()), attribute(turned, other, Scale())

    assert len(found) == 4
    for a, b in zip(found, again, strict=True):
        assert same(a, b) == []


def _votes(seed, k, n=90, classes=4):
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=n)
    sure = rng.uniform(0.3, 1, size=n)
    wrong = rng.integers(classes, size=(k, n))
    return np.where(rng.random((k, n)) < sure, labels, wrong).astype(np.int32)


@FEW
@given(SEEDS, RANDOM)
def test_arbitrariness_does_not_hang_on_order_or_on_names_of_clusters(seed, random):
    """Variants, examples and clusters in any order and under any names."""
    said = _votes(seed, 9)
    clusters = np.array([f"c{i // 2:03d}" for i in range(90)])
    rows, columns = random.sample(range(9), 9), random.sample(range(90), 90)
    turned = _called(clusters, _new_names(random, clusters))[columns]

    one = arbitrariness("fog", said, clusters=clusters)
    other = arbitrariness("fog", said[np.ix_(rows, columns)], clusters=turned)

    _assert_same_leaves(asdict(one), asdict(other))


@FEW
@given(SEEDS, st.permutations([0, 1, 2, 3]))
def test_arbitrariness_does_not_hang_on_the_names_of_classes(seed, order):
    """Classes under other codes, where no two of them tie for the majority: all as before."""
    said = _votes(seed, 9)
    counts = np.sort([(said == c).sum(axis=0) for c in range(4)], axis=0)
    said = said[:, counts[-1] > counts[-2]]
    recoded = np.array(order, dtype=np.int32)[said]

    one, other = arbitrariness("fog", said), arbitrariness("fog", recoded)

    _assert_same_leaves(asdict(one), asdict(other))


def _assert_same_leaves(one, other, but=""):
    first, second = list(_leaves(one, but)), list(_leaves(other, but))
    assert len(first) == len(second) > 5
    for a, b in zip(first, second, strict=True):
        assert a == (pytest.approx(b, rel=1e-6, abs=1e-9) if isinstance(b, float) else b)


def _leaves(value, but):
    if isinstance(value, dict):
        value = [part for key, part in value.items() if key != but]
    if isinstance(value, list | tuple):
        for part in value:
            yield from _leaves(part, but)
    else:
        yield value


@pytest.mark.parametrize("name", ["accuracy", "log_loss", "brier"])
def test_metrics_do_not_hang_on_the_names_of_classes(name):
    """Classes under other codes, scores and labels alike: the same contributions."""
    rng = np.random.default_rng(3)
    scores = rng.dirichlet(np.ones(4), size=(3, 50)).astype(np.float32)
    labels, order = rng.integers(4, size=50).astype(np.int32), np.array([2, 0, 3, 1])
    # Class c becomes order[c].
    back = np.argsort(order)

    one = _contributions(name, scores, labels)
    other = _contributions(name, scores[:, :, back], order[labels].astype(np.int32))

    np.testing.assert_allclose(one, other, rtol=1e-6)


def _contributions(name, scores, labels):
    picked = np.take_along_axis(scores, labels[None, :, None], axis=2)[:, :, 0]
    said = Predictions(tuple("abc"), labels, scores.argmax(axis=2).astype(np.int32), picked, scores)
    return measured(metrics.get(name), said, np.array([f"{i}" for i in range(50)])).contributions


@FEW
@given(SEEDS, RANDOM)
def test_auc_and_its_noise_do_not_hang_on_order_or_on_which_class_is_1(seed, random):
    """Examples in another order, and classes 0 and 1 exchanged: the same value, pulls and truth."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(80) < 0.3).astype(np.int32)
    # Away from .5 by more than float32 could round, with some ties.
    first = np.round(np.clip(rng.normal(0.45 + 0.2 * labels, 0.2, (5, 80)), 0.02, 0.98), 2)
    scores = np.stack([1 - first, first], axis=2).astype(np.float32)
    order = random.sample(range(80), 80)

    one = _auc(scores, labels)
    shuffled = _auc(scores[:, order], labels[order])
    exchanged = _auc(scores[:, :, ::-1], 1 - labels)

    np.testing.assert_allclose(
        one.contributions[:, order], shuffled.contributions, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(one.contributions, exchanged.contributions, rtol=1e-9, atol=1e-12)
    for other in (shuffled, exchanged):
        assert one.truth.variance == pytest.approx(other.truth.variance, rel=1e-6, abs=1e-12)


def _auc(scores, labels):
    picked = np.take_along_axis(scores, labels[None, :, None].astype(np.intp), axis=2)[:, :, 0]
    answers_of = scores.argmax(axis=2).astype(np.int32)
    said = Predictions(tuple("abcde"), labels.astype(np.int32), answers_of, picked, scores)
    return measured(metrics.get("auc"), said, np.array([f"{i}" for i in range(80)]))


@FEW
@given(SEEDS, st.lists(st.text(min_size=1, max_size=4), min_size=2, max_size=30), RANDOM)
def test_the_half_of_a_cluster_hangs_on_its_own_name_alone(seed, names, random):
    """Whatever the order, and whichever other clusters there are."""
    halves = dict(zip(names, deciding(seed, names).tolist(), strict=True))
    some = random.sample(names, len(names) // 2)

    assert deciding(seed, some).tolist() == [halves[name] for name in some]
