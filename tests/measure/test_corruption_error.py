"""Corruption errors against hand-made sums."""

import numpy as np
import pytest

from underspec.core.streams import stream
from underspec.measure import CorruptionErrors, Evidence
from underspec.measure.alexnet import CLEAN, ERRORS

IDS = tuple(f"v{v:03d}" for v in range(12))
KEPT = IDS[:10]
N = 400
CLUSTERS = np.asarray([f"image-{at}" for at in range(N)])


def evidence(name, family, severity, right, clusters=CLUSTERS):
    return Evidence(name, name, "shifted", family, severity, IDS, right.astype(float), clusters)


def whole_set(suffix=""):
    """Return a set of 75 probes of random answers, with the accuracy that each was drawn at."""
    draw = stream(3, "corruption error").generator()
    for corruption in ERRORS:
        for severity in range(1, 6):
            chance = draw.uniform(0.2, 0.9)
            right = draw.random((len(IDS), N)) < chance
            family = corruption + suffix
            yield evidence(f"{family}-{severity}", family, severity, right)


HOLDOUT = evidence(
    "holdout", "holdout", None, stream(3, "clean").generator().random((len(IDS), N)) < 0.9
)


def found(suite, probes, holdout=HOLDOUT, classes=1000):
    errors = CorruptionErrors(KEPT)
    for probe in probes:
        errors.take(probe, suite, classes)
    return errors.findings(holdout)


def test_mce_is_the_mean_of_errors_over_those_of_alexnet():
    """CE_c = sum over severities of E / sum of E(AlexNet); mCE their mean; relative less the clean."""
    probes = list(whole_set())
    (one,) = found("imagenet_c", probes)
    clean = 1 - HOLDOUT.contributions[:10].mean()
    ces, relatives = [], []
    for corruption, alexnet in ERRORS.items():
        error = np.mean([1 - p.contributions[:10].mean() for p in probes if p.family == corruption])
        ces.append(error / alexnet)
        relatives.append((error - clean) / (alexnet - CLEAN))
        assert one.families[corruption] == pytest.approx(error / alexnet)
    assert (one.baseline, one.complete) == ("AlexNet", True)
    assert one.note == "Over 400 images a probe where published figures have 50,000."
    assert one.mean.value == pytest.approx(np.mean(ces), rel=1e-6)
    assert one.relative.value == pytest.approx(np.mean(relatives), rel=1e-6)
    assert one.mean.low < one.mean.value < one.mean.high


def test_only_kept_variants_count():
    """A dropped variant that is always wrong moves nothing."""
    probes = list(whole_set())
    before = found("imagenet_c", probes)
    for probe in probes:
        probe.contributions[10:] = 0.0
    assert found("imagenet_c", probes) == before


def test_other_sets_have_no_baseline_and_say_so():
    """CIFAR-10-C: the plain mean of errors, with a sentence."""
    probes = list(whole_set())
    (one,) = found("cifar_10_c", probes)
    assert one.baseline is None
    assert one.mean.value == pytest.approx(
        np.mean([1 - p.contributions[:10].mean() for p in probes]), rel=1e-6
    )
    assert one.note == ("No baseline is published for this set: errors are averaged as they are.")


def test_what_is_made_afresh_is_never_divided_by_alexnets_errors():
    """Generated pixels are not those of the published files."""
    (one,) = found("corruptions-gen", whole_set("-gen"))
    assert one.baseline is None
    assert one.note == "Made afresh: not to be held against published figures."
    assert set(one.families) == set(ERRORS)


def test_a_part_of_the_set_is_not_called_mce():
    """One probe less than 75: plain means, corruption by corruption, and a sentence."""
    probes = list(whole_set())[:-1]
    (one,) = found("imagenet_c", probes)
    assert (one.baseline, one.complete) == (None, False)
    assert one.note == (
        "Over 74 of the 75 probes of the full set: not to be held against published figures."
    )
    by_family = [
        np.mean([1 - p.contributions[:10].mean() for p in probes if p.family == c]) for c in ERRORS
    ]
    assert one.mean.value == pytest.approx(np.mean(by_family), rel=1e-6)


def test_validation_corruptions_stand_aside():
    """The four made for tuning are named and do not enter the mean."""
    probes = list(whole_set())
    (before,) = found("imagenet_c", probes)
    extra = evidence("spatter-1", "spatter", 1, np.zeros((len(IDS), N)))
    (after,) = found("imagenet_c", [*probes, extra])
    assert after.mean == before.mean
    assert after.note.endswith("Left out, being for tuning: spatter.")


def test_other_images_have_a_mean_without_an_interval():
    """Where probes do not share their examples, errors are averaged but nothing is resolved."""
    probes = list(whole_set())
    other = np.asarray([f"other-{at}" for at in range(N)])
    probes[7] = evidence(probes[7].name, probes[7].family, 3, probes[7].contributions.copy(), other)
    (one,) = found("imagenet_c", probes)
    (whole,) = found("imagenet_c", whole_set())
    assert one.mean.value == pytest.approx(whole.mean.value, rel=1e-6)
    assert one.mean.low is None
    assert one.gap.value is None
    assert "do not share" in one.note


def test_relative_error_needs_the_same_images_undistorted():
    """Without them in the holdout, or in another order there, it is absent or the same."""
    probes = list(whole_set())
    turned = evidence(
        "holdout", "holdout", None, HOLDOUT.contributions[:, ::-1], CLUSTERS[::-1].copy()
    )
    assert found("imagenet_c", probes, turned) == found("imagenet_c", probes)
    part = evidence("holdout", "holdout", None, HOLDOUT.contributions[:, 5:], CLUSTERS[5:])
    (one,) = found("imagenet_c", probes, part)
    assert one.relative.value is None
    assert "No relative error" in one.note


def test_some_classes_are_not_divided_by_errors_over_all():
    """AlexNet's errors are over 1,000 classes: with 12 there are plain means and a sentence."""
    probes = list(whole_set())
    (one,) = found("imagenet_c", probes, classes=12)
    assert one.baseline is None
    assert one.note == "Over 12 of 1,000 classes: not to be held against published figures."


def test_the_gap_finds_variants_that_part_in_the_mean():
    """Skill that shifts every probe alike: the gap is Gini's mean difference of the skills."""
    draw = stream(4, "gap").generator()
    n = 3000
    clusters = np.asarray([f"image-{at}" for at in range(n)])
    skill = np.linspace(-0.1, 0.1, len(IDS))[:, None]
    probes = [
        evidence(f"{c}-{s}", c, s, draw.random((len(IDS), n)) < 0.5 + skill, clusters)
        for c in ERRORS
        for s in range(1, 6)
    ]
    (one,) = found("cifar_10_c", probes)
    kept = skill[:10, 0]
    true = np.abs(kept[:, None] - kept).sum() / (len(kept) * (len(kept) - 1))
    assert one.gap.value == pytest.approx(true, rel=0.05)
    assert one.gap.low < true < one.gap.high
