"""A study whose stress tests are published folders, read when needed, from start to report."""

import numpy as np
import pytest
from PIL import Image

from underspec.core.store import Store
from underspec.data.images.imagenet import wnids
from underspec.report.errors import error_rows
from underspec.stress.published.objectnet import shared_classes
from underspec.study import load_study
from underspec.study.results import read_dossier

SIDE = 8
STUDY = """
schema: 1
name: colours
seed: 3
train: {imagenet: {root: "train", part: train, resize: 8, crop: 8}}
holdout: {imagenet: {root: "val", resize: 8, crop: 8}}
trainer: {sklearn: {estimator: extra_trees, parameters: {n_estimators: 6}}}
vary: {sources: [init]}
variants: 3
near_equal: {margin: {epsilon: 0.9}}
stress:
  - {imagenet_c_files: {path: "imagenet-c", only: [contrast, fog], severities: [1, 2]}}
  - {objectnet: {path: "objectnet-1.0", resize: 8, crop: 8}}
  - {contrast: {severities: [1], examples: 300}}
"""


def paint(path, code, shift=0):
    """Write a picture whose colour is the class: its three decimal digits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digits = [code // 100, code // 10 % 10, code % 10]
    pixels = np.full((SIDE, SIDE, 3), [25 * d + 12 + shift for d in digits], np.uint8)
    Image.fromarray(pixels).save(path, "PNG")


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """Return the findings, the dossier and the folder of a study on made-up trees."""
    place = tmp_path_factory.mktemp("published")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        for code, wnid in enumerate(wnids()):
            for at in range(3):
                paint(place / "train" / wnid / f"{wnid}_{at}.JPEG", code, at - 1)
            name = f"ILSVRC2012_val_{code + 1:08d}.JPEG"
            paint(place / "val" / wnid / name, code)
            for corruption in ("contrast", "fog"):
                for severity in (1, 2):
                    shift = 2 if corruption == "contrast" else 4 * severity
                    folder = place / "imagenet-c" / corruption / str(severity) / wnid
                    paint(folder / name, code, shift)
        for folder, codes in shared_classes().items():
            for at, code in enumerate(codes):
                path = place / "objectnet-1.0" / "images" / folder / f"{folder}-{at}.png"
                paint(path, code)
                framed = np.pad(
                    np.asarray(Image.open(path)), ((2, 2), (2, 2), (0, 0)), constant_values=255
                )
                framed[:2, :, 1:] = 0
                Image.fromarray(framed).save(path)
        (place / "study.yaml").write_text(STUDY)
        study, _ = load_study("study.yaml")
        # The published files are 224 pixels wide; these are small.
        patch.setattr("underspec.stress.published.imagenet_c.ImageNetC.side", SIDE)
        findings = study.run("out", where="inline")
        yield findings, read_dossier(Store("out")), place


def test_every_published_set_is_a_probe(ran):
    """Corruptions by their published names, ObjectNet by its two figures, each with a control."""
    names = {probe.name for probe in ran[0].probes}
    assert names == {
        "holdout", "contrast-1", "contrast-2", "fog-1", "fog-2", "contrast-gen-1",
        "objectnet-restricted", "objectnet-full1000",
        "imagenet_on_objectnet-restricted", "imagenet_on_objectnet-full1000",
    }  # fmt: skip


def test_answers_are_read_as_objectnets_classes(ran):
    """Same colours as in training: right by any of a folder's classes, and the frame is cut off."""
    mean = {probe.name: probe.mean.value for probe in ran[0].probes}
    assert mean["holdout"] > 0.9
    assert mean["objectnet-restricted"] >= mean["objectnet-full1000"] > 0.9
    assert mean["imagenet_on_objectnet-restricted"] > 0.9


def test_distorted_images_are_the_holdouts_own(ran):
    """The probes of ImageNet-C are reported on the same half of the same images."""
    n = {probe.name: probe.n for probe in ran[0].probes}
    assert n["contrast-1"] == n["fog-2"] == n["holdout"]


def test_the_corruption_error_says_what_it_lacks(ran):
    """Four of 75 probes: a mean, a relative one, and no AlexNet."""
    rows = {row.suite: row for row in error_rows(ran[0])}
    assert set(rows) == {"imagenet c", "corruptions (gen)"}
    assert "over 4 of the 75 probes" in rows["imagenet c"].note.lower()
    assert rows["imagenet c"].relative.main != "not resolved"


def test_the_report_shows_no_picture_of_objectnet(ran):
    """And its page says what the errors are over."""
    _, dossier, place = ran
    assert not any("objectnet" in exhibit.probe for exhibit in dossier.exhibits)
    page = (place / "out" / "report.html").read_text()
    assert "Corruption error of whole sets" in page
