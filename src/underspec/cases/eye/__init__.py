"""Referable diabetic retinopathy from fundus photographs, and a camera that training never saw."""

from underspec.cases._protocol import Case, Layout

__all__ = ["CASE"]

CASE = Case(
    name="eye",
    title="Diabetic retinopathy in fundus photographs, seen by another camera",
    says=(
        "Models that start from one and the same network and differ only in the last layer's first weights and "
        "the order of the data meet a camera that was not in training."
    ),
    stand_in="Synthetic fundus photographs, drawn from parametric vessels, lesions and cameras; no person's eye.",
    studies=("study",),
    quick=("quick",),
    clean=("clean",),
    layouts=(
        Layout(
            "eyepacs",
            ("trainLabels.csv", "train", "retinopathy_solution.csv", "test"),
            ("real_eyepacs",),
            "EyePACS, of Kaggle's competition of 2015",
        ),
        Layout(
            "aptos2019",
            ("train.csv", "train_images"),
            ("real_aptos2019",),
            "APTOS 2019, of Kaggle's competition",
        ),
        Layout(
            "messidor2",
            ("messidor_data.csv", "IMAGES"),
            ("real_messidor2",),
            "Messidor-2 with adjudicated grades",
        ),
        Layout(
            "idrid",
            ("B. Disease Grading",),
            ("real_idrid",),
            "IDRiD, disease grading",
        ),
        Layout("brset", ("fundus_photos", "labels*.csv"), ("real_brset",), "BRSET, of PhysioNet"),
        Layout("retinamnist", ("retinamnist*.npz",), ("real_retinamnist",), "RetinaMNIST"),
    ),
)
