"""Choose on one probe, use on another."""

import numpy as np
import pytest
from tests.measure.shared_images import shared_answers
from tests.worlds.rates import fewest, most, tell

from underspec.choose.tally import Candidate, Halves, Tally, tally
from underspec.choose.transfer import transfer
from underspec.core.errors import UsageError


def _tally(name, decide, report, *, may_choose=True, error=0.0):
    """A tally with `error` as standard error of each variant's merit on the reporting half."""
    decide, report = np.asarray(decide, dtype=float), np.asarray(report, dtype=float)
    noise = error * np.random.default_rng(1).normal(size=(*report.shape, 100))
    differ = np.zeros((len(decide), decide.shape[1], decide.shape[1]))
    resampled = (report[:, :, None] + noise).astype(np.float32)
    return Tally(name, name, may_choose, decide, report, resampled, differ)


def _merit(*best, splits=2):
    """Ten variants of merit 0; in each split those named have 1."""
    merit = np.zeros((splits, 10))
    merit[:, list(best)] = 1.0
    return merit


EVERYONE = [np.arange(10)] * 2


def _of(found):
    return {(one.chosen_on, one.used_on): one for one in found}


def test_leads_by_hand():
    """The best on A has 1 on B against a mean of .2; the best on B are two, of whom one has 1 on A."""
    a, b = _tally("a", _merit(0), _merit(0)), _tally("b", _merit(0, 1), _merit(0, 1))
    got = _of(transfer([a, b], EVERYONE))

    assert list(got) == [("a", "a"), ("a", "b"), ("b", "a"), ("b", "b")]
    assert got["a", "a"].lead.value == pytest.approx(0.9)
    assert got["a", "b"].lead.value == pytest.approx(0.8)
    assert got["b", "a"].lead.value == pytest.approx(0.5 - 0.1)
    assert got["b", "b"].lead.value == pytest.approx(0.8)
    assert {one.splits for one in got.values()} == {2}
    assert got["a", "a"].p_adjusted is None


def test_the_interval_counts_examples_and_halvings():
    """1.96 times the root of the resamples' variance and that of the splits' mean."""
    report = _merit(0)
    report[1, 0] = 0.6
    a = _tally("a", _merit(0), report, error=0.02)
    (got,) = transfer([a], EVERYONE)
    leads = a.resampled.mean(axis=0)
    examples = (leads[0] - leads.mean(axis=0)).var(ddof=1)
    halvings = (0.9 * (1.0 - 0.6)) ** 2 / 2 / 2

    assert got.lead.value == pytest.approx(0.9 * 0.8)
    assert got.lead.high - got.lead.value == pytest.approx(
        1.96 * np.sqrt(examples + halvings), rel=1e-3
    )
    assert got.p_adjusted < 0.05


def test_only_the_pool_counts():
    """A better variant outside of the pool is neither picked nor in the mean."""
    a = _tally("a", np.tile(np.arange(12.0), (2, 1)), np.tile(np.arange(12.0), (2, 1)))
    (got,) = transfer([a], [np.arange(10)] * 2)

    assert got.lead.value == pytest.approx(9 - 4.5)


def test_small_pools_do_not_count():
    """A split with nine kept is left out; nothing is said where the study's own has nine."""
    a = _tally("a", _merit(0), _merit(0))

    assert [one.splits for one in transfer([a], [np.arange(10), np.arange(9)])] == [1]
    assert transfer([a], [np.arange(9), np.arange(10)]) == ()
    assert transfer([a], [np.arange(0), np.arange(10)]) == ()


def test_what_may_not_be_tuned_on_chooses_nothing():
    """It is a column and no row."""
    a = _tally("a", _merit(0), _merit(0))
    b = _tally("b", _merit(1), _merit(1), may_choose=False)

    assert list(_of(transfer([a, b], EVERYONE))) == [("a", "a"), ("a", "b")]


def test_empty_halves_are_left_out():
    """A probe with an empty half in one split counts in the other; in both, it has no lead."""
    one, none = _merit(0), _merit(0)
    one[0], none[:] = np.nan, np.nan
    a, b = _tally("a", _merit(0), _merit(0)), _tally("b", _merit(0), one)
    c, d = _tally("c", none, _merit(0)), _tally("d", _merit(0), none)
    got = _of(transfer([a, b, c, d], EVERYONE))

    assert (got["a", "b"].lead.value, got["a", "b"].splits) == (pytest.approx(0.9), 1)
    assert (got["c", "a"].lead.value, got["c", "a"].splits) == (None, 0)
    assert got["a", "d"].lead.value is None
    assert got["a", "d"].p_adjusted is None
    assert got["a", "a"].lead.value == pytest.approx(0.9)


def test_pools_and_splits_must_fit():
    """One pool a split, or a sentence."""
    with pytest.raises(UsageError, match="one pool a split"):
        transfer([_tally("a", _merit(0), _merit(0))], [np.arange(10)])


def test_order_of_variants_moves_nothing():
    """Shuffled variants, with the pool, give the same leads."""
    rng = np.random.default_rng(3)
    a, b = (_tally(name, rng.normal(size=(2, 10)), rng.normal(size=(2, 10))) for name in "ab")
    mixed = rng.permutation(10)

    def shuffled(one):
        differ = one.differ[:, mixed][:, :, mixed]
        return Tally(
            one.name, one.family, True, one.decide[:, mixed], one.report[:, mixed],
            one.resampled[:, mixed], differ,
        )  # fmt: skip

    plain, again = (
        _of(transfer([a, b], EVERYONE)),
        _of(transfer([shuffled(a), shuffled(b)], EVERYONE)),
    )
    for pair, one in plain.items():
        assert again[pair].lead.value == pytest.approx(one.lead.value)
        assert again[pair].lead.high == pytest.approx(one.lead.high)


def _studies(count, k, n, spread):
    """Count over studies of two probes on the same images, the second without any spread.

    Returns:
        Per pair, how often the interval held the lead of these picks in truth, and excluded 0.
    """
    held, off = np.zeros((2, 2), int), np.zeros((2, 2), int)
    for seed in range(count):
        rng = np.random.default_rng((seed, k, n))
        truth = np.stack([0.8 + spread * rng.normal(size=k), np.full(k, 0.7)])
        answers = shared_answers(rng.integers(1 << 40), np.clip(truth, 0.05, 0.95), n)
        names = np.array([f"{seed}-{at}" for at in range(n)])
        halves = Halves(seed, 10, 200)
        made = [
            tally(Candidate(name, name, c, c.astype(np.int32), names), halves)[0]
            for name, c in zip("ab", answers, strict=True)
        ]
        for one in transfer(made, [np.arange(k)] * 10):
            a, b = "ab".index(one.chosen_on), "ab".index(one.used_on)
            best = made[a].decide == made[a].decide.max(axis=1, keepdims=True)
            lead = np.mean([truth[b][row].mean() for row in best]) - truth[b].mean()
            held[a, b] += one.lead.low <= lead <= one.lead.high
            off[a, b] += not one.lead.low <= 0 <= one.lead.high
    tell(f"k = {k}, n = {n}, {count} studies: held {(100 * held / count).round(1).tolist()}, "
         f"zero left out {(100 * off / count).round(1).tolist()}")  # fmt: skip
    return held, off


def test_leads_are_covered_and_none_are_made_up():
    """60 studies: on a probe without spread there is hardly ever a lead, on another hardly a miss."""
    held, off = _studies(60, 20, 200, 0.05)

    assert held.min() >= fewest(0.95, 60)
    assert off[0, 1] <= most(0.05, 60)
    assert off[1, 1] <= most(0.1, 60)
    assert off[0, 0] > 50


@pytest.mark.slow
@pytest.mark.parametrize(("k", "n"), [(30, 300), (50, 600)])
def test_leads_are_covered_long(k, n):
    """150 studies."""
    held, off = _studies(150, k, n, 0.04)

    assert held.min() >= fewest(0.95, 150)
    assert off[0, 1] <= most(0.05, 150)
    assert off[1, 1] <= most(0.1, 150)
