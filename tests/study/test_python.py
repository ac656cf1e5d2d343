"""Studies made in Python: arrays, frames and estimators of one's own, in any runner."""

import html

import numpy as np
import pytest

import underspec as us
from underspec.core.streams import stream


def world(n=600, site=True):
    """A synthetic two-class problem in the plane, with a shortcut that only one site has."""
    draw = stream(4, "test").generator()
    labels = draw.integers(0, 2, n)
    sites = np.where(draw.random(n) < 0.5, "a", "b")
    signal = labels + draw.normal(scale=0.8, size=n)
    shortcut = np.where(sites == "a", labels, 0.5) + draw.normal(scale=0.3, size=n)
    inputs = np.stack([signal, shortcut], axis=1)
    return inputs, np.array(["no", "yes"])[labels], sites


def study(**changes):
    from sklearn.neural_network import MLPClassifier

    inputs, labels, sites = world()
    given = {
        "recipe": us.Recipe(
            trainer=us.train.get(
                "sklearn", estimator=MLPClassifier(hidden_layer_sizes=(4,), max_iter=20)
            ),
            train=us.data.of(inputs[:300], labels[:300]),
            holdout=us.data.of(inputs[300:], labels[300:], groups={"site": sites[300:]}),
        ),
        "near_equal": us.select.get("margin", epsilon=0.2),
        "stress": [us.stress.get("by_group", column="site")],
        "variants": 10,
        "vary": ("init", "order"),
    }
    return us.Study(**{**given, **changes})


def test_arrays_and_an_estimator_make_a_study(tmp_path):
    """In-memory data goes to worker processes and gives the findings of an inline run."""
    apart = study().run(tmp_path / "processes", workers=2)
    here = study().run(tmp_path / "inline", where="inline")

    assert apart == here
    assert [p.name for p in here.probes] == ["holdout", "site-a", "site-b"]
    assert here.probes[1].kind == "stratified"


def test_pandas_frames_reach_a_pipeline_with_their_columns(tmp_path):
    """A data frame is handed to the estimator as it is, in train and in every probe."""
    import pandas as pd
    from sklearn.compose import make_column_transformer
    from sklearn.ensemble import RandomForestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import OneHotEncoder

    inputs, labels, sites = world()
    frame = pd.DataFrame({"signal": inputs[:, 0], "site": sites})
    model = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["site"]), remainder="passthrough"),
        RandomForestClassifier(n_estimators=5),
    )
    recipe = us.Recipe(
        trainer=us.train.get("sklearn", estimator=model),
        train=us.data.of(frame[:300], labels[:300]),
        holdout=us.data.of(frame[300:], labels[300:], groups={"site": sites[300:]}),
    )

    findings = study(recipe=recipe, vary=("init",)).run(tmp_path / "out", workers=2)

    assert findings.study.variants.trained == 10


def test_empty_pool_says_what_would_help(tmp_path):
    """An epsilon that keeps nobody is no crash: nothing is called, and the pool says why."""
    findings = study(near_equal=us.select.get("margin", epsilon=1e-9)).run(
        tmp_path / "out", where="inline"
    )

    assert len(findings.pool.kept) < 10
    assert all(p.spread_verdict == "unknown" for p in findings.probes[1:])
    assert "would keep" in findings.pool.note
    assert (tmp_path / "out/report.html").exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"variants": 1}, "at least 2"),
        ({"vary": ("augment",)}, "No source of variation"),
        ({"near_equal": us.select.get("margin", epsilon=2)}, "epsilon must be below 1"),
        ({"metric": "brier"}, "max_drop has no default"),
        ({"task": "binary", "metric": "acuracy"}, "Did you mean 'accuracy'?"),
    ],
)
def test_wrong_studies_are_refused_at_once(changes, sentence):
    """A study that cannot work is refused where it is made, before any training."""
    with pytest.raises(us.UsageError) as caught:
        study(**changes)
    assert sentence in str(caught.value)


def test_parameter_without_a_name_for_its_content_is_refused(tmp_path):
    """A parameter whose text is a memory address would make two studies look like one or two."""
    from sklearn.ensemble import BaggingClassifier

    class Opaque:
        def fit(self, inputs, labels):
            return self

        def predict(self, inputs):
            return inputs

    trainer = us.train.get(
        "sklearn", estimator=BaggingClassifier(), parameters={"estimator": Opaque()}
    )
    recipe = us.Recipe(trainer, study().recipe.train, study().recipe.holdout)
    with pytest.raises(us.UsageError, match="could not be told apart"):
        study(recipe=recipe).run(tmp_path / "out", where="inline")


def test_training_and_holdout_must_agree_on_classes(tmp_path):
    """A class that one set lacks would shift every code silently."""
    inputs, labels, _ = world()
    other = np.where(labels == "yes", "maybe", labels)
    recipe = us.Recipe(study().recipe.trainer, us.data.of(inputs, other), study().recipe.holdout)
    with pytest.raises(us.UsageError, match="maybe"):
        study(recipe=recipe).run(tmp_path / "out", where="inline")


@pytest.mark.parametrize("metric", ["log_loss", "brier"])
def test_losses_are_judged_in_their_own_units(tmp_path, metric):
    """For a loss, more is worse: the drop is a rise, and the pool is near-equal in the loss."""
    found = study(metric=metric, max_drop=0.1, near_equal=us.select.get("margin", epsilon=0.2)).run(
        tmp_path / "out", where="inline"
    )

    a, b = found.probes[1], found.probes[2]
    assert b.mean.value > a.mean.value
    assert b.drop.value > a.drop.value
    assert found.study.max_drop == 0.1


def test_variants_that_are_one_model_are_noted(tmp_path):
    """A source that changes nothing leaves identical variants, and the findings say so."""
    recipe = us.Recipe(
        us.train.get("sklearn", estimator="logistic_regression"),
        study().recipe.train,
        study().recipe.holdout,
    )
    dead = study(recipe=recipe, vary=("init",)).run(tmp_path / "dead", where="inline")
    alive = study(recipe=recipe, vary=("sample",)).run(tmp_path / "alive", where="inline")

    assert any("change nothing with this trainer" in note for note in dead.notes)
    assert not any("change nothing" in note for note in alive.notes)


def test_what_training_had_to_say_is_in_the_findings(tmp_path):
    """Warnings of the trainings are counted and kept, not printed and lost."""
    found = study().run(tmp_path / "out", where="inline")

    assert any(
        n.startswith("10 of 10 variants, while training:") and "Convergence" in n
        for n in found.notes
    )
    page = html.unescape((tmp_path / "out/report.html").read_text())
    assert found.notes[0] in page
