"""The suites are the single corruptions, to the bit."""

import sys

import numpy as np
import pytest

from underspec import stress
from underspec.core.errors import MissingExtraError, UsageError
from underspec.core.streams import stream
from underspec.data import checksum
from underspec.stress._protocol import Ready
from underspec.testing.stress import check_stress, sample_images

KEY = stream(20, "stress")
TEST = [
    "gaussian_noise", "shot_noise", "impulse_noise", "defocus_blur", "glass_blur", "motion_blur",
    "zoom_blur", "snow", "frost", "fog", "brightness", "contrast", "elastic_transform", "pixelate",
    "jpeg_compression",
]  # fmt: skip
VALIDATION = ["speckle_noise", "gaussian_blur", "spatter", "saturate"]
SUITES = {
    "imagenet_c": (TEST, {}, "size"),
    "imagenet_c_validation": (VALIDATION, {}, "size"),
    "cifar_c": (TEST + VALIDATION, {"also_validation": True}, "cifar_c"),
}


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_a_suite_is_its_members(suite):
    """Names, order, titles and every pixel are those of the corruptions made one by one."""
    pytest.importorskip("cv2")
    families, more, like = SUITES[suite]
    source = sample_images(7, side=48, channels=3)
    options = {"severities": [2, 5], "examples": 5}
    got = list(stress.get(suite, **options, **more)(source, KEY))
    one_by_one = [p for f in families for p in stress.get(f, like=like, **options)(source, KEY)]
    assert [p.name for p in got] == [f"{f}-gen-{s}" for f in families for s in (2, 5)]
    for probe, single in zip(got, one_by_one, strict=True):
        said = (probe.name, probe.family, probe.kind, probe.severity, probe.title, probe.suite)
        assert said == (
            single.name, single.family, single.kind, single.severity, single.title, single.suite
        )  # fmt: skip
        assert checksum(probe.data) == checksum(single.data)


def test_cifar_c_keeps_its_constants_at_any_size():
    """At 224 pixels pixelate keeps 65 per cent of the side, where ImageNet-C keeps 25."""
    source = sample_images(3, side=224, channels=1)
    few = {}
    for suite in ("cifar_c", "imagenet_c"):
        (probe,) = stress.get(suite, only=["pixelate"], severities=[5])(source, KEY)
        rows = probe.data.inputs[0, :, :, 0].astype(int)
        few[suite] = 1 + np.count_nonzero(np.abs(np.diff(rows, axis=1)).any(axis=0))
    assert few == {"cifar_c": 145, "imagenet_c": 56}


def test_without_the_validation_ones_cifar_c_has_15():
    """As its test has, and as the mean over it is taken."""
    pytest.importorskip("cv2")
    names = [p.family for p in stress.get("cifar_c", severities=[1])(sample_images(4), KEY)]
    assert names == [f"{name}-gen" for name in TEST]


def test_only_takes_some_in_the_published_order():
    """However they are listed, or as one name."""
    source = sample_images(4)
    probes = stress.get("imagenet_c", only=["pixelate", "contrast"], severities=[1, 3])(source, KEY)
    assert [p.name for p in probes] == [
        "contrast-gen-1", "contrast-gen-3", "pixelate-gen-1", "pixelate-gen-3"
    ]  # fmt: skip
    (probe,) = stress.get("imagenet_c", only="pixelate", severities=2)(source, KEY)
    assert probe.name == "pixelate-gen-2"


@pytest.mark.parametrize(
    ("suite", "given", "says"),
    [
        ("imagenet_c", {"only": ["pixlate"]}, "'pixlate'. Did you mean 'pixelate'"),
        ("imagenet_c", {"only": ["saturate"]}, "No corruption in 'imagenet_c' named 'saturate'"),
        ("cifar_c", {"only": ["spatter"]}, "No corruption in 'cifar_c' named 'spatter'"),
        ("imagenet_c_validation", {"only": ["fog"]}, "named 'fog'"),
        ("imagenet_c", {"only": []}, "each once; got .* Leave it out to have all 15"),
        ("imagenet_c", {"only": ["fog", "fog"]}, "each once"),
        ("cifar_c", {"severities": [0]}, "Severities of 'cifar_c' are from 1 to 5"),
        ("imagenet_c_validation", {"examples": 0}, "examples must be at least 1"),
    ],
)
def test_what_is_asked_for_is_checked(suite, given, says):
    """Unknown names, severities and numbers of examples have their sentence."""
    with pytest.raises(UsageError, match=says):
        stress.get(suite, **given)


def test_where_opencv_is_missing_one_sentence_says_so_first(monkeypatch):
    """Nothing is made, those that need it are named, and the command to paste is there."""
    monkeypatch.setitem(sys.modules, "cv2", None)
    probes = iter(stress.get("imagenet_c")(sample_images(4), KEY))
    with pytest.raises(MissingExtraError, match=r"'imagenet_c' \(for .*defocus_blur.*jpeg.*images"):
        next(probes)


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_readiness_can_be_asked_before_anything_is_made(monkeypatch, suite):
    """Without data: silent where all is there, else a sentence ending in the command to paste."""
    pytest.importorskip("cv2")
    test = stress.get(suite)
    assert isinstance(test, Ready)
    test.ready()
    stress.get("imagenet_c", only="contrast").ready()
    monkeypatch.setitem(sys.modules, "cv2", None)
    stress.get("imagenet_c", only="contrast").ready()
    with pytest.raises(MissingExtraError, match=rf"'{suite}' \(for .*underspec\[images\]'$"):
        test.ready()


def test_small_pictures_are_refused_before_anything_is_made():
    """One sentence names the corruptions that want more, and those that would do."""
    pytest.importorskip("cv2")
    small = sample_images(4, side=8)
    says = (
        r"is 8 pixels, and 'imagenet_c' .*: zoom_blur \(18\), snow \(13\), elastic_transform \(9\)\. "
        r"Write only: \[gaussian_noise, .*jpeg_compression\], take"
    )
    with pytest.raises(UsageError, match=says):
        next(iter(stress.get("imagenet_c")(small, KEY)))
    with pytest.raises(UsageError, match=r"'cifar_c' .*fog \(4\)\. Take other"):
        next(iter(stress.get("cifar_c", only="fog")(sample_images(4, side=3), KEY)))
    assert len(list(stress.get("imagenet_c", only=["fog", "contrast"])(small, KEY))) == 10


def test_what_needs_no_opencv_runs_without(monkeypatch):
    """Contrast, pixelate and motion blur, with the same pixels."""
    only = ["contrast", "motion_blur", "pixelate"]
    suite = stress.get("imagenet_c", only=only, severities=[3])
    source = sample_images(5, channels=3)
    before = [checksum(p.data) for p in suite(source, KEY)]
    monkeypatch.setitem(sys.modules, "cv2", None)
    assert [checksum(p.data) for p in suite(source, KEY)] == before


@pytest.mark.parametrize("suite", sorted(SUITES))
def test_suites_keep_the_contract(suite):
    """The shipped check, on colour at a size between the published ones."""
    pytest.importorskip("cv2")
    check_stress(stress.get(suite, severities=[3]), sample_images(9, side=40, channels=3))
