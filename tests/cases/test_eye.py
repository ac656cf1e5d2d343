"""The eye case: its verdicts at both ends of the dial, and the real sets' layouts."""

import numpy as np
import pytest
from PIL import Image

from underspec import cases
from underspec.cases.ready import ready

SPREAD = {"underspecified", "both"}
IDRID = "B. Disease Grading"


def write(root, table, rows, *pictures):
    path = root / table
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    for picture in pictures:
        (root / picture).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(root / picture)


def eyepacs(root):
    for table, folder, first in (("trainLabels", "train", 0), ("retinopathy_solution", "test", 20)):
        names = [f"{first + k}_{eye}" for k in range(4) for eye in ("left", "right")]
        rows = [f"{name},{k % 5}" for k, name in enumerate(names)]
        write(root, f"{table}.csv", ["image,level", *rows], *(f"{folder}/{n}.jpeg" for n in names))


def aptos2019(root):
    rows = [f"p{k},{k % 5}" for k in range(20)]
    write(root, "train.csv", ["id_code,diagnosis", *rows], *(f"train_images/p{k}.png" for k in range(20)))  # fmt: skip


def messidor2(root):
    rows = [f"p{k}.png,{k % 5},0,1" for k in range(20)]
    head = "image_id,adjudicated_dr_grade,adjudicated_dme,adjudicated_gradable"
    write(root, "messidor_data.csv", [head, *rows], *(f"IMAGES/p{k}.png" for k in range(20)))


def idrid(root):
    for part, word in (("a", "Training"), ("b", "Testing")):
        names = [f"IDRiD_{k:03d}" for k in range(1, 6)]
        rows = [f"{name},{k}" for k, name in enumerate(names)]
        table = f"{IDRID}/2. Groundtruths/{part}. IDRiD_Disease Grading_{word} Labels.csv"
        folder = f"{IDRID}/1. Original Images/{part}. {word} Set"
        write(root, table, ["Image name,Retinopathy grade", *rows], *(f"{folder}/{n}.jpg" for n in names))  # fmt: skip


def brset(root):
    camera = ("Canon CR", "NIKON NF5050")
    rows = [f"i{k},{k // 2},{camera[k // 2 % 2]},{k % 5},50,1,1,Adequate" for k in range(40)]
    head = "image_id,patient_id,camera,DR_ICDR,patient_age,patient_sex,exam_eye,quality"
    write(root, "labels.csv", [head, *rows], *(f"fundus_photos/i{k}.jpg" for k in range(40)))


def retinamnist(root):
    arrays = {}
    for part in ("train", "val", "test"):
        arrays[f"{part}_images"] = np.zeros((10, 28, 28, 3), np.uint8)
        arrays[f"{part}_labels"] = np.arange(10, dtype=np.uint8)[:, None] % 5
    np.savez(root / "retinamnist.npz", **arrays)


SETS = {
    maker.__name__: maker for maker in (eyepacs, aptos2019, messidor2, idrid, brset, retinamnist)
}


def test_every_layout_has_a_set_here():
    """No layout of the case goes untested."""
    assert [layout.name for layout in cases.get("eye").layouts] == list(SETS)


@pytest.mark.torch
@pytest.mark.parametrize("name", SETS)
def test_real_layouts_become_studies(name, tmp_path):
    """Each is told by what lies there; train and holdout share no patient, and classes are alike."""
    pytest.importorskip("torch")
    SETS[name](tmp_path)
    layout, made = ready(cases.get("eye"), str(tmp_path / "out"), data=str(tmp_path))
    assert layout is not None
    assert layout.name == name
    recipe = made[0].study.recipe
    train, holdout = recipe.train(), recipe.holdout()
    assert train.classes == holdout.classes == ("not referable", "referable")
    assert not set(train.clusters) & set(holdout.clusters)
    if name == "brset":
        assert set(train.groups["camera"]) | set(holdout.groups["camera"]) == {"Canon CR"}


def run(form, folder):
    _, made = ready(cases.get("eye"), folder, form=form)
    return {probe.name: probe for probe in made[0].study.run(folder, workers=2).probes}


@pytest.mark.slow
@pytest.mark.torch
def test_the_careless_lab_is_underspecified(tmp_path):
    """At dial 1 variants that are equal in the lab part before the camera that was held out."""
    pytest.importorskip("torch")
    found = run("quick", str(tmp_path))
    assert found["holdout"].mean.value > 0.85
    assert found["camera_e"].verdict in SPREAD, found["camera_e"].because
    assert found["camera_e"].gap.value > 2 * found["holdout"].gap.value


@pytest.mark.slow
@pytest.mark.torch
def test_where_all_cameras_are_alike_nothing_is_called(tmp_path):
    """At dial 0 nothing is called, the held-out camera is cleared of a fall, and gaps are small."""
    pytest.importorskip("torch")
    found = run("clean", str(tmp_path))
    assert not {probe.verdict for probe in found.values()} & (SPREAD | {"structural"}), found
    assert found["camera_e"].verdict == "clean", found["camera_e"].because
