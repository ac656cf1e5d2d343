"""A trainer that reads its inputs as it needs them: what the study hands it, and what is kept of it."""

from dataclasses import dataclass

import numpy as np
import pytest

from underspec import Recipe, Study, select
from underspec.core.lazy import Lazy
from underspec.core.store import Store
from underspec.data.arrays import of
from underspec.study.blocks import find_done
from underspec.train._protocol import Streamed

SEEN = []


@dataclass(frozen=True, eq=False)
class Numbers:
    """Two features an example, made when they are asked for."""

    labels: tuple

    shape = (2,)
    dtype = np.dtype(np.float32)

    def __len__(self):
        return len(self.labels)

    def read(self, rows):
        """The label, and the row."""
        return np.array([[self.labels[r], r] for r in rows], np.float32)

    def digest(self, rows):
        """Of the rows."""
        return str((self.labels, rows.tolist()))


@dataclass(frozen=True, eq=False)
class Answers:
    """Fitted: nearly always the label."""

    variants: tuple
    failed = {}  # noqa: RUF012
    notes = {}  # noqa: RUF012

    @property
    def seconds(self):
        """None to speak of."""
        return dict.fromkeys(self.variants, 0.0)

    def predict(self, inputs):
        """Ends in an error while it is told to."""
        if SEEN[-1] == "break":
            raise KeyboardInterrupt
        one = np.eye(2, dtype=np.float32)[inputs[:, 0].astype(int)]
        return np.stack([0.9 * one + 0.05 for _ in self.variants])

    def save(self, folder):
        """The ids."""
        (folder / "ids.txt").write_text(" ".join(self.variants))


@dataclass(frozen=True)
class Reader:
    """A trainer that takes lazy inputs, and says what it was given."""

    streamed = True
    strategy = "cpu"
    sources = {"init": "nothing much"}  # noqa: RUF012

    def fit(self, variants, data):
        """Remember the kind of inputs."""
        SEEN.insert(0, type(data.inputs))
        return Answers(tuple(v.id for v in variants))

    def load(self, folder):
        """Read the ids."""
        return Answers(tuple((folder / "ids.txt").read_text().split()))


@dataclass(frozen=True)
class Whole(Reader):
    """The same without saying that it reads lazily."""

    def __getattribute__(self, name):
        if name == "streamed":
            raise AttributeError(name)
        return super().__getattribute__(name)


def study(trainer):
    labels = tuple(int(x) for x in np.arange(40) % 2)
    ids = [f"e{at}" for at in range(40)]
    data = of(Lazy.of(Numbers(labels)), np.array(labels), ids)
    held = of(Lazy.of(Numbers(labels)), np.array(labels), [f"h{at}" for at in range(40)])
    return Study(
        recipe=Recipe(trainer=trainer, train=data, holdout=held),
        near_equal=select.get("margin", epsilon=0.5),
        variants=2,
        vary=("init",),
        stress=[],
    )


@pytest.fixture(autouse=True)
def _fresh():
    SEEN[:] = [""]


def test_its_inputs_stay_lazy(tmp_path):
    """Any other trainer gets an array."""
    assert isinstance(Reader(), Streamed)
    assert not isinstance(Whole(), Streamed)

    study(Reader()).run(tmp_path / "a", where="inline")
    assert set(SEEN[:-1]) == {Lazy}

    SEEN[:] = [""]
    study(Whole()).run(tmp_path / "b", where="inline")
    assert set(SEEN[:-1]) == {np.ndarray}


def test_a_block_is_committed_before_it_predicts(tmp_path):
    """Killed while predicting, it has its models, and is not trained again."""
    SEEN[:] = ["break"]
    with pytest.raises(KeyboardInterrupt):
        study(Reader()).run(tmp_path / "a", where="inline")
    (done,) = find_done(Store(tmp_path / "a")).values()
    assert done.trained() == ("v000",)
    assert done.probes == ()

    SEEN[:] = [""]
    findings = study(Reader()).run(tmp_path / "a", where="inline")
    assert len(SEEN) - 1 == 1  # the other block
    assert findings.study.variants.trained == 2


def test_any_other_trainer_is_not(tmp_path):
    """Its trainings are short, and a block is one thing."""
    SEEN[:] = ["break"]
    with pytest.raises(KeyboardInterrupt):
        study(Whole()).run(tmp_path / "a", where="inline")

    assert not find_done(Store(tmp_path / "a"))
