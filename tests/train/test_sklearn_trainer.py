"""The scikit-learn trainer."""

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, StratifiedKFold
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from underspec import train
from underspec.core.errors import StudyError, UsageError
from underspec.core.records import Data, Variant
from underspec.testing.trainers import check_trainer, shaded_images, striped_images
from underspec.train.sklearn.estimator import ESTIMATORS

QUICK = {
    "decision_tree": {"max_features": 3},
    "decision_tree_regressor": {"max_features": 3, "max_depth": 4},
    "extra_trees": {"n_estimators": 5},
    "extra_trees_regressor": {"n_estimators": 5},
    "gradient_boosting": {"n_estimators": 4, "subsample": 0.5},
    "gradient_boosting_regressor": {"n_estimators": 4, "subsample": 0.5},
    "hist_gradient_boosting": {"max_iter": 5, "min_samples_leaf": 3},
    "hist_gradient_boosting_regressor": {"max_iter": 5, "min_samples_leaf": 3},
    "logistic_regression": {},
    "mlp": {"max_iter": 20},
    "mlp_regressor": {"max_iter": 40},
    "random_forest": {"n_estimators": 5, "n_jobs": 2},
    "random_forest_regressor": {"n_estimators": 5, "n_jobs": 2},
    "ridge": {"solver": "sag", "max_iter": 50},
}
IDLE = {
    "decision_tree": ["order"],
    "decision_tree_regressor": ["order"],
    "extra_trees": ["order"],
    "extra_trees_regressor": ["order"],
    "hist_gradient_boosting": ["init", "order"],
    "hist_gradient_boosting_regressor": ["init", "order"],
    "logistic_regression": ["init"],
}


class NeedsGlobal(ClassifierMixin, BaseEstimator):
    """An estimator that draws from NumPy's global generator, as some do."""

    def __init__(self, random_state=None, broken="no"):
        self.random_state = random_state
        self.broken = broken

    def fit(self, X, y):  # noqa: N803
        """Draw one probability."""
        if self.broken == "raises":
            raise ValueError("the matrix is singular\nand more that nobody needs")
        self.classes_ = np.unique(y)
        self.drawn_ = np.random.random()  # noqa: NPY002
        return self

    def predict_proba(self, X):  # noqa: N803
        """Say it of every example."""
        p = np.full((len(X), len(self.classes_)), self.drawn_)
        return p * np.nan if self.broken == "nan" else p


def trees(**parameters):
    return train.get("sklearn", estimator="decision_tree", parameters=parameters)


@pytest.mark.parametrize("name", sorted(ESTIMATORS))
def test_every_named_estimator_conforms(name):
    """Each estimator of the table holds the trainer's contract."""
    trainer = train.get("sklearn", estimator=name, parameters=QUICK[name])

    check_trainer(trainer, idle=IDLE.get(name, ()))


def test_a_pipeline_that_writes_to_its_input_conforms():
    """Steps may scale in place: what they are given is theirs."""
    pipeline = make_pipeline(StandardScaler(copy=False), MLPClassifier(max_iter=20))

    check_trainer(train.get("sklearn", estimator=pipeline, representation="minmax"))


def test_cross_validation_inside_conforms():
    """A search whose splits have no seed of their own is repeatable all the same."""
    search = GridSearchCV(
        LogisticRegression(solver="saga", max_iter=5),
        {"C": [0.01, 1]},
        cv=StratifiedKFold(2, shuffle=True),
    )

    check_trainer(train.get("sklearn", estimator=search))


def test_every_nested_random_state_is_seeded(images, make_variants):
    """Each random_state of a pipeline gets a seed of its own; n_jobs becomes 1."""
    from sklearn.ensemble import RandomForestClassifier, VotingClassifier

    voting = VotingClassifier(
        [("tree", DecisionTreeClassifier()), ("forest", RandomForestClassifier(2, n_jobs=2))],
        voting="soft",
    )
    model = train.get("sklearn", estimator=voting).fit(make_variants(1, "init"), images).models[0]

    seeds = [model.get_params()[f"{name}__random_state"] for name in ("tree", "forest")]
    assert all(isinstance(seed, int) for seed in seeds)
    assert len(set(seeds)) == 2
    assert model.get_params()["forest__n_jobs"] == 1


def test_a_written_random_state_stays_where_init_is_not_varied(images, make_variants):
    """What the user fixed is fixed, until they vary it."""
    trainer = trees(random_state=5)
    fixed = trainer.fit(make_variants(1, "order"), images).models[0]
    varied = trainer.fit(make_variants(1, "init"), images).models[0]

    assert fixed.random_state == 5
    assert varied.random_state != 5


def test_the_given_estimator_is_not_fitted(images, make_variants):
    """The user's object stays as it was."""
    mine = DecisionTreeClassifier()
    train.get("sklearn", estimator=mine, parameters={"max_depth": 2}).fit(
        make_variants(1, "init"), images
    )

    assert mine.random_state is None
    assert mine.max_depth is None
    assert "tree_" not in vars(mine)


def test_a_class_absent_from_training_keeps_its_column(images, make_variants):
    """Columns are class codes, whatever classes a variant met."""
    few = images.take(np.flatnonzero(images.labels != 1))
    scores = trees().fit(make_variants(1, "init"), few).predict(images.inputs)

    assert scores.shape == (1, 90, 3)
    assert scores[:, :, 1].max() == 0
    assert np.allclose(scores.sum(axis=2), 1)


def test_data_frames_go_in_as_they_are(make_variants):
    """A pipeline finds its columns by name, text among them; a bootstrap may repeat rows."""
    from sklearn.compose import make_column_transformer

    frame = pd.DataFrame({"age": [20, 30, 40, 50] * 5, "site": ["a", "b"] * 10})
    ids = np.array([f"p{at}" for at in range(20)])
    data = Data(frame, (np.arange(20) % 4 > 1).astype(np.int32), ids, ids)
    pipeline = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["site"]), remainder="passthrough"),
        DecisionTreeClassifier(),
    )
    fitted = train.get("sklearn", estimator=pipeline).fit(
        make_variants(3, "init", "sample", "order"), data
    )
    scores = fitted.predict(frame)

    assert not fitted.failed
    assert scores.shape == (3, 20, 2)
    assert (scores.argmax(axis=2) == data.labels).mean() > 0.8


def test_bytes_become_floats_up_to_one(images, make_variants):
    """Images are flattened and divided by 255; float rows stay as they are."""
    flat = images.inputs.reshape(90, -1)
    seen = trees().fit(make_variants(1, "init"), images).models[0]
    floats = trees().fit(make_variants(1, "init"), images.with_inputs(flat * 1.0)).models[0]

    thresholds = [m.tree_.threshold[m.tree_.feature >= 0] for m in (seen, floats)]
    assert thresholds[0].max() < 1
    assert np.allclose(thresholds[0] * 255, thresholds[1], rtol=1e-5)


@pytest.mark.parametrize(("how", "said"), [("raises", "singular."), ("nan", "not finite.")])
def test_a_variant_that_breaks_has_failed(images, how, said):
    """One variant's exception, or scores that are not numbers, fail it and no other."""
    variants = [
        Variant("good", {"init": 1}, {"broken": "no"}),
        Variant("bad", {"init": 2}, {"broken": how}),
    ]
    fitted = train.get("sklearn", estimator=NeedsGlobal()).fit(variants, images)

    assert fitted.variants == ("good",)
    assert fitted.failed["bad"].endswith(said)
    assert "\n" not in fitted.failed["bad"]
    assert {"good", "bad"} == set(fitted.seconds)
    assert fitted.predict(images.inputs).shape == (1, 90, 3)


def test_a_block_of_failures_predicts_nothing(images):
    """Nothing trained is no error of the program."""
    fitted = train.get("sklearn", estimator=NeedsGlobal()).fit(
        [Variant("v000", {"init": 1}, {"broken": "raises"})], images
    )

    assert fitted.predict(images.inputs).shape == (0, 90, 3)


def test_what_a_fit_warns_about_is_kept(images, make_variants):
    """A fit that did not converge is kept, with a note that survives saving."""
    trainer = train.get("sklearn", estimator="mlp", parameters={"max_iter": 2})

    assert "ConvergenceWarning" in trainer.fit(make_variants(1, "init"), images).notes["v000"]


def test_values_set_nested_parameters(images):
    """A source may be any parameter of the estimator, with values."""
    trainer = train.get(
        "sklearn", estimator=make_pipeline(StandardScaler(), DecisionTreeClassifier())
    )
    depths = [1, 3]
    variants = [
        Variant(f"v{d}", {"init": 1}, {"decisiontreeclassifier__max_depth": d}) for d in depths
    ]
    fitted = trainer.fit(variants, images)

    assert "decisiontreeclassifier__max_depth" in trainer.sources
    assert depths == [model[-1].get_depth() for model in fitted.models]


def test_init_is_no_source_of_an_estimator_without_random_state():
    """Nothing would differ between variants, so nothing is offered."""
    from sklearn.naive_bayes import GaussianNB

    assert "init" not in train.get("sklearn", estimator=GaussianNB()).sources


def test_representation_is_a_source_of_values(images):
    """Each value puts its own scaling before the estimator."""
    variants = [
        Variant(n, {"init": 1}, {"representation": n}) for n in ("none", "standard", "minmax")
    ]
    fitted = train.get("sklearn", estimator="logistic_regression").fit(variants, images)
    scores = fitted.predict(images.inputs)

    assert not np.array_equal(scores[0], scores[1])
    assert not np.array_equal(scores[1], scores[2])


@pytest.mark.parametrize(
    ("parameters", "said"),
    [
        ({"estimator": "mpl"}, "Did you mean 'mlp'"),
        ({"estimator": 3}, "scikit-learn estimator object"),
        ({"estimator": "mlp", "parameters": {"alhpa": 1}}, "Did you mean 'alpha'"),
        ({"estimator": LinearSVC()}, "CalibratedClassifierCV"),
        ({"estimator": "mlp", "representation": "log"}, "No representation named 'log'"),
        ({"estimator": "mlp", "sample": 2}, "share of the training rows"),
    ],
)
def test_wrong_settings_are_refused_at_once(parameters, said):
    """Before anything trains, in a sentence."""
    with pytest.raises(UsageError, match=said):
        train.get("sklearn", **parameters)


def test_repr_tells_every_parameter_and_no_address():
    """The repr is the provenance: long ones are not shortened, functions have no address."""
    from sklearn.preprocessing import FunctionTransformer

    steps = [FunctionTransformer(np.log1p) for _ in range(30)]
    text = repr(train.get("sklearn", estimator=make_pipeline(*steps, DecisionTreeClassifier())))

    assert text.count("log1p") == 30
    assert "0x" not in text
    assert "\n" not in text


def test_a_foreign_type_in_a_model_file_is_refused(images, make_variants, tmp_path):
    """A file may not bring in a type that neither scikit-learn nor the trainer has."""
    import skops.io

    trainer = trees()
    fitted = trainer.fit(make_variants(1, "init"), images)
    fitted.models[0].extra_ = NeedsGlobal()
    fitted.save(tmp_path)

    assert skops.io.get_untrusted_types(file=tmp_path / "0.skops")
    with pytest.raises(StudyError, match="NeedsGlobal"):
        trainer.load(tmp_path)


def test_a_type_of_the_trainers_own_is_trusted(images, make_variants, tmp_path):
    """What the user put into the trainer may be read back."""
    trainer = train.get("sklearn", estimator=NeedsGlobal())
    fitted = trainer.fit(make_variants(1, "init"), images)
    fitted.save(tmp_path)
    loaded = trainer.load(tmp_path)

    assert np.array_equal(fitted.predict(images.inputs), loaded.predict(images.inputs))


def test_a_damaged_file_is_an_error_for_the_user(images, make_variants, tmp_path):
    """Half a file is said to be unreadable, with what to do."""
    trainer = trees()
    trainer.fit(make_variants(1, "init"), images).save(tmp_path)
    whole = (tmp_path / "0.skops").read_bytes()
    (tmp_path / "0.skops").write_bytes(whole[: len(whole) // 2])

    with pytest.raises(StudyError, match="cannot be read"):
        trainer.load(tmp_path)


def test_the_index_is_plain_json(images, make_variants, tmp_path):
    """What stands beside the models can be read without us."""
    trees().fit(make_variants(2, "init"), images).save(tmp_path)
    index = json.loads((tmp_path / "block.json").read_text())

    assert index["variants"] == ["v000", "v001"]
    assert index["classes"] == 3


class Values(RegressorMixin, BaseEstimator):
    """A regressor that predicts what it is told to."""

    def __init__(self, value=0.0, times=1):
        self.value = value
        self.times = times

    def fit(self, X, y):  # noqa: N803
        """Learn nothing."""
        self.fitted_ = True
        return self

    def predict(self, X):  # noqa: N803
        """Say it of every example."""
        return np.full((len(X), self.times), self.value)


def test_a_regressor_predicts_one_value_an_example(make_variants):
    """The last axis has one place, whatever shape the estimator returns; classes are refused."""
    data = shaded_images(40)
    fitted = train.get("sklearn", estimator=Values(2.5)).fit(make_variants(2, "order"), data)
    scores = fitted.predict(data.inputs)

    assert scores.shape == (2, 40, 1)
    assert scores.dtype == np.float32
    assert (scores == 2.5).all()
    with pytest.raises(UsageError, match="Values is a regressor, but the labels are classes"):
        train.get("sklearn", estimator=Values()).fit(make_variants(1, "order"), striped_images(9))
    with pytest.raises(UsageError, match="DecisionTreeClassifier is no regressor, but the labels"):
        trees().fit(make_variants(1, "order"), data)


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (Values(np.inf), "the values predicted are not finite"),
        (Values(1.0, times=2), "The fit raised ValueError: cannot reshape"),
    ],
)
def test_a_regressor_without_one_finite_value_has_failed(make_variants, broken, said):
    """Its variant failed, with the reason."""
    fitted = train.get("sklearn", estimator=broken).fit(
        make_variants(1, "order"), shaded_images(40)
    )
    assert fitted.variants == ()
    assert said in fitted.failed["v000"]
