"""The skin case: its verdicts at both ends of the dial, and the real sets' layouts."""

import numpy as np
import pytest
from PIL import Image

from underspec import cases
from underspec.cases.ready import ready

SPREAD = {"underspecified", "both"}


def write(root, table, rows, *pictures):
    (root / table).write_text("\n".join(rows) + "\n", encoding="utf-8")
    for picture in pictures:
        (root / picture).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(root / picture)


def ham10000(root):
    head = "lesion_id,image_id,dx,dx_type,age,sex,localization,dataset"
    kinds = ("bcc", "mel", "nv")
    rows = [
        f"HAM_{k // 2},ISIC_{k},{kinds[k // 2 % 3]},histo,50,male,back,rosendahl" for k in range(60)
    ]
    places = (f"HAM10000_images_part_{1 + k % 2}/ISIC_{k}.jpg" for k in range(60))
    write(root, "HAM10000_metadata.csv", [head, *rows], *places)


def isic(root):
    rows = [f"ISIC_{k},{float(k % 2)},{float(1 - k % 2)},0.0" for k in range(40)]
    facts = [f"ISIC_{k},50.0,head/neck,,male" for k in range(40)]
    write(root, "ISIC_2019_Training_GroundTruth.csv", ["image,MEL,NV,BCC", *rows])
    write(
        root,
        "ISIC_2019_Training_Metadata.csv",
        ["image,age_approx,anatom_site_general,lesion_id,sex", *facts],
        *(f"ISIC_2019_Training_Input/ISIC_{k}.jpg" for k in range(40)),
    )


def fitzpatrick17k(root):
    head = "md5hash,fitzpatrick_scale,fitzpatrick_centaur,label,nine_partition_label,three_partition_label,qc,url,url_alphanum"
    kinds = ("benign", "malignant", "non-neoplastic")
    rows = [f"h{k},{1 + k % 6},1,x,y,{kinds[k % 3]},,u,a" for k in range(60)]
    write(root, "fitzpatrick17k.csv", [head, *rows], *(f"images/h{k}.jpg" for k in range(50)))


def ddi(root):
    rows = [f"{k},{k},{k:06d}.png,{('12', '34', '56')[k % 3]},{k % 2 == 0},x" for k in range(40)]
    head = ",DDI_ID,DDI_file,skin_tone,malignant,disease"
    write(root, "ddi_metadata.csv", [head, *rows], *(f"{k:06d}.png" for k in range(40)))


def pad_ufes(root):
    kinds = ("BCC", "NEV")
    rows = [
        f"PAT_{k // 2},{k},MALE,{1 + k % 6}.0,FACE,{kinds[k // 2 % 2]},PAT_{k}.png"
        for k in range(60)
    ]
    head = "patient_id,lesion_id,gender,fitspatrick,region,diagnostic,img_id"
    write(root, "metadata.csv", [head, *rows], *(f"images/PAT_{k}.png" for k in range(60)))


def dermamnist(root):
    arrays = {}
    for part in ("train", "val", "test"):
        arrays[f"{part}_images"] = np.zeros((14, 64, 64, 3), np.uint8)
        arrays[f"{part}_labels"] = np.arange(14, dtype=np.uint8)[:, None] % 7
    np.savez(root / "dermamnist_64.npz", **arrays)


SETS = {
    maker.__name__: maker for maker in (ham10000, isic, fitzpatrick17k, ddi, pad_ufes, dermamnist)
}


def test_every_layout_has_a_set_here():
    """No layout of the case goes untested."""
    assert [layout.name for layout in cases.get("skin").layouts] == list(SETS)


@pytest.mark.torch
@pytest.mark.parametrize("name", SETS)
def test_real_layouts_become_studies(name, tmp_path):
    """Each is told by what lies there; train and holdout share no lesion, and classes are alike."""
    pytest.importorskip("torch")
    SETS[name](tmp_path)

    layout, made = ready(cases.get("skin"), str(tmp_path / "out"), data=str(tmp_path))

    assert layout is not None
    assert layout.name == name
    recipe = made[0].study.recipe
    train, holdout = recipe.train(), recipe.holdout()
    assert train.classes == holdout.classes
    assert len(np.unique(train.labels)) == len(np.unique(holdout.labels)) >= 2
    assert not set(train.clusters) & set(holdout.clusters)
    assert train.inputs.shape[1:] == (64, 64, 3)


def probes(form, tmp_path):
    """Run a form of the stand-in; return its findings on accuracy by probe."""
    _, made = ready(cases.get("skin"), str(tmp_path), form=form)
    findings = made[0].study.run(made[0].out)
    return {one.name: one for one in findings.probes if one.metric == "accuracy"}


@pytest.mark.slow
@pytest.mark.torch
def test_models_of_a_careless_collection_fall_on_darker_skin(tmp_path):
    """At dial 1 all fall where skin is dark, and part further there than on the same lesions on fair skin."""
    pytest.importorskip("torch")
    found = probes("quick", tmp_path)

    assert found["darker"].verdict in SPREAD, found["darker"].because
    assert found["lighter"].verdict not in SPREAD
    assert found["darker"].gap.value > 1.5 * found["lighter"].gap.value


@pytest.mark.slow
@pytest.mark.torch
def test_models_of_a_careful_collection_do_not(tmp_path):
    """At dial 0 no probe is called for a fall or for spread."""
    pytest.importorskip("torch")
    found = probes("clean", tmp_path)

    assert "darker" in found
    assert not {one.verdict for one in found.values()} & (SPREAD | {"structural"})
