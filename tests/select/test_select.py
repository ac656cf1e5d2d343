"""Pool rules: who is kept, with what reason, and what is refused."""

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from underspec import select
from underspec.core.errors import UsageError
from underspec.core.streams import stream
from underspec.select._protocol import Evidence, Selection
from underspec.select.epsilon import check_epsilon
from underspec.select.margin import Margin, smallest_keeping
from underspec.testing.select import check_selector

PARAMETERS = {
    "equivalence": {"epsilon": 0.01},
    "margin": {"epsilon": 0.01},
    "top": {"epsilon": 0.01, "n": 10},
}
OTHERS = [Margin(0.004, "best"), select.get("top", epsilon=0.01, fraction=0.3)]


def counts(*right, n=1000, **facts):
    """Return evidence of variants that answer so many of `n` examples rightly."""
    rows = [np.arange(n) < each for each in right]
    ids = [f"v{at:03d}" for at in range(len(right))]
    return Evidence(
        ids, np.array(rows, float).reshape(len(right), n), np.arange(n).astype(str), **facts
    )


@pytest.mark.parametrize("name", select.names())
def test_every_registered_rule_keeps_the_contract(name):
    """A rule in the table is held to the contract without anyone writing a test for it."""
    check_selector(select.get(name, **PARAMETERS[name]))


@pytest.mark.parametrize("selector", OTHERS, ids=repr)
def test_other_parameters_keep_the_contract_too(selector):
    """The contract holds for the other forms of a rule."""
    check_selector(selector)


@pytest.mark.parametrize("name", select.names())
def test_epsilon_has_no_default(name):
    """What matters has no default: leaving epsilon out says how to write it."""
    parameters = {k: v for k, v in PARAMETERS[name].items() if k != "epsilon"}

    with pytest.raises(UsageError, match="needs 'epsilon', which has no default"):
        select.get(name, **parameters)


@pytest.mark.parametrize("epsilon", [0, -0.1, float("nan"), float("inf"), True, "0.01", None])
@pytest.mark.parametrize("name", select.names())
def test_an_epsilon_that_is_no_positive_number_is_refused(name, epsilon):
    """Zero, negative, endless and non-numbers are refused in one sentence."""
    with pytest.raises(UsageError, match=r"^epsilon must be [^.]*0"):
        select.get(name, **{**PARAMETERS[name], "epsilon": epsilon})


@pytest.mark.parametrize("name", select.names())
def test_an_epsilon_in_points_is_refused_for_a_proportion(name):
    """An epsilon of 1 for accuracy is a slip; for another metric it is a margin."""
    selector = select.get(name, **{**PARAMETERS[name], "epsilon": 1})
    with pytest.raises(UsageError, match=r"epsilon is a share, 0.01 is one point"):
        selector(counts(900, 905))

    kept = selector(counts(900, 905, proportion=False)).kept
    assert kept == ("v000", "v001")
    with pytest.raises(UsageError, match="epsilon is a share"):
        check_epsilon(2, proportion=True)


@pytest.mark.parametrize("name", select.names())
def test_a_deciding_half_without_examples_is_refused(name):
    """Nothing to judge by is an error, not an empty pool."""
    with pytest.raises(UsageError, match="No example of the holdout is in the deciding half"):
        select.get(name, **PARAMETERS[name])(counts(0, 0, n=0))


@pytest.mark.parametrize("name", select.names())
def test_a_variant_without_a_metric_is_dropped(name):
    """A variant whose contributions are not numbers is dropped and does not spoil the others."""
    evidence = counts(900, 900, 900)
    evidence.contributions[1, 5] = np.nan
    got = select.get(name, **PARAMETERS[name])(evidence)

    assert got.kept == ("v000", "v002")
    assert got.dropped == {"v001": "its metric on the holdout is not a number"}


def test_margin_keeps_who_is_near_the_median_and_says_how_far_the_rest_is():
    """Both ends of the margin belong to it; reasons carry the numbers, in points."""
    got = Margin(0.01)(counts(887, 890, 900, 910, 911))

    assert got.kept == ("v001", "v002", "v003")
    assert got.dropped == {
        "v000": "1.3 points below the median, more than 1.0",
        "v004": "1.1 points above the median, more than 1.0",
    }


def test_a_reason_has_digits_enough_to_be_true():
    """A difference that rounds to the margin is written with more digits."""
    got = Margin(0.0025)(counts(9000, 9000, 9026, n=10_000))

    assert got.dropped == {"v002": "0.26 points above the median, more than 0.25"}


def test_margin_around_the_best_looks_at_the_worse_side():
    """Around the best, the best is kept and the distance is counted from it."""
    got = Margin(0.01, around="best")(counts(887, 890, 900, 910))

    assert got.kept == ("v002", "v003")
    assert got.dropped["v000"] == "2.3 points below the best, more than 1.0"


def test_the_best_of_a_loss_is_the_lowest():
    """Where less is better the margin lies above the lowest, in the metric's own units."""
    evidence = counts(100, 105, 200, greater_is_better=False, proportion=False)
    got = Margin(0.01, around="best")(evidence)

    assert got.kept == ("v000", "v001")
    assert got.dropped == {"v002": "0.1 above the best, more than 0.01"}


def test_an_unknown_centre_is_refused():
    """A slip in the centre's name says which there are."""
    with pytest.raises(UsageError, match="Did you mean 'median'"):
        Margin(0.01, around="medain")


@given(
    st.lists(st.integers(0, 300), min_size=1, max_size=30),
    st.integers(1, 30),
    st.sampled_from([True, False]),
)
def test_the_smallest_keeping_margin_keeps_that_many(right, count, greater):
    """With the suggested epsilon at least `count` are kept, with less of it fewer."""
    evidence = counts(*right, n=300, greater_is_better=greater)
    least = smallest_keeping(evidence, count)
    if len(right) < count:
        assert least is None
        return
    wide = Margin(max(least, 1e-9))(replace(evidence, proportion=False))

    assert len(wide.kept) >= count
    if least > 1e-6:
        narrow = Margin(least - 1e-6)(replace(evidence, proportion=False))
        assert len(narrow.kept) < count


def test_equivalence_needs_examples():
    """Equal variants that part on a tenth of the examples are certified at n = 40,000 only."""
    rule = select.get("equivalence", epsilon=0.01)
    draw = stream(3, "tests").generator()
    for n, kept in ((1000, 0), (40_000, 6)):
        agreed = (draw.random(n) < 0.9).astype(float)
        parts = draw.random((6, n)) < 0.1
        rows = np.where(parts, draw.random((6, n)) < 0.9, agreed)
        got = rule(Evidence([f"v{at}" for at in range(6)], rows, np.arange(n).astype(str)))

        assert len(got.kept) == kept
    assert rule(counts(900, 900, n=1000)).kept == ("v000", "v001")


def test_equivalence_says_what_stands_against_a_variant():
    """A variant clearly apart is dropped with its distance and adjusted p."""
    got = select.get("equivalence", epsilon=0.01)(counts(9000, 9000, 9000, 8500, n=10_000))

    assert "v003" not in got.kept
    assert got.dropped["v003"].startswith(
        "not certified within 1.0 points of the others: 5.00 points below their mean, adjusted p 1"
    )


def test_equivalence_of_one_variant_certifies_nothing():
    """A single variant has no others to be compared with."""
    got = select.get("equivalence", epsilon=0.01)(counts(900))

    assert got == Selection((), {"v000": "no other variant to compare it with"})


def test_equivalence_counts_clusters_not_rows():
    """Five copies of each example carry no more certainty than one."""
    rule = select.get("equivalence", epsilon=0.01)
    draw = stream(4, "tests").generator()
    rows = (draw.random((5, 1500)) < 0.97).astype(float)
    once = Evidence(list("abcde"), rows, np.arange(1500).astype(str))
    copies = Evidence(list("abcde"), np.repeat(rows, 5, 1), np.repeat(once.clusters, 5))
    blind = replace(copies, clusters=np.arange(7500).astype(str))

    assert rule(copies) == rule(once)
    assert len(rule(blind).kept) > len(rule(once).kept)


@pytest.mark.parametrize(
    "studies", [200, pytest.param(3000, marks=pytest.mark.slow)], ids=["fast", "long"]
)
def test_equivalence_seldom_certifies_a_variant_at_the_border(studies):
    """One variant truly epsilon below the others is certified in at most 5 % of studies."""
    rule = select.get("equivalence", epsilon=0.02)
    draw = stream(5, "tests").generator()
    truth = np.array([0.88, 0.9, 0.9, 0.9, 0.9])
    wrong = 0
    for _ in range(studies):
        rows = (draw.random((5, 4000)) < truth[:, None]).astype(float)
        wrong += "a" in rule(Evidence(list("abcde"), rows, np.arange(4000).astype(str))).kept
    error = np.sqrt(0.05 * 0.95 / studies)

    assert wrong / studies <= 0.05 + 3 * error


def test_top_keeps_the_best_and_breaks_ties_by_id():
    """The n best are kept; of equals the first by id."""
    got = select.get("top", epsilon=0.01, n=2)(counts(900, 950, 900, 800))

    assert got.kept == ("v000", "v001")
    assert got.dropped == {
        "v002": "level with the last of the 2 kept, but later by name",
        "v003": "10.00 points below the last of the 2 kept",
    }


@pytest.mark.parametrize(("fraction", "kept"), [(0.01, 1), (0.5, 5), (0.3, 3), (1.0, 10)])
def test_a_fraction_of_the_trained_is_rounded_up(fraction, kept):
    """A share of the variants is kept, never none of them."""
    evidence = counts(*range(900, 910))

    assert len(select.get("top", epsilon=0.01, fraction=fraction)(evidence).kept) == kept


def test_more_than_there_are_keeps_all():
    """Asking for more variants than were trained keeps them all."""
    assert len(select.get("top", epsilon=0.01, n=50)(counts(1, 2, 3)).kept) == 3


@pytest.mark.parametrize(
    "parameters",
    [{}, {"n": 3, "fraction": 0.5}, {"n": 0}, {"n": 2.5}, {"n": True}, {"fraction": 0.0},
     {"fraction": 1.5}],
    ids=repr,
)  # fmt: skip
def test_a_pool_size_that_makes_no_sense_is_refused(parameters):
    """Top wants exactly one of n and fraction, and a sensible one."""
    with pytest.raises(UsageError, match="top"):
        select.get("top", epsilon=0.01, **parameters)


@dataclass(frozen=True)
class Forgetting:
    """Forgets who was dropped."""

    epsilon: float = 0.01

    def __call__(self, evidence, /):
        """Do it."""
        return Selection(tuple(evidence.variants[:2]), {})


@dataclass(frozen=True)
class Front:
    """Keeps whoever comes first."""

    epsilon: float = 0.01

    def __call__(self, evidence, /):
        """Do it."""
        kept = tuple(evidence.variants[:2])
        return Selection(kept, dict.fromkeys(evidence.variants[2:], "came late"))


@dataclass(frozen=True)
class Highest:
    """Takes more for better, always."""

    epsilon: float = 0.01

    def __call__(self, evidence, /):
        """Do it."""
        order = np.argsort(evidence.contributions.mean(axis=1), kind="stable")[::-1]
        kept = {evidence.variants[at] for at in order[:3]}
        left = {v: "lower" for v in evidence.variants if v not in kept}
        return Selection(tuple(v for v in evidence.variants if v in kept), left)


@pytest.mark.parametrize(
    ("member", "sentence"),
    [
        (Forgetting(), "either kept or dropped"),
        (Front(), "the order of the variants"),
        (Highest(), "error instead of accuracy"),
    ],
)
def test_the_conformance_check_catches_a_broken_rule(member, sentence):
    """Each way of breaking the contract fails with a sentence that names it."""
    with pytest.raises(AssertionError, match=sentence):
        check_selector(member)
