"""`check_trainer` catches each way to break the contract."""

import json
import pickle
from dataclasses import dataclass

import numpy as np
import pytest
from sklearn.dummy import DummyRegressor

from underspec.core.errors import StudyError
from underspec.testing.trainers import check_trainer
from underspec.train import get
from underspec.train.sources import check_sources, source_stream


@dataclass(frozen=True, eq=False)
class Means:
    """Fitted: the mean image of each class, moved by the seeds."""

    variants: tuple
    seconds: dict
    centres: np.ndarray
    broken: str
    failed = {}  # noqa: RUF012
    notes = {}  # noqa: RUF012

    def predict(self, inputs):
        """Softmax of minus the distance to the means."""
        rows = np.asarray(inputs).reshape(len(inputs), -1) / 255.0
        if self.broken == "neighbours":
            rows = rows - rows.mean(axis=0)
        if self.broken == "writes when predicting":
            inputs.flags.writeable = True
            inputs[0] = 0
        far = ((rows[None, :, None] - self.centres[:, None]) ** 2).sum(axis=3)
        odds = np.exp(-far)
        if self.broken != "sums":
            odds /= odds.sum(axis=2, keepdims=True)
        if self.broken == "nan":
            odds[0, 0] = np.nan
        if self.broken == "constant":
            odds = np.full_like(odds, 1 / 3)
        return odds.astype(np.float64 if self.broken == "dtype" else np.float32)

    def save(self, folder):
        """Two files."""
        if self.broken == "pickle":
            (folder / "centres.bin").write_bytes(pickle.dumps(self.centres.tolist()))
        rounded = np.round(self.centres, 2 if self.broken == "rounds" else 17)
        index = {"variants": self.variants, "seconds": self.seconds, "centres": rounded.tolist()}
        (folder / "all.json").write_text(json.dumps(index))


@dataclass(frozen=True)
class Centroids:
    """A trainer of class means, whole or broken in one way."""

    broken: str = ""
    strategy = "cpu"
    sources = {"init": "moves the means", "order": "moves them as well"}  # noqa: RUF012

    def fit(self, variants, data):
        """One set of means a variant."""
        for variant in variants:
            if self.broken != "any source":
                check_sources("centroids", variant, self.sources, tuple(self.sources), ())
        rows = data.inputs.reshape(len(data), -1) / 255.0
        means = np.stack([rows[data.labels == c].mean(axis=0) for c in range(3)])
        if self.broken == "writes when fitting":
            data.labels.flags.writeable = True
            data.labels[0] = 2
        if self.broken == "moves NumPy":
            np.random.random()  # noqa: NPY002
        centres = []
        for at, variant in enumerate(variants):
            moved = means.copy()
            for source in self.sources:
                if self.broken == "deaf" and source == "order":
                    continue
                draw = source_stream(variant, source).generator()
                moved += draw.normal(0, 0.01, means.shape)
            if self.broken == "block":
                moved += 0.01 * at
            if self.broken == "leans on NumPy":
                state = np.random.get_state(legacy=False)  # noqa: NPY002
                moved += 1e-12 * float(state["state"]["key"][1])
            centres.append(moved)
        names = tuple(v.id for v in variants)
        return Means(names, dict.fromkeys(names, 0.0), np.stack(centres), self.broken)

    def load(self, folder):
        """Read them back."""
        try:
            index = json.loads((folder / "all.json").read_text())
        except FileNotFoundError:
            if self.broken == "raw error":
                return None
            raise StudyError("Nothing there.") from None
        centres = np.array(index["centres"])
        return Means(tuple(index["variants"]), index["seconds"], centres, self.broken)


def test_a_whole_trainer_conforms():
    """The check itself asks for nothing that an honest trainer cannot give."""
    check_trainer(Centroids())


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("writes when fitting", "changes the training data in place"),
        ("writes when predicting", "changes its inputs in place"),
        ("moves NumPy", "fit moves a global random generator"),
        ("leans on NumPy", "depend on the state of a global random generator"),
        ("neighbours", "depends on its neighbours"),
        ("block", "order of the variants in a block"),
        ("deaf", "source 'order' changes nothing"),
        ("any source", "a source that it does not know"),
        ("sums", "do not sum to 1"),
        ("nan", "not finite"),
        ("dtype", "must return float32"),
        ("constant", "no more than a constant answer"),
        ("pickle", "is a pickle"),
        ("rounds", "predict other numbers"),
        ("raw error", "raises no error meant for the user"),
    ],
)
def test_each_breach_is_named(broken, said):
    """A trainer broken in one way is refused for that way."""
    with pytest.raises(AssertionError, match=said):
        check_trainer(Centroids(broken))


def test_a_source_wrongly_called_idle_is_named():
    """Idle sources must be idle."""
    with pytest.raises(AssertionError, match="is idle, but changes the result"):
        check_trainer(Centroids(), idle=["order"])


def test_a_trainer_of_numbers_is_held_to_its_contract():
    """One that predicts the mean of its targets is caught, as on classes a constant answer is."""
    with pytest.raises(AssertionError, match="no less than that of a constant"):
        check_trainer(get("sklearn", estimator=DummyRegressor()))
