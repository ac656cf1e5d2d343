"""Graded fundus photographs as EyePACS, APTOS, Messidor-2, IDRiD and BRSET are published."""

import numpy as np
import pytest

from underspec import data
from underspec.core.errors import UsageError

SIZES = {"resize": 16, "crop": 16}
CLASSES = ("not referable", "referable")


def read(name, root, **more):
    return data.get(name, root=str(root), **SIZES, **more)()


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.fixture
def eyepacs(tree):
    root = tree("train/1_left.jpeg", "train/1_right.jpeg", "train/2_left.jpeg", "test/9_right.jpeg")
    write(root / "trainLabels.csv", "image,level\n1_left,0\n1_right,2\n2_left,1\n")
    write(root / "retinopathy_solution.csv", "image,level,Usage\n9_right,4,Private\n")
    return root


def test_eyepacs_has_two_eyes_a_patient(eyepacs):
    """The name tells patient and eye, the level whether it is referred; pictures come when asked."""
    made = read("eyepacs", eyepacs)
    assert made.labels.tolist() == [0, 1, 0]
    assert made.classes == CLASSES
    assert made.clusters.tolist() == ["eyepacs-1", "eyepacs-1", "eyepacs-2"]
    assert made.groups["eye"].tolist() == ["left", "right", "left"]
    assert made.groups["grade"].tolist() == ["0", "2", "1"]
    assert made.ids[1] == "eyepacs-1_right"
    assert np.asarray(made.inputs).shape == (3, 16, 16, 3)
    test = read("eyepacs", eyepacs, part="test")
    assert test.groups["usage"].tolist() == ["Private"]
    assert test.labels.tolist() == [1]


def test_grades_may_be_the_classes_or_start_elsewhere(eyepacs):
    """positive_from moves the line; null keeps five classes."""
    assert read("eyepacs", eyepacs, positive_from=1).labels.tolist() == [0, 1, 1]
    graded = read("eyepacs", eyepacs, positive_from=None)
    assert graded.labels.tolist() == [0, 2, 1]
    assert graded.classes == ("0", "1", "2", "3", "4")


def test_names_without_an_eye_are_refused(eyepacs):
    """A name that tells no patient cannot be of the set."""
    write(eyepacs / "trainLabels.csv", "image,level\n1_left,0\n1,2\n")
    with pytest.raises(UsageError, match="the picture '1', but names end in _left or _right"):
        read("eyepacs", eyepacs)


def test_aptos_is_read(tree):
    """id_code and diagnosis; files that were scaled and saved as another kind count too."""
    root = tree("train_images/00a.png", "train_images/b.1.jpg")
    write(root / "train.csv", "id_code,diagnosis\n00a,3\nb.1,0\n")
    made = read("aptos2019", root)
    assert made.labels.tolist() == [1, 0]
    assert made.ids.tolist() == ["aptos-00a", "aptos-b.1"]
    assert made.clusters.tolist() == made.ids.tolist()


@pytest.fixture
def messidor(tree):
    root = tree("IMAGES/x_PP.png", "IMAGES/IM01.JPG", "IMAGES/IM02.JPG", "IMAGES/IM03.JPG")
    write(
        root / "messidor_data.csv",
        "image_id,adjudicated_dr_grade,adjudicated_dme,adjudicated_gradable\n"
        "x_PP.png,2,1,1\nIM01.jpg,0,0,1\nIM02.jpg,,,0\nIM03.jpg,1.0,0,1\n",
    )
    return root


def test_messidor_leaves_out_what_was_not_gradable(messidor):
    """Names are matched whatever their case; without the list of pairs each picture is a patient."""
    made = read("messidor2", messidor)
    assert made.labels.tolist() == [1, 0, 0]
    assert made.ids.tolist() == ["messidor2-x_PP.png", "messidor2-IM01.jpg", "messidor2-IM03.jpg"]
    assert made.groups["edema"].tolist() == ["1", "0", "0"]
    assert made.clusters.tolist() == made.ids.tolist()


def test_messidor_takes_pairs_for_patients(messidor):
    """Two pictures of one line are of one patient."""
    write(messidor / "messidor-2.csv", "left;right\nIM01.JPG;IM03.JPG\n")
    made = read("messidor2", messidor)
    assert made.clusters[1] == made.clusters[2] != made.clusters[0]


def idrid(tree, head="Image name,Retinopathy grade,Risk of macular edema ,,,"):
    top = "B. Disease Grading/1. Original Images"
    root = tree(f"{top}/a. Training Set/IDRiD_001.jpg", f"{top}/b. Testing Set/IDRiD_001.jpg")
    for part, name in (("a", "Training"), ("b", "Testing")):
        write(
            root
            / f"B. Disease Grading/2. Groundtruths/{part}. IDRiD_Disease Grading_{name} Labels.csv",
            f"{head}\nIDRiD_001,{3 if part == 'a' else 0},2,,,\n,,,,,\n",
        )
    return root


def test_idrid_is_read_from_either_folder(tree):
    """Columns with blanks at their end and empty rows are as published; parts share no id."""
    root = idrid(tree)
    train, test = read("idrid", root), read("idrid", root / "B. Disease Grading", part="test")
    assert train.ids.tolist() == ["idrid-train-IDRiD_001"]
    assert test.ids.tolist() == ["idrid-test-IDRiD_001"]
    assert (train.labels.tolist(), test.labels.tolist()) == ([1], [0])
    assert train.groups["edema"].tolist() == ["2"]


def test_brset_has_cameras_and_patients(tree):
    """Codes become words, ages bands; a missing age is a group of its own."""
    root = tree(*(f"fundus_photos/img0{k}.jpg" for k in range(3)))
    rows = "image_id,patient_id,camera,patient_age,patient_sex,exam_eye,DR_ICDR,quality\n"
    rows += "img00,1,Canon CR,48,1,1,0,Adequate\nimg01,1,Canon CR,48.0,1,2,2,Adequate\n"
    rows += "img02,2,NIKON NF5050,,2,1,4,Inadequate\n"
    write(root / "labels_brset.csv", rows)
    made = read("brset", root)
    assert made.labels.tolist() == [0, 1, 1]
    assert made.groups["camera"].tolist() == ["Canon CR", "Canon CR", "NIKON NF5050"]
    assert made.groups["age"].tolist() == ["40 to 49", "40 to 49", "missing"]
    assert made.groups["sex"].tolist() == ["male", "male", "female"]
    assert made.groups["eye"].tolist() == ["right", "left", "right"]
    assert made.clusters.tolist() == ["brset-1", "brset-1", "brset-2"]
    (root / "labels_brset.csv").rename(root / "labels.csv")
    assert np.array_equal(read("brset", root).ids, made.ids)


def test_brset_without_optional_columns_still_reads(tree):
    """What is only there to stratify by may be absent; the camera may not."""
    root = tree("fundus_photos/img0.jpg", "fundus_photos/img1.jpg")
    write(root / "labels.csv", "image_id,patient_id,camera,DR_ICDR\nimg0,1,A,0\nimg1,2,B,3\n")
    assert set(read("brset", root).groups) == {"camera", "grade"}
    write(root / "labels.csv", "image_id,patient_id,DR_ICDR\nimg0,1,0\nimg1,2,3\n")
    with pytest.raises(UsageError, match=r"No column of '.*labels.csv' named 'camera'"):
        read("brset", root)


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("id_code,diagnosis\n00a,5\n", r"has the grade '5' in row 2; grades are 0 to 4"),
        ("id_code,diagnosis\n00a,\n", r"has the grade '' in row 2"),
        ("id_code,diagnosis\n00a\n", r"Row 2 of '.*train.csv' ends before its column 'diagnosis'"),
        ("id_code,level\n00a,1\n", r"No column of '.*train.csv' named 'diagnosis'"),
        ("id_code,diagnosis\n", r"'.*train.csv' holds no rows"),
        ("id_code,diagnosis\n00a,1\nzz,1\n", r"1 of the 2 pictures .* are not in '.*': 'zz'"),
    ],
)
def test_tables_that_do_not_fit_are_refused(tree, table, says):
    """Each says which file and what is wrong with it."""
    root = tree("train_images/00a.png")
    write(root / "train.csv", table)
    with pytest.raises(UsageError, match=says):
        read("aptos2019", root)


def test_what_is_not_there_is_named(tree):
    """A folder of another set says what it lacks and what it holds."""
    root = tree("images/1.png")
    with pytest.raises(
        UsageError, match=r"lacks 'train.csv', which APTOS 2019 has; it holds 'images'"
    ):
        read("aptos2019", root)
    root = tree("train_images/1.png", "train_images/1.jpg", folder="twice")
    write(root / "train.csv", "id_code,diagnosis\n1,1\n")
    with pytest.raises(UsageError, match=r"holds both '1.jpg' and '1.png'"):
        read("aptos2019", root)


@pytest.mark.parametrize("name", ["eyepacs", "aptos2019", "messidor2", "idrid", "brset"])
def test_settings_are_checked(name):
    """A grade that there is not, and a crop larger than the picture."""
    with pytest.raises(UsageError, match="positive_from is the lowest grade"):
        data.get(name, root="x", **SIZES, positive_from=5)
    with pytest.raises(UsageError, match="cannot be cut out of pictures"):
        data.get(name, root="x", resize=16, crop=32)


def test_retinamnist_becomes_referable(tmp_path):
    """Grades from the one given on are the positive class, under names that other sets share."""
    arrays = {}
    for part in ("train", "val", "test"):
        arrays[f"{part}_images"] = np.zeros((5, 28, 28, 3), np.uint8)
        arrays[f"{part}_labels"] = np.arange(5, dtype=np.uint8)[:, None]
    np.savez(tmp_path / "retinamnist.npz", **arrays)
    made = data.get("medmnist", flag="retinamnist", root=str(tmp_path), positive_from=2)()
    assert made.labels.tolist() == [0, 0, 1, 1, 1]
    assert made.classes == CLASSES
    with pytest.raises(UsageError, match="there are two classes, but 3 are named"):
        data.get("medmnist", flag="retinamnist", positive_from=2, classes=["a", "b", "c"])
