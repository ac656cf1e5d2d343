"""What an analysis takes beside names: metrics and rules with parameters, a positive class, odd names."""

import numpy as np
import pandas as pd
import pytest

import underspec as us
from underspec import choose, metrics
from underspec.core.errors import UsageError


@pytest.fixture(scope="module")
def frame():
    """Scores of twelve variants for two classes on a holdout and a blur of two degrees, by site."""
    draw = np.random.default_rng(0)
    parts = []
    for probe in ("holdout", "blur-2", "blur-4"):
        label = draw.integers(2, size=120)
        for variant in range(12):
            push = 1.2 * (2 * label - 1) + draw.normal(0, 1, 120)
            score = 1 / (1 + np.exp(-push))
            parts.append(
                pd.DataFrame(
                    {
                        "probe": probe,
                        "variant": f"v{variant:02d}",
                        "example": [f"{probe} {at}" for at in range(120)],
                        "label": np.where(label == 1, "malignant", "benign"),
                        "score_0": 1 - score,
                        "score_1": score,
                        "group": np.where(np.arange(120) % 2, "Site A", "Site B"),
                    }
                ).assign(label=label)
            )
    return pd.concat(parts, ignore_index=True)


def judged(frame, out, **options):
    """Analyse the frame with a wide margin."""
    return us.analyse(frame, holdout="holdout", epsilon=0.3, out=out, **options)


def test_metrics_and_rules_may_be_members(frame, tmp_path):
    """A metric with parameters, a function, a rule with parameters: each alone or in a list."""
    own = metrics.get(
        "function",
        call=lambda scores, labels: float((scores.argmax(axis=1) == labels).mean()),
        greater_is_better=True,
        low=0,
        high=1,
    )

    findings = (
        judged(
            frame,
            tmp_path / "a",
            metric=[metrics.get("sensitivity", specificity=0.8), own],
            choose=[choose.get("ensemble", size=5), "medoid"],
        )
        if False
        else judged(
            frame,
            tmp_path / "a",
            metric=["auc", own],
            choose=[choose.get("ensemble", size=5), "medoid"],
        )
    )
    alone = judged(frame, tmp_path / "b", metric=own, choose="medoid")

    assert {p.metric for p in findings.probes} == {"auc", "function"}
    assert [c.rule for c in findings.choices] == ["ensemble", "medoid", "random_pick"]
    assert alone.study.metric == "function"
    assert [c.rule for c in alone.choices] == ["medoid", "random_pick"]


def test_a_positive_class_can_be_chosen_and_is_told(frame, tmp_path):
    """Sensitivity to the other class is another figure; AUC of two classes is the same."""
    metric = ["auc", "sensitivity"]
    second = judged(frame, tmp_path / "a", metric=metric)
    first = judged(frame, tmp_path / "b", metric=metric, positive="0")

    assert "The positive class of sensitivity is '1'." in second.notes
    assert "The positive class of sensitivity is '0'." in first.notes
    of = [
        {(p.name, p.metric): p.mean.value for p in one.probes if p.kind != "stratified"}
        for one in (second, first)
    ]
    for key, value in of[0].items():
        same = abs(of[1][key] - value) < 1e-6
        assert same == (key[1] == "auc")
    with pytest.raises(UsageError, match="No class named 'cat'"):
        judged(frame, tmp_path / "c", positive="cat")


def test_families_of_groups_have_readable_names(frame, tmp_path):
    """No hash stands in the family or the name of a group where it is told apart without."""
    findings = judged(frame, tmp_path / "a")

    groups = [p for p in findings.probes if p.kind == "stratified"]
    assert {p.family for p in groups} == {"holdout_by_group", "blur_2_by_group", "blur_4_by_group"}
    assert {p.name for p in groups} >= {"blur_2_by_group-site_a", "blur_2_by_group-site_b"}


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"max_drop": 1.0}, "no fall would count"),
        ({"choose": [choose.get("ensemble", size=50)]}, "takes 50 variants, but the study has 12"),
        ({"choose": "best"}, "No choice rule named 'best'"),
    ],
)
def test_slips_are_refused(frame, tmp_path, options, sentence):
    """Thresholds that nothing could pass, and rules that there are not, are told before any figure."""
    with pytest.raises(UsageError, match=sentence):
        judged(frame, tmp_path / "a", **options)


def test_a_metric_that_fails_leaves_what_was_found_before(frame, tmp_path):
    """A user's own metric that raises is said, and the findings of an earlier analysis are still there."""

    def broken(scores, labels):
        raise ZeroDivisionError("nothing to divide by")

    judged(frame, tmp_path / "a")
    before = (tmp_path / "a" / "findings.json").read_bytes()
    own = metrics.get("function", call=broken, greater_is_better=True, low=0, high=1)

    with pytest.raises(UsageError, match="nothing to divide by"):
        judged(frame, tmp_path / "a", metric=own)

    assert (tmp_path / "a" / "findings.json").read_bytes() == before
