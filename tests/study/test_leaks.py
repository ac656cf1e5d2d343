"""Leaks: the same example in training and holdout, twice in the holdout, or in a probe."""

from dataclasses import replace

import numpy as np
import pytest

import underspec as us
from underspec.core.lazy import Lazy
from underspec.core.records import Probe
from underspec.core.streams import stream
from underspec.study.leaks import Watch, contents


def images(n, seed=0):
    return stream(seed, "test").generator().integers(0, 256, (n, 4, 4, 1)).astype(np.uint8)


def data(inputs, prefix="", **more):
    n = len(inputs)
    return us.data.of(inputs, np.arange(n) % 2, [f"{prefix}{i}" for i in range(n)], **more)


def probe(examples, name="field"):
    return Probe(name, "shifted", name, examples)


def frame(inputs):
    pandas = pytest.importorskip("pandas")
    table = pandas.DataFrame(np.asarray(inputs).reshape(len(inputs), -1)).add_prefix("c")
    table["site"] = [f"s{row.sum() % 3}" for row in np.asarray(inputs)]
    return table


def floats(inputs):
    return np.asarray(inputs) / 7.0


def texts(inputs):
    return np.array([str(row.ravel().tolist()) for row in np.asarray(inputs)])


class Kept:
    """A source of lazy inputs that counts what is read and digested."""

    dtype = np.dtype(np.uint8)
    shape = (4, 4, 1)

    def __init__(self, array):
        self.array, self.reads, self.digests = array, 0, 0

    def __len__(self):
        return len(self.array)

    def read(self, rows):
        """Return some examples."""
        self.reads += 1
        return self.array[rows]

    def digest(self, rows):
        """Return what stands for some examples."""
        self.digests += 1
        return self.array[rows].tobytes().hex()


def lazy(inputs):
    return Lazy.of(Kept(inputs))


KINDS = [np.asarray, floats, frame, texts, lazy]


@pytest.mark.parametrize("make", KINDS)
def test_a_training_example_in_the_holdout_is_noted(make):
    """Equal inputs are found under any id and with any label, counted, and three are named."""
    pixels = images(60)
    train, holdout = data(make(pixels[:40]), "t"), pixels[40:].copy()
    assert Watch(train, data(make(holdout), "h")).notes == ()
    holdout[3:8] = pixels[[11, 5, 5, 0, 39]]
    # Of two copies in the holdout, h6 is one too many.
    found = Watch(train, data(make(holdout), "h", clusters=["c"] * 20)).notes

    assert len(found) == 1
    assert "5 of the 20 examples of the holdout have exactly the same input" in found[0]
    assert "(1 of them with another label), such as 'h3', 'h4', 'h5': models" in found[0]


@pytest.mark.parametrize("make", KINDS)
def test_copies_inside_the_holdout_are_noted_unless_they_are_one_cluster(make):
    """Copies in clusters of their own count as new examples; copies of one cluster do not."""
    pixels = images(20)
    pixels[7] = pixels[9] = pixels[2]
    train = data(make(images(20, 1)), "t")
    clusters = [f"p{i}" for i in range(20)]
    (note,) = Watch(train, data(make(pixels), "h", clusters=clusters)).notes

    assert "2 examples of the holdout repeat the input" in note
    assert "such as 'h7', 'h9': they count" in note
    clusters[7] = clusters[9] = "p2"
    assert Watch(train, data(make(pixels), "h", clusters=clusters)).notes == ()


def test_clusters_on_both_sides_are_noted():
    """A patient in both sets is noted; ids that merely look alike are not."""
    train = data(images(20), clusters=[f"p{i // 2}" for i in range(20)])
    holdout = data(images(20, 1), clusters=[f"p{8 + i // 2}" for i in range(20)])
    (note,) = Watch(train, holdout).notes

    assert "2 clusters stand in the training set and in the holdout, with 4 of its 20" in note
    assert "such as '0', '1', '2'" in note
    assert Watch(data(images(20)), data(images(20, 1))).notes == ()


@pytest.mark.parametrize("make", KINDS)
def test_examples_of_a_probe_that_are_known_are_noted(make):
    """A probe's own examples are compared with training set and holdout."""
    pixels = images(60)
    train, holdout = data(make(pixels[:20]), "t"), data(make(pixels[20:40]), "h")
    watch = Watch(train, holdout)
    field = pixels[40:].copy()
    assert watch.probe(probe(data(make(field), "f"))) == []
    field[:3] = pixels[[1, 25, 25]]
    seen, twins = watch.probe(probe(data(make(field), "f")))

    assert "1 of the 20 examples of field have exactly the same input as a training" in seen
    assert "such as 'f0': models" in seen
    assert "2 of the 20 examples of field are examples of the holdout under another id" in twins
    assert "such as 'f1', 'f2': they count" in twins


def test_distorted_copies_share_ids_and_are_not_looked_at():
    """Examples with the holdout's ids are its own, however they look; nothing is computed."""
    pixels = images(40)
    train, holdout = data(pixels[:20], "t"), data(pixels[20:], "h")
    source = Kept(pixels[:20])

    assert Watch(train, holdout).probe(probe(holdout.with_inputs(Lazy.of(source)))) == []
    assert (source.reads, source.digests) == (0, 0)
    # Of a probe that has both, only its own examples count.
    mixed = replace(holdout, ids=np.array([*holdout.ids[:-1], "new"]))
    seen = Watch(train, holdout).probe(probe(mixed.with_inputs(pixels[:20])))
    assert "1 of the 20 examples of field have exactly the same input" in seen[0]
    assert "such as 'new'" in seen[0]


def test_lazy_inputs_are_never_read():
    """Their own digest stands for them."""
    train, holdout = Kept(images(20)), Kept(images(20, 1))
    assert Watch(data(Lazy.of(train), "t"), data(Lazy.of(holdout), "h")).notes == ()
    assert (train.reads, holdout.reads) == (0, 0)


def test_content_does_not_hang_on_how_it_is_held():
    """Byte order, width, sign of zero, order of columns and a view change nothing; values do."""
    values = np.arange(24).reshape(8, 3)
    plain = contents(values)
    assert (contents(values.astype(">i2")) == plain).all()
    assert (contents(np.repeat(values, 2, axis=1)[:, ::2]) == plain).all()
    assert len(np.unique(plain)) == 8
    zero = np.array([[0.0, np.nan], [-0.0, np.nan], [1.0, np.nan]])
    one, other, third = contents(zero)
    assert one == other != third
    wide, narrow = zero[:, :1], zero[:, :1].astype(np.float32)
    assert (contents(wide) == contents(narrow)).all()


def test_content_of_a_frame_does_not_hang_on_the_library():
    """Columns count by name; numbers are numbers of any type; holes are holes."""
    pandas = pytest.importorskip("pandas")
    import pyarrow as pa

    table = pandas.DataFrame({"a": [1, 2, 1, 1], "b": ["x", None, "x", "nan"]})
    found = contents(table)

    assert found[0] == found[2]
    assert len(set(found.tolist())) == 3
    assert (contents(table[["b", "a"]]) == found).all()
    assert (contents(table.astype({"a": "float32"})) == found).all()
    assert (contents(pa.table({"b": ["x", None, "x", "nan"], "a": [1.0, 2, 1, 1]})) == found).all()


def test_a_study_notes_its_leaks(tmp_path):
    """A run says before training what leaks, and findings and report say it after."""
    draw = stream(0, "test", "study").generator()
    labels = np.arange(120) % 2
    inputs = draw.normal(size=(120, 4)) + labels[:, None]
    train = us.data.of(inputs[:60], labels[:60], [f"t{i}" for i in range(60)])
    leaky = inputs[60:].copy()
    leaky[5] = inputs[7]
    holdout = us.data.of(leaky, labels[60:], [f"h{i}" for i in range(60)])
    study = us.Study(
        recipe=us.Recipe(
            trainer=us.train.get("sklearn", estimator="decision_tree"),
            train=train,
            holdout=holdout,
        ),
        near_equal=us.select.get("margin", epsilon=0.5),
        variants=3,
        vary=("init",),
    )
    said = []
    found = study.run(tmp_path / "out", where="inline", listeners=[said.append])
    (note,) = [n for n in found.notes if "training example" in n]

    assert "1 of the 60 examples of the holdout have exactly the same input" in note
    assert "such as 'h5'" in note
    assert note.endswith("equal rows may be chance.")
    assert study.run(tmp_path / "out", where="inline") == found


def test_probes_are_compared_once_for_each_training_set(tmp_path):
    """What leaks into a probe is written down with it, and again if the training set is another."""
    from underspec.core.store import Store
    from underspec.study.probing import enumerate_probes

    pixels = images(60)
    holdout = data(pixels[20:40], "h")
    made = []

    def field(examples, key):
        made.append(len(examples))
        yield probe(data(pixels[[3, *range(41, 60)]], "f"))

    def notes(train, key):
        watch = Watch(data(train, "t"), holdout, key)
        return enumerate_probes(Store(tmp_path), [field], holdout, "sum", 0, watch)[1]

    first = notes(pixels[:20], "one")
    assert "1 of the 20 examples of field" in first[0]
    assert notes(pixels[:20], "one") == first
    assert made == [20]
    assert notes(images(20, 1), "another") == []
    assert made == [20, 20]
