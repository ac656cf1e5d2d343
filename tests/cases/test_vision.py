"""The vision case: its real study files, on small trees of the official layout."""

import io
from collections import Counter

import numpy as np
import pytest
from PIL import Image

from underspec import cases
from underspec.cases.ready import ready
from underspec.core.errors import UsageError
from underspec.core.store import Store
from underspec.data.images.imagenet import wnids
from underspec.stress.published.objectnet import shared_classes
from underspec.study.blocks import find_done

SIDE = 8
CORRUPTIONS = "{imagenet_c_files: {path: $DATA/imagenet-c, only: [contrast], severities: [1, 5]}}"
OBJECTNET = "{objectnet: {path: $DATA/objectnet-1.0, resize: 8, crop: 8}}"
SMALL = (
    "train.imagenet.resize=8",
    "train.imagenet.crop=8",
    "holdout.imagenet.resize=8",
    "holdout.imagenet.crop=8",
    "trainer.torch_images.model=small_resnet",
    "trainer.torch_images.model_parameters={width: 8}",
    "trainer.torch_images.batch=64",
    "trainer.torch_images.epochs=2",
    "trainer.torch_images.warm_up=0.5",
    "trainer.torch_images.least_area=0.5",
    "trainer.torch_images.device=cpu",
    "near_equal.margin.epsilon=0.9",
    f"stress=[{CORRUPTIONS}, {OBJECTNET}]",
)


def painted(code, shift=0, frame=0):
    """Bytes of a picture whose colour is the class: its three decimal digits."""
    digits = [code // 100, code // 10 % 10, code % 10]
    pixels = np.full((SIDE + 2 * frame,) * 2 + (3,), (255, 0, 0), np.uint8)
    pixels[frame : frame + SIDE, frame : frame + SIDE] = [25 * d + 12 + shift for d in digits]
    stored = io.BytesIO()
    Image.fromarray(pixels).save(stored, "PNG", compress_level=1)
    return stored.getvalue()


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """ImageNet, a corruption of ImageNet-C at two severities, and ObjectNet; synthetic pictures."""
    root = tmp_path_factory.mktemp("vision")

    def put(content, *parts):
        path = root.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    for code, wnid in enumerate(wnids()):
        put(painted(code), "imagenet", "train", wnid, f"{wnid}_1.JPEG")
        name = f"ILSVRC2012_val_{code + 1:08d}.JPEG"
        put(painted(code), "imagenet", "val", wnid, name)
        for severity in (1, 5):
            place = ("imagenet-c", "contrast", str(severity), wnid, name)
            put(painted(code, severity), *place)
    for folder, codes in shared_classes().items():
        put(painted(codes[0], frame=2), "objectnet-1.0", "images", folder, "1.png")
    return root


def made(tree, out, study, *sets):
    return ready(
        cases.get("vision"), str(out), data=str(tree), only=study, sets=(*SMALL, *sets)
    )  # fmt: skip


@pytest.mark.torch
def test_the_real_files_are_studies(tree, tmp_path):
    """As they stand: every member exists, and the folder of the data is put in."""
    pytest.importorskip("torch")
    case = cases.get("vision")
    for name in case.layout(tree).studies:
        found, (one,) = ready(case, str(tmp_path), data=str(tree), only=name)
        study = one.study
        assert found.name == "imagenet"
        assert study.recipe.train.root == f"{tree}/imagenet"
        assert str(tree) in repr(study.stress)
        assert study.recipe.trainer.model == "resnet50"
    assert study.recipe.trainer.weights is None
    _, (one,) = ready(case, str(tmp_path), data=str(tree), only="real_imagenet_heads")
    variants = one.study.assignment(one.study.variants, one.study.seed)
    assert Counter(v.values["head"] for v in variants) == {"zero": 10, "uniform": 10, "normal": 10}
    assert one.study.recipe.trainer.weights == f"{tree}/weights/resnet50.pth"


def test_a_folder_without_objectnet_is_no_layout(tmp_path):
    """It says what the folder should hold."""
    (tmp_path / "imagenet" / "train").mkdir(parents=True)
    with pytest.raises(UsageError, match=r"imagenet-c, objectnet-1\.0"):
        cases.get("vision").layout(tmp_path)


@pytest.mark.torch
def test_the_real_study_runs_on_the_official_layout(tree, tmp_path, monkeypatch):
    """From folders to findings: ImageNet-C by its published names, ObjectNet by its two figures."""
    pytest.importorskip("torch")
    monkeypatch.setattr("underspec.stress.published.imagenet_c.ImageNetC.side", SIDE)
    _, (one,) = made(
        tree, tmp_path / "out", "real_imagenet", "variants=2",
        f"trainer.torch_images.checkpoints={tmp_path / 'kept'}",
    )  # fmt: skip
    findings = one.study.run(one.out, where="inline")

    assert findings.study.variants.trained == 2
    assert {probe.name for probe in findings.probes} == {
        "holdout", "contrast-1", "contrast-5",
        "objectnet-restricted", "objectnet-full1000",
        "imagenet_on_objectnet-restricted", "imagenet_on_objectnet-full1000",
    }  # fmt: skip
    assert not list((tmp_path / "kept").iterdir())
    assert len(find_done(Store(one.out))) > 0


@pytest.mark.slow
@pytest.mark.torch
def test_fine_tuning_runs_on_the_official_layout(tree, tmp_path, monkeypatch):
    """From weights of another task, with the three kinds of last layer."""
    torch = pytest.importorskip("torch")
    from underspec.train.torch.zoo.small_resnet import small_resnet

    monkeypatch.setattr("underspec.stress.published.imagenet_c.ImageNetC.side", SIDE)
    with torch.random.fork_rng():
        torch.save(small_resnet((3, 8, 8), 7, width=8).state_dict(), tmp_path / "body.pth")
    _, (one,) = made(
        tree, tmp_path / "out", "real_imagenet_heads", "variants=3",
        f"trainer.torch_images.weights={tmp_path / 'body.pth'}",
        f"trainer.torch_images.checkpoints={tmp_path / 'kept'}",
    )  # fmt: skip
    findings = one.study.run(one.out, where="inline")

    assert findings.study.variants.trained == 3
    done = find_done(Store(one.out))
    assert {r["values"]["head"] for d in done.values() for r in d.variants.values()} == {
        "zero", "uniform", "normal",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.torch
def test_the_quick_form_shows_the_pattern(tmp_path):
    """Equal in the lab, and at least one strong corruption on which the classifiers part."""
    pytest.importorskip("torch")
    pytest.importorskip("cv2")
    _, (one,) = ready(cases.get("vision"), str(tmp_path / "out"), form="quick")
    found = {probe.name: probe.verdict for probe in one.study.run(one.out, workers=2).probes[1:]}

    assert {"underspecified", "both"} & set(found.values()), found


@pytest.mark.slow
@pytest.mark.torch
def test_the_control_is_not_called(tmp_path):
    """Trained on all that the stress tests cover, no probe is called, and some are cleared."""
    pytest.importorskip("torch")
    _, (one,) = ready(cases.get("vision"), str(tmp_path / "out"), form="clean")
    found = {probe.name: probe.verdict for probe in one.study.run(one.out, workers=2).probes[1:]}

    assert not {"underspecified", "both"} & set(found.values()), found
    assert "clean" in found.values(), found
