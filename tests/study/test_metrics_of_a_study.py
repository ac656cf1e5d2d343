"""Studies judged by metrics that are no means, by several, and with weights."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.metrics import f1_score, roc_auc_score

import underspec as us
from underspec.core.errors import UsageError
from underspec.core.streams import deciding, stream
from underspec.study.compare import compare
from underspec.study.gate import Thresholds, hold

VARIANTS, EXAMPLES = 14, 400


def predictions(*, weights=False, apart=0.0, seed=5):
    """Return made-up scores of binary classifiers on a holdout and a shifted probe, as a table."""
    draw = stream(seed, "test", "metrics").generator()
    columns = {
        name: [] for name in ("probe", "variant", "example", "label", "score", "weight", "group")
    }
    for probe, noise in (("lab", 0.8), ("field", 1.4)):
        labels = (draw.random(EXAMPLES) < 0.3).astype(int)
        shared = labels + noise * draw.normal(size=EXAMPLES)
        weight = draw.uniform(0.5, 2.0, EXAMPLES)
        for v in range(VARIANTS):
            skill = 1 + (apart * draw.normal() if probe == "field" else 0.0)
            own = skill * labels + (shared - labels) + 0.2 * draw.normal(size=EXAMPLES)
            columns["probe"] += [probe] * EXAMPLES
            columns["variant"] += [f"v{v:02d}"] * EXAMPLES
            columns["example"] += [f"{probe}{i}" for i in range(EXAMPLES)]
            columns["label"] += labels.tolist()
            columns["score"] += (1 / (1 + np.exp(0.5 - own))).tolist()
            columns["weight"] += weight.tolist()
            columns["group"] += np.where(labels == 1, "ill", "well").tolist()
    dropped = () if weights else ("weight",)
    return {name: values for name, values in columns.items() if name not in (*dropped, "group")}


def analysed(tmp_path, columns, name="out", **more):
    return us.analyse(
        pa.table(columns),
        **{"holdout": "lab", "epsilon": 0.05, "max_drop": 0.05, "out": tmp_path / name, **more},
    )


def of(columns, probe, variant):
    """Return labels, scores, weights and ids of one variant on one probe."""
    rows = [
        i
        for i, (p, v) in enumerate(zip(columns["probe"], columns["variant"], strict=True))
        if p == probe and v == variant
    ]
    take = lambda name: np.array([columns[name][i] for i in rows])  # noqa: E731
    weights = take("weight") if "weight" in columns else None
    return take("label"), take("score"), weights, take("example")


def test_auc_judges_and_others_are_told_beside_it(tmp_path):
    """The first metric selects and judges; a further one has figures of its own and no verdict."""
    columns = predictions()
    found = analysed(tmp_path, columns, metric=["auc", "f1"])
    rows = {(p.metric, p.name): p for p in found.probes}

    assert found.study.metric == "auc"
    assert set(rows) == {(m, p) for m in ("auc", "f1") for p in ("holdout", "field")}
    assert rows["f1", "field"].verdict == "reported"
    assert rows["f1", "field"].p is None
    assert rows["auc", "field"].verdict != "reported"
    kept = found.pool.kept
    everyone = [of(columns, "field", v) for v in kept]
    assert rows["auc", "field"].mean.value == pytest.approx(
        np.mean([roc_auc_score(y, s) for y, s, _, _ in everyone])
    )
    assert rows["f1", "field"].mean.value == pytest.approx(
        np.mean([f1_score(y, np.float32(s) > 0.5) for y, s, _, _ in everyone]), abs=0.003
    )


def test_weights_enter_every_metric(tmp_path):
    """With weights AUC and accuracy are scikit-learn's weighted ones on the reported half."""
    columns = predictions(weights=True)
    found = analysed(tmp_path, columns, metric=["auc", "accuracy"])
    plain = analysed(
        tmp_path,
        {k: v for k, v in columns.items() if k != "weight"},
        name="plain",
        metric=["auc", "accuracy"],
    )
    rows = {(p.metric, p.name): p for p in found.probes}
    parts = [of(columns, "lab", v) for v in found.pool.kept]
    auc = [
        roc_auc_score(y[half], s[half], sample_weight=w[half])
        for y, s, w, ids in parts
        for half in [~deciding(0, ids)]
    ]

    assert rows["auc", "holdout"].mean.value == pytest.approx(np.mean(auc), abs=1e-6)
    assert found.probes[0].mean.value != plain.probes[0].mean.value


def test_a_probe_that_does_not_define_the_metric_is_left_out_and_named(tmp_path):
    """AUC of one class only is nothing: the stratum is left out of the judging, with a note."""
    columns = predictions()
    labels = np.array(columns["label"])
    groups = np.where(
        np.array(columns["probe"]) == "field", np.where(labels == 1, "ill", "well"), "all"
    )
    found = analysed(tmp_path, {**columns, "group": groups.tolist()}, metric="auc")

    assert all("ill" not in p.name for p in found.probes)
    assert any("auc is not defined on field, group = ill" in note for note in found.notes)


def test_spread_of_auc_is_seen_where_there_is_one_and_not_where_there_is_none(tmp_path):
    """The true spread of AUC is above 0 where skill varies, and its interval holds 0 where not."""
    apart = analysed(tmp_path, predictions(apart=0.5), metric="auc").probes[1]
    alike = analysed(tmp_path, predictions(), name="alike", metric="auc").probes[1]

    assert apart.spread.low > 0.01
    assert alike.spread.low == 0.0


def test_two_studies_are_compared_by_auc(tmp_path):
    """Compare reads AUC with its pulls: the same study against itself differs by nothing."""
    for name in ("a", "b"):
        analysed(tmp_path, predictions(), name=name, metric="auc")
    comparison = compare(str(tmp_path / "a"), str(tmp_path / "b"), resamples=0)

    assert comparison.metric == "auc"
    assert all(p.difference.value == pytest.approx(0, abs=1e-12) for p in comparison.probes)
    assert all(p.better == "unknown" for p in comparison.probes)


def test_the_gate_holds_the_metric_that_is_named(tmp_path):
    """A further metric can be held too; one that the study lacks is named."""
    found = analysed(tmp_path, predictions(), metric=["auc", "f1"])
    checks = hold(found, Thresholds(min_mean=0.0), metric="f1")

    assert checks.metric == "f1"
    assert checks.holds
    with pytest.raises(UsageError, match="metric in this study"):
        hold(found, Thresholds(min_mean=0.0), metric="brier")


def test_a_metric_twice_or_for_another_task_is_refused(tmp_path):
    """Wrong metrics are one sentence, before anything is written."""
    with pytest.raises(UsageError, match="given twice"):
        analysed(tmp_path, predictions(), metric=["auc", "auc"])
    with pytest.raises(UsageError, match="is for regression, but the task is binary"):
        analysed(tmp_path, predictions(), metric="r2")
    assert not (tmp_path / "out" / "study.yaml").exists()
