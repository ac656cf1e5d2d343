"""Few clusters: no rule is recommended, and no lead called, by luck."""

from types import SimpleNamespace

import numpy as np
import pytest
from tests.choose.few_worlds import studies
from tests.worlds.rates import fewest, most, tell

from underspec.choose import advice, sure, transfer
from underspec.choose.advice import advise, recommended
from underspec.choose.sure import Figure, average, behind, free, interval, reach, stretch
from underspec.core.findings import Choice, Interval
from underspec.stats.few import FEWEST, effective


def test_clusters_of_one_size_count_in_full():
    """Ten of one size are ten; where one holds half of all, the other nine do not make up for it."""
    assert effective(np.full(10, 7.0)) == 10
    assert effective(np.array([9.0, *[1.0] * 9])) == pytest.approx(18**2 / 90)
    assert effective(np.zeros(3)) == 0


@pytest.mark.parametrize("half", [3, 5, 10, 40])
def test_the_bootstraps_variance_is_stretched_to_the_unbiased_one(half):
    """Exponential weights over h clusters give (h - 1) / (h + 1) of it."""
    rng = np.random.default_rng(half)
    values = rng.normal(size=half)
    weights = rng.exponential(size=(200_000, half))
    drawn = (weights @ values / weights.sum(axis=1)).var()

    assert drawn * stretch(2 * half) == pytest.approx(values.var(ddof=1) / half, rel=0.03)


def test_quantiles_are_those_of_t():
    """Of ten clusters a half has four degrees of freedom; without end it is the normal one."""
    assert free(10) == 4
    assert reach(10) == pytest.approx(2.776, abs=1e-3)
    assert reach(np.inf) == pytest.approx(1.96, abs=1e-3)
    assert reach(2) == stretch(2) == np.inf


def _figure(*parts_and_clusters, draws=400, seed=1):
    parts, clusters = (
        np.array(column, dtype=float) for column in zip(*parts_and_clusters, strict=True)
    )
    values = np.sqrt(parts.sum()) * np.random.default_rng(seed).normal(size=draws + 1)
    return Figure(values, parts, clusters)


def test_the_probe_that_brings_the_variance_brings_the_degrees_of_freedom():
    """One probe of ten clusters counts as such, however many there are on another with no part."""
    assert _figure((1.0, 10)).behind == pytest.approx(10)
    assert _figure((1.0, 10), (1e-9, 10_000)).behind == pytest.approx(10, rel=1e-3)
    assert 19 < _figure((1.0, 20), (1.0, 20)).behind < 40
    assert _figure((1.0, 1000), (0.0, 2)).behind == 0
    assert behind([]) == behind([_figure((1.0, 10)), _figure((0.0, 1))]) == 0


def test_an_interval_by_hand():
    """t, the stretched variance over clusters, and that over halvings where asked for."""
    one, two = _figure((1.0, 20)), _figure((1.0, 20), seed=2)
    drawn = np.mean([one.values, two.values], axis=0)
    clusters = (9 + 2) / 9 * drawn[1:].var(ddof=1)
    halvings = (one.values[0] - two.values[0]) ** 2 / 2 / 2

    for asked, variance in ((True, clusters + halvings), (False, clusters)):
        got = interval([one, two], halvings=asked)
        assert got.value == pytest.approx(drawn[0])
        assert got.high - got.value == pytest.approx(2.262157 * np.sqrt(variance))


def test_what_cannot_be_told_has_no_ends():
    """Unknown splits do not count; a probe of a cluster or two leaves the estimate alone."""
    unknown = Figure(np.full(401, np.nan), np.ones(1), np.array([20.0]))
    one = _figure((1.0, 20))

    assert interval([]) == interval([unknown]) == Interval(None, None, None)
    assert interval([one, unknown]) == interval([one])
    assert interval([average([one, _figure((0.0, 2))])]).low is None
    assert interval([_figure((1.0, 3))]).low is None


def _choice(clusters, low=0.01):
    return Choice("minimax_regret", ("v0",), Interval(0.1, low, 0.19), Interval(None, None, None), 10, clusters=clusters)  # fmt: skip


def test_no_rule_is_recommended_on_few_clusters():
    """Whatever it gained; the advice says why, and where they are few."""
    probes = [
        SimpleNamespace(name=name, kind=name, spread_verdict=word, drop_verdict="no", clusters=m)
        for name, word, m in (("holdout", "no", 400), ("north", "yes", 6), ("south", "no", 90))
    ]

    assert recommended([_choice(FEWEST)]) == recommended([_choice(None)]) == "minimax_regret"
    assert recommended([_choice(FEWEST - 0.1)]) is None
    got = advise(("a",), probes, [_choice(7.2)], None)
    assert got.code == "specify_more"
    assert "the like of 7 clusters" in got.sentence
    assert "'north' has the fewest, 6" in got.sentence
    assert "clusters" not in advise(("a",), probes, [_choice(40.0)], None).sentence


def test_a_rule_among_several_is_held_to_t():
    """The bar for two rules is t's at 1.25 %, higher than the normal one."""
    near = [_choice(20.0, 0.1 - 0.1 / 1.165), _choice(20.0, 0.0)]
    normal = [_choice(None, 0.1 - 0.1 / 1.165), _choice(None, 0.0)]

    assert recommended(normal) == "minimax_regret"
    assert recommended(near) is None


STUDIES = pytest.mark.parametrize(
    "count", [30, pytest.param(200, marks=pytest.mark.slow)], ids=["fast", "long"]
)


@STUDIES
@pytest.mark.parametrize("clusters", [5, 10, 20])
def test_nothing_is_called_by_luck(count, clusters):
    """Of equal variants none leads, in about 5 % of studies at most, and 95 % intervals hold 0."""
    called = found = total = 0
    held: dict[str, list[bool]] = {"lead": [], "gain": [], "transfer": []}
    optimism: list[list[Interval]] = [[], []]
    for leads, made in studies(count, clusters):
        total += 1
        called += any(one.p_adjusted is not None and one.p_adjusted <= 0.05 for one in leads)
        found += recommended(made) is not None
        if clusters < FEWEST:
            assert all(one.p_adjusted is None and "too few" in one.note for one in leads)
        held["lead"] += [_holds(one.lead, 0.0) for one in leads]
        held["gain"] += [_holds(one.gain, 0.0) for one in made[:2]]
        held["transfer"] += [_holds(one.transfer, 0.0) for one in made[:2]]
        for at, told in enumerate(made[0].winners_curse):
            optimism[at].append(told.optimism)
    for name, each in zip(("optimism", "optimism on the worst"), optimism, strict=True):
        middle = float(np.mean([one.value for one in each]))
        held[name] = [_holds(one, middle) for one in each]
    figures = ", ".join(f"{name} {100 * np.mean(each):.1f}" for name, each in held.items())
    tell(
        f"{clusters} clusters, {total} studies: recommended {found}, any lead called {called}; held {figures} %"
    )

    assert total >= 0.8 * count
    assert found <= most(0.05, total)
    assert called <= most(0.05, total)
    for each in held.values():
        # Those of one study go together.
        assert np.mean(each) * total >= fewest(0.95, total)


@pytest.mark.parametrize(("clusters", "count"), [(6, 30), *(pytest.param(m, 200, marks=pytest.mark.slow) for m in (6, 10))])  # fmt: skip
def test_the_normal_way_would_call_by_luck(count, clusters, monkeypatch):
    """By 1.96 and the plain bootstrap leads are called, and rules recommended, far too often."""
    for module in (advice, sure, transfer):
        for name, value in (("free", np.inf), ("stretch", 1.0), ("FEWEST", 0.0)):
            put = value if name == "FEWEST" else lambda *_, value=value: value
            monkeypatch.setattr(module, name, put, raising=False)
    called = found = total = 0
    for leads, made in studies(count, clusters):
        total += 1
        called += any(one.p_adjusted is not None and one.p_adjusted <= 0.05 for one in leads)
        found += recommended(made) is not None
    tell(
        f"{clusters} clusters, {total} studies, by 1.96: recommended {found}, any lead called {called}"
    )

    assert called > most(0.05, total)


def _holds(found, truth):
    return found.low is None or found.low <= truth <= found.high
