"""Our statistics against other people's implementations, where these exist."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from underspec.core.streams import stream
from underspec.stats.arrangement import arrange
from underspec.stats.components import components
from underspec.stats.dispersion import overdispersion
from underspec.stats.evidence import benjamini_hochberg, holm
from underspec.stats.layout import Layout
from underspec.stats.relation import joint, rank_correlation
from underspec.stats.split import split
from underspec.stats.spread import kurtosis
from underspec.stats.totals import Totals, deviations, group, total

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what importing it says is not ours to mend
    statsmodels = pytest.importorskip("statsmodels.api")
    contingency = pytest.importorskip("statsmodels.stats.contingency_tables")
    multitest = pytest.importorskip("statsmodels.stats.multitest")
    anova = pytest.importorskip("statsmodels.stats.anova")
    formulas = pytest.importorskip("statsmodels.formula.api")


def answers(seed, variants=12, examples=400, skill=0.8):
    """Return who answered what rightly, 0 or 1, with examples of unequal difficulty."""
    draw = np.random.default_rng(seed)
    hard = draw.normal(size=examples)
    own = draw.normal(size=(variants, examples)) + hard + skill
    return (own > 0).astype(np.float64)


def totals_of(contributions):
    names = np.array([f"{i:05d}" for i in range(contributions.shape[1])])
    return total(contributions, group(names))


@given(arrays(np.float64, st.integers(1, 30), elements=st.floats(0, 1)))
def test_adjusted_p_values_are_those_of_statsmodels(p):
    """Benjamini-Hochberg and Holm agree with statsmodels for any p-values, ties included."""
    assert benjamini_hochberg(p) == pytest.approx(multitest.multipletests(p, method="fdr_bh")[1])
    assert holm(p) == pytest.approx(multitest.multipletests(p, method="holm")[1])


@pytest.mark.parametrize("seed", range(5))
def test_the_test_of_any_spread_is_cochrans_q(seed):
    """On right and wrong answers, (k - 1) phi and its p-value are Cochran's Q of statsmodels."""
    right = answers(seed)
    found = overdispersion(totals_of(right), stream(0, "test"))
    theirs = contingency.cochrans_q(right.T.astype(int))

    assert found is not None
    assert (len(right) - 1) * found.phi == pytest.approx(theirs.statistic)
    assert found.p == pytest.approx(theirs.pvalue)


@pytest.mark.parametrize("seed", range(3))
def test_the_split_is_the_variance_component_of_the_two_way_layout(seed):
    """True² is (MS of variants - MS of the interaction) / n, from statsmodels' table."""
    import pandas as pd

    values = answers(seed, variants=6, examples=30) + np.arange(6)[:, None] * 0.1
    k, n = values.shape
    frame = pd.DataFrame(
        {
            "value": values.ravel(),
            "variant": np.repeat(np.arange(k), n),
            "example": np.tile(np.arange(n), k),
        }
    )
    table = anova.anova_lm(formulas.ols("value ~ C(variant) + C(example)", frame).fit())
    between = table.loc["C(variant)", "mean_sq"]
    rest = table.loc["Residual", "mean_sq"]

    assert split(totals_of(values)).true == pytest.approx((between - rest) / n)


@pytest.mark.parametrize("seed", range(3))
def test_components_of_a_balanced_nested_design_are_those_of_reml(seed):
    """Where no estimate is negative, the analysis of variance gives what statsmodels' REML gives."""
    import pandas as pd

    draw = np.random.default_rng(seed)
    outer = np.repeat(np.arange(8), 5)
    means = 3.0 * draw.normal(size=8)[outer] + draw.normal(size=40)
    # All examples alike: no noise to take out.
    exact = Totals(np.tile(means[:, None], 4), np.ones(4), np.array(["a", "b", "c", "d"]))
    found = components(exact, Layout(arrange(np.stack([outer, np.arange(40)]))), stream(0, "test"))
    frame = pd.DataFrame({"value": means, "outer": outer})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its optimiser
        fitted = formulas.mixedlm("value ~ 1", frame, groups="outer").fit(reml=True)

    assert found[0].true == pytest.approx(float(fitted.cov_re.iloc[0, 0]), rel=1e-3)
    assert found[1].true == pytest.approx(float(fitted.scale), rel=1e-3)


@given(arrays(np.float64, 12, elements=st.floats(-5, 5), unique=True))
def test_kurtosis_and_ranks_are_those_of_scipy(values):
    """The unbiased excess kurtosis and rank correlation agree with scipy."""
    from scipy import stats

    if np.ptp(values) < 1e-3:
        return
    assert kurtosis(deviations(values)) == pytest.approx(
        stats.kurtosis(values, bias=False), rel=1e-6, abs=1e-6
    )
    other = np.arange(12.0) ** 2
    assert rank_correlation(np.stack([values, other]))[0, 1] == pytest.approx(
        stats.spearmanr(values, other).statistic
    )


def test_without_shared_examples_the_correlation_is_pearsons():
    """Of two probes that share no example, the observed covariance is corrected for nothing."""
    a, b = answers(1), answers(2)
    names = [np.array([f"{kind}{i:04d}" for i in range(400)]) for kind in "ab"]
    probes = [total(x, group(n)) for x, n in zip((a, b), names, strict=True)]
    moments = joint(probes)

    assert moments.observed[0, 1] == pytest.approx(moments.true[0, 1])
    assert moments.observed[0, 1] / np.sqrt(
        moments.observed[0, 0] * moments.observed[1, 1]
    ) == pytest.approx(np.corrcoef(a.mean(axis=1), b.mean(axis=1))[0, 1])
