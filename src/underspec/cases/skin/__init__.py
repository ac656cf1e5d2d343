"""Skin lesions over skin types: what a collection of fair skin leaves open about dark skin."""

from underspec.cases._protocol import Case, Layout

__all__ = ["CASE"]

CASE = Case(
    name="skin",
    title="Kinds of skin lesion, on skin that the collection hardly had",
    says=(
        "Models of one collection, most of it on fair skin and with rulers beside melanomas, meet the same kinds "
        "of lesion on darker skin and without that habit."
    ),
    stand_in="Synthetic pictures of lesions, drawn from numbers over six skin types; no photographs, no patients.",
    studies=("study",),
    quick=("quick",),
    clean=("clean",),
    layouts=(
        Layout("ham10000", ("HAM10000_metadata*",), ("real_ham10000",), "HAM10000"),
        Layout(
            "isic",
            ("*Training_GroundTruth.csv",),
            ("real_isic",),
            "ISIC challenge, 2019 or task 3 of 2018",
        ),
        Layout(
            "fitzpatrick17k", ("fitzpatrick17k.csv",), ("real_fitzpatrick17k",), "Fitzpatrick17k"
        ),
        Layout("ddi", ("ddi_metadata.csv",), ("real_ddi",), "Diverse Dermatology Images"),
        Layout("pad_ufes", ("metadata.csv", "images"), ("real_pad_ufes",), "PAD-UFES-20"),
        Layout("dermamnist", ("dermamnist_64.npz",), ("real_dermamnist",), "DermaMNIST"),
    ),
)
