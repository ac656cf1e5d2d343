"""Writing the exchange format: what was written is what is read."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from underspec.core.errors import UsageError
from underspec.core.names import slug
from underspec.core.records import Predictions, Variant
from underspec.core.streams import stream
from underspec.data.predictions import Foreign, ForeignProbe, read, write

NAMES = st.text(
    st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=8
).filter(str.strip)  # fmt: skip
CLASSES = ("../x", "9", "10", "<b>", "NA", "a,'\"b", "null", "é")


@st.composite
def foreigns(draw):
    """Return predictions of any size, names, clusters, groups and sources."""
    classes = draw(st.integers(2, len(CLASSES)))
    variants = draw(st.lists(NAMES, min_size=2, max_size=4, unique=True))
    titles = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    scored, clustered, grouped = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
    random = stream(draw(st.integers(0, 1000)), "tests").generator()
    probes = []
    for title in titles:
        ids = np.array(sorted(draw(st.sets(NAMES, min_size=2, max_size=5))))
        n = len(ids)
        labels = random.integers(0, classes, n).astype(np.int32)
        labels[:2] = 0, 1
        scores = random.dirichlet(np.ones(classes), (len(variants), n)).astype(np.float32)
        answers = scores.argmax(axis=2).astype(np.int32)
        answers[0] = labels
        scores[0] = np.eye(classes)[labels]
        said = Predictions(tuple(variants), labels, answers, None, scores if scored else None)
        clusters = random.choice(["one", "two"], n) if clustered else ids
        group = random.choice(["north", "missing"], n) if grouped else None
        probes.append(ForeignProbe(slug(title), title, said, ids, clusters, group))
    values = [{"init": str(at), "cell": "lstm"} for at in range(len(variants))]
    return Foreign(
        tuple(probes),
        tuple(Variant(v, {}, value) for v, value in zip(variants, values, strict=True)),
        CLASSES[:classes],
    )


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@given(foreign=foreigns())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_what_is_written_is_what_is_read(tmp_path, suffix, foreign):
    """Round trip of both kinds of file: every answer, score, label, name and source."""
    path = tmp_path / f"p{suffix}"
    write(path, foreign)
    holdout = foreign.probes[0]
    got = read(path, holdout.title)
    row = {variant.id: at for at, variant in enumerate(foreign.variants)}
    order = [row[variant.id] for variant in got.variants]

    assert {p.title for p in got.probes} == {p.title for p in foreign.probes}
    assert got.probes[0].title == holdout.title
    assert sorted(order) == list(range(len(row)))
    for variant in got.variants:
        assert variant.values == foreign.variants[row[variant.id]].values
    wanted = {probe.title: probe for probe in foreign.probes}
    for probe in got.probes:
        want = wanted[probe.title]
        assert probe.name == want.name
        assert probe.predictions.variants == tuple(variant.id for variant in got.variants)
        np.testing.assert_array_equal(probe.ids, want.ids)
        np.testing.assert_array_equal(probe.clusters, want.clusters)
        if want.group is None:
            assert probe.group is None
        else:
            np.testing.assert_array_equal(probe.group, want.group)
        if want.predictions.scores is None:
            names, wrote = np.array(got.classes), np.array(foreign.classes)
        else:
            names, wrote = np.arange(len(got.classes)), np.arange(len(foreign.classes))
            np.testing.assert_array_equal(probe.predictions.scores, want.predictions.scores[order])
        np.testing.assert_array_equal(
            names[probe.predictions.labels], wrote[want.predictions.labels]
        )
        np.testing.assert_array_equal(
            names[probe.predictions.answers], wrote[want.predictions.answers[order]]
        )


def small(scores):
    said = Predictions(
        ("a", "b"), np.array([0, 1], np.int32), np.array([[0, 1], [1, 1]], np.int32), None, scores
    )
    ids = np.array(["i1", "i2"])
    probe = ForeignProbe("holdout", "holdout", said, ids, ids)
    return Foreign((probe,), (Variant("a", {}), Variant("b", {})), ("cat", "dog"))


def test_answers_can_be_written_where_there_are_scores(tmp_path):
    """The form can be chosen: classes by name, or scores by number."""
    scores = np.full((2, 2, 2), 0.5, np.float32)
    write(tmp_path / "p.csv", small(scores), form="prediction")
    assert read(tmp_path / "p.csv", "holdout").classes == ("cat", "dog")
    write(tmp_path / "p.csv", small(scores))
    assert read(tmp_path / "p.csv", "holdout").classes == ("0", "1")


def test_what_cannot_be_written_leaves_nothing_behind(tmp_path):
    """A wrong suffix, absent scores or scores of other classes are refused; no file appears."""
    with pytest.raises(UsageError, match=r"must end in .parquet or .csv"):
        write(tmp_path / "p.txt", small(None))
    with pytest.raises(UsageError, match="some probe has answers only"):
        write(tmp_path / "p.csv", small(None), form="scores")
    with pytest.raises(UsageError, match="scores of 3 classes, but there are 2"):
        write(tmp_path / "p.csv", small(np.full((2, 2, 3), 1 / 3, np.float32)))

    assert list(tmp_path.iterdir()) == []
