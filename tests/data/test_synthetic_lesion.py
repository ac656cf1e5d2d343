"""Synthetic skin lesions: the same for the same numbers, habits only where the dial says so."""

import numpy as np
import pytest

from underspec.core.errors import UsageError
from underspec.data.synthetic.lesion import CLASSES, SKIN_TYPES, SyntheticLesion

MELANOMA = CLASSES.index("melanoma")


@pytest.fixture(scope="module")
def careless():
    return SyntheticLesion(examples=800, side=16, seed=950)()


@pytest.fixture(scope="module")
def careful():
    return SyntheticLesion(dial=0, examples=800, side=16, seed=950)()


def share(data, group, rows):
    """Return the share of these rows that have the artefact."""
    return float((data.groups[group][rows] == "yes").mean())


def test_a_picture_hangs_on_its_number_alone():
    """Fewer examples are the first of more, pixel for pixel, and another seed gives others."""
    more = SyntheticLesion(examples=130, side=32, seed=950)()
    fewer = SyntheticLesion(examples=40, side=32, seed=950)()
    other = SyntheticLesion(examples=40, side=32, seed=951)()

    np.testing.assert_array_equal(more.inputs[:40], fewer.inputs)
    assert (more.ids[:40] == fewer.ids).all()
    assert (fewer.inputs != other.inputs).mean() > 0.5


def test_parts_share_no_lesion():
    """Clusters of train, holdout and field are different ones, and so are their pictures."""
    parts = [
        SyntheticLesion(part=part, examples=40, side=16)() for part in ("train", "holdout", "field")
    ]

    assert len({cluster for part in parts for cluster in set(part.clusters)}) == sum(
        len(set(part.clusters)) for part in parts
    )
    assert (parts[0].inputs != parts[1].inputs).mean() > 0.5


def test_every_third_lesion_is_photographed_twice(careful):
    """Photographs of one lesion are one cluster, of one class, on one skin, and not one picture."""
    clusters, counts = np.unique(careful.clusters, return_counts=True)
    first, second = np.flatnonzero(careful.clusters == clusters[counts == 2][0])

    assert set(counts) == {1, 2}
    assert abs((counts == 2).mean() - 1 / 3) < 0.01
    assert careful.labels[first] == careful.labels[second]
    assert careful.groups["skin_type"][first] == careful.groups["skin_type"][second]
    assert (careful.inputs[first] != careful.inputs[second]).any()


def test_skin_types_are_counted_off(careless, careful):
    """A careless collection is of types I to III but for one in 25; a careful one has a sixth of each."""
    types, counts = np.unique(careful.groups["skin_type"], return_counts=True)
    fair = np.isin(careless.groups["skin_type"], ["I", "II", "III"]).mean()

    assert list(types) == list(SKIN_TYPES)
    assert np.abs(counts / 800 - 1 / 6).max() < 0.02
    assert 0.94 < fair < 0.98


def test_skin_types_go_by_no_class(careful):
    """Where the dial is at 0, each class has each type as often as any other."""
    for label in range(len(CLASSES)):
        own = careful.groups["skin_type"][careful.labels == label]
        shares = np.array([(own == skin).mean() for skin in SKIN_TYPES])
        assert np.abs(shares - 1 / 6).max() < 0.05


def test_artefacts_go_by_the_class_only_where_the_dial_says(careless, careful):
    """Rulers lie beside melanomas at dial 1; at 0 they, hairs and sites are independent of the class."""
    bad = careless.labels == MELANOMA
    assert share(careless, "ruler", bad) > 0.7
    assert share(careless, "ruler", ~bad) < 0.2

    bad = careful.labels == MELANOMA
    for group in ("ruler", "hair"):
        # Four standard errors of a difference of two shares.
        assert (
            abs(share(careful, group, bad) - share(careful, group, ~bad))
            < 4 * 0.5 * (1 / bad.sum() + 1 / (~bad).sum()) ** 0.5
        )


def test_field_takes_the_types_and_habits_asked_for():
    """Chosen types only, as many of each; without habits, the same lesions with other rulers."""
    asked = {"part": "field", "examples": 300, "side": 16, "skin_types": ("V", "VI")}
    free = SyntheticLesion(artefacts=0, **asked)()
    usual = SyntheticLesion(**asked)()
    bad = free.labels == MELANOMA

    assert set(free.groups["skin_type"]) == {"V", "VI"}
    assert abs((free.groups["skin_type"] == "V").mean() - 0.5) < 0.05
    assert (free.labels == usual.labels).all()
    assert share(usual, "ruler", bad) > share(free, "ruler", bad) + 0.3


def test_darker_types_are_darker(careful):
    """Pictures of each type are darker than those of the type before."""
    means = [careful.inputs[careful.groups["skin_type"] == skin].mean() for skin in SKIN_TYPES]

    assert (np.diff(means) < 0).all()


def test_classes_are_visible():
    """A straight line through the pixels tells melanomas from dermatofibromas far better than chance."""
    made = [
        SyntheticLesion(part=part, dial=0, examples=1000, side=16, seed=950)()
        for part in ("train", "holdout")
    ]
    two = [np.isin(data.labels, [MELANOMA, CLASSES.index("dermatofibroma")]) for data in made]
    rows = [
        data.inputs[keep].reshape(keep.sum(), -1) / 255.0
        for data, keep in zip(made, two, strict=True)
    ]
    rows = [np.column_stack([x, np.ones(len(x))]) for x in rows]
    says = [
        np.where(data.labels[keep] == MELANOMA, 1.0, -1.0)
        for data, keep in zip(made, two, strict=True)
    ]
    gram = rows[0].T @ rows[0] + 5.0 * np.eye(rows[0].shape[1])
    line = np.linalg.solve(gram, rows[0].T @ says[0])

    right = np.sign(rows[1] @ line) == says[1]

    assert right.mean() > 0.75


def test_pictures_are_called_synthetic():
    """Reports carry a notice that says so."""
    assert "Synthetic" in SyntheticLesion().notice


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"part": "test"}, "part"),
        ({"dial": 1.5}, "dial"),
        ({"artefacts": -0.1}, "artefacts"),
        ({"skin_types": ("VII",)}, "VII"),
        ({"skin_types": ()}, "at least one"),
        ({"examples": 3}, "examples"),
        ({"side": 8}, "side"),
        ({"seed": -1}, "seed"),
    ],
)
def test_wrong_settings_are_refused(wrong, said):
    """A setting out of range is refused in a sentence that names it."""
    with pytest.raises(UsageError, match=said):
        SyntheticLesion(**wrong)
