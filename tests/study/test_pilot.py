"""The pilot: dead sources and the floor, before money is spent."""

from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import pytest

from underspec.core.errors import StudyError
from underspec.study import Recipe, load_study
from underspec.study.pilot import Moved, _life, pilot

_runs = count()


@dataclass(frozen=True)
class _Fake:
    """A trainer whose sources do what their names say; synthetic scores."""

    jitter: float = 0.0
    fails: bool = False

    @property
    def sources(self):
        return {
            "init": "moves",
            "idle": "does nothing",
            "epochs": "moves",
            "faint": "moves a little",
        }

    @property
    def strategy(self):
        return "fake"

    def fit(self, variants, data):
        return _Fitted(self, tuple(variants))

    def load(self, folder):
        raise AssertionError("a pilot writes nothing, so that there is nothing to load")


@dataclass(frozen=True)
class _Fitted:
    trainer: _Fake
    asked: tuple

    @property
    def variants(self):
        return () if self.trainer.fails else tuple(v.id for v in self.asked)

    @property
    def failed(self):
        return {v.id: "it never does." for v in self.asked} if self.trainer.fails else {}

    def predict(self, inputs):
        run = next(_runs)
        return np.stack(
            [self._scores(v, len(inputs), [run, at]) for at, v in enumerate(self.asked)]
        )

    def _scores(self, variant, n, run):
        one = np.random.default_rng(
            [variant.seeds["init"], variant.values.get("epochs", 0)]
        ).uniform(0.2, 0.8, n)
        one += 1e-4 * np.random.default_rng(variant.seeds.get("faint", 0)).uniform(size=n)
        one += self.trainer.jitter * np.random.default_rng(run).uniform(size=n)
        return np.stack([one, 1 - one], axis=1).astype(np.float32)


@pytest.fixture
def study(tiny):
    made, _ = load_study(tiny)
    recipe = Recipe(_Fake(), made.recipe.train, made.recipe.holdout)
    return replace(made, recipe=recipe, vary=("init", "idle", {"epochs": [1, 2]}, "faint"))


def test_dead_source_is_found(study):
    """Changing a source that the trainer ignores gives the same bits; the others move something."""
    got = pilot(study)
    assert got.life == {"init": "alive", "idle": "dead", "epochs": "alive", "faint": "alive"}
    assert got.dead == ("idle",)
    assert got.floor.identical
    assert (got.floor.answers, got.floor.scores) == (0, 0)
    assert got.moved["init"].answers > 0.1
    assert got.trainings == 6
    assert "idle: dead" in str(got)


def test_floor_is_what_equal_seeds_give(study):
    """Where training is not deterministic, a faint source does not stand out from it."""
    noisy = replace(study, recipe=replace(study.recipe, trainer=_Fake(jitter=0.01)))
    got = pilot(noisy)
    assert not got.floor.identical
    assert 0.005 < got.floor.scores < 0.02
    assert got.life["init"] == "alive"
    # Nothing is bit-identical any more, so nothing is called dead.
    assert got.dead == ()
    assert "a floor that no source explains" in str(got)


def test_source_under_the_floor_is_called_so():
    """A source whose change is no larger than that of equal seeds is not called alive."""
    floor = Moved(False, 0.01, 0.01)
    assert _life(Moved(False, 0.01, 0.01), floor) == "floor"
    assert _life(Moved(False, 0.02, 0.03), floor) == "alive"
    assert _life(Moved(True, 0.0, 0.0), floor) == "dead"


def test_real_trainer(tiny):
    """A decision tree takes the seed of its splits and the sample; the same seeds give the same bits."""
    got = pilot(load_study(tiny)[0])
    assert got.life == {"init": "alive", "sample": "alive"}
    assert got.floor.identical


def test_dead_seed_of_a_real_trainer(tiny):
    """Boosting without subsampling has a random_state and never uses it."""
    boosting = "{sklearn: {estimator: hist_gradient_boosting, parameters: {max_iter: 3}}}"
    study, _ = load_study(tiny, [f"trainer={boosting}"])
    assert pilot(study).life == {"init": "dead", "sample": "alive"}


def test_failure_is_told(study):
    """A training that fails ends the pilot with its reason."""
    broken = replace(study, recipe=replace(study.recipe, trainer=_Fake(fails=True)))
    with pytest.raises(StudyError, match="did not train: it never does"):
        pilot(broken)
