"""Published sets of skin lesions, as their folders lie on disk."""

import numpy as np
import pytest

from underspec import data
from underspec.core.errors import UsageError
from underspec.core.lazy import Lazy

SIZE = {"resize": 20, "crop": 16}


def write(root, name, *lines):
    (root / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def ham(tree, head="lesion_id,image_id,dx,dx_type,age,sex,localization,dataset", last=",rosendahl"):
    root = tree(
        "HAM10000_images_part_1/ISIC_0000001.jpg",
        "HAM10000_images_part_1/ISIC_0000002.jpg",
        "HAM10000_images_part_2/ISIC_0000003.jpg",
    )
    write(
        root,
        "HAM10000_metadata.csv",
        head,
        f"HAM_0000001,ISIC_0000001,bkl,histo,80.0,male,scalp{last}",
        f"HAM_0000001,ISIC_0000002,bkl,histo,80.0,male,scalp{last}",
        f"HAM_0000002,ISIC_0000003,nv,consensus,,female,back{last}",
    )
    return root


def test_ham10000_is_read_from_two_folders(tree):
    """A lesion is a cluster, the column dataset is the source, and pictures are decoded when needed."""
    made = data.get("ham10000", root=str(ham(tree)), **SIZE)()

    assert list(made.clusters) == ["HAM_0000001", "HAM_0000001", "HAM_0000002"]
    assert [made.classes[code] for code in made.labels] == ["bkl", "bkl", "nv"]
    assert set(made.groups["source"]) == {"rosendahl"}
    assert list(made.groups["localization"]) == ["scalp", "scalp", "back"]
    assert isinstance(made.inputs, Lazy)
    assert np.asarray(made.inputs[:2]).shape == (2, 16, 16, 3)


def test_ham10000_without_sources_has_no_such_group(tree):
    """The version without the column dataset is read, and asking for its groups says what there is."""
    root = ham(tree, "lesion_id,image_id,dx,dx_type,age,sex,localization", "")
    made = data.get("ham10000", root=str(root), **SIZE)()

    assert "source" not in made.groups


def test_ham10000_is_parted_by_lesion(tree):
    """The wrapper split puts both photographs of a lesion into one part, and every lesion into one."""
    root = tree(*(f"HAM10000_images_part_{k % 2 + 1}/ISIC_{k:07d}.jpg" for k in range(24)))
    write(
        root,
        "HAM10000_metadata",
        "lesion_id,image_id,dx,dx_type,age,sex,localization,dataset",
        *(
            f"HAM_{k // 2:07d},ISIC_{k:07d},{('bkl', 'nv')[k // 12]},histo,,male,back,vidir_modern"
            for k in range(24)
        ),
    )
    of = {"ham10000": {"root": str(root), **SIZE}}
    train, holdout = (
        data.get("split", of=of, part=part, share=0.5)() for part in ("train", "holdout")
    )

    assert not set(train.clusters) & set(holdout.clusters)
    assert len(train) + len(holdout) == 24
    assert len(holdout) == 12


def isic(tree, truth=("1.0,0.0,0.0", "0.0,1.0,0.0", "0.0,1.0,0.0")):
    root = tree(*(f"ISIC_2019_Training_Input/ISIC_000000{k}.jpg" for k in (1, 2, 3)))
    write(
        root,
        "ISIC_2019_Training_GroundTruth.csv",
        "image,MEL,NV,UNK",
        *(f"ISIC_000000{k},{row}" for k, row in enumerate(truth, start=1)),
    )
    write(
        root,
        "ISIC_2019_Training_Metadata.csv",
        "image,age_approx,anatom_site_general,lesion_id,sex",
        "ISIC_0000003,55.0,anterior torso,BCN_1,female",
        "ISIC_0000002,30.0,,BCN_1,female",
        "ISIC_0000001,,upper extremity,,male",
    )
    return root


def test_isic_is_read_from_one_column_a_class(tree):
    """Facts are joined by picture; a picture without a lesion is its own cluster; empty classes go."""
    made = data.get("isic", root=str(isic(tree)), **SIZE)()

    assert made.classes == ("MEL", "NV")
    assert list(made.labels) == [0, 1, 1]
    assert list(made.clusters) == ["ISIC_0000001", "BCN_1", "BCN_1"]
    assert list(made.groups["anatom_site_general"]) == [
        "upper extremity",
        "missing",
        "anterior torso",
    ]


def test_isic_2018_takes_lesions_from_its_groupings(tree):
    """Without a table of facts, the lesion groupings tell the clusters."""
    root = isic(tree)
    (root / "ISIC_2019_Training_Metadata.csv").unlink()
    write(
        root,
        "ISIC2018_Task3_Training_LesionGroupings.csv",
        "image,lesion_id,diagnosis_confirm_type",
        *(f"ISIC_000000{k},HAM_{k // 2},histopathology" for k in (1, 2, 3)),
    )

    assert list(data.get("isic", root=str(root), **SIZE)().clusters) == ["HAM_0", "HAM_1", "HAM_1"]


def test_isic_refuses_two_classes_a_picture(tree):
    """A row with two ones, or none, is named."""
    root = isic(tree, ("1.0,1.0,0.0", "0.0,1.0,0.0", "0.0,1.0,0.0"))
    with pytest.raises(UsageError, match="ISIC_0000001' has 2 classes"):
        data.get("isic", root=str(root), **SIZE)()


def fitzpatrick(tree, third="0c.jpg"):
    root = tree("images/0a.jpg", "images/0b.jpg", f"images/{third}")
    write(
        root,
        "fitzpatrick17k.csv",
        "md5hash,fitzpatrick_scale,fitzpatrick_centaur,label,nine_partition_label,three_partition_label,qc,url,url_alphanum",
        "0a,3,3,drug eruption,inflammatory,non-neoplastic,,https://example.org/a.jpg,a.jpg",
        "0b,6,5,kaposi sarcoma,malignant dermal,malignant,1 Diagnostic,https://example.org/b.jpg,b.jpg",
        "0c,-1,-1,dermatofibroma,benign dermal,benign,,https://example.org/c.jpg,c.jpg",
    )
    return root


def test_fitzpatrick17k_has_skin_types(tree):
    """Numbers become I to VI, -1 unknown; the class is one of three."""
    made = data.get("fitzpatrick17k", root=str(fitzpatrick(tree)), **SIZE)()

    assert list(made.groups["skin_type"]) == ["III", "VI", "unknown"]
    assert made.classes == ("benign", "malignant", "non-neoplastic")
    assert list(made.groups["qc"]) == ["missing", "1 Diagnostic", "missing"]


def test_fitzpatrick17k_leaves_out_what_was_not_fetched_only_if_told(tree):
    """A picture that is not there is an error that says how many, unless missing: true."""
    root = fitzpatrick(tree, "other.jpg")
    with pytest.raises(UsageError, match="1 of the 3 pictures"):
        data.get("fitzpatrick17k", root=str(root), **SIZE)()

    assert list(data.get("fitzpatrick17k", root=str(root), missing=True, **SIZE)().ids) == [
        "0a",
        "0b",
    ]


@pytest.mark.parametrize("where", ["", "images/"])
def test_ddi_is_read_with_or_without_its_folder(tree, where):
    """Skin tones become pairs of types, and true and false become the classes."""
    root = tree(f"{where}000001.png", f"{where}000002.png")
    write(
        root,
        "ddi_metadata.csv",
        ",DDI_ID,DDI_file,skin_tone,malignant,disease",
        "0,1,000001.png,56,True,melanoma-in-situ",
        "1,2,000002.png,12,False,benign-keratosis",
    )
    made = data.get("ddi", root=str(root), **SIZE)()

    assert list(made.labels) == [1, 0]
    assert list(made.groups["skin_type"]) == ["V-VI", "I-II"]
    assert list(made.groups["disease"]) == ["melanoma-in-situ", "benign-keratosis"]


def pad(tree, column="fitspatrick"):
    root = tree(*(f"images/PAT_{k}_{k}0_1.png" for k in (8, 9)), "images/PAT_9_91_2.png")
    write(
        root,
        "metadata.csv",
        f"patient_id,lesion_id,gender,{column},region,diagnostic,img_id,biopsed",
        "PAT_8,80,MALE,3.0,NECK,BCC,PAT_8_80_1.png,True",
        "PAT_9,90,,,FACE,NEV,PAT_9_90_1.png,False",
        "PAT_9,91,,,ARM,NEV,PAT_9_91_2.png,False",
    )
    return root


def test_pad_ufes20_counts_patients(tree):
    """The patient is the cluster, or the lesion where told; unknown skin types are a group."""
    root = str(pad(tree))
    made = data.get("pad_ufes20", root=root, **SIZE)()

    assert list(made.clusters) == ["PAT_8", "PAT_9", "PAT_9"]
    assert list(made.groups["skin_type"]) == ["III", "unknown", "unknown"]
    assert list(data.get("pad_ufes20", root=root, cluster="lesion_id", **SIZE)().clusters) == [
        "80",
        "90",
        "91",
    ]


def test_a_missing_column_is_named(tree):
    """A table without a column says which, and what it has."""
    with pytest.raises(UsageError, match=r"column of .*fitspatrick.*fitzpatrick"):
        data.get("pad_ufes20", root=str(pad(tree, "fitzpatrick")), **SIZE)()


@pytest.mark.parametrize("name", ["ham10000", "isic", "fitzpatrick17k", "ddi", "pad_ufes20"])
def test_a_root_without_the_table_is_refused(name, tree):
    """A folder that lacks the table says what is there instead."""
    with pytest.raises(UsageError, match=r"lacks .* it holds 'images'"):
        data.get(name, root=str(tree("images/one.png")), **SIZE)()


def test_two_pictures_of_one_name_are_refused(tree):
    """Which of two files with one name is meant cannot be told."""
    root = ham(tree)
    (root / "again").mkdir()
    (root / "again" / "ISIC_0000001.jpg").write_bytes(
        (root / "HAM10000_images_part_1" / "ISIC_0000001.jpg").read_bytes()
    )
    with pytest.raises(UsageError, match="one name"):
        data.get("ham10000", root=str(root), **SIZE)()
